/*
 * coverage_rows: coverage data that waits to be written, and the statements that write it.
 *
 * Holds, between two transactions, the open intervals by instrument, the ended ones in order, the
 * sessions and the lists of recorded instruments. Not thread-safe.
 */
#ifndef STORE_WRITE_COVERAGE_ROWS_H
#define STORE_WRITE_COVERAGE_ROWS_H

#include "base/err.h"
#include "store/write/store.h"

#define SPANS_CLOSED_MAX 65536 /* ended intervals; more are left out and become gaps */
#define SPANS_SESSIONS   64
#define SPANS_CUTS       16
#define SPANS_WATCHES    64 /* when full, a later list replaces the last one */

struct sqlite3;
struct sqlite3_stmt;

/* The instruments that are recorded from `ts` on. */
struct coverage_rows_watch {
    int32_t *instruments; /* owned */
    size_t count;
    int64_t ts;
};

struct coverage_rows {
    struct store_span *open; /* owned, as all; by instrument, source 0 = nothing to write */
    size_t open_cap;
    struct store_span *closed;
    size_t closed_count, closed_cap;
    struct store_session sessions[SPANS_SESSIONS];
    size_t sessions_count;
    struct coverage_rows_watch *watches; /* in the order of their times */
    size_t watches_count, watches_cap;
    int64_t left_out; /* ended intervals that did not fit */
};

/* When out of memory, the interval is left out. */
void coverage_rows_open(struct coverage_rows *spans, const struct store_span *span);
void coverage_rows_close(struct coverage_rows *spans, const struct store_span *span);
void coverage_rows_session(struct coverage_rows *spans, const struct store_session *session);
int coverage_rows_watched(struct coverage_rows *spans, const int32_t *instruments, size_t count,
                          int64_t ts);
bool coverage_rows_empty(const struct coverage_rows *spans);
void coverage_rows_finish(
    struct coverage_rows *spans); /* frees and zeroes; a zeroed struct is empty and valid */

/* Changes of this time range were lost: it must not be covered. */
struct coverage_rows_cut {
    int64_t ts_from, ts_to;
};

struct coverage_rows_cuts {
    struct coverage_rows_cut
        cut[SPANS_CUTS]; /* oldest first, apart; when full, a neighbour is extended */
    size_t count;
};

struct coverage_rows_writer {
    struct sqlite3 *db;
    struct coverage_rows_cuts cuts;
    struct sqlite3_stmt *put_open, *add_closed, *drop_open, *put_session, *drop_session, *add_watch,
        *select_watch;
};

int coverage_rows_writer_open(struct coverage_rows_writer *writer, struct sqlite3 *db,
                              struct err *err);
void coverage_rows_writer_close(struct coverage_rows_writer *writer);

/* Call within a transaction; `ids` are the rowids by instrument. Returns SQLite's result code. */
int coverage_rows_write(struct coverage_rows_writer *writer, const struct coverage_rows *spans,
                        const int64_t *ids, size_t ids_count);

/* Also applies to intervals written later, which may have begun before the loss. */
void coverage_rows_cut(struct coverage_rows_writer *writer, int64_t ts_from, int64_t ts_to);

/* Ends the open intervals at their last confirmation, with `reason`; *found: there were any. */
int coverage_rows_recover(struct sqlite3 *db, enum event_kind reason, bool *found, struct err *err);

#endif
