#include "store/write/batch.h"

#include "base/clock.h"
#include "store/number.h"
#include "store/packed.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_3  "?, ?, ?"
#define VALUES_25 "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
#define VALUES_29 VALUES_25 ", ?, ?, ?, ?"

/* --- statements ------------------------------------------------------------------------------- */

int batch_writer_open(struct batch_writer *writer, sqlite3 *db, struct err *err)
{
    *writer = (struct batch_writer){.db = db};
    row_text_init(&writer->text);
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } wanted[] = {
        {&writer->add_instrument,
         "INSERT INTO instrument (market_id, symbol, ts_created) VALUES (" VALUES_3 ") "
         "ON CONFLICT DO NOTHING"},
        {&writer->find_instrument, "SELECT id FROM instrument WHERE market_id = ? AND symbol = ?"},
        {&writer->add_snapshot,
         "INSERT INTO snapshot_recent (" PACKED_COLUMNS ") VALUES (" VALUES_29 ")"},
        {&writer->put_quote, "INSERT OR REPLACE INTO quote (seq, instrument_id, " ROW_COLUMNS ") "
                             "VALUES (?, ?, " VALUES_25 ")"},
        {&writer->put_seen, "INSERT OR REPLACE INTO quote_seen (instrument_id, ts_seen) "
                            "VALUES (?, ?)"},
        {&writer->add_event, "INSERT INTO feed_event (ts, kind, symbol, detail) "
                             "VALUES (?, ?, ?, ?)"},
        {&writer->keep_ledger, "UPDATE ledger SET last_seq = max(last_seq, ?), "
                               "written = written + ?, dropped = dropped + ?"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (sqlite3_prepare_v3(db, wanted[i].sql, -1, SQLITE_PREPARE_PERSISTENT, wanted[i].stmt,
                               NULL) != SQLITE_OK)
            return err_set(err, -EIO, "cannot write the database: %s", sqlite3_errmsg(db));
    }
    if (number_ask(db, "SELECT max(seq) FROM sqlite_sequence WHERE name = 'feed_event'",
                   &writer->last_event_id) != SQLITE_OK)
        return err_set(err, -EIO, "cannot read the database: %s", sqlite3_errmsg(db));
    return coverage_rows_writer_open(&writer->spans, db, err);
}

void batch_writer_close(struct batch_writer *writer)
{
    sqlite3_finalize(writer->add_instrument);
    sqlite3_finalize(writer->find_instrument);
    sqlite3_finalize(writer->add_snapshot);
    sqlite3_finalize(writer->put_quote);
    sqlite3_finalize(writer->put_seen);
    sqlite3_finalize(writer->add_event);
    sqlite3_finalize(writer->keep_ledger);
    coverage_rows_writer_close(&writer->spans);
    row_text_finish(&writer->text);
    free(writer->ids);
    free(writer->marks);
}

