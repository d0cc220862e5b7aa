#include "store/read/tape.h"

#include "store/read/read_only.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#define STEPS_STOP 10000 /* SQLite's virtual machine instructions between calls of `stop` */

struct tape {
    sqlite3 *db;
    tape_stop *stop;
    void *stop_arg;
};

static int fail(struct tape *h, struct err *err)
{
    if (sqlite3_errcode(h->db) == SQLITE_INTERRUPT)
        return err_set(err, -EINTR, "interrupted");
    return sql_fail(h->db, "cannot read the database", err);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int on_progress(void *arg)
{
    struct tape *h = arg;
    return h->stop(h->stop_arg);
}

int tape_open(struct tape **out, const char *path, tape_stop *stop, void *arg, struct err *err)
{
    int version;
    struct tape *h = calloc(1, sizeof(*h));
    if (!h)
        return err_set(err, -ENOMEM, "out of memory");
    *h = (struct tape){.stop = stop, .stop_arg = arg};
    int rc = read_only_open_ours(&h->db, path, &version, err);
    if (rc) {
        free(h);
        return rc;
    }
    sqlite3_progress_handler(h->db, STEPS_STOP, on_progress, h);
    *out = h;
    return 0;
}

void tape_close(struct tape *h)
{
    if (!h)
        return;
    sqlite3_close(h->db);
    free(h);
}

/* --- queries ---------------------------------------------------------------------------------- */

#define VALUES_MAX 5

/* `fn` takes each row and returns nonzero to stop. A statement uses the first of the values. */
struct query {
    const char *sql;
    struct sql_value values[VALUES_MAX];
    int (*fn)(void *arg, sqlite3_stmt *stmt);
    void *arg;
};

static int run(struct tape *h, const struct query *query, struct err *err)
{
    sqlite3_stmt *stmt;
    int step;
    if (sqlite3_prepare_v2(h->db, query->sql, -1, &stmt, NULL) != SQLITE_OK)
        return fail(h, err);
    sql_bind(stmt, query->values, VALUES_MAX);
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (query->fn(query->arg, stmt)) {
            step = SQLITE_DONE;
            break;
        }
    }
    int rc = step == SQLITE_DONE ? 0 : fail(h, err);
    sqlite3_finalize(stmt);
    return rc;
}

struct trades {
    tape_trade_fn *fn;
    void *arg;
};

static int take_trade(void *arg, sqlite3_stmt *stmt)
{
    const struct trades *t = arg;
    const struct tape_trade trade = {sqlite3_column_int64(stmt, 0), sql_real(stmt, 1),
                                     sql_real(stmt, 2)};
    return t->fn(t->arg, &trade);
}

int tape_trades(struct tape *h, const struct tape_of *of, tape_trade_fn *fn, void *arg,
                struct err *err)
{
    static const char sql[] = "SELECT ts_event, price, size FROM trades"
                              " WHERE market = ?1 AND symbol = ?2"
                              " AND ts_event >= ?3 AND ts_event < ?4 ORDER BY ts_event, seq";
    struct trades trades = {fn, arg};
    const struct query query = {.sql = sql,
                                .values = {SQL_TEXT(of->market_id), SQL_TEXT(of->symbol),
                                           SQL_WHOLE(of->from), SQL_WHOLE(of->to)},
                                .fn = take_trade,
                                .arg = &trades};
    return run(h, &query, err);
}

struct bars {
    tape_bar_fn *fn;
    void *arg;
};

static int take_bar(void *arg, sqlite3_stmt *stmt)
{
    const struct bars *b = arg;
    const struct tape_bar bar = {
        .ts_minute = sqlite3_column_int64(stmt, 0),
        .open = sql_real(stmt, 1),
        .high = sql_real(stmt, 2),
        .low = sql_real(stmt, 3),
        .close = sql_real(stmt, 4),
        .volume = sql_real(stmt, 5),
    };
    return b->fn(b->arg, &bar);
}

int tape_bars(struct tape *h, const struct tape_of *of, tape_bar_fn *fn, void *arg, struct err *err)
{
    static const char sql[] = "SELECT ts_minute, open, high, low, close, volume FROM bars_1m"
                              " WHERE market = ?1 AND symbol = ?2"
                              " AND ts_minute >= ?3 AND ts_minute < ?4 ORDER BY ts_minute";
    struct bars bars = {fn, arg};
    const struct query query = {.sql = sql,
                                .values = {SQL_TEXT(of->market_id), SQL_TEXT(of->symbol),
                                           SQL_WHOLE(of->from), SQL_WHOLE(of->to)},
                                .fn = take_bar,
                                .arg = &bars};
    return run(h, &query, err);
}

static int take_session(void *arg, sqlite3_stmt *stmt)
{
    struct tape_session *out = arg;
    *out = (struct tape_session){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)};
    return 0;
}

/* ?1 ?2 the instrument, ?3 the day: the session of its segment, else the general one. */
static const char session_sql[] =
    "SELECT ts_open, ts_close FROM ("
    " SELECT g.ts_open, g.ts_close, 0 AS place FROM instrument i"
    "   JOIN instrument_segment n ON n.instrument_id = i.id"
    "   JOIN segment_session g ON g.segment = n.segment AND g.date = date(?3 * 86400, 'unixepoch')"
    "  WHERE i.market_id = ?1 AND i.symbol = ?2"
    " UNION ALL"
    " SELECT ts_open, ts_close, 1 FROM session WHERE date = date(?3 * 86400, 'unixepoch')"
    " ORDER BY place LIMIT 1)"
    " WHERE ts_open < ts_close";

