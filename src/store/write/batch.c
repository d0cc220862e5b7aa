#include "store/write/batch.h"

#include "base/clock.h"
#include "store/packed.h"
#include "store/sql.h"
#include "store/write/given_writer.h"

#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_25 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define VALUES_29 VALUES_25 ", ?, ?, ?, ?"

/* --- statements ------------------------------------------------------------------------------- */

#define MEMBER(name) offsetof(struct batch_writer, name)

static const struct sql_statement statements[] = {
    /* It may be there already, as an instrument that the broker lists. */
    {MEMBER(add_instrument),
     "INSERT INTO instrument (market_id, symbol, ts_created, ts_recorded) "
     "VALUES (?1, ?2, ?3, ?3) ON CONFLICT (symbol, market_id) DO UPDATE SET "
     "ts_recorded = excluded.ts_recorded WHERE ts_recorded IS NULL"},
    {MEMBER(find_instrument), "SELECT id FROM instrument WHERE market_id = ? AND symbol = ?"},
    {MEMBER(add_snapshot),
     "INSERT INTO snapshot_recent (" PACKED_COLUMNS ") VALUES (" VALUES_29 ")"},
    {MEMBER(put_quote), "INSERT OR REPLACE INTO quote (seq, instrument_id, " ROW_COLUMNS ") "
                        "VALUES (?, ?, " VALUES_25 ")"},
    {MEMBER(put_seen), "INSERT OR REPLACE INTO quote_seen (instrument_id, ts_seen) VALUES (?, ?)"},
    {MEMBER(add_event), "INSERT INTO feed_event (ts, kind, symbol, detail) VALUES (?, ?, ?, ?)"},
    {MEMBER(keep_ledger), "UPDATE ledger SET last_seq = max(last_seq, ?), written = written + ?, "
                          "dropped = dropped + ?, elsewhere = elsewhere + ?"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int batch_writer_open(struct batch_writer *writer, sqlite3 *db, struct err *err)
{
    *writer = (struct batch_writer){.db = db};
    row_text_init(&writer->text);
    int rc = sql_prepare_all(writer, statements, STATEMENTS, db, err);
    if (rc)
        return rc;
    if (sql_number(db, "SELECT max(seq) FROM sqlite_sequence WHERE name = 'feed_event'",
                   &writer->last_event_id) != SQLITE_OK)
        return sql_fail(db, "cannot read the database", err);
    return coverage_writer_open(&writer->coverage, db, err);
}

int batch_writer_replica(struct batch_writer *writer, struct err *err)
{
    struct given_writer *given = malloc(sizeof(*given));
    if (!given)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = given_writer_open(given, writer->db, err);
    if (rc)
        free(given);
    else
        writer->given = given;
    return rc;
}

void batch_writer_close(struct batch_writer *writer)
{
    if (writer->given)
        given_writer_close(writer->given);
    free(writer->given);
    sql_finalize_all(writer, statements, STATEMENTS);
    coverage_writer_close(&writer->coverage);
    row_text_finish(&writer->text);
    free(writer->ids);
    free(writer->marks);
}

/* --- instruments ------------------------------------------------------------------------------ */

static int make_room(struct batch_writer *writer, size_t count)
{
    if (count <= writer->ids_cap)
        return SQLITE_OK;
    size_t cap = count * 2;
    int64_t *ids = realloc(writer->ids, cap * sizeof(*ids));
    if (ids)
        writer->ids = ids;
    uint64_t *marks = realloc(writer->marks, cap * sizeof(*marks));
    if (marks)
        writer->marks = marks;
    if (!ids || !marks)
        return SQLITE_NOMEM;
    memset(marks + writer->ids_cap, 0, (cap - writer->ids_cap) * sizeof(*marks));
    writer->ids_cap = cap;
    return SQLITE_OK;
}

static int write_instrument(struct batch_writer *writer,
                            const struct pending_instrument *instrument, int64_t *id)
{
    const struct sql_value values[] = {SQL_TEXT(instrument->market_id),
                                       SQL_TEXT(instrument->symbol),
                                       SQL_WHOLE(clock_now().wall_ns)};
    int rc = sql_run(writer->add_instrument, values, 3);
    return rc == SQLITE_OK ? sql_number_of(writer->find_instrument, values, 2, id) : rc;
}

/* The ids are valid only after the commit: batch_write and batch_put advance ids_count. */
static int write_instruments(struct batch_writer *writer, const struct batch *batch)
{
    int rc = make_room(writer, writer->ids_count + batch->pending.instruments_count);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->pending.instruments_count; i++)
        rc = write_instrument(writer, &batch->pending.instruments[i],
                              &writer->ids[writer->ids_count + i]);
    return rc;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int write_snapshot(struct batch_writer *writer, const struct store_snapshot *row)
{
    packed_bind(writer->add_snapshot, row, writer->ids[row->instrument], &writer->text);
    sqlite3_bind_int64(writer->add_snapshot, 1, row->seq + writer->seq_offset);
    return sql_run(writer->add_snapshot, SQL_NONE);
}

static int write_quote(struct batch_writer *writer, const struct store_snapshot *row)
{
    if (writer->given)
        return given_writer_quote(writer->given, row, writer->ids[row->instrument], &writer->text);
    sqlite3_stmt *stmt = writer->put_quote;
    sqlite3_bind_int64(stmt, 1, row->seq + writer->seq_offset);
    sqlite3_bind_int64(stmt, 2, writer->ids[row->instrument]);
    row_bind(stmt, 3, row, &writer->text);
    return sql_run(stmt, SQL_NONE);
}

/* True once per instrument and batch. */
static bool is_first(struct batch_writer *writer, const struct store_snapshot *row)
{
    bool first = writer->marks[row->instrument] != writer->round;
    writer->marks[row->instrument] = writer->round;
    return first;
}

/*
 * The newest row of each instrument, in the order of arrival: the first quotes arrive in about the
 * order of the ids, and SQLite fills pages completely when keys ascend, but only by half when they
 * descend.
 */
static int write_quotes(struct batch_writer *writer, const struct batch *batch)
{
    bool newest[BATCH_ROWS];
    int rc = SQLITE_OK;
    writer->round++;
    for (size_t i = batch->rows_count; i-- > 0;)
        newest[i] = !batch->rows[i].past && is_first(writer, &batch->rows[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->rows_count; i++) {
        if (newest[i])
            rc = write_quote(writer, &batch->rows[i]);
    }
    for (size_t i = 0; rc == SQLITE_OK && i < batch->pending.kept_count; i++) {
        const struct store_snapshot *kept = &batch->pending.kept[i];
        if (kept->seq && is_first(writer, kept))
            rc = write_quote(writer, kept);
    }
    return rc;
}

static int write_seen(struct batch_writer *writer, const struct batch *batch)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < batch->pending.seen_count; i++) {
        if (!batch->pending.seen[i])
            continue;
        rc = sql_run(writer->put_seen,
                     SQL_VALUES(SQL_WHOLE(writer->ids[i]), SQL_WHOLE(batch->pending.seen[i])));
    }
    return rc;
}

/* The counts that `cinta verify` compares the tables with. */
static int write_ledger(struct batch_writer *writer, const struct batch *batch)
{
    size_t rows = batch->rows_count;
    int64_t skipped = batch->pending.skipped_seqs;
    if (!rows && !batch->dropped && !skipped)
        return SQLITE_OK;
    int64_t last_seq = rows ? batch->rows[rows - 1].seq : 0;
    if (skipped && batch->pending.skipped_to > last_seq)
        last_seq = batch->pending.skipped_to;
    if (last_seq)
        last_seq += writer->seq_offset;
    return sql_run(writer->keep_ledger, SQL_VALUES(SQL_WHOLE(last_seq), SQL_WHOLE((int64_t)rows),
                                                   SQL_WHOLE(batch->dropped), SQL_WHOLE(skipped)));
}

static int write_snapshots(struct batch_writer *writer, const struct batch *batch)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < batch->rows_count; i++)
        rc = write_snapshot(writer, &batch->rows[i]);
    return rc == SQLITE_OK ? write_ledger(writer, batch) : rc;
}

