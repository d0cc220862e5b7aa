#include "store/write/coverage_writer.h"

#include "base/clock.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>

/* --- statements ------------------------------------------------------------------------------- */

#define MEMBER(name) offsetof(struct coverage_writer, name)

static const struct sql_statement statements[] = {
    {MEMBER(put_open), "INSERT OR REPLACE INTO coverage_open "
                       "(instrument_id, ts_from, ts_to, ts_due, source) VALUES (?, ?, ?, ?, ?)"},
    {MEMBER(add_closed), "INSERT OR REPLACE INTO coverage_closed "
                         "(instrument_id, ts_from, ts_to, source, reason) VALUES (?, ?, ?, ?, ?)"},
    {MEMBER(drop_open), "DELETE FROM coverage_open WHERE instrument_id = ?"},
    {MEMBER(list_open), "SELECT instrument_id, ts_from, ts_due FROM coverage_open "
                        "WHERE source = ?1 AND ts_from < ?2"},
    {MEMBER(put_proof),
     "INSERT OR REPLACE INTO coverage_proof (source, ts_to, ts_due) VALUES (?, ?, ?)"},
    {MEMBER(put_session),
     "INSERT INTO session (date, ts_day, ts_open, ts_close) "
     "VALUES (date(?1 * 86400, 'unixepoch'), ?2, ?3, ?4) "
     "ON CONFLICT (date) DO UPDATE SET ts_open = excluded.ts_open, ts_close = excluded.ts_close "
     "WHERE ?5"},
    {MEMBER(drop_session), "DELETE FROM session WHERE date = date(?1 * 86400, 'unixepoch')"},
    {MEMBER(put_segment), "INSERT INTO segment_session (date, segment, ts_day, ts_open, ts_close) "
                          "VALUES (date(?1 * 86400, 'unixepoch'), ?2, ?3, ?4, ?5) "
                          "ON CONFLICT (date, segment) DO UPDATE SET ts_open = excluded.ts_open, "
                          "ts_close = excluded.ts_close WHERE ?6"},
    {MEMBER(drop_segments),
     "DELETE FROM segment_session WHERE date = date(?1 * 86400, 'unixepoch')"},
    {MEMBER(add_watch),
     "INSERT OR REPLACE INTO watch (instrument_id, ts_from) SELECT ?1, "
     "max(?2, coalesce((SELECT max(ts_to) FROM watch WHERE instrument_id = ?1), ?2)) "
     "WHERE NOT EXISTS (SELECT 1 FROM watch WHERE instrument_id = ?1 AND ts_to IS NULL)"},
    {MEMBER(end_watches), "UPDATE watch SET ts_to = max(ts_from, ?1) WHERE ts_to IS NULL "
                          "AND instrument_id NOT IN (SELECT instrument_id FROM temp.watched)"},
    {MEMBER(select_watch), "INSERT OR IGNORE INTO temp.watched VALUES (?)"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int coverage_writer_open(struct coverage_writer *writer, sqlite3 *db, struct err *err)
{
    *writer = (struct coverage_writer){.db = db};
    if (sql_exec(db, "CREATE TEMP TABLE watched (instrument_id INTEGER PRIMARY KEY)") != SQLITE_OK)
        return sql_fail(db, "cannot write the database", err);
    return sql_prepare_all(writer, statements, STATEMENTS, db, err);
}

void coverage_writer_close(struct coverage_writer *writer)
{
    sql_finalize_all(writer, statements, STATEMENTS);
}

/* --- writing ---------------------------------------------------------------------------------- */

static int add_closed(struct coverage_writer *writer, const struct store_span *span, int64_t id)
{
    return sql_run(writer->add_closed,
                   SQL_VALUES(SQL_WHOLE(id), SQL_WHOLE(span->ts_from), SQL_WHOLE(span->ts_to),
                              SQL_WHOLE(span->source), SQL_TEXT(event_kind_name(span->reason))));
}

/* Writes the parts before each cut as ended intervals; *span is the rest, which may be empty. */
static int cut_out(struct coverage_writer *writer, struct store_span *span, int64_t id)
{
    struct store_span piece;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && coverage_cuts_split(&writer->cuts, span, &piece)) {
        if (piece.ts_from < piece.ts_to)
            rc = add_closed(writer, &piece, id);
    }
    return rc;
}

static int write_closed(struct coverage_writer *writer, const struct store_span *span, int64_t id)
{
    struct store_span left = *span;
    int rc = cut_out(writer, &left, id);
    if (rc == SQLITE_OK && left.ts_from <= left.ts_to)
        rc = add_closed(writer, &left, id);
    if (rc != SQLITE_OK)
        return rc;
    return sql_run(writer->drop_open, SQL_VALUES(SQL_WHOLE(id)));
}

static int write_open(struct coverage_writer *writer, const struct store_span *span, int64_t id)
{
    struct store_span left = *span;
    int rc = cut_out(writer, &left, id);
    if (rc != SQLITE_OK)
        return rc;
    bool none = left.ts_from > left.ts_to;
    return sql_run(none ? writer->drop_open : writer->put_open,
                   SQL_VALUES(SQL_WHOLE(id), SQL_WHOLE(left.ts_from), SQL_WHOLE(left.ts_to),
                              SQL_WHOLE(left.ts_due), SQL_WHOLE(left.source)));
}

/* The end of the last cut that begins before the proof; 0: there is none. */
static int64_t last_cut(const struct coverage_cuts *cuts, const struct store_proof *proof)
{
    int64_t last = 0;
    for (size_t i = 0; i < cuts->count; i++) {
        if (cuts->cut[i].ts_from < proof->ts_to && cuts->cut[i].ts_to > last)
            last = cuts->cut[i].ts_to;
    }
    return last;
}

/* The intervals that the proof would extend over a cut are written again without it: they begin
 * after it then, and are not listed again. */
static int cut_open(struct coverage_writer *writer, const struct store_proof *proof)
{
    int64_t before = last_cut(&writer->cuts, proof);
    int rc = SQLITE_DONE, written = SQLITE_OK;
    if (!before)
        return SQLITE_OK;
    sqlite3_stmt *list = writer->list_open;
    sql_bind(list, SQL_VALUES(SQL_WHOLE(proof->source), SQL_WHOLE(before)));
    while (written == SQLITE_OK && (rc = sqlite3_step(list)) == SQLITE_ROW) {
        const struct store_span span = {.source = proof->source,
                                        .ts_from = sqlite3_column_int64(list, 1),
                                        .ts_to = proof->ts_to,
                                        .ts_due = sqlite3_column_int64(list, 2)};
        written = write_open(writer, &span, sqlite3_column_int64(list, 0));
    }
    sqlite3_reset(list);
    if (written != SQLITE_OK)
        return written;
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_proof(struct coverage_writer *writer, const struct store_proof *proof)
{
    if (!proof->source)
        return SQLITE_OK;
    int rc = cut_open(writer, proof);
    if (rc != SQLITE_OK)
        return rc;
    return sql_run(writer->put_proof, SQL_VALUES(SQL_WHOLE(proof->source), SQL_WHOLE(proof->ts_to),
                                                 SQL_WHOLE(proof->ts_due)));
}

static int write_segment(struct coverage_writer *writer, const struct store_session *session)
{
    return sql_run(writer->put_segment,
                   SQL_VALUES(SQL_WHOLE(session->day), SQL_TEXT(session->segment),
                              SQL_WHOLE(art_day_begins_ns(session->day)),
                              SQL_WHOLE(session->ts_open), SQL_WHOLE(session->ts_close),
                              SQL_WHOLE(session->present)));
}

/* The segments follow; those that are not configured any more have no hours of their own. */
static int write_session(struct coverage_writer *writer, const struct store_session *session)
{
    bool none = session->ts_close <= session->ts_open;
    if (*session->segment)
        return write_segment(writer, session);
    if (session->present) {
        int rc = sql_run(writer->drop_segments, SQL_VALUES(SQL_WHOLE(session->day)));
        if (rc != SQLITE_OK)
            return rc;
    }
    return sql_run(none ? writer->drop_session : writer->put_session,
                   SQL_VALUES(SQL_WHOLE(session->day), SQL_WHOLE(art_day_begins_ns(session->day)),
                              SQL_WHOLE(session->ts_open), SQL_WHOLE(session->ts_close),
                              SQL_WHOLE(session->present)));
}

/*
 * Each listed instrument gets an open row unless it has one; the open rows of all others end. The
 * intervals of an instrument do not overlap, even when the clock was set back. Only an interval of
 * length 0 can begin where the next one does, and is then replaced by it.
 */
static int write_watch(struct coverage_writer *writer, const struct coverage_rows_watch *watch,
                       const int64_t *ids, size_t ids_count)
{
    int rc = sql_exec(writer->db, "DELETE FROM temp.watched");
    for (size_t i = 0; rc == SQLITE_OK && i < watch->count; i++) {
        size_t at = (size_t)watch->instruments[i];
        if (at >= ids_count)
            continue;
        const struct sql_value values[] = {SQL_WHOLE(ids[at]), SQL_WHOLE(watch->ts)};
        rc = sql_run(writer->select_watch, values, 1);
        if (rc == SQLITE_OK)
            rc = sql_run(writer->add_watch, values, 2);
    }
    return rc == SQLITE_OK ? sql_run(writer->end_watches, SQL_VALUES(SQL_WHOLE(watch->ts))) : rc;
}

int coverage_writer_write(struct coverage_writer *writer, const struct coverage_rows *rows,
                          const int64_t *ids, size_t ids_count)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < rows->sessions_count; i++)
        rc = write_session(writer, &rows->sessions[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < rows->watches_count; i++)
        rc = write_watch(writer, &rows->watches[i], ids, ids_count);
    for (size_t i = 0; rc == SQLITE_OK && i < rows->closed_count; i++) {
        if ((size_t)rows->closed[i].instrument < ids_count)
            rc = write_closed(writer, &rows->closed[i], ids[rows->closed[i].instrument]);
    }
    for (size_t i = 0; rc == SQLITE_OK && i < rows->open_cap && i < ids_count; i++) {
        if (rows->open[i].source)
            rc = write_open(writer, &rows->open[i], ids[i]);
        else if (rows->open[i].reason)
            rc = sql_run(writer->drop_open, SQL_VALUES(SQL_WHOLE(ids[i])));
    }
    for (int source = 0; rc == SQLITE_OK && source < SOURCE_COUNT; source++)
        rc = write_proof(writer, &rows->proofs[source]);
    return rc;
}

int coverage_writer_recover(sqlite3 *db, enum event_kind reason, bool *found, struct err *err)
{
    int rc = sql_begin(db);
    if (rc == SQLITE_OK)
        rc = sql_once(db,
                      "INSERT OR REPLACE INTO coverage_closed "
                      "SELECT instrument_id, ts_from, ts_to, source, ?1 FROM coverage_present",
                      SQL_VALUES(SQL_TEXT(event_kind_name(reason))));
    if (rc == SQLITE_OK)
        rc = sql_exec(db, "DELETE FROM coverage_open");
    *found = rc == SQLITE_OK && sqlite3_changes(db) > 0;
    if (rc == SQLITE_OK)
        rc = sql_exec(db, "DELETE FROM coverage_proof");
    if (rc == SQLITE_OK)
        rc = sql_exec(db, "COMMIT");
    return rc == SQLITE_OK ? 0 : sql_undo(db, "cannot write the database", err);
}
