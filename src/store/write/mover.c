#include "store/write/mover.h"

#include "base/clock.h"
#include "store/packed.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#define PASS_ROWS 32768
#define AIM_MS    12 /* a quarter of the longest allowed lock: the commit takes as long again */

#define TRADE_COLUMNS "instrument_id, ts_event, seq, price, size, origin"

/* The last trade that row ?1 shows. */
#define SHOWN                                                                                      \
    "SELECT instrument_id,"                                                                        \
    "       (ts_recv / 1000000 - coalesce(last_ago, event_ago, 0)) * 1000000 AS ts_event, seq,"    \
    "       iif(typeof(last_price) = 'integer', last_price * 1.0 / unit, last_price) AS price,"    \
    "       last_size AS size, source AS origin "                                                  \
    "FROM snapshot_recent WHERE seq = ?1"

static const char list_sql[] =
    "SELECT seq, changed & 4 AND last_price IS NOT NULL FROM "
    "(SELECT seq, instrument_id, changed, last_price FROM snapshot_recent ORDER BY seq LIMIT ?1) "
    "ORDER BY instrument_id, seq";
static const char history_sql[] = "INSERT INTO snapshot_history (" PACKED_COLUMNS
                                  ") SELECT " PACKED_COLUMNS " FROM snapshot_recent WHERE seq = ?1";
/* Only new trades: after a restart, and by the other source, the same last trade is seen again. */
static const char trade_sql[] =
    "INSERT INTO trade (" TRADE_COLUMNS ") SELECT " TRADE_COLUMNS " FROM (" SHOWN ") n "
    "WHERE NOT EXISTS (SELECT 1 FROM trade t WHERE t.instrument_id = n.instrument_id"
    "                     AND t.ts_event = n.ts_event AND t.price = n.price"
    "                     AND t.size IS n.size)";
static const char bar_sql[] =
    "INSERT INTO bar_1m "
    "SELECT instrument_id, ts_event / 60000000000 * 60000000000, ts_event, ts_event, price, price,"
    "       price, price, size, 1 FROM (" SHOWN ") WHERE true "
    "ON CONFLICT DO UPDATE SET "
    "open = iif(excluded.ts_open < ts_open, excluded.open, open),"
    "close = iif(excluded.ts_close >= ts_close, excluded.close, close),"
    "high = max(high, excluded.high), low = min(low, excluded.low),"
    "ts_open = min(ts_open, excluded.ts_open), ts_close = max(ts_close, excluded.ts_close),"
    "volume = coalesce(volume + excluded.volume, volume, excluded.volume), trades = trades + 1";
static const char remove_sql[] = "DELETE FROM snapshot_recent WHERE seq = ?1";

#define MEMBER(name) offsetof(struct mover, name)

static const struct sql_statement statements[] = {
    {MEMBER(list), list_sql},   {MEMBER(add_history), history_sql}, {MEMBER(add_trade), trade_sql},
    {MEMBER(add_bar), bar_sql}, {MEMBER(remove), remove_sql},
};
#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

/* An estimate by seq, because count(*) would take a minute for the rows of a whole day. */
static int64_t about_rows(sqlite3 *db)
{
    int64_t rows = 0;
    sql_number(db,
               "SELECT max(seq) - (SELECT min(seq) FROM snapshot_recent) + 1 FROM snapshot_recent",
               &rows);
    return rows;
}

int mover_open(struct mover *mover, sqlite3 *db, struct err *err)
{
    *mover = (struct mover){.db = db, .rows = about_rows(db), .step_ms = AIM_MS};
    int rc = sql_prepare_all(mover, statements, STATEMENTS, db, err);
    mover->pass = calloc(PASS_ROWS, sizeof(*mover->pass));
    if (rc == 0 && !mover->pass)
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc)
        mover_close(mover);
    return rc;
}

void mover_close(struct mover *mover)
{
    sql_finalize_all(mover, statements, STATEMENTS);
    free(mover->pass);
    *mover = (struct mover){0};
}

/* --- a pass ----------------------------------------------------------------------------------- */

static int begin_pass(struct mover *mover)
{
    int rc;
    size_t count = 0;
    sqlite3_bind_int64(mover->list, 1, PASS_ROWS);
    while ((rc = sqlite3_step(mover->list)) == SQLITE_ROW)
        mover->pass[count++] = (struct mover_row){sqlite3_column_int64(mover->list, 0),
                                                  sqlite3_column_int64(mover->list, 1)};
    sqlite3_reset(mover->list);
    if (rc != SQLITE_DONE)
        return rc;
    mover->pass_count = count;
    mover->pass_at = 0;
    return SQLITE_OK;
}

static int run(sqlite3_stmt *stmt, int64_t seq)
{
    return sql_run(stmt, SQL_VALUES(SQL_WHOLE(seq)));
}

static int move_trade(struct mover *mover, int64_t seq)
{
    int rc = run(mover->add_trade, seq);
    bool is_new = rc == SQLITE_OK && sqlite3_changes64(mover->db) > 0;
    return is_new ? run(mover->add_bar, seq) : rc;
}

static int move_row(struct mover *mover, const struct mover_row *row)
{
    int rc = run(mover->add_history, row->seq);
    if (rc == SQLITE_OK && row->is_trade)
        rc = move_trade(mover, row->seq);
    return rc == SQLITE_OK ? run(mover->remove, row->seq) : rc;
}

static int move_until(struct mover *mover, int64_t until_ms, size_t *at)
{
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *at < mover->pass_count) {
        rc = move_row(mover, &mover->pass[(*at)++]);
        if (*at % MOVER_BITE_ROWS == 0 && clock_now().mono_ms >= until_ms)
            break;
    }
    return rc;
}

int mover_step(struct mover *mover, int64_t *moved)
{
    *moved = 0;
    int rc = mover->pass_at < mover->pass_count ? SQLITE_OK : begin_pass(mover);
    size_t at = mover->pass_at;
    if (rc == SQLITE_OK)
        rc = sql_begin(mover->db);
    if (rc == SQLITE_OK)
        rc = move_until(mover, clock_now().mono_ms + mover->step_ms, &at);
    rc = sql_end(mover->db, rc);
    if (rc != SQLITE_OK)
        return rc;
    *moved = (int64_t)(at - mover->pass_at);
    mover->pass_at = at;
    mover->rows -= *moved;
    if (at == mover->pass_count)
        mover->rows = about_rows(mover->db); /* includes rows written during the pass */
    return SQLITE_OK;
}
