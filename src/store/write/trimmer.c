#include "store/write/trimmer.h"

#include "base/clock.h"
#include "store/packed.h"
#include "store/sql.h"

#include <sqlite3.h>
#include <stddef.h>

#define AIM_MS       20  /* half of the longest allowed lock */
#define BITE_ROWS    500 /* rows per statement; the clock is checked between statements */
#define VACUUM_PAGES "256"
#define SPARE_PART   10 /* a tenth of the file stays free for the next day's data */

/* Parameters of all statements: ?1 the instrument, ?2 the time, ?3 the maximum of rows. */
#define MEMBER(name) offsetof(struct trimmer, name)

static const struct sql_statement statements[] = {
    {MEMBER(next), "SELECT min(id) FROM instrument WHERE id > ?1 AND ts_recorded IS NOT NULL"},
    {MEMBER(history),
     "DELETE FROM snapshot_history WHERE instrument_id = ?1 AND (ts_recv, seq) IN (SELECT ts_recv, "
     "seq FROM snapshot_history h WHERE instrument_id = ?1 AND ts_recv < ?2 AND " SQL_NOT_MOVING(
         "h") " LIMIT ?3)"},
    {MEMBER(first_trade),
     "SELECT min(ts_event) FROM trade WHERE instrument_id = ?1 AND ts_event < ?2"},
    {MEMBER(trades), "DELETE FROM trade WHERE instrument_id = ?1 AND ts_event < ?2"},
    {MEMBER(bars), "DELETE FROM bar_1m WHERE instrument_id = ?1 AND ts_minute < ?2"},
    {MEMBER(spans),
     "DELETE FROM coverage_closed WHERE instrument_id = ?1 AND ts_from IN (SELECT ts_from FROM "
     "coverage_closed WHERE instrument_id = ?1 AND ts_from < ?2 LIMIT ?3)"},
    {MEMBER(watches), "DELETE FROM watch WHERE instrument_id = ?1 AND ts_to < ?2"},
    {MEMBER(events), "DELETE FROM feed_event WHERE rowid IN "
                     "(SELECT rowid FROM feed_event WHERE ts < ?2 LIMIT ?3)"},
    {MEMBER(tape_days),
     "DELETE FROM tape_day WHERE (day, instrument_id) IN (SELECT day, instrument_id FROM tape_day "
     "WHERE day < (?2 / 1000000000 - 10800) / 86400 LIMIT ?3)"},
    {MEMBER(sessions), "DELETE FROM session WHERE ts_day < ?2"},
    {MEMBER(segment_sessions), "DELETE FROM segment_session WHERE ts_day < ?2"},
    {MEMBER(parts), "DELETE FROM history_seq WHERE ts_to < ?2"},
    {MEMBER(ledger), "UPDATE ledger SET trimmed = trimmed + ?1, ts_trimmed = max(ts_trimmed, ?2)"},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

int64_t trim_before_ns(int64_t now_ns, int keep_days)
{
    return art_day_begins_ns(art_day(now_ns) - keep_days);
}

int64_t trim_now_ns(int64_t clock_ns, int64_t newest_ns, int64_t open_for_ms)
{
    int64_t max_ns = newest_ns + 2 * open_for_ms * NS_PER_MS;
    return clock_ns < max_ns ? clock_ns : max_ns;
}

int trimmer_open(struct trimmer *trimmer, sqlite3 *db, struct err *err)
{
    *trimmer = (struct trimmer){.db = db};
    return sql_prepare_all(trimmer, statements, STATEMENTS, db, err);
}

void trimmer_close(struct trimmer *trimmer)
{
    sql_finalize_all(trimmer, statements, STATEMENTS);
    *trimmer = (struct trimmer){0};
}

void trimmer_begin(struct trimmer *trimmer, int64_t before_ns)
{
    trimmer->stage = TRIM_INSTRUMENTS;
    trimmer->before_ns = before_ns;
    trimmer->instrument_id = 0;
    trimmer->trimmed = (struct trimmed){0};
}

/* --- statements ------------------------------------------------------------------------------- */

static int erase(struct trimmer *t, sqlite3_stmt *stmt, int64_t before_ns, int64_t *count)
{
    int rc = sql_run(
        stmt, SQL_VALUES(SQL_WHOLE(t->instrument_id), SQL_WHOLE(before_ns), SQL_WHOLE(BITE_ROWS)));
    if (rc == SQLITE_OK)
        *count = sqlite3_changes64(t->db);
    return rc;
}

/* --- an instrument ---------------------------------------------------------------------------- */

/* Deletes one day, in whole minutes, so that the bars always match the trades. */
static int trim_trades(struct trimmer *t, int64_t *count)
{
    int64_t first_ns, bars;
    int rc =
        sql_number_of(t->first_trade,
                      SQL_VALUES(SQL_WHOLE(t->instrument_id), SQL_WHOLE(t->before_ns)), &first_ns);
    if (rc != SQLITE_OK || !first_ns)
        return rc;
    int64_t until_ns = first_ns / NS_PER_MIN * NS_PER_MIN + NS_PER_DAY;
    if (until_ns > t->before_ns)
        until_ns = t->before_ns;
    rc = erase(t, t->trades, until_ns, count);
    if (rc == SQLITE_OK)
        rc = erase(t, t->bars, until_ns, &bars);
    return rc;
}

/* Deletes some rows of the current instrument; goes to the next one when none is left. */
static int bite_instrument(struct trimmer *t, struct trimmed *step)
{
    int64_t snapshots = 0, trades = 0, spans = 0, watches = 0;
    int rc = erase(t, t->history, t->before_ns, &snapshots);
    if (rc == SQLITE_OK)
        rc = trim_trades(t, &trades);
    if (rc == SQLITE_OK)
        rc = erase(t, t->spans, t->before_ns, &spans);
    if (rc == SQLITE_OK)
        rc = erase(t, t->watches, t->before_ns, &watches);
    step->snapshots += snapshots;
    step->trades += trades;
    step->spans += spans;
    if (rc != SQLITE_OK || snapshots || trades || spans)
        return rc;
    rc = sql_number_of(t->next, SQL_VALUES(SQL_WHOLE(t->instrument_id)), &t->instrument_id);
    if (rc == SQLITE_OK && !t->instrument_id)
        t->stage = TRIM_REST;
    return rc;
}

static int bite_rest(struct trimmer *t, struct trimmed *step)
{
    int64_t events, tape_days = 0, parts, sessions;
    int rc = erase(t, t->events, t->before_ns, &events);
    if (rc == SQLITE_OK)
        rc = erase(t, t->tape_days, t->before_ns, &tape_days);
    if (rc != SQLITE_OK)
        return rc;
    step->events += events;
    if (events || tape_days)
        return SQLITE_OK;
    t->stage = TRIM_VACUUM;
    rc = erase(t, t->segment_sessions, t->before_ns, &sessions);
    if (rc == SQLITE_OK)
        rc = erase(t, t->parts, t->before_ns, &parts);
    return rc == SQLITE_OK ? erase(t, t->sessions, t->before_ns, &sessions) : rc;
}

/* --- a step ----------------------------------------------------------------------------------- */

static int bite_until(struct trimmer *t, struct trimmed *step, int64_t until_ms)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && t->stage != TRIM_VACUUM && clock_now().mono_ms < until_ms)
        rc = t->stage == TRIM_INSTRUMENTS ? bite_instrument(t, step) : bite_rest(t, step);
    return rc;
}