int tape_session(struct tape *h, const struct tape_of *of, int64_t day, struct tape_session *out,
                 struct err *err)
{
    const struct query query = {
        .sql = session_sql,
        .values = {SQL_TEXT(of->market_id), SQL_TEXT(of->symbol), SQL_WHOLE(day)},
        .fn = take_session,
        .arg = out};
    *out = (struct tape_session){0};
    return run(h, &query, err);
}

/* --- gaps ------------------------------------------------------------------------------------- */

/*
 * The view gaps of one instrument: its window functions would compute those of all instruments and
 * days first. ?1 ?2 the instrument, ?3 ?4 the interval in which the day begins, ?5 now.
 */
static const char gaps_sql[] =
    "WITH known (id) AS ("
    " SELECT id FROM instrument WHERE market_id = ?1 AND symbol = ?2"
    "), wanted (id, ts_watch, ts_day, ts_from, ts_to) AS ("
    " SELECT w.instrument_id, w.ts_from, s.ts_day, max(w.ts_from, s.ts_open),"
    "        min(coalesce(w.ts_to, ?5), s.ts_close, ?5)"
    "   FROM known k CROSS JOIN session s"
    "   JOIN watch w ON w.instrument_id = k.id AND w.ts_from < s.ts_close"
    "        AND coalesce(w.ts_to, ?5) > s.ts_open AND w.ts_from < ?5"
    "  WHERE s.ts_day >= ?3 AND s.ts_day < ?4 AND s.ts_open < ?5"
    "    AND NOT EXISTS (SELECT 1 FROM segment_session g"
    "         JOIN instrument_segment i ON i.instrument_id = k.id"
    "        WHERE g.date = s.date AND g.segment = i.segment)"
    " UNION ALL"
    " SELECT w.instrument_id, w.ts_from, s.ts_day, max(w.ts_from, s.ts_open),"
    "        min(coalesce(w.ts_to, ?5), s.ts_close, ?5)"
    "   FROM known k JOIN instrument_segment i ON i.instrument_id = k.id"
    "   CROSS JOIN segment_session s"
    "   JOIN watch w ON w.instrument_id = k.id AND w.ts_from < s.ts_close"
    "        AND coalesce(w.ts_to, ?5) > s.ts_open AND w.ts_from < ?5"
    "  WHERE s.segment = i.segment AND s.ts_day >= ?3 AND s.ts_day < ?4 AND s.ts_open < ?5"
    "    AND s.ts_open < s.ts_close"
    "), edge (ts_watch, ts_day, ts_from, ts_to, reason) AS ("
    " SELECT w.ts_watch, w.ts_day, w.ts_from, w.ts_from,"
    "        (SELECT c.reason FROM coverage_closed c"
    "          WHERE c.instrument_id = w.id AND c.ts_from < w.ts_from"
    "          ORDER BY c.ts_from DESC LIMIT 1)"
    "   FROM wanted w"
    " UNION ALL"
    " SELECT w.ts_watch, w.ts_day, w.ts_to, w.ts_to, NULL FROM wanted w"
    " UNION ALL"
    " SELECT w.ts_watch, w.ts_day, max(c.ts_from, w.ts_from), min(c.ts_to, w.ts_to), c.reason"
    "   FROM wanted w CROSS JOIN coverage_closed c"
    "  WHERE c.instrument_id = w.id AND c.ts_from >= w.ts_day"
    "    AND c.ts_from < w.ts_to AND c.ts_to > w.ts_from"
    " UNION ALL"
    " SELECT w.ts_watch, w.ts_day, max(c.ts_from, w.ts_from),"
    "        max(min(iif(c.ts_due > ?5, ?5, c.ts_to), w.ts_to), w.ts_from), 'overdue'"
    "   FROM wanted w CROSS JOIN coverage_present c"
    "  WHERE c.instrument_id = w.id AND c.ts_from < w.ts_to"
    "    AND max(c.ts_to, c.ts_due) > w.ts_from"
    "), span (ts_from, ts_to, reason) AS ("
    " SELECT max(ts_to) OVER day, lead(ts_from) OVER day, reason FROM edge"
    " WINDOW day AS (PARTITION BY ts_day, ts_watch ORDER BY ts_from, ts_to)"
    ")"
    " SELECT ts_from, ts_to, coalesce(reason, 'unseen') FROM span"
    "  WHERE ts_to > ts_from ORDER BY ts_from";

struct gaps {
    tape_gap_fn *fn;
    void *arg;
    int64_t now;
};

static int take_gap(void *arg, sqlite3_stmt *stmt)
{
    const struct gaps *g = arg;
    int64_t ts_to = sqlite3_column_int64(stmt, 1);
    const struct tape_gap gap = {
        .ts_from = sqlite3_column_int64(stmt, 0),
        .ts_to = ts_to == g->now ? 0 : ts_to,
        .reason = (const char *)sqlite3_column_text(stmt, 2),
    };
    return g->fn(g->arg, &gap);
}

int tape_gaps(struct tape *h, const struct tape_of *of, int64_t now, tape_gap_fn *fn, void *arg,
              struct err *err)
{
    struct gaps gaps = {fn, arg, now};
    const struct query query = {.sql = gaps_sql,
                                .values = {SQL_TEXT(of->market_id), SQL_TEXT(of->symbol),
                                           SQL_WHOLE(of->from), SQL_WHOLE(of->to), SQL_WHOLE(now)},
                                .fn = take_gap,
                                .arg = &gaps};
    return run(h, &query, err);
}
