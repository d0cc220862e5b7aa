/*
 * mover: moves snapshots from snapshot_recent, where they are cheap to write, to snapshot_history,
 * where they are cheap to read, and adds the trades they show (tape_rows).
 *
 * A pass takes the oldest rows that are present when it begins. First it copies them, one
 * instrument after the other, because the rows of one instrument go to the same few pages; then it
 * removes them from snapshot_recent in the order of seq, which frees whole pages. Each call is one
 * transaction that holds the write lock for about 20 ms. Meanwhile a row can be in both tables; the
 * views and all readers count it once, as SQL_NOT_MOVING (store/packed) says. After a crash the
 * next pass begins again and replaces the copies by the same rows. Used by the writer thread only.
 */
#ifndef STORE_WRITE_MOVER_H
#define STORE_WRITE_MOVER_H

#include "base/err.h"
#include "store/write/tape_rows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

#define MOVER_BITE_ROWS 256 /* rows between two checks of the clock */

struct mover {
    struct sqlite3 *db;
    struct sqlite3_stmt *forget, *list, *last, *cover, *copy, *shown, *first, *remove;
    struct tape_rows tape;
    int64_t rows;                    /* in snapshot_recent, approximately */
    int64_t step_ms;                 /* time limit of a step, checked every MOVER_BITE_ROWS rows */
    int64_t pass_last;               /* the highest seq of the current pass; 0: no pass has begun */
    int64_t pass_count, pass_copied; /* rows */
    struct store_trade trades[MOVER_BITE_ROWS];
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int mover_open(struct mover *mover, struct sqlite3 *db, struct err *err);
void mover_close(struct mover *mover);

/* A pass has begun and must go on: its rows are in both tables. */
bool mover_in_pass(const struct mover *mover);

/*
 * *moved: rows that were removed from snapshot_recent; 0 while a pass copies. Returns SQLite's
 * result code; after anything but SQLITE_OK nothing was changed.
 */
int mover_step(struct mover *mover, int64_t *moved);

#endif
