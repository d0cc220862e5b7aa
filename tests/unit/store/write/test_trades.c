/*
 * The rows of the tables trade and bar_1m, over random series of changes, against three others: the
 * statements in SQL that made them before market/trade did, that module over the same changes in
 * memory, and the view trade_recent for changes that are not moved yet.
 */
#include "market/trade.h"
#include "store/sql.h"
#include "store/write/trades.h"

#include "base/clock.h"
#include "base/rng.h"
#include "support/moving.h"
#include "support/store_fixture.h"

#include <string.h>

#define CHANGES     1500
#define INSTRUMENTS 3
#define SERIES      4

/* --- series ----------------------------------------------------------------------------------- */

/* The last trade as the broker sends it. */
struct last {
    double price, size;
    int64_t ts; /* 0: without a date */
};

static struct last next_trade(struct rng *rng, int64_t now)
{
    static const double prices[] = {101.5, 101.5, 101.25, 1.0 / 3, 0, -2.5, 1e16};
    struct last last = {.price = prices[rng_below(rng, T_COUNT(prices))],
                        .size = rng_below(rng, 6) ? (double)rng_below(rng, 3) : NAN};
    switch (rng_below(rng, 4)) {
    case 0: /* BYMA: whole seconds */
        last.ts = now / NS_PER_S * NS_PER_S;
        break;
    case 1: /* an earlier minute, as after a restart */
        last.ts = (now - rng_below(rng, 200) * NS_PER_S) / NS_PER_MS * NS_PER_MS;
        break;
    case 2:
        last.ts = now / NS_PER_MS * NS_PER_MS;
        break;
    default:
        break; /* without a date */
    }
    if (rng_below(rng, 20) == 0)
        last = (struct last){NAN, NAN, 0}; /* LA: null */
    return last;
}

/* New trades, and often one of the last ones again: with LA among the changed entries (after a
 * restart, by the other source) or not. */
static void fill_series(struct store_snapshot *rows, uint64_t seed)
{
    static struct last recent[INSTRUMENTS][4];
    struct rng rng = {.state = seed};
    memset(recent, 0, sizeof(recent));
    for (int64_t i = 0; i < CHANGES; i++) {
        struct store_snapshot *row = &rows[i];
        *row = snapshot((int32_t)rng_below(&rng, INSTRUMENTS), i + 1, 100);
        struct last *last = &recent[row->instrument][rng_below(&rng, 4)];
        row->ts_recv = T0 + i * 173 * NS_PER_MS + rng_below(&rng, NS_PER_MS);
        row->source = rng_below(&rng, 2) ? SOURCE_REST : SOURCE_STREAM;
        if (rng_below(&rng, 2))
            *last = next_trade(&rng, row->ts_recv);
        if (rng_below(&rng, 4))
            row->changed |= ENTRY_BIT(ENTRY_LA);
        row->quote.last_price = last->price;
        row->quote.last_size = last->size;
        row->quote.ts_last = last->ts;
        row->quote.ts_event = rng_below(&rng, 2) ? row->ts_recv / NS_PER_S * NS_PER_S : 0;
    }
}

static struct fixture written(const struct store_snapshot *rows)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    for (int i = 0; i < CHANGES; i++)
        put_row(store, &rows[i]);
    fixture_close(store);
    return f;
}

/* --- the statements that made the rows before ------------------------------------------------- */

#define SHOWN                                                                                      \
    "SELECT instrument_id,"                                                                        \
    "       (ts_recv / 1000000 - coalesce(last_ago, event_ago, 0)) * 1000000 AS ts_event, seq,"    \
    "       iif(typeof(last_price) = 'integer', last_price * 1.0 / unit, last_price) AS price,"    \
    "       last_size AS size, source AS origin FROM snapshot_recent WHERE seq = ?1"

static const char oracle_tables[] =
    "CREATE TABLE oracle_trade AS SELECT instrument_id, ts_event, seq, price, size, origin FROM "
    "trade"
    " WHERE false;"
    "CREATE TABLE oracle_bar (instrument_id, ts_minute, ts_open, ts_close, open REAL, high REAL,"
    " low REAL, close REAL, volume REAL, trades, PRIMARY KEY (instrument_id, ts_minute))";
