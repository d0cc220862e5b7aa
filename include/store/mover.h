/*
 * mover: takes snapshots from snapshot_recent, where they are cheap to write, to snapshot_history,
 * where they are cheap to read, and what they tell of trades into trade and bar_1m.
 *
 * One call is one transaction, made so long that it holds the write lock for some 20 ms: a row is
 * in exactly one of the two tables at any time, whatever happens. Belongs to the writer's thread.
 */
#ifndef STORE_MOVER_H
#define STORE_MOVER_H

#include "base/err.h"

#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

struct mover {
    struct sqlite3 *db;
    struct sqlite3_stmt *find, *add_bars, *add_trades, *add_history, *remove;
    int64_t rows;      /* about so many in snapshot_recent */
    int64_t step_rows; /* in the next transaction */
    int64_t longest_ms;
};

/* `db` must outlive it. -EIO with SQLite's words; then it needs no close. */
int mover_open(struct mover *mover, struct sqlite3 *db, struct err *err);
void mover_close(struct mover *mover);

/* SQLite's result code; after anything but SQLITE_OK nothing was moved. */
int mover_step(struct mover *mover, int64_t *moved);

#endif
