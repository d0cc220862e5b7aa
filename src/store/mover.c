#include "store/mover.h"

#include "base/clock.h"
#include "store/packed.h"

#include <errno.h>
#include <sqlite3.h>

#define FIRST_ROWS 512
#define LEAST_ROWS 64
#define MOST_ROWS  16384
#define AIM_MS     20 /* half of what a lock may last: a page that is not in memory costs its time */

/* The trades that rows up to ?1 show, and that are not in `trade`. */
#define NEW_TRADES                                                                                 \
    "SELECT instrument_id, ts_event, min(seq) AS seq, price, size, source "                        \
    "FROM (SELECT instrument_id, seq, source, last_size AS size,"                                  \
    "             (ts_recv / 1000000 - coalesce(last_ago, event_ago, 0)) * 1000000 AS ts_event,"   \
    "             iif(typeof(last_price) = 'integer', last_price * 1.0 / unit, last_price)"        \
    "               AS price"                                                                      \
    "        FROM snapshot_recent"                                                                 \
    "       WHERE seq <= ?1 AND changed & 4 AND last_price IS NOT NULL) n "                        \
    "WHERE NOT EXISTS (SELECT 1 FROM trade t WHERE t.instrument_id = n.instrument_id"              \
    "                     AND t.ts_event = n.ts_event AND t.price = n.price"                       \
    "                     AND t.size IS n.size) "                                                  \
    "GROUP BY instrument_id, ts_event, price, size"

static const char find_sql[] = "SELECT max(seq) FROM (SELECT seq FROM snapshot_recent "
                               "ORDER BY seq LIMIT ?1)";
static const char bars_sql[] =
    "INSERT INTO bar_1m "
    "SELECT instrument_id, ts_event / 60000000000 * 60000000000, ts_event, ts_event, price, price,"
    "       price, price, size, 1 FROM (" NEW_TRADES ") "
    "WHERE true ORDER BY instrument_id, ts_event, seq "
    "ON CONFLICT DO UPDATE SET "
    "open = iif(excluded.ts_open < ts_open, excluded.open, open),"
    "close = iif(excluded.ts_close >= ts_close, excluded.close, close),"
    "high = max(high, excluded.high), low = min(low, excluded.low),"
    "ts_open = min(ts_open, excluded.ts_open), ts_close = max(ts_close, excluded.ts_close),"
    "volume = coalesce(volume + excluded.volume, volume, excluded.volume), trades = trades + 1";
static const char trades_sql[] =
    "INSERT INTO trade (instrument_id, ts_event, seq, price, size, origin) " NEW_TRADES
    " ORDER BY instrument_id, ts_event, seq";
static const char history_sql[] =
    "INSERT INTO snapshot_history (" PACKED_COLUMNS ") SELECT " PACKED_COLUMNS
    " FROM snapshot_recent WHERE seq <= ?1 ORDER BY instrument_id, ts_recv, seq";
static const char remove_sql[] = "DELETE FROM snapshot_recent WHERE seq <= ?1";

/* Scanning it for the count would take a minute where a day's rows wait. */
static int64_t about_rows(sqlite3 *db)
{
    sqlite3_stmt *stmt;
    int64_t rows = 0;
    if (sqlite3_prepare_v2(db,
                           "SELECT max(seq) - (SELECT min(seq) FROM snapshot_recent) + 1 "
                           "FROM snapshot_recent",
                           -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        rows = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return rows;
}

int mover_open(struct mover *mover, sqlite3 *db, struct err *err)
{
    *mover = (struct mover){.db = db, .rows = about_rows(db), .step_rows = FIRST_ROWS};
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } wanted[] = {
        {&mover->find, find_sql},         {&mover->add_bars, bars_sql},
        {&mover->add_trades, trades_sql}, {&mover->add_history, history_sql},
        {&mover->remove, remove_sql},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (sqlite3_prepare_v3(db, wanted[i].sql, -1, SQLITE_PREPARE_PERSISTENT, wanted[i].stmt,
                               NULL) == SQLITE_OK)
            continue;
        err_set(err, -EIO, "cannot write the database: %s", sqlite3_errmsg(db));
        mover_close(mover);
        return -EIO;
    }
    return 0;
}

void mover_close(struct mover *mover)
{
    sqlite3_finalize(mover->find);
    sqlite3_finalize(mover->add_bars);
    sqlite3_finalize(mover->add_trades);
    sqlite3_finalize(mover->add_history);
    sqlite3_finalize(mover->remove);
    *mover = (struct mover){0};
}

/* The last seq of the next part; 0 when there is none. */
static int find(struct mover *mover, int64_t *last)
{
    sqlite3_bind_int64(mover->find, 1, mover->step_rows);
    int rc = sqlite3_step(mover->find);
    if (rc == SQLITE_ROW)
        *last = sqlite3_column_int64(mover->find, 0); /* NULL reads as 0 */
    sqlite3_reset(mover->find);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int run(sqlite3_stmt *stmt, int64_t last)
{
    sqlite3_bind_int64(stmt, 1, last);
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int move(struct mover *mover, int64_t last, int64_t *moved)
{
    sqlite3_stmt *const order[] = {mover->add_bars, mover->add_trades, mover->add_history,
                                   mover->remove};
    int rc = sqlite3_exec(mover->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof(order) / sizeof(order[0]); i++)
        rc = run(order[i], last);
    *moved = sqlite3_changes64(mover->db);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(mover->db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        sqlite3_exec(mover->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

/* Between a tenth and the double of what would have taken the time aimed at. */
static void adapt(struct mover *mover, int64_t moved, int64_t took_ms)
{
    if (took_ms > mover->longest_ms)
        mover->longest_ms = took_ms;
    if (moved < mover->step_rows && took_ms <= AIM_MS)
        return; /* there were no more */
    int64_t rows = took_ms ? moved * AIM_MS / took_ms : MOST_ROWS;
    if (rows > 2 * mover->step_rows)
        rows = 2 * mover->step_rows;
    mover->step_rows = rows < LEAST_ROWS ? LEAST_ROWS : rows > MOST_ROWS ? MOST_ROWS : rows;
}

int mover_step(struct mover *mover, int64_t *moved)
{
    int64_t last = 0, count = 0, from_ms = clock_now().mono_ms;
    *moved = 0;
    int rc = find(mover, &last);
    if (rc != SQLITE_OK)
        return rc;
    if (!last) {
        mover->rows = 0;
        return SQLITE_OK;
    }
    rc = move(mover, last, &count);
    if (rc != SQLITE_OK)
        return rc;
    mover->rows = count < mover->rows ? mover->rows - count : 0;
    *moved = count;
    adapt(mover, count, clock_now().mono_ms - from_ms);
    return SQLITE_OK;
}
