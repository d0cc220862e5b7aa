#include "store/write/coverage_rows.h"

#include "base/clock.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* --- waiting to be written -------------------------------------------------------------------- */

static void *grow(void *items, size_t *cap, size_t need, size_t item_bytes)
{
    if (need <= *cap)
        return items;
    size_t more = need * 2;
    void *grown = realloc(items, more * item_bytes);
    if (!grown)
        return NULL;
    memset((char *)grown + *cap * item_bytes, 0, (more - *cap) * item_bytes);
    *cap = more;
    return grown;
}

void coverage_rows_open(struct coverage_rows *spans, const struct store_span *span)
{
    size_t at = (size_t)span->instrument;
    struct store_span *open = grow(spans->open, &spans->open_cap, at + 1, sizeof(*open));
    if (!open)
        return;
    spans->open = open;
    open[at] = *span;
}

void coverage_rows_close(struct coverage_rows *spans, const struct store_span *span)
{
    size_t at = (size_t)span->instrument;
    if (at < spans->open_cap)
        spans->open[at].source = 0;
    struct store_span *closed =
        spans->closed_count == SPANS_CLOSED_MAX
            ? NULL
            : grow(spans->closed, &spans->closed_cap, spans->closed_count + 1, sizeof(*closed));
    if (!closed) {
        spans->left_out++;
        return;
    }
    spans->closed = closed;
    closed[spans->closed_count++] = *span;
}

void coverage_rows_session(struct coverage_rows *spans, const struct store_session *session)
{
    if (spans->sessions_count < SPANS_SESSIONS)
        spans->sessions[spans->sessions_count++] = *session;
}

/*
 * Keeps every list, not only the last one: an instrument may have been removed and added again
 * while nothing could be written, and it was not to be recorded in between.
 */
int coverage_rows_watched(struct coverage_rows *spans, const int32_t *instruments, size_t count,
                          int64_t ts)
{
    struct coverage_rows_watch *watches =
        grow(spans->watches, &spans->watches_cap, spans->watches_count + 1, sizeof(*watches));
    int32_t *copy = malloc((count + 1) * sizeof(*copy));
    if (watches)
        spans->watches = watches;
    if (!watches || !copy) {
        free(copy);
        return -ENOMEM;
    }
    memcpy(copy, instruments, count * sizeof(*copy));
    if (spans->watches_count == SPANS_WATCHES)
        free(watches[--spans->watches_count].instruments);
    watches[spans->watches_count++] = (struct coverage_rows_watch){copy, count, ts};
    return 0;
}

bool coverage_rows_empty(const struct coverage_rows *spans)
{
    return !spans->open && !spans->closed_count && !spans->sessions_count && !spans->watches_count;
}

void coverage_rows_finish(struct coverage_rows *spans)
{
    for (size_t i = 0; i < spans->watches_count; i++)
        free(spans->watches[i].instruments);
    free(spans->watches);
    free(spans->open);
    free(spans->closed);
    *spans = (struct coverage_rows){0};
}

/* --- statements ------------------------------------------------------------------------------- */

int coverage_rows_writer_open(struct coverage_rows_writer *writer, sqlite3 *db, struct err *err)
{
    *writer = (struct coverage_rows_writer){.db = db};
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } wanted[] = {
        {&writer->put_open, "INSERT OR REPLACE INTO coverage_open "
                            "(instrument_id, ts_from, ts_to, ts_due, source) "
                            "VALUES (?, ?, ?, ?, ?)"},
        {&writer->add_closed, "INSERT OR REPLACE INTO coverage_closed "
                              "(instrument_id, ts_from, ts_to, source, reason) "
                              "VALUES (?, ?, ?, ?, ?)"},
        {&writer->drop_open, "DELETE FROM coverage_open WHERE instrument_id = ?"},
        {&writer->put_session, "INSERT INTO session (date, ts_day, ts_open, ts_close) "
                               "VALUES (date(?1 * 86400, 'unixepoch'), ?2, ?3, ?4) "
                               "ON CONFLICT (date) DO UPDATE SET ts_open = excluded.ts_open, "
                               "ts_close = excluded.ts_close WHERE ?5"},
        {&writer->drop_session, "DELETE FROM session WHERE date = date(?1 * 86400, 'unixepoch')"},
        {&writer->add_watch,
         "INSERT OR REPLACE INTO watch (instrument_id, ts_from) "
         "SELECT ?1, max(?2, coalesce((SELECT max(ts_to) FROM watch WHERE instrument_id = ?1), "
         "?2)) "
         "WHERE NOT EXISTS (SELECT 1 FROM watch WHERE instrument_id = ?1 AND ts_to IS NULL)"},
        {&writer->select_watch, "INSERT OR IGNORE INTO temp.watched VALUES (?)"},
    };
    if (sqlite3_exec(db, "CREATE TEMP TABLE watched (instrument_id INTEGER PRIMARY KEY)", NULL,
                     NULL, NULL) != SQLITE_OK)
        return err_set(err, -EIO, "cannot write the database: %s", sqlite3_errmsg(db));
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (sqlite3_prepare_v3(db, wanted[i].sql, -1, SQLITE_PREPARE_PERSISTENT, wanted[i].stmt,
                               NULL) != SQLITE_OK)
            return err_set(err, -EIO, "cannot write the database: %s", sqlite3_errmsg(db));
    }
    return 0;
}