static const char oracle_trade[] =
    "INSERT INTO oracle_trade SELECT instrument_id, ts_event, seq, price, size, origin"
    " FROM (" SHOWN ") n WHERE NOT EXISTS (SELECT 1 FROM oracle_trade t"
    " WHERE t.instrument_id = n.instrument_id AND t.ts_event = n.ts_event AND t.price = n.price"
    " AND t.size IS n.size)";
static const char oracle_bar[] =
    "INSERT INTO oracle_bar SELECT instrument_id, ts_event / 60000000000 * 60000000000, ts_event,"
    " ts_event, price, price, price, price, size, 1 FROM (" SHOWN ") WHERE true "
    "ON CONFLICT DO UPDATE SET open = iif(excluded.ts_open < ts_open, excluded.open, open),"
    "close = iif(excluded.ts_close >= ts_close, excluded.close, close),"
    "high = max(high, excluded.high), low = min(low, excluded.low),"
    "ts_open = min(ts_open, excluded.ts_open), ts_close = max(ts_close, excluded.ts_close),"
    "volume = coalesce(volume + excluded.volume, volume, excluded.volume), trades = trades + 1";
static const char oracle_list[] =
    "SELECT seq FROM snapshot_recent WHERE changed & 4 AND last_price IS NOT NULL"
    " ORDER BY instrument_id, seq";

static void run_oracle(const struct fixture *f)
{
    sqlite3 *db;
    sqlite3_stmt *list;
    struct err err;
    t_int(sql_open(&db, f->path, SQL_WRITE, 0, &err), 0);
    t_int(sql_begin(db), SQLITE_OK);
    t_int(sql_exec(db, oracle_tables), SQLITE_OK);
    t_int(sqlite3_prepare_v2(db, oracle_list, -1, &list, NULL), SQLITE_OK);
    while (sqlite3_step(list) == SQLITE_ROW) {
        int64_t seq = sqlite3_column_int64(list, 0);
        t_int(sql_once(db, oracle_trade, SQL_VALUES(SQL_WHOLE(seq))), SQLITE_OK);
        if (sqlite3_changes(db))
            t_int(sql_once(db, oracle_bar, SQL_VALUES(SQL_WHOLE(seq))), SQLITE_OK);
    }
    sqlite3_finalize(list);
    t_int(sql_end(db, SQLITE_OK), SQLITE_OK);
    sqlite3_close(db);
}

/* Rows of one that the other does not have, both ways. */
static double differences(const struct fixture *f, const char *one, const char *other)
{
    char sql[1024];
    snprintf(sql, sizeof(sql),
             "SELECT (SELECT count(*) FROM (SELECT * FROM %s EXCEPT SELECT * FROM %s))"
             "     + (SELECT count(*) FROM (SELECT * FROM %s EXCEPT SELECT * FROM %s))",
             one, other, other, one);
    return ask(f, sql);
}

/* --- the module in memory --------------------------------------------------------------------- */

static bool is_known(const struct store_trade *all, size_t count, const struct store_trade *row)
{
    for (size_t i = 0; i < count; i++) {
        if (all[i].instrument_id == row->instrument_id && trade_same(&all[i].trade, &row->trade))
            return true;
    }
    return false;
}

static size_t trades_of(const struct store_snapshot *rows, struct store_trade *out, size_t *reports)
{
    size_t count = 0;
    *reports = 0;
    for (int i = 0; i < CHANGES; i++) {
        const struct store_snapshot *s = &rows[i];
        const struct trade_report report = {
            s->changed,       s->source,           s->ts_recv,        s->quote.ts_event,
            s->quote.ts_last, s->quote.last_price, s->quote.last_size};
        struct store_trade row = {.instrument_id = s->instrument, .seq = s->seq};
        bool shown = trade_shown(&report, &row.trade);
        *reports += shown;
        if (shown && !is_known(out, count, &row))
            out[count++] = row;
    }
    return count;
}

