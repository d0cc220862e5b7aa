/*
 * merge: unites the databases of several recorders of one broker.
 *
 * Instruments, changes, trades with their bars, coverage, sessions and events of all of them are in
 * the new database, nothing twice: changes by coverage (market/coverage_union, change_union),
 * trades as multisets (market/tape_union). seq is given anew, in order of time. The result is
 * complete and not recorded: it has no marks of exports, and every instrument's recording has
 * ended.
 */
#ifndef MERGE_MERGE_H
#define MERGE_MERGE_H

#include "base/err.h"
#include "merge/outages.h"

#define MERGE_MOST CHANGE_UNION_RECORDERS /* databases */

/* What one database has given. */
struct merge_share {
    int64_t changes, changes_taken;
    int64_t trades, trades_taken;
    int64_t events;
};

struct merge_report {
    struct merge_share shares[MERGE_MOST];
    size_t instruments;
    int64_t changes, trades, events;
    struct outages outages; /* grouped */
};

struct merge_parts {
    const char *const *from; /* paths; two or more */
    int from_count;
    const char *to;
    bool replace; /* an existing file */
    void (*progress)(void *arg, size_t done, size_t all);
    void *arg;
};

/*
 * -EEXIST: `to` exists; -EINVAL: a database is given twice; -EPERM: `to` must not be written;
 * -EPROTO: a database has an older schema; otherwise errors of reading and writing. Call
 * merge_finish() also on errors.
 */
int merge_databases(const struct merge_parts *parts, struct merge_report *report, struct err *err);
void merge_finish(struct merge_report *report);

#endif
