/*
 * spans: coverage on its way into the database.
 *
 * What waits between two transactions (open intervals by instrument, ended ones in order, the
 * sessions, who is watched) and the statements that write it. Belongs to whoever holds it; knows no
 * threads.
 */
#ifndef STORE_SPANS_H
#define STORE_SPANS_H

#include "base/err.h"
#include "store/store.h"

#define SPANS_CLOSED_MAX 65536 /* ended ones; more are left out: what is not written is a gap */
#define SPANS_SESSIONS   64
#define SPANS_CUTS       16
#define SPANS_WATCHES    64 /* a later list takes the place of the last one */

struct sqlite3;
struct sqlite3_stmt;

/* Who is watched from `ts` on. */
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
    int64_t left_out; /* ended intervals, for want of room */
};

/* Out of memory leaves an interval out. */
void spans_open(struct spans *spans, const struct store_span *span);
void spans_close(struct spans *spans, const struct store_span *span);
void spans_session(struct spans *spans, const struct store_session *session);
int spans_watched(struct spans *spans, const int32_t *instruments, size_t count, int64_t ts);
bool spans_empty(const struct spans *spans);
void spans_finish(struct spans *spans); /* frees; zeroed memory is a good one again */

/* Changes of this time were lost: nothing is covered there. */
struct spans_cut {
    int64_t ts_from, ts_to;
};

struct spans_cuts {
    struct spans_cut cut[SPANS_CUTS]; /* oldest first; the last one grows when there is no room */
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

/* Within a transaction; `ids` are the rowids by instrument. SQLite's result code. */
int spans_write(struct spans_writer *writer, const struct spans *spans, const int64_t *ids,
                size_t ids_count);

/* Also for what is written later: an interval may have begun before the loss. */
void spans_cut(struct spans_writer *writer, int64_t ts_from, int64_t ts_to);

/* Ends what was left open, at its last proof, for this reason; *found: there was any. */
int spans_recover(struct sqlite3 *db, enum event_kind reason, bool *found, struct err *err);

#endif
