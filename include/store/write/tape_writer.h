/*
 * tape_writer: merges the broker's list of the trades of one instrument and day into the table
 * `trade`.
 *
 * Works in steps, between which changes are written: the changes in snapshot_recent that show a
 * trade of this instrument are moved to history, with their trades; the list is compared with the
 * table (tape_compare); what the table lacks is added; and rows without a size, or without a time
 * of their own, get those of the list. A step is at most one transaction, which holds the write
 * lock for about 20 ms.
 *
 * Rows are never deleted, and one with a size and a time of its own is never changed. Additions and
 * corrections are numbered in one series (ledger.listed), by which a series of exports finds them.
 * After a crash at any moment the same list can be merged again, and does what remains: until then
 * the row of `tape_day` says that the merge was only begun. Used by the writer thread only.
 */
#ifndef STORE_WRITE_TAPE_WRITER_H
#define STORE_WRITE_TAPE_WRITER_H

#include "base/err.h"
#include "store/write/history_rows.h"
#include "store/write/store.h"
#include "store/write/tape_compare.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

enum tape_stage { TAPE_BEGIN, TAPE_MOVE, TAPE_COMPARE, TAPE_WRITE };

struct tape_writer {
    struct sqlite3 *db;
    struct sqlite3_stmt *list_changes, *list_late, *newest, *begin_day, *end_day, *keep_listed;
    struct history_rows history;
    int64_t step_ms;          /* time limit of a transaction, without its commit */
    int64_t listed;           /* ledger.listed, as committed */
    int64_t added, corrected; /* of the current list, also before a step that failed */

    enum tape_stage stage; /* of the current list; what follows belongs to it */
    int64_t newest_seq;    /* in snapshot_recent, when its changes were listed */
    int64_t *changes;      /* owned; seq */
    size_t changes_count, changes_cap, changes_at;
    struct tape_compare compare;
    size_t written; /* of compare.missing, and then of compare.corrections */
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
