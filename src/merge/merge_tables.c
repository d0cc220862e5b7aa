#include "merge/merge_run.h"

#include "base/array.h"
#include "base/clock.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

/* --- copies ------------------------------------------------------------------------------------
 */

/* Rows of each database, written one by one; the columns of `read` are the parameters of `write`.
 */
static const struct copy {
    const char *read, *write;
} copies[] = {
    {"SELECT date, ts_day, ts_open, ts_close FROM session",
     "INSERT INTO session (date, ts_day, ts_open, ts_close) VALUES (?1, ?2, ?3, ?4)"
     " ON CONFLICT (date) DO UPDATE SET ts_open = min(ts_open, excluded.ts_open),"
     " ts_close = max(ts_close, excluded.ts_close)"},
    {"SELECT kind, meaning FROM event_kind",
     "INSERT OR IGNORE INTO event_kind (kind, meaning) VALUES (?1, ?2)"},
    {"SELECT ts, kind, symbol, detail FROM feed_event",
     "INSERT INTO temp.event (ts, kind, symbol, detail, name) VALUES (?1, ?2, ?3, ?4, ?5)"},
    {"SELECT id, ts_read, broker FROM instrument_list",
     "INSERT INTO instrument_list (id, ts_read, broker) VALUES (?1, ?2, ?3)"
     " ON CONFLICT (id) DO UPDATE SET ts_read = excluded.ts_read, broker = excluded.broker"
     " WHERE excluded.ts_read > ts_read"},
    {"SELECT ts_trimmed FROM ledger", "UPDATE ledger SET ts_trimmed = max(ts_trimmed, ?1)"},
};
#define COPIES (sizeof(copies) / sizeof(copies[0]))

/* The same for rows of one instrument: its id there is ?1 of `read`, its id here ?1 of `write`. */
static const struct copy copies_by_instrument[] = {
    {"SELECT NULL, ts_seen FROM quote_seen WHERE instrument_id = ?1",
     "INSERT INTO quote_seen (instrument_id, ts_seen) VALUES (?1, ?2)"
     " ON CONFLICT (instrument_id) DO UPDATE SET ts_seen = max(ts_seen, excluded.ts_seen)"},
    {"SELECT NULL, day, ts_complete, ts_merged, listed, unlisted FROM tape_day"
     " WHERE instrument_id = ?1 AND ts_merged NOT NULL",
     "INSERT INTO tape_day (instrument_id, day, ts_complete, ts_merged, listed, unlisted)"
     " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
     " ON CONFLICT (day, instrument_id) DO UPDATE SET ts_complete = excluded.ts_complete,"
     " ts_merged = excluded.ts_merged, listed = excluded.listed, unlisted = excluded.unlisted"
     " WHERE excluded.ts_complete > ts_complete"},
    {"SELECT NULL, ts_from, coalesce(ts_to, 9223372036854775807) FROM watch"
     " WHERE instrument_id = ?1",
     "INSERT INTO temp.watched (instrument_id, ts_from, ts_to) VALUES (?1, ?2, ?3)"},
};
#define COPIES_BY_INSTRUMENT (sizeof(copies_by_instrument) / sizeof(copies_by_instrument[0]))

static const char prepare_tables[] =
    "CREATE TEMP TABLE event (ts INTEGER, kind TEXT, symbol TEXT, detail TEXT, name TEXT);"
    "CREATE TEMP TABLE watched (instrument_id INTEGER, ts_from INTEGER, ts_to INTEGER)";

/* Intervals of one instrument that touch are one. */
static const char finish_tables[] =
    "INSERT INTO feed_event (ts, kind, symbol, detail)"
    " SELECT ts, kind, symbol, name || ': ' || detail FROM temp.event ORDER BY ts, rowid;"
    "INSERT INTO watch (instrument_id, ts_from, ts_to)"
    " SELECT instrument_id, min(ts_from), nullif(max(ts_to), 9223372036854775807)"
    "   FROM (SELECT *, sum(begins) OVER (PARTITION BY instrument_id ORDER BY ts_from, ts_to"
    "                                     ROWS UNBOUNDED PRECEDING) AS part"
    "           FROM (SELECT *, ts_from > coalesce(max(ts_to) OVER"
    "                   (PARTITION BY instrument_id ORDER BY ts_from, ts_to"
    "                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS begins"
    "                   FROM temp.watched))"
    "  GROUP BY instrument_id, part";

struct copying {
    struct sqlite3_stmt *read, *write;
    const char *name; /* of the database; ?5 of events */
    int64_t id;       /* here; 0 = the rows are not of an instrument */
    int64_t rows;
    struct sqlite3 *at;
};

