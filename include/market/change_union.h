/*
 * change_union: the changes of one instrument, united from the databases of several recorders.
 *
 * Pure. Gets the changes of all recorders in order of time, and the intervals of coverage_union().
 * Within an interval only the changes of its recorder count, because it has seen all of them;
 * outside, those of every recorder. At a transition the state of the new recorder is compared with
 * the state so far, so that no change is repeated and none is missing: if it holds something newer,
 * that change is taken although it was received before the transition.
 */
#ifndef MARKET_CHANGE_UNION_H
#define MARKET_CHANGE_UNION_H

#include "market/coverage_union.h"

#define CHANGE_UNION_RECORDERS 8

/* A change as `recorder` has stored it: the full state after it. */
struct change_row {
    int recorder;
    int64_t seq;     /* in the database of the recorder */
    int64_t ts_recv; /* ns UTC */
    enum source source;
    uint32_t changed; /* entries */
    struct quote quote;
};

/* A change of the union: `changed` is since the one before. Borrowed until it returns. */
typedef void change_union_fn(void *arg, const struct change_row *row);

struct change_union {
    const struct coverage_part *spans; /* borrowed */
    size_t spans_count, begun;         /* so many of them have begun */
    bool transition;                   /* the next change must be compared with `last` */
    int awaited;                       /* the recorder whose state holds from ts_awaited on; -1 */
    int64_t ts_awaited;
    struct change_row last;                           /* of the union; seq 0: none yet */
    struct change_row states[CHANGE_UNION_RECORDERS]; /* of each recorder; seq 0: none yet */
    change_union_fn *fn;
    void *arg;
};

/* `fn` is called from within the calls below. */
void change_union_begin(struct change_union *all, const struct coverage_part *spans,
                        size_t spans_count, change_union_fn *fn, void *arg);
/* The next change, of any recorder, in order of ts_recv. */
void change_union_add(struct change_union *all, const struct change_row *row);
void change_union_end(struct change_union *all);

#endif
