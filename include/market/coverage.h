/*
 * coverage: for which times each quote is vouched for, and by which source.
 *
 * Pure. An instrument that is polled is covered from answer to answer, as long as the next one
 * comes before it is overdue; one that is streamed, as long as the stream as a whole is alive. An
 * interval ends at the last proof, not at the moment the loss is noticed, and is cut at midnight in
 * Argentina. Stamps are wall time, waiting is monotonic; no interval is shorter than nothing, and
 * no two of an instrument overlap unless the caller says that the wall clock has jumped.
 */
#ifndef MARKET_COVERAGE_H
#define MARKET_COVERAGE_H

#include "base/clock.h"
#include "market/event_kind.h"
#include "market/quote.h"

struct coverage;

/* One interval; ns UTC. */
struct coverage_span {
    int32_t instrument; /* the caller's number */
    enum source source;
    int64_t ts_from, ts_to;
    int64_t due_ms;         /* while it is open: the next proof is expected before (monotonic) */
    enum event_kind reason; /* once it has ended */
};
typedef void coverage_fn(void *arg, const struct coverage_span *span);

/* `ended` is called for each interval that has, from within the calls below. NULL: no memory. */
struct coverage *coverage_create(coverage_fn *ended, void *arg);
void coverage_destroy(struct coverage *coverage); /* ends nothing */

/* All of these make the instrument known; -ENOMEM: they could not, and nothing is claimed. */

/* REST said what it is; the next answer is due within due_in_ms. */
int coverage_polled(struct coverage *coverage, int32_t instrument, struct now now,
                    int64_t due_in_ms);
/* REST did not, for this reason; told should the interval end of it. */
int coverage_unanswered(struct coverage *coverage, int32_t instrument, enum event_kind why);
/* The stream spoke of it, and is its source from here on. */
int coverage_streamed(struct coverage *coverage, int32_t instrument, struct now now);

/* The stream is alive, for all that it is the source of; it is overdue when not again by due_in_ms.
 */
void coverage_stream_alive(struct coverage *coverage, struct now now, int64_t due_in_ms);

/* It is covered no more: by the stream only until ts_proof, by REST until its last answer. */
void coverage_lost(struct coverage *coverage, int32_t instrument, int64_t ts_proof,
                   enum event_kind reason);

/* It is not to be covered any more: up to now it was, unless it is overdue. */
void coverage_dismissed(struct coverage *coverage, int32_t instrument, struct now now);

/* Every polled one is asked again only within due_in_ms: the pace has changed. */
void coverage_expect(struct coverage *coverage, int64_t now_ms, int64_t due_in_ms);

/* No stream any more: all that it was the source of ends at its last proof. */
void coverage_stream_gone(struct coverage *coverage, enum event_kind reason);
/*
 * The wall clock has jumped, or nothing ran for a while: all end at their last proof before that,
 * by the clock of then; the stream's begin anew at once. After a clock that was set back intervals
 * of one instrument may overlap.
 */
void coverage_clock_jumped(struct coverage *coverage, struct now now);

/* All end, each at its last proof. */
void coverage_end_all(struct coverage *coverage, enum event_kind reason);

/*
 * Ends what is overdue and cuts what has passed midnight; then `fn` gets each open interval that is
 * longer, or due later, than the last time.
 */
void coverage_sweep(struct coverage *coverage, int64_t now_ms, coverage_fn *fn, void *arg);

#endif