void coverage_rows_writer_close(struct coverage_rows_writer *writer)
{
    sqlite3_finalize(writer->put_open);
    sqlite3_finalize(writer->add_closed);
    sqlite3_finalize(writer->drop_open);
    sqlite3_finalize(writer->put_session);
    sqlite3_finalize(writer->drop_session);
    sqlite3_finalize(writer->add_watch);
    sqlite3_finalize(writer->select_watch);
}

static int run(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void bind_script(sqlite3_stmt *stmt, int64_t ts_from, int64_t ts_to, enum event_kind reason)
{
    int params = sqlite3_bind_parameter_count(stmt);
    if (params >= 1)
        sqlite3_bind_int64(stmt, 1, ts_from);
    if (params >= 2)
        sqlite3_bind_int64(stmt, 2, ts_to);
    if (params >= 3)
        sqlite3_bind_text(stmt, 3, event_kind_name(reason), -1, SQLITE_STATIC);
}

/* Runs unprepared statements, for rare uses; each may have ?1 ts_from, ?2 ts_to, ?3 reason. */
static int run_script(sqlite3 *db, const char *sql, int64_t ts_from, int64_t ts_to,
                      enum event_kind reason)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *sql) {
        sqlite3_stmt *stmt;
        rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &sql);
        if (rc != SQLITE_OK)
            break;
        bind_script(stmt, ts_from, ts_to, reason);
        rc = run(stmt);
        sqlite3_finalize(stmt);
    }
    return rc;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int add_closed(struct coverage_rows_writer *writer, const struct store_span *span,
                      int64_t id)
{
    sqlite3_stmt *stmt = writer->add_closed;
    sqlite3_bind_int64(stmt, 1, id);
    sqlite3_bind_int64(stmt, 2, span->ts_from);
    sqlite3_bind_int64(stmt, 3, span->ts_to);
    sqlite3_bind_int(stmt, 4, (int)span->source);
    sqlite3_bind_text(stmt, 5, event_kind_name(span->reason), -1, SQLITE_STATIC);
    return run(stmt);
}

/* Writes the parts before each cut as ended intervals; *span is the rest, which may be empty. */
static int cut_out(struct coverage_rows_writer *writer, struct store_span *span, int64_t id)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < writer->cuts.count; i++) {
        const struct coverage_rows_cut *cut = &writer->cuts.cut[i];
        if (span->ts_from >= cut->ts_to || span->ts_to <= cut->ts_from)
            continue;
        struct store_span piece = *span;
        piece.ts_to = cut->ts_from;
        piece.reason = EVENT_DROPPED;
        if (piece.ts_from < piece.ts_to)
            rc = add_closed(writer, &piece, id);
        span->ts_from = cut->ts_to;
    }
    return rc;
}

static int write_closed(struct coverage_rows_writer *writer, const struct store_span *span,
                        int64_t id)
{
    struct store_span left = *span;
    int rc = cut_out(writer, &left, id);
    if (rc == SQLITE_OK && left.ts_from <= left.ts_to)
        rc = add_closed(writer, &left, id);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(writer->drop_open, 1, id);
    return run(writer->drop_open);
}

