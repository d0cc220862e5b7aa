/*
 * merge_run: what the parts of a merge share. Each part is one function, which returns 0, or a
 * negative errno with the message in `err`. They run in the order in which they are listed here.
 */
#ifndef MERGE_MERGE_RUN_H
#define MERGE_MERGE_RUN_H

#include "merge/instrument_union.h"
#include "merge/merge.h"
#include "merge/recorder_db.h"
#include "merge/union_db.h"

struct merge_run {
    const struct merge_parts *parts; /* borrowed, as `report` */
    struct merge_report *report;
    struct recorder_db from[MERGE_MOST];
    int from_count;
    struct union_db to;
    struct instrument_union instruments;
};

/* Coverage, changes and present states. */
int merge_changes(struct merge_run *run, struct err *err);
int merge_trades(struct merge_run *run, struct err *err);
/* Sessions, recordings, proofs, lists of trades, events, and the sums of the ledger. */
int merge_tables(struct merge_run *run, struct err *err);

#endif
