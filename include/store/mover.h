/*
 * mover: takes snapshots from snapshot_recent, where they are cheap to write, to snapshot_history,
 * where they are cheap to read, and what they tell of trades into trade and bar_1m.
 *
 * A pass takes what there is at its beginning, instrument by instrument: all that one has got goes
 * to the same few pages. One call is one transaction that holds the write lock for some 20 ms: a
 * row is in exactly one of the two tables at any time, whatever happens. Belongs to the writer's
 * thread.
 */
#ifndef STORE_MOVER_H
#define STORE_MOVER_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

#define MOVER_BITE_ROWS 32 /* between two looks at the time */

struct mover_row {
    int64_t seq;
    int64_t is_trade; /* 1: its last-trade entry has changed */
};

struct mover {
    struct sqlite3 *db;
    struct sqlite3_stmt *list, *add_history, *add_trade, *add_bar, *remove;
    int64_t rows;           /* about so many in snapshot_recent */
    int64_t step_ms;        /* no row of a step begins later; at least MOVER_BITE_ROWS do */
    struct mover_row *pass; /* owned; those of the pass under way, as they are to be moved */
    size_t pass_count, pass_at;
};

/* `db` must outlive it. -EIO with SQLite's words, -ENOMEM; then it needs no close. */
int mover_open(struct mover *mover, struct sqlite3 *db, struct err *err);
void mover_close(struct mover *mover);

/* SQLite's result code; after anything but SQLITE_OK nothing was moved. */
int mover_step(struct mover *mover, int64_t *moved);

#endif
