/*
 * coverage_cuts: the time ranges whose changes were lost, and which must not be covered.
 *
 * Pure. An interval of coverage is written without the parts that are in a cut. Cuts are kept,
 * because an interval that is written later may have begun before the loss.
 */
#ifndef STORE_WRITE_COVERAGE_CUTS_H
#define STORE_WRITE_COVERAGE_CUTS_H

#include "store/write/store.h"

#define COVERAGE_CUTS 16

struct coverage_cut {
    int64_t ts_from, ts_to;
};

struct coverage_cuts {
    struct coverage_cut cut[COVERAGE_CUTS]; /* oldest first, apart; when full, a neighbour grows */
    size_t count;
};

void coverage_cuts_add(struct coverage_cuts *cuts, struct coverage_cut cut);

/*
 * True: *piece is the part of *span before its first cut, ended with the reason `dropped`; *span is
 * the part after that cut, which may be empty. Call it again until it returns false.
 */
bool coverage_cuts_split(const struct coverage_cuts *cuts, struct store_span *span,
                         struct store_span *piece);

#endif