static int write_open(struct coverage_rows_writer *writer, const struct store_span *span,
                      int64_t id)
{
    struct store_span left = *span;
    int rc = cut_out(writer, &left, id);
    if (rc != SQLITE_OK)
        return rc;
    bool none = left.ts_from > left.ts_to;
    sqlite3_stmt *stmt = none ? writer->drop_open : writer->put_open;
    sqlite3_bind_int64(stmt, 1, id);
    if (none)
        return run(stmt);
    sqlite3_bind_int64(stmt, 2, left.ts_from);
    sqlite3_bind_int64(stmt, 3, left.ts_to);
    sqlite3_bind_int64(stmt, 4, left.ts_due);
    sqlite3_bind_int(stmt, 5, (int)left.source);
    return run(stmt);
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Removes the cuts that overlap or touch `cut`, and returns the union. */
static struct coverage_rows_cut absorb(struct coverage_rows_cuts *cuts,
                                       struct coverage_rows_cut cut)
{
    size_t kept = 0;
    for (size_t i = 0; i < cuts->count; i++) {
        const struct coverage_rows_cut old = cuts->cut[i];
        if (old.ts_from > cut.ts_to || old.ts_to < cut.ts_from)
            cuts->cut[kept++] = old;
        else
            cut = (struct coverage_rows_cut){smaller(old.ts_from, cut.ts_from),
                                             larger(old.ts_to, cut.ts_to)};
    }
    cuts->count = kept;
    return cut;
}

/*
 * Spans are written after the rows queued before them, so no written span overlaps a new cut. A cut
 * may begin before earlier ones: the clock was set back, or everything until now is in another
 * file.
 */
void coverage_rows_cut(struct coverage_rows_writer *writer, int64_t ts_from, int64_t ts_to)
{
    struct coverage_rows_cuts *cuts = &writer->cuts;
    const struct coverage_rows_cut cut = absorb(cuts, (struct coverage_rows_cut){ts_from, ts_to});
    size_t at = cuts->count;
    while (at > 0 && cuts->cut[at - 1].ts_from > cut.ts_from)
        at--;
    if (cuts->count < SPANS_CUTS) {
        memmove(&cuts->cut[at + 1], &cuts->cut[at], (cuts->count - at) * sizeof(cut));
        cuts->cut[at] = cut;
        cuts->count++;
    } else if (at == SPANS_CUTS) {
        cuts->cut[at - 1].ts_to = cut.ts_to;
    } else {
        cuts->cut[at].ts_from = cut.ts_from;
    }
}

static int write_session(struct coverage_rows_writer *writer, const struct store_session *session)
{
    bool none = session->ts_close <= session->ts_open;
    sqlite3_stmt *stmt = none ? writer->drop_session : writer->put_session;
    sqlite3_bind_int64(stmt, 1, session->day);
    if (none)
        return run(stmt);
    sqlite3_bind_int64(stmt, 2, art_day_begins_ns(session->day));
    sqlite3_bind_int64(stmt, 3, session->ts_open);
    sqlite3_bind_int64(stmt, 4, session->ts_close);
    sqlite3_bind_int(stmt, 5, session->present);
    return run(stmt);
}

/*
 * Each listed instrument gets an open row unless it has one; the open rows of all others end. The
 * intervals of an instrument do not overlap, even when the clock was set back. Only an interval of
 * length 0 can begin where the next one does, and is then replaced by it.
 */
static int write_watch(struct coverage_rows_writer *writer, const struct coverage_rows_watch *watch,
                       const int64_t *ids, size_t ids_count)
{
    int rc = sqlite3_exec(writer->db, "DELETE FROM temp.watched", NULL, NULL, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < watch->count; i++) {
        size_t at = (size_t)watch->instruments[i];
        if (at >= ids_count)
            continue;
        sqlite3_bind_int64(writer->select_watch, 1, ids[at]);
        rc = run(writer->select_watch);
        if (rc != SQLITE_OK)
            break;
        sqlite3_bind_int64(writer->add_watch, 1, ids[at]);
        sqlite3_bind_int64(writer->add_watch, 2, watch->ts);
        rc = run(writer->add_watch);
    }
    if (rc != SQLITE_OK)
        return rc;
    return run_script(writer->db,
                      "UPDATE watch SET ts_to = max(ts_from, ?1) WHERE ts_to IS NULL "
                      "AND instrument_id NOT IN (SELECT instrument_id FROM temp.watched)",
                      watch->ts, 0, EVENT_INSTRUMENTS_CHANGED);
}

int coverage_rows_write(struct coverage_rows_writer *writer, const struct coverage_rows *spans,
                        const int64_t *ids, size_t ids_count)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < spans->sessions_count; i++)
        rc = write_session(writer, &spans->sessions[i]);
    for (size_t i = 0; rc == SQLITE_OK && i < spans->watches_count; i++)
        rc = write_watch(writer, &spans->watches[i], ids, ids_count);
    for (size_t i = 0; rc == SQLITE_OK && i < spans->closed_count; i++) {
        if ((size_t)spans->closed[i].instrument < ids_count)
            rc = write_closed(writer, &spans->closed[i], ids[spans->closed[i].instrument]);
    }
    for (size_t i = 0; rc == SQLITE_OK && i < spans->open_cap && i < ids_count; i++) {
        if (spans->open[i].source)
            rc = write_open(writer, &spans->open[i], ids[i]);
    }
    return rc;
}

int coverage_rows_recover(sqlite3 *db, enum event_kind reason, bool *found, struct err *err)
{
    int rc = run_script(db,
                        "BEGIN IMMEDIATE; INSERT OR REPLACE INTO coverage_closed "
                        "  SELECT instrument_id, ts_from, ts_to, source, ?3 FROM coverage_open;"
                        "DELETE FROM coverage_open; COMMIT",
                        0, 0, reason);
    if (rc == SQLITE_OK) {
        *found = sqlite3_changes(db) > 0;
        return 0;
    }
    err_set(err, -EIO, "cannot write the database: %s", sqlite3_errmsg(db));
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return -EIO;
}