/* All rows of `sql`: symbol, ts_event, seq, price, size, origin; in the order of seq. */
static void check_rows(const struct fixture *f, const char *sql, const struct store_trade *expected,
                       size_t count)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    for (size_t i = 0; i < count; i++) {
        const struct trade *trade = &expected[i].trade;
        char symbol[16];
        snprintf(symbol, sizeof(symbol), "S%d", (int)expected[i].instrument_id);
        t_int(sqlite3_step(stmt), SQLITE_ROW);
        t_str((const char *)sqlite3_column_text(stmt, 0), symbol);
        t_int(sqlite3_column_int64(stmt, 1), trade->ts_event);
        t_int(sqlite3_column_int64(stmt, 2), expected[i].seq);
        t_double(sqlite3_column_double(stmt, 3), trade->price);
        t_double(sql_real(stmt, 4), trade->size);
        t_str((const char *)sqlite3_column_text(stmt, 5), trade_origin_name(trade->origin));
    }
    t_int(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void the_rows_are_those_of_the_rule(void **state)
{
    (void)state;
    static const char view[] =
        "SELECT symbol, ts_event, seq, price, size, origin FROM trades ORDER BY seq";
    static struct store_snapshot rows[CHANGES];
    static struct store_trade expected[CHANGES];
    for (uint64_t seed = 1; seed <= SERIES; seed++) {
        char name[32];
        snprintf(name, sizeof(name), "series %d", (int)seed);
        t_row(name);
        fill_series(rows, seed);
        struct fixture f = written(rows);
        size_t reports, count = trades_of(rows, expected, &reports);
        t_true(count > CHANGES / 8 && count < reports * 4 / 5); /* new ones and repeated ones */
        check_rows(&f, view, expected, count);                  /* by the view trade_recent */
        uint64_t bars = digest(&f, "SELECT * FROM bars_1m ORDER BY symbol, ts_minute");
        run_oracle(&f);

        move(&f, INT32_MAX);
        t_double(ask(&f, "SELECT count(*) FROM trade"), (double)count);
        check_rows(&f, view, expected, count); /* by the table trade */
        t_double(
            differences(&f, "(SELECT instrument_id, ts_event, seq, price, size, origin FROM trade)",
                        "oracle_trade"),
            0);
        t_double(differences(&f,
                             "(SELECT instrument_id, ts_minute, ts_open, ts_close, open, high, low,"
                             " close, volume, trades FROM bar_1m)",
                             "oracle_bar"),
                 0);
        t_true(digest(&f, "SELECT * FROM bars_1m ORDER BY symbol, ts_minute") == bars);
        fixture_remove(&f);
    }
    t_row("");
}

/* Up to the time of the merged list, neither the view nor the table takes a trade from a change. */
static void what_the_merged_list_covers_is_not_added(void **state)
{
    (void)state;
    static const char view[] = "SELECT * FROM trades ORDER BY symbol, ts_event, seq";
    static const char bars[] = "SELECT * FROM bars_1m ORDER BY symbol, ts_minute";
    static struct store_snapshot rows[CHANGES];
    char sql[512];
    fill_series(rows, SERIES + 1);
    struct fixture f = written(rows);
    double all = ask(&f, "SELECT count(*) FROM trades");
    int64_t covered[] = {T0 + 60 * NS_PER_S,
                         T0 - NS_PER_S}; /* of two instruments; the third none */
    for (int i = 0; i < 2; i++) {
        sqlite3 *db;
        struct err err;
        t_int(sql_open(&db, f.path, SQL_WRITE, 0, &err), 0);
        t_int(sql_once(db, "INSERT INTO tape_day VALUES (?1, ?2, ?3, 1, 0, 0)",
                       SQL_VALUES(SQL_WHOLE(art_day(T0)), SQL_WHOLE(i + 1), SQL_WHOLE(covered[i]))),
              SQLITE_OK);
        sqlite3_close(db);
    }
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM trades WHERE symbol = 'S0' AND ts_event <= %lld"
             " OR symbol = 'S1' AND ts_event <= %lld",
             (long long)covered[0], (long long)covered[1]);
    double left = ask(&f, "SELECT count(*) FROM trades");
    t_true(left < all - 20 && left > all / 2);
    t_double(ask(&f, sql), 0);
    uint64_t trades = digest(&f, view), minutes = digest(&f, bars);
    move(&f, INT32_MAX);
    t_double(ask(&f, "SELECT count(*) FROM trade"), left);
    t_true(digest(&f, view) == trades);
    t_true(digest(&f, bars) == minutes);
    fixture_remove(&f);
}

