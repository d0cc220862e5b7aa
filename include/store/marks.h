/*
 * marks: how far each series of exports (`--since-last NAME`) has come, kept in the database.
 *
 * A mark counts something that only grows: the seq of snapshots and trades, the id of events, the
 * ends of minutes (bars) and of days (coverage) as ns UTC. It moves after the files are on the
 * disk, and the part number moves with it: who is killed in between writes the very same names
 * again. The connection lives for one short transaction and waits for the service's; it does not
 * take the service's lock.
 */
#ifndef STORE_MARKS_H
#define STORE_MARKS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one table in one series. All zero: no run has ended yet. */
struct mark {
    int64_t after;    /* exported up to this */
    int64_t ts_after; /* ns UTC: what came later is at most a day older than this; 0 = not known */
    int64_t part;     /* the number of the next part; 0 also after runs that found no rows */
    bool stored;      /* it is in the database, so that the next move replaces it */
};

struct mark_move {
    const char *table; /* "snapshots" */
    struct mark from, to;
};

/* Letters, digits, '-', '_' and '.', 1 to 64 of them. */
bool marks_name_valid(const char *name);

/* *out is all zero when there is none. Errors of reader_open. */
int marks_read(const char *path, const char *name, const char *table, struct mark *out,
               struct err *err);

/*
 * All or none; `stored` is looked at in `from` only. -ESTALE: another export has moved one of them
 * since it was read; -EIO with SQLite's words.
 */
int marks_move(const char *path, const char *name, const struct mark_move *moves, size_t count,
               struct err *err);

#endif
