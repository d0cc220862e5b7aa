/*
 * coverage: the intervals in which each quote was confirmed, and by which source.
 *
 * Pure. Reads in the source table which stream has an instrument and when each stream was last
 * known to be alive. A polled instrument is covered from answer to answer, as long as each answer
 * arrives before it is overdue; a streamed one, as long as the stream as a whole is alive. An
 * interval ends at the last proof, not when the loss is noticed, and is split at midnight in
 * Argentina. Timestamps are wall time, deadlines are monotonic. No interval has a negative length,
 * and no two intervals of an instrument overlap unless the caller reports that the wall clock has
 * jumped.
 */
#ifndef MARKET_COVERAGE_H
#define MARKET_COVERAGE_H

#include "base/clock.h"
#include "market/event_kind.h"
#include "market/quote.h"

struct coverage;
struct source_table;

/* One interval; ns UTC. */
struct coverage_span {
    int32_t instrument;
    enum source source;
    int64_t ts_from, ts_to;
    int64_t due_ms;         /* while it is open: deadline of the next proof (monotonic) */
    enum event_kind reason; /* once it has ended */
};
typedef void coverage_fn(void *arg, const struct coverage_span *span);

/* `sources` is borrowed. `ended` is called for each interval that ends, from within the calls
 * below. NULL: no memory. */
struct coverage *coverage_create(struct source_table *sources, coverage_fn *ended, void *arg);
void coverage_destroy(struct coverage *coverage); /* ends no interval */

/* The next three add the instrument if it is new; -ENOMEM: not added, no coverage recorded. */

/* A REST answer confirmed its quote; the next answer is due within due_in_ms. */
int coverage_polled(struct coverage *coverage, int32_t instrument, struct now now,
                    int64_t due_in_ms);
/* A request failed with this reason, which the interval gets if it ends because of that. */
int coverage_unanswered(struct coverage *coverage, int32_t instrument, enum event_kind why);
/* A stream is its source from now on, as the table says. */
int coverage_streamed(struct coverage *coverage, int32_t instrument, struct now now);

/* Its coverage ends: at ts_proof if a stream is the source, at the last answer if REST is. */
void coverage_lost(struct coverage *coverage, int32_t instrument, int64_t ts_proof,
                   enum event_kind reason);

/* The list has changed: those no longer listed were covered until now, unless they are overdue. */
void coverage_relisted(struct coverage *coverage, struct now now);

/* Its polling rate has changed: if it is polled, its next answer is due within due_in_ms. */
void coverage_expect(struct coverage *coverage, int32_t instrument, int64_t now_ms,
                     int64_t due_in_ms);

/* All streams ended: each interval of which one was the source ends at its last proof. */
void coverage_streams_gone(struct coverage *coverage, enum event_kind reason);
/*
 * The wall clock has jumped, or the process did not run for a while: every interval ends at its
 * last proof, in the time of the old clock; those of streams start again now. After a clock was
 * set back, intervals of one instrument may overlap.
 */
void coverage_clock_jumped(struct coverage *coverage, struct now now);

/* Ends every interval at its last proof. */
void coverage_end_all(struct coverage *coverage, enum event_kind reason);

/*
 * Ends what is overdue and splits what has passed midnight; then calls `fn` for each open interval
 * that began since the last sweep, and for those of REST whose end or deadline has changed. One of
 * a stream is reported once: it goes on to the last proof of its stream (source_table_proof).
 */
void coverage_sweep(struct coverage *coverage, int64_t now_ms, coverage_fn *fn, void *arg);

/* The next sweep reports all open intervals. */
void coverage_tell_again(struct coverage *coverage);

#endif