/* The same, of a replica, with its trades and events. */
static int write_given(struct batch_writer *writer, const struct batch *batch)
{
    struct given_rows rows;
    int rc = given_rows_begin(writer->given, &rows);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->rows_count; i++)
        rc = given_rows_add(writer->given, &rows, &batch->rows[i],
                            writer->ids[batch->rows[i].instrument], &writer->text);
    if (rc == SQLITE_OK)
        rc = given_rows_end(writer->given, &rows, batch->dropped);
    if (rc == SQLITE_OK)
        rc = given_writer_items(writer->given, batch->pending.given, batch->pending.given_count,
                                writer->ids);
    writer->refused = rows.refused;
    return rc == SQLITE_OK ? given_writer_place(writer->given, &batch->place) : rc;
}

static int write_spans(struct batch_writer *writer, const struct batch *batch)
{
    if (batch->dropped)
        coverage_cuts_add(&writer->coverage.cuts,
                          (struct coverage_cut){batch->ts_dropped_first, batch->ts_dropped_last});
    if (coverage_rows_empty(&batch->pending.spans))
        return SQLITE_OK;
    return coverage_writer_write(&writer->coverage, &batch->pending.spans, writer->ids,
                                 writer->ids_count + batch->pending.instruments_count);
}

static int write_event(struct batch_writer *writer, const struct pending_event *event)
{
    int rc = sql_run(writer->add_event,
                     SQL_VALUES(SQL_WHOLE(event->ts), SQL_TEXT(event_kind_name(event->kind)),
                                SQL_TEXT(event->symbol), SQL_TEXT(event->detail)));
    writer->last_event_id = sqlite3_last_insert_rowid(writer->db);
    return rc;
}

