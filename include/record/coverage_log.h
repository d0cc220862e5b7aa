/*
 * coverage_log: stores for which intervals the quote of each instrument was observed (its
 * coverage).
 *
 * Owns the coverage of all instruments and the timer that passes it to the store every few seconds;
 * exists as long as the recorder, across feeds. Also stores the trading hours of each day and the
 * instruments to record, from which the view gaps computes what is missing; and detects clock
 * jumps, which end all intervals and are reported as events. Instruments are indices in the market;
 * times are monotonic.
 */
#ifndef RECORD_COVERAGE_LOG_H
#define RECORD_COVERAGE_LOG_H

#include "base/err.h"
#include "market/calendar_set.h"
#include "market/event_kind.h"
#include "market/quote.h"
#include "net/loop.h"

struct coverage_log;
struct events;
struct source_table;
struct store;

/* All are borrowed, `path` during the call only. */
struct coverage_log_parts {
    struct loop *loop;
    struct store *store;
    struct events *events;
    struct source_table *sources;
    const char *path; /* the database that `store` has opened */
};
int coverage_log_create(struct coverage_log **out, const struct coverage_log_parts *parts,
                        struct err *err);
/* Ends all intervals with EVENT_STOPPED. */
void coverage_log_destroy(struct coverage_log *coverage);

/* An answer of REST; the next one is expected after refresh_ms. Or no answer, for this reason. */
void coverage_log_polled(struct coverage_log *coverage, int32_t instrument, int64_t refresh_ms);
void coverage_log_unanswered(struct coverage_log *coverage, int32_t instrument,
                             enum event_kind why);
/* It is no longer polled, for this reason. */
void coverage_log_gave_up(struct coverage_log *coverage, int32_t instrument, enum event_kind why);
/* From now on the listed instruments are polled as often as refresh_ms() says. */
typedef int64_t coverage_log_pace_fn(void *arg, int32_t instrument);
void coverage_log_pace(struct coverage_log *coverage, coverage_log_pace_fn *refresh_ms, void *arg);

/* The instrument is streamed from now on, as the source table says; a stream is alive, and its next
 * proof is expected within stale_ms, which is recorded in that table; its stream lost the
 * instrument, whose data were last known to be current at proof_ms. */
void coverage_log_streamed(struct coverage_log *coverage, int32_t instrument);
void coverage_log_stream_alive(struct coverage_log *coverage, enum source stream, int64_t stale_ms);
void coverage_log_stream_lost(struct coverage_log *coverage, int32_t instrument, int64_t proof_ms,
                              enum event_kind why);
/* All streams have ended, for this reason. */
void coverage_log_streams_gone(struct coverage_log *coverage, enum event_kind why);

/* The list of the source table has changed: stores it, and ends the coverage of removed ones. */
void coverage_log_relisted(struct coverage_log *coverage);
/* The trading hours; call again when they change. Copied. */
void coverage_log_calendar(struct coverage_log *coverage, const struct calendar_set *sessions);

#endif