static int delete_some(struct trimmer *t)
{
    struct trimmer before = *t; /* restored if this cannot be committed */
    struct trimmed step = {0};
    int rc = sql_begin(t->db);
    if (rc == SQLITE_OK)
        rc = bite_until(t, &step, clock_now().mono_ms + AIM_MS);
    if (rc == SQLITE_OK && step.snapshots)
        rc = sql_run(t->ledger, SQL_VALUES(SQL_WHOLE(step.snapshots), SQL_WHOLE(t->before_ns)));
    rc = sql_end(t->db, rc);
    if (rc != SQLITE_OK) {
        *t = before;
        return rc;
    }
    t->trimmed.snapshots += step.snapshots;
    t->trimmed.trades += step.trades;
    t->trimmed.events += step.events;
    t->trimmed.spans += step.spans;
    return SQLITE_OK;
}

/* Without auto_vacuum in the file this frees nothing: SQLite reuses the free pages. */
static int shrink_some(struct trimmer *t)
{
    int64_t pages = 0, spare = 0, left = 0;
    int rc = sql_number(t->db, "PRAGMA page_count", &pages);
    if (rc == SQLITE_OK)
        rc = sql_number(t->db, "PRAGMA freelist_count", &spare);
    if (rc == SQLITE_OK && spare > pages / SPARE_PART)
        rc = sql_exec(t->db, "PRAGMA incremental_vacuum(" VACUUM_PAGES ")");
    if (rc == SQLITE_OK)
        rc = sql_number(t->db, "PRAGMA freelist_count", &left);
    if (rc == SQLITE_OK && left >= spare)
        t->stage = TRIM_IDLE;
    return rc;
}

int trimmer_step(struct trimmer *trimmer, bool *deleted)
{
    *deleted = false;
    switch (trimmer->stage) {
    case TRIM_IDLE:
        return SQLITE_OK;
    case TRIM_VACUUM:
        return shrink_some(trimmer);
    case TRIM_INSTRUMENTS:
    case TRIM_REST:
        break;
    }
    int rc = delete_some(trimmer);
    *deleted = trimmer->stage == TRIM_VACUUM;
    return rc;
}
