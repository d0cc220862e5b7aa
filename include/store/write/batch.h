/*
 * batch: what one transaction writes, and the statements that write it.
 *
 * A batch is unchanged when its transaction fails, so that the same rows can be written again, each
 * exactly once. Used by the writer thread only.
 */
#ifndef STORE_WRITE_BATCH_H
#define STORE_WRITE_BATCH_H

#include "store/row.h"
#include "store/write/coverage_writer.h"
#include "store/write/pending.h"

#define BATCH_ROWS                                                                                 \
    4096 /* large, because each batch writes one quote per instrument: a burst writes them once */

struct given_writer;
struct sqlite3;
struct sqlite3_stmt;

struct batch {
    struct store_snapshot rows[BATCH_ROWS];
    size_t rows_count;
    struct pending pending;
    struct store_place place; /* of a replica: everything up to it is in this batch or before it */
    int64_t dropped;          /* changes lost since the last transaction; their times follow */
    int64_t ts_dropped_first, ts_dropped_last;
};

/* The prepared statements and the state they need. */
struct batch_writer {
    struct sqlite3 *db;
    struct sqlite3_stmt *add_instrument, *find_instrument, *add_snapshot, *put_quote, *put_seen,
        *add_event, *keep_ledger;
    struct coverage_writer coverage;
    struct given_writer *given; /* owned; of a replica, else NULL */
    int64_t refused;            /* see struct given_rows; of the last batch */
    struct row_text text;
    int64_t *ids; /* owned; rowid by instrument index, of committed instruments */
    size_t ids_count, ids_cap;
    int64_t last_event_id;
    int64_t seq_offset; /* added to the caller's seq to get the seq in this file */
    uint64_t *marks;    /* owned; by instrument: the last round that wrote its quote */
    uint64_t round;
};

int batch_writer_open(struct batch_writer *writer, struct sqlite3 *db, struct err *err);
/* From now on what it writes comes from other recorders. Errors of given_writer_open(). */
int batch_writer_replica(struct batch_writer *writer, struct err *err);
void batch_writer_close(struct batch_writer *writer);

/*
 * Writes and commits the batch and the `extra` events. Returns SQLite's result code; after anything
 * but SQLITE_OK the caller rolls back, and none of it is in the database.
 */
int batch_write(struct batch_writer *writer, const struct batch *batch,
                const struct pending_event *extra, size_t extra_count);

/* The same within the caller's transaction; if that transaction fails, close the writer. */
int batch_put(struct batch_writer *writer, const struct batch *batch);

bool batch_empty(const struct batch *batch);
void batch_clear(struct batch *batch); /* frees what the batch owns */

#endif