static int write_row(struct copying *c, int columns)
{
    int parameters = sqlite3_bind_parameter_count(c->write);
    for (int i = 0; i < columns; i++)
        sqlite3_bind_value(c->write, i + 1, sqlite3_column_value(c->read, i));
    if (c->id)
        sqlite3_bind_int64(c->write, 1, c->id);
    if (parameters > columns)
        sqlite3_bind_text(c->write, parameters, c->name, -1, SQLITE_STATIC);
    c->rows++;
    return sql_run(c->write, SQL_NONE);
}

/* Runs `read`, which is bound, to its end. */
static int copy_rows(struct copying *c, struct sqlite3 *from, struct sqlite3 *to)
{
    int step, rc = SQLITE_OK;
    int columns = sqlite3_column_count(c->read);
    c->at = from;
    while (rc == SQLITE_OK && (step = sqlite3_step(c->read)) == SQLITE_ROW) {
        c->at = to;
        rc = write_row(c, columns);
        c->at = rc == SQLITE_OK ? from : to;
    }
    int end = sqlite3_reset(c->read);
    return rc == SQLITE_OK ? end : rc;
}

static int prepare(struct copying *c, const struct copy *copy, struct sqlite3 *from,
                   struct sqlite3 *to)
{
    c->at = from;
    int rc = sqlite3_prepare_v2(from, copy->read, -1, &c->read, NULL);
    if (rc != SQLITE_OK)
        return rc;
    c->at = to;
    return sqlite3_prepare_v2(to, copy->write, -1, &c->write, NULL);
}

static void finish(struct copying *c)
{
    sqlite3_finalize(c->read);
    sqlite3_finalize(c->write);
    c->read = c->write = NULL;
}

static int copy_table(struct merge_run *run, const struct copy *copy, struct copying *c)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < run->from_count && rc == SQLITE_OK; i++) {
        c->name = run->from[i].name;
        c->rows = 0;
        rc = prepare(c, copy, run->from[i].db, run->to.db);
        if (rc == SQLITE_OK)
            rc = copy_rows(c, run->from[i].db, run->to.db);
        finish(c);
        if (copy == &copies[2])
            run->report->shares[i].events = c->rows;
    }
    return rc;
}

static int copy_by_instrument(struct merge_run *run, const struct copy *copy, struct copying *c)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < run->from_count && rc == SQLITE_OK; i++) {
        rc = prepare(c, copy, run->from[i].db, run->to.db);
        for (size_t n = 0; n < run->instruments.count && rc == SQLITE_OK; n++) {
            int64_t there = run->instruments.item[n].there[i];
            if (!there)
                continue;
            c->id = (int64_t)n + 1;
            sql_bind(c->read, SQL_VALUES(SQL_WHOLE(there)));
            rc = copy_rows(c, run->from[i].db, run->to.db);
        }
        finish(c);
    }
    c->id = 0;
    return rc;
}

/* --- the event and the sums --------------------------------------------------------------------
 */

static int put_event(struct merge_run *run)
{
    static const char sql[] = "INSERT INTO feed_event (ts, kind, detail) VALUES (?1, 'merged', ?2)";
    const struct merge_report *report = run->report;
    char words[512];
    int used =
        snprintf(words, sizeof(words), "%lld changes and %lld trades of %zu instruments, from",
                 (long long)report->changes, (long long)report->trades, report->instruments);
    for (int i = 0; i < run->from_count && used < (int)sizeof(words); i++)
        used += snprintf(words + used, sizeof(words) - (size_t)used, "%s %.60s", i ? "," : "",
                         run->from[i].name);
    return sql_once(run->to.db, sql, SQL_VALUES(SQL_WHOLE(clock_now().wall_ns), SQL_TEXT(words)));
}

static int put_sums(struct merge_run *run)
{
    int rc = sql_once(run->to.db, "UPDATE ledger SET listed = ?1",
                      SQL_VALUES(SQL_WHOLE(run->to.listed)));
    if (rc == SQLITE_OK)
        rc = put_event(run);
    return rc == SQLITE_OK
               ? sql_number(run->to.db, "SELECT count(*) FROM feed_event", &run->report->events)
               : rc;
}

int merge_tables(struct merge_run *run, struct err *err)
{
    struct copying c = {.at = run->to.db};
    int rc = sql_exec(run->to.db, prepare_tables);
    for (size_t i = 0; i < COPIES && rc == SQLITE_OK; i++)
        rc = copy_table(run, &copies[i], &c);
    for (size_t i = 0; i < COPIES_BY_INSTRUMENT && rc == SQLITE_OK; i++)
        rc = copy_by_instrument(run, &copies_by_instrument[i], &c);
    if (rc == SQLITE_OK) {
        c.at = run->to.db;
        rc = sql_exec(run->to.db, finish_tables);
    }
    if (rc == SQLITE_OK)
        rc = put_sums(run);
    return rc == SQLITE_OK ? 0 : sql_fail(c.at, "cannot merge the tables", err);
}