static int write_all(struct batch_writer *writer, const struct batch *batch,
                     const struct pending_event *extra, size_t extra_count)
{
    int rc = write_instruments(writer, batch);
    if (rc == SQLITE_OK)
        rc = writer->given ? write_given(writer, batch) : write_snapshots(writer, batch);
    if (rc == SQLITE_OK)
        rc = write_quotes(writer, batch);
    if (rc == SQLITE_OK)
        rc = write_seen(writer, batch);
    if (rc == SQLITE_OK)
        rc = write_spans(writer, batch);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->pending.events_count; i++)
        rc = write_event(writer, &batch->pending.events[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < extra_count; i++)
        rc = write_event(writer, &extra[i]);
    return rc;
}

int batch_put(struct batch_writer *writer, const struct batch *batch)
{
    int rc = write_all(writer, batch, NULL, 0);
    if (rc == SQLITE_OK)
        writer->ids_count += batch->pending.instruments_count;
    return rc;
}

int batch_write(struct batch_writer *writer, const struct batch *batch,
                const struct pending_event *extra, size_t extra_count)
{
    int rc = sql_begin(writer->db);
    if (rc == SQLITE_OK)
        rc = write_all(writer, batch, extra, extra_count);
    if (rc == SQLITE_OK)
        rc = sql_exec(writer->db, "COMMIT");
    if (rc == SQLITE_OK)
        writer->ids_count += batch->pending.instruments_count;
    return rc;
}

/* --- memory ----------------------------------------------------------------------------------- */

bool batch_empty(const struct batch *batch)
{
    return !batch->rows_count && pending_empty(&batch->pending);
}

void batch_clear(struct batch *batch)
{
    pending_finish(&batch->pending);
    batch->rows_count = 0;
}