/* What a change shows without a date may be one of the last trades of the merged list. */
static void what_may_be_the_last_of_the_merged_list_is_not_added(void **state)
{
    (void)state;
    static const char view[] = "SELECT * FROM trades ORDER BY symbol, ts_event, seq";
    static struct store_snapshot rows[CHANGES];
    static const struct store_trade listed[] = {
        {1, -1, {T0 + 59 * NS_PER_S, 101.5, 1, TRADE_FROM_HISTORY}, false},
        {1, -2, {T0 + 56 * NS_PER_S, 101.25, NAN, TRADE_FROM_HISTORY}, false},
        {1, -3, {T0 + 53 * NS_PER_S, -2.5, NAN, TRADE_FROM_HISTORY}, false}, /* too early */
    };
    struct database database;
    struct trades trades;
    struct err err;
    fill_series(rows, SERIES + 2);
    struct fixture f = written(rows);
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(sql_once(database.db, "INSERT INTO tape_day VALUES (?1, 1, ?2, 1, 0, 0)",
                   SQL_VALUES(SQL_WHOLE(art_day(T0)), SQL_WHOLE(T0 + 60 * NS_PER_S))),
          SQLITE_OK);
    double before = ask(&f, "SELECT count(*) FROM trades");
    t_int(trades_open(&trades, database.db, &err), 0);
    for (size_t i = 0; i < T_COUNT(listed); i++)
        t_int(trades_add(&trades, &listed[i]), SQLITE_OK);
    trades_close(&trades);
    database_close(&database);
    double left = ask(&f, "SELECT count(*) FROM trades");
    t_true(left < before); /* although three were added */
    t_double(ask(&f, "SELECT count(*) FROM trade_recent WHERE instrument_id = 1 AND price = 101.25"
                     " AND seq IN (SELECT seq FROM snapshot_recent WHERE last_ago IS NULL)"),
             0);
    t_true(ask(&f, "SELECT count(*) FROM trade_recent WHERE instrument_id = 1 AND price = -2.5"
                   " AND seq IN (SELECT seq FROM snapshot_recent WHERE last_ago IS NULL)") > 0);
    uint64_t all = digest(&f, view);
    move(&f, INT32_MAX);
    t_double(ask(&f, "SELECT count(*) FROM trade"), left);
    t_true(digest(&f, view) == all);
    fixture_remove(&f);
}

/* The view has no function of ours: the bit and the names in its SQL are those of the code. */
static void codes_in_the_views_are_those_of_the_code(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    struct store_snapshot row = snapshot(0, 1, 100);
    char text[ENTRY_LIST_TEXT], name[64], sql[128];
    for (int e = 0; e < ENTRY_COUNT; e++) {
        row.seq = e + 1;
        row.changed = ENTRY_BIT(e);
        row.source = (enum source)(e % 3 + 1);
        row.quote.last_price = e + 1;
        put_row(store, &row);
    }
    fixture_close(store);
    for (int e = 0; e < ENTRY_COUNT; e++) {
        t_row(entry_name((enum entry)e));
        snprintf(sql, sizeof(sql), "SELECT changed || ' ' || source FROM snapshots WHERE seq = %d",
                 e + 1);
        snprintf(name, sizeof(name), "%s %s", entry_list_text(text, ENTRY_BIT(e)),
                 source_name((enum source)(e % 3 + 1)));
        t_true(ask_text(&f, sql, text, sizeof(text)));
        t_str(text, name);
        snprintf(sql, sizeof(sql), "SELECT count(*) FROM trades WHERE seq = %d", e + 1);
        t_double(ask(&f, sql), ENTRY_BIT(e) & TRADE_ENTRIES ? 1 : 0);
    }
    t_row("");
    fixture_remove(&f);
}

static void a_row_from_the_list_of_trades_has_its_origin(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct trades trades;
    struct err err;
    bool found;
    char text[32];
    fixture_close(fixture_store(f.path, 1));
    const struct store_trade row = {1, 5, {T0, 101.5, 7, TRADE_FROM_HISTORY}, false};
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(trades_open(&trades, database.db, &err), 0);
    t_int(trades_find(&trades, &row, &found), SQLITE_OK);
    t_true(!found);
    t_int(trades_add(&trades, &row), SQLITE_OK);
    t_int(trades_find(&trades, &row, &found), SQLITE_OK);
    t_true(found);
    trades_close(&trades);
    database_close(&database);
    t_true(ask_text(&f, "SELECT origin FROM trades", text, sizeof(text)));
    t_str(text, trade_origin_name(TRADE_FROM_HISTORY));
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rows_are_those_of_the_rule),
        cmocka_unit_test(what_the_merged_list_covers_is_not_added),
        cmocka_unit_test(what_may_be_the_last_of_the_merged_list_is_not_added),
        cmocka_unit_test(codes_in_the_views_are_those_of_the_code),
        cmocka_unit_test(a_row_from_the_list_of_trades_has_its_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