static int run(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
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

static int write_instrument(struct batch_writer *writer, const struct batch_instrument *instrument,
                            int64_t *id)
{
    struct now now = clock_now();
    sqlite3_bind_text(writer->add_instrument, 1, instrument->market_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(writer->add_instrument, 2, instrument->symbol, -1, SQLITE_STATIC);
    sqlite3_bind_int64(writer->add_instrument, 3, now.wall_ns);
    int rc = run(writer->add_instrument);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(writer->find_instrument, 1, instrument->market_id, -1, SQLITE_STATIC);
    sqlite3_bind_text(writer->find_instrument, 2, instrument->symbol, -1, SQLITE_STATIC);
    rc = sqlite3_step(writer->find_instrument);
    if (rc == SQLITE_ROW)
        *id = sqlite3_column_int64(writer->find_instrument, 0);
    sqlite3_reset(writer->find_instrument);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* The ids are valid only after the commit: batch_write and batch_put advance ids_count. */
static int write_instruments(struct batch_writer *writer, const struct batch *batch)
{
    int rc = make_room(writer, writer->ids_count + batch->instruments_count);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->instruments_count; i++)
        rc = write_instrument(writer, &batch->instruments[i], &writer->ids[writer->ids_count + i]);
    return rc;
}

/* --- rows ------------------------------------------------------------------------------------- */

static int write_snapshot(struct batch_writer *writer, const struct store_snapshot *row)
{
    packed_bind(writer->add_snapshot, row, writer->ids[row->instrument], &writer->text);
    sqlite3_bind_int64(writer->add_snapshot, 1, row->seq + writer->seq_offset);
    return run(writer->add_snapshot);
}

static int write_quote(struct batch_writer *writer, const struct store_snapshot *row)
{
    sqlite3_stmt *stmt = writer->put_quote;
    sqlite3_bind_int64(stmt, 1, row->seq + writer->seq_offset);
    sqlite3_bind_int64(stmt, 2, writer->ids[row->instrument]);
    row_bind(stmt, 3, row->source, row->ts_recv, &row->quote, &writer->text);
    return run(stmt);
}

/* Called newest row first: only the first call per instrument and batch writes. */
static int write_quote_once(struct batch_writer *writer, const struct store_snapshot *row)
{
    if (writer->marks[row->instrument] == writer->round)
        return SQLITE_OK;
    writer->marks[row->instrument] = writer->round;
    return write_quote(writer, row);
}

static int write_quotes(struct batch_writer *writer, const struct batch *batch)
{
    int rc = SQLITE_OK;
    writer->round++;
    for (size_t i = batch->rows_count; rc == SQLITE_OK && i-- > 0;)
        rc = write_quote_once(writer, &batch->rows[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->kept_count; i++) {
        if (batch->kept[i].seq)
            rc = write_quote_once(writer, &batch->kept[i]);
    }
    return rc;
}

static int write_seen(struct batch_writer *writer, const struct batch *batch)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < batch->seen_count; i++) {
        if (!batch->seen[i])
            continue;
        sqlite3_bind_int64(writer->put_seen, 1, writer->ids[i]);
        sqlite3_bind_int64(writer->put_seen, 2, batch->seen[i]);
        rc = run(writer->put_seen);
    }
    return rc;
}

/* The counts that `cinta verify` compares the tables with. */
static int write_ledger(struct batch_writer *writer, const struct batch *batch)
{
    size_t rows = batch->rows_count;
    if (!rows && !batch->dropped)
        return SQLITE_OK;
    sqlite3_bind_int64(writer->keep_ledger, 1,
                       rows ? batch->rows[rows - 1].seq + writer->seq_offset : 0);
    sqlite3_bind_int64(writer->keep_ledger, 2, (int64_t)rows);
    sqlite3_bind_int64(writer->keep_ledger, 3, batch->dropped);
    return run(writer->keep_ledger);
}

static int write_spans(struct batch_writer *writer, const struct batch *batch)
{
    if (batch->dropped)
        coverage_rows_cut(&writer->spans, batch->ts_dropped_first, batch->ts_dropped_last);
    if (coverage_rows_empty(&batch->spans))
        return SQLITE_OK;
    return coverage_rows_write(&writer->spans, &batch->spans, writer->ids,
                               writer->ids_count + batch->instruments_count);
}

static int write_event(struct batch_writer *writer, const struct batch_event *event)
{
    sqlite3_stmt *stmt = writer->add_event;
    sqlite3_bind_int64(stmt, 1, event->ts);
    sqlite3_bind_text(stmt, 2, event_kind_name(event->kind), -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, event->symbol, -1, SQLITE_STATIC); /* NULL binds NULL */
    sqlite3_bind_text(stmt, 4, event->detail, -1, SQLITE_STATIC);
    int rc = run(stmt);
    writer->last_event_id = sqlite3_last_insert_rowid(writer->db);
    return rc;
}

static int write_all(struct batch_writer *writer, const struct batch *batch,
                     const struct batch_event *extra, size_t extra_count)
{
    int rc = write_instruments(writer, batch);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->rows_count; i++)
        rc = write_snapshot(writer, &batch->rows[i]);
    if (rc == SQLITE_OK)
        rc = write_quotes(writer, batch);
    if (rc == SQLITE_OK)
        rc = write_seen(writer, batch);
    if (rc == SQLITE_OK)
        rc = write_ledger(writer, batch);
    if (rc == SQLITE_OK)
        rc = write_spans(writer, batch);
    for (size_t i = 0; rc == SQLITE_OK && i < batch->events_count; i++)
        rc = write_event(writer, &batch->events[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < extra_count; i++)
        rc = write_event(writer, &extra[i]);
    return rc;
}

int batch_put(struct batch_writer *writer, const struct batch *batch)
{
    int rc = write_all(writer, batch, NULL, 0);
    if (rc == SQLITE_OK)
        writer->ids_count += batch->instruments_count;
    return rc;
}

int batch_write(struct batch_writer *writer, const struct batch *batch,
                const struct batch_event *extra, size_t extra_count)
{
    int rc = sqlite3_exec(writer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = write_all(writer, batch, extra, extra_count);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(writer->db, "COMMIT", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        writer->ids_count += batch->instruments_count;
    return rc;
}

/* --- memory ----------------------------------------------------------------------------------- */

bool batch_empty(const struct batch *batch)
{
    return !batch->rows_count && !batch->events_count && !batch->instruments_count &&
           !batch->seen_count && !batch->kept_count && !batch->known_count &&
           coverage_rows_empty(&batch->spans);
}

void batch_event_finish(struct batch_event *event)
{
    free(event->symbol);
    free(event->detail);
}

void batch_instrument_finish(struct batch_instrument *instrument)
{
    free(instrument->market_id);
    free(instrument->symbol);
}

void batch_clear(struct batch *batch)
{
    for (size_t i = 0; i < batch->events_count; i++)
        batch_event_finish(&batch->events[i]);
    for (size_t i = 0; i < batch->instruments_count; i++)
        batch_instrument_finish(&batch->instruments[i]);
    free(batch->events);
    free(batch->instruments);
    free(batch->seen);
    free(batch->kept);
    free(batch->known);
    coverage_rows_finish(&batch->spans);
    batch->events = NULL;
    batch->instruments = NULL;
    batch->seen = NULL;
    batch->kept = NULL;
    batch->known = NULL;
    batch->rows_count = batch->events_count = batch->instruments_count = 0;
    batch->seen_count = batch->kept_count = batch->known_count = 0;
}
