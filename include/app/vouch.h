/*
 * vouch: tells the store for which times each quote is vouched for.
 *
 * Owns the coverage of all instruments and the timer that hands it on every few seconds; lives as
 * long as the recorder, whatever becomes of the feed. Also writes down the trading hours of each
 * day and which instruments are to be recorded, so that the view gaps can tell what is missing; and
 * looks whether the clock has jumped, which ends all intervals and is told as an event.
 * Instruments are the market's numbers; moments are monotonic.
 */
#ifndef APP_VOUCH_H
#define APP_VOUCH_H

#include "base/err.h"
#include "market/calendar.h"
#include "market/event_kind.h"
#include "net/loop.h"

struct vouch;
struct events;
struct store;

/* `store` and `events` are borrowed; `path` is the database the store has opened. */
int vouch_create(struct vouch **out, struct loop *loop, struct store *store, struct events *events,
                 const char *path, struct err *err);
void vouch_destroy(struct vouch *vouch); /* ends every interval: the service stops */

/* An answer of REST; the next one is usual after refresh_ms. Or none, for this reason. */
void vouch_polled(struct vouch *vouch, int32_t instrument, int64_t refresh_ms);
void vouch_unanswered(struct vouch *vouch, int32_t instrument, enum event_kind why);
/* It is not asked any more, for this reason. */
void vouch_gave_up(struct vouch *vouch, int32_t instrument, enum event_kind why);
/* The polls of all become as frequent as this. */
void vouch_pace(struct vouch *vouch, int64_t refresh_ms);

/* The stream speaks of it from now on; it is alive; this one had its last proof at proof_ms. */
void vouch_streamed(struct vouch *vouch, int32_t instrument);
void vouch_stream_alive(struct vouch *vouch, int64_t stale_ms);
void vouch_stream_lost(struct vouch *vouch, int32_t instrument, int64_t proof_ms,
                       enum event_kind why);
/* There is no stream any more, for this reason. */
void vouch_stream_gone(struct vouch *vouch, enum event_kind why);

/* From now on these are to be recorded, and no others. How many others they are than before. */
struct vouch_change {
    int32_t came, went; /* 0 and 0 for the first list */
};
struct vouch_change vouch_watch(struct vouch *vouch, const int32_t *instruments, int32_t count);
/* The trading hours; to be told again when they change. Copied. */
void vouch_calendar(struct vouch *vouch, const struct calendar *calendar);

#endif
