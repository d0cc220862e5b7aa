/*
 * coverage_union: which of several recorders has observed an instrument at each moment.
 *
 * Pure. The coverage of one instrument, as each recorder has it in its own database, becomes a list
 * of intervals without overlap, each with the recorder whose changes count in it. A stream is
 * preferred to REST, because it shows every change; between equal ones the recorder is kept until
 * its coverage ends, so that there are few transitions. Outside of the list no recorder has
 * observed the instrument.
 */
#ifndef MARKET_COVERAGE_UNION_H
#define MARKET_COVERAGE_UNION_H

#include "market/quote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [ts_from, ts_to), ns UTC. */
struct coverage_part {
    int64_t ts_from, ts_to;
    enum source source;
    int recorder;       /* 0, 1, ... */
    const char *reason; /* why it ended; borrowed; NULL in a result that another one continues */
    bool begun;         /* of a result: the coverage of its recorder begins here too */
};

/*
 * Sorts `parts` by ts_from. `out` has room for 2 * count. Returns the length of the result, in
 * order of time; an interval of `parts` may be in it several times, and never joined with another.
 */
size_t coverage_union(struct coverage_part *parts, size_t count, struct coverage_part *out);

/*
 * What `recorder` has missed: of `all`, a result for these `parts`, the time in which the recorder
 * itself had no coverage; `reason` is why its own ended before, NULL if it had none. `out` has room
 * for count + all_count. Returns the length of the list.
 */
struct coverage_union_parts {
    const struct coverage_part *parts; /* sorted by ts_from */
    size_t count;
    const struct coverage_part *all;
    size_t all_count;
};
size_t coverage_union_missed(const struct coverage_union_parts *given, int recorder,
                             struct coverage_part *out);

#endif
