/*
 * tape_writer: merges the broker's list of the trades of one instrument and day into the table
 * `trade`.
 *
 * Works in steps, between which changes are written: the trades of the changes in snapshot_recent
 * are added, the list is compared with the table (market/tape_merge), and what the table lacks is
 * added. A step is at most one transaction, which holds the write lock for about 20 ms. Rows are
 * only added, never changed or deleted. After a crash at any moment the same list can be merged
 * again, and adds what remains: until then the row of `tape_day` says that the merge was only
 * begun. Used by the writer thread only.
 */
#ifndef STORE_WRITE_TAPE_WRITER_H
#define STORE_WRITE_TAPE_WRITER_H

#include "base/err.h"
#include "market/tape_merge.h"
#include "store/write/store.h"
#include "store/write/tape_rows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

enum tape_stage { TAPE_BEGIN, TAPE_SHOW, TAPE_COMPARE, TAPE_ADD };

struct tape_writer {
    struct sqlite3 *db;
    struct sqlite3_stmt *list_changes, *list_trades, *begin_day, *end_day, *keep_listed;
    struct tape_rows rows;
    int64_t step_ms; /* time limit of a transaction, without its commit */
    int64_t listed;  /* ledger.listed, as committed */
    int64_t added;   /* of the current list, also before a step that failed */

    enum tape_stage stage; /* of the current list; what follows belongs to it */
    int64_t *changes;      /* owned; seq */
    size_t changes_count, changes_cap, changes_at;
    struct tape_item *ours; /* owned */
    size_t ours_count, ours_cap;
    struct tape_item *missing; /* owned; by time */
    size_t missing_count, missing_at;
    struct store_tape_result result;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int tape_writer_open(struct tape_writer *writer, struct sqlite3 *db, struct err *err);
void tape_writer_close(struct tape_writer *writer);

/*
 * The next step of `tape`, which stays the same until *done; the result is then in
 * writer->result. Returns SQLite's result code: after anything but SQLITE_OK the step changed
 * nothing, and the next one begins again.
 */
int tape_writer_step(struct tape_writer *writer, const struct store_tape *tape,
                     int64_t instrument_id, bool *done);

#endif
