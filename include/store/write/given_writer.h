/*
 * given_writer: writes what other recorders have published into a replica's database: changes with
 * the seq of their recorder, trades, events and reference data.
 *
 * What is there already is not written again, in whatever order it comes. A change whose seq is not
 * above all others goes to snapshot_history at once, because the mover takes those of
 * snapshot_recent in the order of seq. The numbers in between are counted as ledger.elsewhere. Owns
 * its statements. Used by the writer thread only, within its transactions. Functions without `err`
 * return SQLite's result code.
 */
#ifndef STORE_WRITE_GIVEN_WRITER_H
#define STORE_WRITE_GIVEN_WRITER_H

#include "base/err.h"
#include "store/row.h"
#include "store/write/list_writer.h"
#include "store/write/store.h"
#include "store/write/tape_rows.h"

struct sqlite3;
struct sqlite3_stmt;

struct given_writer {
    struct sqlite3_stmt *add, *add_past, *cover, *has_recent, *has_history, *has_seq, *newest,
        *keep_ledger, *put_quote, *marks, *put_marks, *others, *find_trade, *remove_trade,
        *keep_listed, *add_event, *mark_list, *put_place;
    struct tape_rows tape;
    struct list_writer lists;
};

/* `db` must outlive it. -EIO with SQLite's message; on error no close is needed. */
int given_writer_open(struct given_writer *writer, struct sqlite3 *db, struct err *err);
void given_writer_close(struct given_writer *writer);

/* The changes of one transaction: begin, each change, end. */
struct given_rows {
    int64_t newest_seq;
    int64_t written, elsewhere; /* `elsewhere` may be negative: late changes fill gaps */
    int64_t refused;            /* their seq is that of other changes */
};
int given_rows_begin(struct given_writer *writer, struct given_rows *rows);
int given_rows_add(struct given_writer *writer, struct given_rows *rows,
                   const struct store_snapshot *row, int64_t instrument_id, struct row_text *text);
int given_rows_end(struct given_writer *writer, const struct given_rows *rows, int64_t dropped);

/* The present state of its instrument, unless the table has a later one. */
int given_writer_quote(struct given_writer *writer, const struct store_snapshot *row,
                       int64_t instrument_id, struct row_text *text);

/* Trades, events and reference data, in their order; `ids` are the rowids by instrument. */
int given_writer_items(struct given_writer *writer, const struct store_given *items, size_t count,
                       const int64_t *ids);

int given_writer_place(struct given_writer *writer, const struct store_place *place);

#endif
