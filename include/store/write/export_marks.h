/*
 * export_marks: how far each series of exports (`--since-last NAME`) has got, stored in the
 * database.
 *
 * A mark has values that only grow: the seq of snapshots and trades, the id of events, the end of
 * the last minute (bars) or day (coverage) as ns UTC. It is updated after the files are synced to
 * disk, together with the part number: an export that is killed before that writes the same file
 * names again. Each call opens a connection for one short transaction that waits for the service's;
 * it does not take the service's lock.
 */
#ifndef STORE_WRITE_EXPORT_MARKS_H
#define STORE_WRITE_EXPORT_MARKS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one table in one series. All zero: no run has finished yet. */
struct mark {
    int64_t after;    /* exported up to this */
    int64_t ts_after; /* ns UTC: later rows are at most a day older than this; 0 = unknown */
    int64_t part;     /* the number of the next part; still 0 after runs without rows */
    bool stored;      /* it is in the database: the next move updates that row */
    int64_t seq;      /* bars: they have the trades up to this seq */
    int64_t listed;   /* trades, bars: the same of trades of the broker's list, without the sign */
};

struct mark_move {
    const char *table; /* "snapshots" */
    struct mark from, to;
};

/* Letters, digits, '-', '_' and '.', 1 to 64 of them. */
bool export_marks_name_valid(const char *name);

/* *out is all zero when there is no mark. Errors of reader_open. */
int export_marks_read(const char *path, const char *name, const char *table, struct mark *out,
                      struct err *err);

/*
 * Updates all marks or none; `stored` is read from `from` only. -ESTALE: another export has updated
 * one of them since it was read; -EIO with SQLite's message.
 */
int export_marks_move(const char *path, const char *name, const struct mark_move *moves,
                      size_t count, struct err *err);

#endif
