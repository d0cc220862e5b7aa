/*
 * mover: moves snapshots from snapshot_recent, where they are cheap to write, to snapshot_history,
 * where they are cheap to read, and adds the trades they show (history_rows).
 *
 * A pass moves the rows present when it begins, one instrument after the other, because the rows of
 * one instrument go to the same few pages. Each call is one transaction that holds the write lock
 * for about 20 ms: a row is in exactly one of the two tables at any time, even after a crash. Used
 * by the writer thread only.
 */
#ifndef STORE_WRITE_MOVER_H
#define STORE_WRITE_MOVER_H

#include "base/err.h"
#include "store/write/history_rows.h"

#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

#define MOVER_BITE_ROWS 32 /* rows between two checks of the clock */

struct mover_row {
    int64_t seq;
    uint32_t changed; /* entries */
};

struct mover {
    struct sqlite3 *db;
    struct sqlite3_stmt *list;
    struct history_rows history;
    int64_t rows;           /* in snapshot_recent, approximately */
    int64_t step_ms;        /* time limit of a step, checked every MOVER_BITE_ROWS rows */
    struct mover_row *pass; /* owned; the rows of the current pass, in the order of moving */
    size_t pass_count, pass_at;
};

/* `db` must outlive it. -EIO with SQLite's message, -ENOMEM; on error no close is needed. */
int mover_open(struct mover *mover, struct sqlite3 *db, struct err *err);
void mover_close(struct mover *mover);

/* Returns SQLite's result code; after anything but SQLITE_OK nothing was moved. */
int mover_step(struct mover *mover, int64_t *moved);

#endif
