/*
 * coverage_writer: the statements that write coverage data into the tables coverage_open,
 * coverage_proof, coverage_closed, session and watch.
 *
 * Owns its statements. Used by the writer thread only.
 */
#ifndef STORE_WRITE_COVERAGE_WRITER_H
#define STORE_WRITE_COVERAGE_WRITER_H

#include "base/err.h"
#include "store/write/coverage_cuts.h"
#include "store/write/coverage_rows.h"

struct sqlite3;
struct sqlite3_stmt;

struct coverage_writer {
    struct sqlite3 *db;
    struct coverage_cuts cuts;
    struct sqlite3_stmt *put_open, *add_closed, *drop_open, *list_open, *put_proof, *put_session,
        *drop_session, *put_segment, *drop_segments, *add_watch, *end_watches, *select_watch;
};

int coverage_writer_open(struct coverage_writer *writer, struct sqlite3 *db, struct err *err);
void coverage_writer_close(struct coverage_writer *writer);

/* Call within a transaction; `ids` are the rowids by instrument. Returns SQLite's result code. */
int coverage_writer_write(struct coverage_writer *writer, const struct coverage_rows *rows,
                          const int64_t *ids, size_t ids_count);

/* Ends the open intervals at their last confirmation, with `reason`; *found: there were any. */
int coverage_writer_recover(struct sqlite3 *db, enum event_kind reason, bool *found,
                            struct err *err);

#endif
