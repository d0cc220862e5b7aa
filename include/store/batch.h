/*
 * batch: what one transaction writes, and the statements that write it.
 *
 * A batch stays as it is when its transaction fails, so that it can be tried again: the same rows,
 * none twice, none lost. Belongs to the writer's thread alone.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "store/row.h"
#include "store/spans.h"
#include "store/store.h"

#define BATCH_ROWS                                                                                 \
    4096 /* so that the quotes of a burst are written once, not with each thousand rows */

struct sqlite3;
struct sqlite3_stmt;

struct batch_event {
    int64_t ts;
    enum event_kind kind;
    char *symbol, *detail; /* owned; symbol may be NULL */
};

struct batch_instrument {
    char *market_id, *symbol; /* owned */
};

struct batch {
    struct store_snapshot rows[BATCH_ROWS];
    size_t rows_count;
    struct batch_event *events; /* owned */
    size_t events_count;
    struct batch_instrument *instruments; /* owned; they follow those the ids are known of */
    size_t instruments_count;
    int64_t *seen; /* owned; by instrument, 0 = nothing to write */
    size_t seen_count;
    /* Owned; by instrument, seq 0 = none: the last state of those whose rows had to be dropped.
     * Older than `rows`; written to quote only. */
    struct store_snapshot *kept;
    size_t kept_count;
    struct store_known *known; /* owned; is in the database already, see carry */
    size_t known_count;
    struct spans spans; /* owned */
    int64_t dropped;    /* changes lost since the last transaction, of these times */
    int64_t ts_dropped_first, ts_dropped_last;
};

/* The statements and what they need to know. */
struct batch_writer {
    struct sqlite3 *db;
    struct sqlite3_stmt *add_instrument, *find_instrument, *add_snapshot, *put_quote, *put_seen,
        *add_event, *keep_ledger;
    struct spans_writer spans;
    struct row_text text;
    int64_t *ids; /* owned; rowid by instrument index, of committed instruments */
    size_t ids_count, ids_cap;
    int64_t last_event_id;
    int64_t seq_offset; /* added to each seq: what this file counts beyond the caller */
    uint64_t *marks;    /* owned; by instrument: the last round whose quote is written */
    uint64_t round;
};

int batch_writer_open(struct batch_writer *writer, struct sqlite3 *db, struct err *err);
void batch_writer_close(struct batch_writer *writer);

/*
 * Writes and commits all of it, and `extra` events more. SQLite's result code: after anything but
 * SQLITE_OK nothing of it is in the database.
 */
int batch_write(struct batch_writer *writer, const struct batch *batch,
                const struct batch_event *extra, size_t extra_count);

/* The same within a transaction of the caller's; should that fail, the writer is to be closed. */
int batch_put(struct batch_writer *writer, const struct batch *batch);

void batch_event_finish(struct batch_event *event);
void batch_instrument_finish(struct batch_instrument *instrument);
bool batch_empty(const struct batch *batch);
void batch_clear(struct batch *batch); /* frees what it owns */

#endif
