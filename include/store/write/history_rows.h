/*
 * history_rows: moves one change from snapshot_recent to snapshot_history, also in the middle of a
 * pass of the mover, and adds the trade it shows (tape_rows).
 *
 * So the change is not in snapshot_recent any more, where it would show its trade once more when
 * that is corrected. The table history_seq says where the rows of a range of seq are. Owns its
 * statements. Used by the writer thread only, within its transactions.
 */
#ifndef STORE_WRITE_HISTORY_ROWS_H
#define STORE_WRITE_HISTORY_ROWS_H

#include "base/err.h"
#include "store/write/tape_rows.h"

#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

/* Into history_seq: SELECT seq / 32768, max(seq), min(ts_recv), max(ts_recv) ... WHERE ... and
 * this, before the rows leave snapshot_recent. */
#define HISTORY_SEQ_EXTEND                                                                         \
    " ON CONFLICT (part) DO UPDATE SET seq_to = max(seq_to, excluded.seq_to), "                    \
    "ts_from = min(ts_from, excluded.ts_from), ts_to = max(ts_to, excluded.ts_to) "                \
    "WHERE excluded.seq_to > seq_to OR excluded.ts_from < ts_from OR excluded.ts_to > ts_to"

struct history_rows {
    struct sqlite3_stmt *cover, *add, *remove;
    struct tape_rows tape;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int history_rows_open(struct history_rows *rows, struct sqlite3 *db, struct err *err);
void history_rows_close(struct history_rows *rows);

/* Moves the change `seq`, whose entries `changed` have changed; does nothing when it is not in
 * snapshot_recent. Returns SQLite's result code. */
int history_rows_move(struct history_rows *rows, int64_t seq, uint32_t changed);

#endif
