#include "store/read/tape_needs.h"

#include "store/read/read_only.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>

#define STEPS_STOP 10000 /* SQLite's virtual machine instructions between calls of `stop` */

/* ?1 ?2: the first and the last day. */
static const char needs_sql[] =
    "WITH RECURSIVE day (day, ts_from, ts_to) AS ("
    " SELECT ?1, ?1 * 86400000000000 + 10800000000000, (?1 + 1) * 86400000000000 + 10800000000000"
    " UNION ALL SELECT day + 1, ts_to, ts_to + 86400000000000 FROM day WHERE day < ?2"
    "), asked (day, instrument_id) AS MATERIALIZED ("
    " SELECT t.day, t.instrument_id FROM tape_wanted t"
    "   LEFT JOIN tape_day d ON d.day = t.day AND d.instrument_id = t.instrument_id"
    "  WHERE coalesce(d.ts_merged, 0) < t.ts_asked"
    "), pair (day, instrument_id, wanted, ts_from, ts_to) AS MATERIALIZED ("
    " SELECT day, instrument_id, max(wanted), day * 86400000000000 + 10800000000000,"
    "        (day + 1) * 86400000000000 + 10800000000000 FROM ("
    "  SELECT d.day, w.instrument_id, 0 AS wanted FROM day d"
    "    JOIN watch w ON w.ts_from < d.ts_to AND coalesce(w.ts_to, d.ts_to) > d.ts_from"
    "  UNION ALL SELECT day, instrument_id, 1 FROM asked)"
    " GROUP BY day, instrument_id)"
    " SELECT i.market_id, i.symbol, k.day, k.wanted, v.volume, v.trades, v.broker_volume,"
    "        iif(t.ts_merged IS NULL, 0, t.ts_complete),"
    "        (SELECT iif(count(*) > 1, max(ts_from), t.day IS NOT NULL AND t.ts_merged IS NULL)"
    "           FROM ("
    "           SELECT c.ts_from FROM coverage_closed c WHERE c.instrument_id = k.instrument_id"
    "              AND c.ts_from >= k.ts_from AND c.ts_from < k.ts_to"
    "           UNION ALL SELECT c.ts_from FROM coverage_open c"
    "            WHERE c.instrument_id = k.instrument_id"
    "              AND c.ts_from >= k.ts_from AND c.ts_from < k.ts_to)), i.segment"
    "   FROM pair k CROSS JOIN tape_volume v ON v.instrument_id = k.instrument_id AND v.day = k.day"
    "   JOIN instrument i ON i.id = k.instrument_id"
    "   LEFT JOIN tape_day t ON t.day = k.day AND t.instrument_id = k.instrument_id"
    "  ORDER BY k.day, k.instrument_id";

static void take_row(sqlite3_stmt *stmt, tape_needs_fn *fn, void *arg)
{
    const struct tape_row row = {
        .need = {.day = sqlite3_column_int64(stmt, 2),
                 .wanted = sqlite3_column_int(stmt, 3),
                 .volume = sqlite3_column_double(stmt, 4),
                 .trades = sqlite3_column_int64(stmt, 5),
                 .broker_volume = sql_real(stmt, 6),
                 .ts_complete = sqlite3_column_int64(stmt, 7),
                 .ts_gap = sqlite3_column_int64(stmt, 8)},
        .market_id = (const char *)sqlite3_column_text(stmt, 0),
        .symbol = (const char *)sqlite3_column_text(stmt, 1),
        .segment = (const char *)sqlite3_column_text(stmt, 9),
    };
    fn(arg, &row);
}

static int fail(sqlite3 *db, struct err *err)
{
    if (sqlite3_errcode(db) == SQLITE_INTERRUPT)
        return err_set(err, -EINTR, "interrupted");
    return sql_fail(db, "cannot read what the tape lacks", err);
}

static int on_progress(void *arg)
{
    const struct tape_needs_query *query = arg;
    return query->stop(query->stop_arg);
}

static int read_rows(sqlite3 *db, const struct tape_needs_query *query, tape_needs_fn *fn,
                     void *arg, struct err *err)
{
    sqlite3_stmt *stmt;
    const struct sql_value days[] = {SQL_WHOLE(query->day_from), SQL_WHOLE(query->day_to)};
    int step;
    if (sqlite3_prepare_v2(db, needs_sql, -1, &stmt, NULL) != SQLITE_OK)
        return fail(db, err);
    sql_bind(stmt, days, 2);
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW)
        take_row(stmt, fn, arg);
    int rc = step == SQLITE_DONE ? 0 : fail(db, err);
    sqlite3_finalize(stmt);
    return rc;
}

int tape_needs_read(const struct tape_needs_query *query, tape_needs_fn *fn, void *arg,
                    struct err *err)
{
    sqlite3 *db;
    int version;
    int rc = read_only_open_ours(&db, query->path, &version, err);
    if (rc)
        return rc;
    struct tape_needs_query watched = *query;
    if (query->stop)
        sqlite3_progress_handler(db, STEPS_STOP, on_progress, &watched);
    rc = read_rows(db, query, fn, arg, err);
    sqlite3_close(db);
    return rc;
}
