/*
 * vouch: stores for which intervals the quote of each instrument was observed (its coverage).
 *
 * Owns the coverage of all instruments and the timer that passes it to the store every few seconds;
 * exists as long as the recorder, across feeds. Also stores the trading hours of each day and the
 * instruments to record, from which the view gaps computes what is missing; and detects clock
 * jumps, which end all intervals and are reported as events. Instruments are indices in the market;
 * times are monotonic.
 */
#ifndef RECORD_VOUCH_H
#define RECORD_VOUCH_H

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
void vouch_destroy(struct vouch *vouch); /* ends all intervals with EVENT_STOPPED */

/* An answer of REST; the next one is expected after refresh_ms. Or no answer, for this reason. */
void vouch_polled(struct vouch *vouch, int32_t instrument, int64_t refresh_ms);
void vouch_unanswered(struct vouch *vouch, int32_t instrument, enum event_kind why);
/* It is no longer polled, for this reason. */
void vouch_gave_up(struct vouch *vouch, int32_t instrument, enum event_kind why);
/* From now on every instrument is polled this often. */
void vouch_pace(struct vouch *vouch, int64_t refresh_ms);

/* The instrument is streamed from now on; the stream is alive; the stream lost the instrument,
 * whose data were last known to be current at proof_ms. */
void vouch_streamed(struct vouch *vouch, int32_t instrument);
void vouch_stream_alive(struct vouch *vouch, int64_t stale_ms);
void vouch_stream_lost(struct vouch *vouch, int32_t instrument, int64_t proof_ms,
                       enum event_kind why);
/* The stream has ended, for this reason. */
void vouch_stream_gone(struct vouch *vouch, enum event_kind why);

/* From now on exactly these instruments are recorded. Returns how many were added and removed. */
struct vouch_change {
    int32_t came, went; /* both 0 for the first list */
};
struct vouch_change vouch_watch(struct vouch *vouch, const int32_t *instruments, int32_t count);
/* The trading hours; call again when they change. Copied. */
void vouch_calendar(struct vouch *vouch, const struct calendar *calendar);

#endif
