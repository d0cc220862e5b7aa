/*
 * outages: what each recorder has missed, as the outages that a person remembers.
 *
 * An outage of the recorder is an interval of each of its instruments; those that overlap become
 * one. Owns its lists.
 */
#ifndef MERGE_OUTAGES_H
#define MERGE_OUTAGES_H

#include "market/change_union.h"

/* Shorter ones count in `missed_ns` only: a stream that is opened again misses a few milliseconds.
 */
#define OUTAGE_LEAST_NS INT64_C(1000000000)

struct outage {
    int recorder;
    int64_t ts_from, ts_to;
    const char *reason; /* of the longest interval; borrowed; NULL: it had not recorded before */
    int64_t longest_ns;
    size_t instruments; /* their number; before outages_group(): the index of the only one */
};

struct outages {
    struct outage *item; /* owned */
    size_t count, cap;
    int64_t missed_ns[CHANGE_UNION_RECORDERS]; /* the sum over all instruments */
};

/* An interval that `part->recorder` has missed of an instrument, by its index. False: no memory. */
bool outages_add(struct outages *all, size_t instrument, const struct coverage_part *part);
/* Makes outages of the intervals, by recorder and time. False: no memory. */
bool outages_group(struct outages *all, size_t instruments);
void outages_finish(struct outages *all);

#endif
