#include "store/write/trimmer.h"

#include "base/clock.h"
#include "store/number.h"

#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>

#define AIM_MS       20  /* half of the longest allowed lock */
#define BITE_ROWS    500 /* rows per statement; the clock is checked between statements */
#define VACUUM_PAGES "256"
#define SPARE_PART   10 /* a tenth of the file stays free for the next day's data */
#define ROOM(n)      sizeof(n) / sizeof(n[0])

#define NS_PER_MINUTE (60 * NS_PER_S)

/* Parameters of all statements: ?1 the instrument, ?2 the time, ?3 the maximum of rows. */
static const char next_sql[] = "SELECT id FROM instrument WHERE id > ?1 ORDER BY id LIMIT 1";
static const char history_sql[] =
    "DELETE FROM snapshot_history WHERE instrument_id = ?1 AND (ts_recv, seq) IN "
    "(SELECT ts_recv, seq FROM snapshot_history WHERE instrument_id = ?1 AND ts_recv < ?2 LIMIT "
    "?3)";
static const char first_trade_sql[] =
    "SELECT min(ts_event) FROM trade WHERE instrument_id = ?1 AND ts_event < ?2";
static const char trades_sql[] = "DELETE FROM trade WHERE instrument_id = ?1 AND ts_event < ?2";
static const char bars_sql[] = "DELETE FROM bar_1m WHERE instrument_id = ?1 AND ts_minute < ?2";
static const char coverage_rows_sql[] =
    "DELETE FROM coverage_closed WHERE instrument_id = ?1 AND ts_from IN "
    "(SELECT ts_from FROM coverage_closed WHERE instrument_id = ?1 AND ts_from < ?2 LIMIT ?3)";
static const char watches_sql[] = "DELETE FROM watch WHERE instrument_id = ?1 AND ts_to < ?2";
static const char events_sql[] =
    "DELETE FROM feed_event WHERE rowid IN (SELECT rowid FROM feed_event WHERE ts < ?2 LIMIT ?3)";
static const char sessions_sql[] = "DELETE FROM session WHERE ts_day < ?2";
static const char ledger_sql[] =
    "UPDATE ledger SET trimmed = trimmed + ?1, ts_trimmed = max(ts_trimmed, ?2)";

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
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } wanted[] = {
        {&trimmer->next, next_sql},       {&trimmer->history, history_sql},
        {&trimmer->trades, trades_sql},   {&trimmer->first_trade, first_trade_sql},
        {&trimmer->bars, bars_sql},       {&trimmer->spans, coverage_rows_sql},
        {&trimmer->watches, watches_sql}, {&trimmer->events, events_sql},
        {&trimmer->ledger, ledger_sql},   {&trimmer->sessions, sessions_sql},
    };
    for (size_t i = 0; i < ROOM(wanted); i++) {
        if (sqlite3_prepare_v3(db, wanted[i].sql, -1, SQLITE_PREPARE_PERSISTENT, wanted[i].stmt,
                               NULL) == SQLITE_OK)
            continue;
        err_set(err, -EIO, "cannot write the database: %s", sqlite3_errmsg(db));
        trimmer_close(trimmer);
        return -EIO;
    }
    return 0;
}

void trimmer_close(struct trimmer *trimmer)
{
    sqlite3_stmt *const all[] = {
        trimmer->next,  trimmer->history, trimmer->first_trade, trimmer->trades,   trimmer->bars,
        trimmer->spans, trimmer->watches, trimmer->events,      trimmer->sessions, trimmer->ledger,
    };
    for (size_t i = 0; i < ROOM(all); i++)
        sqlite3_finalize(all[i]);
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

/* The number that `stmt` returns; 0 when there is none. */
static int ask(sqlite3_stmt *stmt, int64_t id, int64_t before_ns, int64_t *answer)
{
    sqlite3_bind_int64(stmt, 1, id);
    if (sqlite3_bind_parameter_count(stmt) > 1)
        sqlite3_bind_int64(stmt, 2, before_ns);
    int rc = sqlite3_step(stmt);
    *answer = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int erase(struct trimmer *t, sqlite3_stmt *stmt, int64_t before_ns, int64_t *count)
{
    sqlite3_bind_int64(stmt, 1, t->instrument_id);
    sqlite3_bind_int64(stmt, 2, before_ns);
    if (sqlite3_bind_parameter_count(stmt) > 2)
        sqlite3_bind_int64(stmt, 3, BITE_ROWS);
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    if (rc != SQLITE_DONE)
        return rc;
    *count = sqlite3_changes64(t->db);
    return SQLITE_OK;
}

/* --- an instrument ---------------------------------------------------------------------------- */

/* Deletes one day, in whole minutes, so that the bars always match the trades. */
static int trim_trades(struct trimmer *t, int64_t *count)
{
    int64_t first_ns, bars;
    int rc = ask(t->first_trade, t->instrument_id, t->before_ns, &first_ns);
    if (rc != SQLITE_OK || !first_ns)
        return rc;
    int64_t until_ns = (first_ns / NS_PER_MINUTE + 1440) * NS_PER_MINUTE;
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
    rc = ask(t->next, t->instrument_id, 0, &t->instrument_id);
    if (rc == SQLITE_OK && !t->instrument_id)
        t->stage = TRIM_REST;
    return rc;
}

static int bite_rest(struct trimmer *t, struct trimmed *step)
{
    int64_t events, sessions;
    int rc = erase(t, t->events, t->before_ns, &events);
    if (rc != SQLITE_OK)
        return rc;
    step->events += events;
    if (events)
        return SQLITE_OK;
    t->stage = TRIM_VACUUM;
    return erase(t, t->sessions, t->before_ns, &sessions);
}

/* --- a step ----------------------------------------------------------------------------------- */

static int keep_ledger(struct trimmer *t, int64_t snapshots)
{
    sqlite3_bind_int64(t->ledger, 1, snapshots);
    sqlite3_bind_int64(t->ledger, 2, t->before_ns);
    int rc = sqlite3_step(t->ledger);
    sqlite3_reset(t->ledger);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

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
    int rc = sqlite3_exec(t->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = bite_until(t, &step, clock_now().mono_ms + AIM_MS);
    if (rc == SQLITE_OK && step.snapshots)
        rc = keep_ledger(t, step.snapshots);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(t->db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        sqlite3_exec(t->db, "ROLLBACK", NULL, NULL, NULL);
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
    int rc = number_ask(t->db, "PRAGMA page_count", &pages);
    if (rc == SQLITE_OK)
        rc = number_ask(t->db, "PRAGMA freelist_count", &spare);
    if (rc == SQLITE_OK && spare > pages / SPARE_PART)
        rc = sqlite3_exec(t->db, "PRAGMA incremental_vacuum(" VACUUM_PAGES ")", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = number_ask(t->db, "PRAGMA freelist_count", &left);
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
