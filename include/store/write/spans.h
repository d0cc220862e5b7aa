/*
 * spans: coverage data that waits to be written, and the statements that write it.
 *
 * Holds, between two transactions, the open intervals by instrument, the ended ones in order, the
 * sessions and the lists of recorded instruments. Not thread-safe.
 */
#ifndef STORE_WRITE_SPANS_H
#define STORE_WRITE_SPANS_H

#include "base/err.h"
#include "store/write/store.h"

#define SPANS_CLOSED_MAX 65536 /* ended intervals; more are left out and become gaps */
#define SPANS_SESSIONS   64
#define SPANS_CUTS       16
#define SPANS_WATCHES    64 /* when full, a later list replaces the last one */

struct sqlite3;
struct sqlite3_stmt;

/* The instruments that are recorded from `ts` on. */
struct spans_watch {
    int32_t *instruments; /* owned */
    size_t count;
    int64_t ts;
};

struct spans {
    struct store_span *open; /* owned, as all; by instrument, source 0 = nothing to write */
    size_t open_cap;
    struct store_span *closed;
    size_t closed_count, closed_cap;
    struct store_session sessions[SPANS_SESSIONS];
    size_t sessions_count;
    struct spans_watch *watches; /* in the order of their times */
    size_t watches_count, watches_cap;
    int64_t left_out; /* ended intervals that did not fit */
};

/* When out of memory, the interval is left out. */
void spans_open(struct spans *spans, const struct store_span *span);
void spans_close(struct spans *spans, const struct store_span *span);
void spans_session(struct spans *spans, const struct store_session *session);
int spans_watched(struct spans *spans, const int32_t *instruments, size_t count, int64_t ts);
bool spans_empty(const struct spans *spans);
void spans_finish(struct spans *spans); /* frees and zeroes; a zeroed struct is empty and valid */

/* Changes of this time range were lost: it must not be covered. */
struct spans_cut {
    int64_t ts_from, ts_to;
};

struct spans_cuts {
    struct spans_cut cut[SPANS_CUTS]; /* oldest first, apart; when full, a neighbour is extended */
    size_t count;
};

struct spans_writer {
    struct sqlite3 *db;
    struct spans_cuts cuts;
    struct sqlite3_stmt *put_open, *add_closed, *drop_open, *put_session, *drop_session, *add_watch,
        *select_watch;
};

int spans_writer_open(struct spans_writer *writer, struct sqlite3 *db, struct err *err);
void spans_writer_close(struct spans_writer *writer);

/* Call within a transaction; `ids` are the rowids by instrument. Returns SQLite's result code. */
int spans_write(struct spans_writer *writer, const struct spans *spans, const int64_t *ids,
                size_t ids_count);

/* Also applies to intervals written later, which may have begun before the loss. */
void spans_cut(struct spans_writer *writer, int64_t ts_from, int64_t ts_to);

/* Ends the open intervals at their last confirmation, with `reason`; *found: there were any. */
int spans_recover(struct sqlite3 *db, enum event_kind reason, bool *found, struct err *err);

#endif
