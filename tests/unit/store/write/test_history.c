/* Snapshots in two tables: the values read equal those written, before and after the move. */
#include "store/packed.h"
#include "store/write/database.h"
#include "store/write/mover.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/rng.h"
#include "support/moving.h"
#include "support/store_fixture.h"

#include <time.h>

#define ROWS        3000
#define INSTRUMENTS 7
#define PATIENCE_S  30

/* --- helpers ---------------------------------------------------------------------------------- */

static double pick(struct rng *rng, int decimals)
{
    double scale = pow(10, decimals);
    if (rng_unit(rng) < 0.1)
        return NAN;
    return nearbyint(rng_unit(rng) * 1e6) / scale;
}

static void fill_side(struct rng *rng, struct side *side, double step)
{
    double best = nearbyint(rng_unit(rng) * 1e5);
    side->count = (int)(rng_unit(rng) * (QUOTE_DEPTH_MAX + 1));
    for (int i = 0; i < side->count; i++)
        side->level[i] = (struct level){(best + i * 25 * step) / 100, pick(rng, i % 3)};
}

/* Numbers that are not short decimals. */
static void odd_level(struct rng *rng, struct side *side)
{
    static const double odd[] = {
        1.0 / 3, 0.1 + 0.2, 1e-7,   -1e-5, 1e15, 123456789012345.0, 1e15 - 1, 2.5e17,   15400320.75,
        5e-324,  1e300,     0.0001, -0.25, -3,   98765432.10987,    0,        1e-4 / 3, NAN};
    struct level *level = &side->level[rng_below(rng, side->count)];
    double price = odd[rng_below(rng, T_COUNT(odd) - 1)];
    if (rng_below(rng, 2))
        level->price = price;
    else
        level->size = fabs(odd[rng_below(rng, T_COUNT(odd))]);
}

/* Every kind of number: integers, cents, numbers with too many digits to pack, NAN. */
static struct store_snapshot random_row(struct rng *rng, int64_t seq)
{
    struct store_snapshot row = snapshot((int32_t)(rng_unit(rng) * INSTRUMENTS), seq, 0);
    struct quote *q = &row.quote;
    double odd = rng_unit(rng) < 0.2 ? rng_unit(rng) / 3 : NAN;
    row.ts_recv = T0 + seq * 137000001;
    row.source = rng_unit(rng) < 0.5 ? SOURCE_REST : SOURCE_STREAM;
    row.changed = (uint32_t)(rng_unit(rng) * ENTRY_ALL) + 1;
    fill_side(rng, &q->bids, -1);
    fill_side(rng, &q->offers, 1);
    if (!isnan(odd) && q->bids.count > 2)
        q->bids.level[1].price = odd;
    if (q->bids.count && rng_below(rng, 5) == 0)
        odd_level(rng, &q->bids);
    if (q->offers.count && rng_below(rng, 5) == 0)
        odd_level(rng, &q->offers);
    q->last_price = isnan(odd) ? pick(rng, 2) : odd;
    q->last_size = pick(rng, 0);
    q->ts_last = rng_unit(rng) < 0.1 ? 0 : T0 + seq / 3 * 500 * NS_PER_MS;
    q->ts_event = rng_unit(rng) < 0.3 ? 0 : row.ts_recv / NS_PER_MS * NS_PER_MS - 3 * NS_PER_MS;
    q->open_price = pick(rng, 1);
    q->high_price = pick(rng, 6);
    q->low_price = -pick(rng, 3);
    q->close_price = rng_unit(rng) * 1e-300;
    q->close_day = 20000;
    q->settlement_price = pick(rng, 0) * 1e12;
    q->open_interest = pick(rng, 0);
    q->trade_volume = pick(rng, 1);
    q->nominal_volume = pick(rng, 0);
    q->effective_volume = pick(rng, 2) * 1e4;
    q->index_value = pick(rng, 4);
    q->auction_price = 0;
    return row;
}

static struct store_snapshot *random_rows(void)
{
    static struct store_snapshot rows[ROWS];
    struct rng rng = {.state = 11};
    for (int64_t i = 0; i < ROWS; i++)
        rows[i] = random_row(&rng, i + 1);
    return rows;
}

static const char all_snapshots[] = "select * from snapshots order by seq";
static const char all_trades[] = "select * from trades order by symbol, ts_event, seq";
static const char all_bars[] = "select * from bars_1m order by symbol, ts_minute";

/* The text must be the one that exports and the local API print. */
static void check_side(const char *text, const struct side *side)
{
    struct buf expected;
    buf_init(&expected, 4096);
    if (side->count)
        row_levels(&expected, side);
    t_str(text ? text : "", buf_text(&expected));
    buf_finish(&expected);
}

static double column(sqlite3_stmt *stmt, int at)
{
    return sqlite3_column_type(stmt, at) == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, at);
}

static void check_rows(const struct fixture *f, const struct store_snapshot *rows)
{
    static const char sql[] =
        "select seq, ts_recv, ts_event, ts_last, bid_price, bid_size, offer_price, offer_size,"
        " last_price, last_size, open_price, high_price, low_price, close_price, settlement_price,"
        " open_interest, trade_volume, nominal_volume, effective_volume, index_value,"
        " auction_price, bids, offers, source, symbol from snapshots order by seq";
    sqlite3 *db;
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    for (int i = 0; i < ROWS; i++) {
        const struct store_snapshot *r = &rows[i];
        const struct quote *q = &r->quote;
        char row[32], symbol[16];
        snprintf(row, sizeof(row), "row %d", i);
        snprintf(symbol, sizeof(symbol), "S%d", (int)r->instrument);
        t_row(row);
        t_int(sqlite3_step(stmt), SQLITE_ROW);
        t_int(sqlite3_column_int64(stmt, 0), r->seq);
        t_int(sqlite3_column_int64(stmt, 1), r->ts_recv);
        t_int(sqlite3_column_int64(stmt, 2), q->ts_event);
        t_int(sqlite3_column_int64(stmt, 3), q->ts_last);
        const double expected[] = {q->bids.count ? q->bids.level[0].price : NAN,
                                   q->bids.count ? q->bids.level[0].size : NAN,
                                   q->offers.count ? q->offers.level[0].price : NAN,
                                   q->offers.count ? q->offers.level[0].size : NAN,
                                   q->last_price,
                                   q->last_size,
                                   q->open_price,
                                   q->high_price,
                                   q->low_price,
                                   q->close_price,
                                   q->settlement_price,
                                   q->open_interest,
                                   q->trade_volume,
                                   q->nominal_volume,
                                   q->effective_volume,
                                   q->index_value,
                                   q->auction_price};
        for (size_t c = 0; c < T_COUNT(expected); c++)
            t_double(column(stmt, 4 + (int)c), expected[c]);
        check_side((const char *)sqlite3_column_text(stmt, 21), &q->bids);
        check_side((const char *)sqlite3_column_text(stmt, 22), &q->offers);
        t_str((const char *)sqlite3_column_text(stmt, 23),
              r->source == SOURCE_REST ? "rest" : "stream");
        t_str((const char *)sqlite3_column_text(stmt, 24), symbol);
    }
    t_int(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    t_row("");
}

static struct fixture filled(const struct store_snapshot *rows)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    for (int i = 0; i < ROWS; i++)
        put_row(store, &rows[i]);
    fixture_close(store);
    return f;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void units(void **state)
{
    (void)state;
    static const struct {
        double price;
        int64_t unit;
    } rows[] = {
        {1600, 1},       {1601.5, 10},      {0.25, 100},        {-3.125, 1000}, {0, 1},
        {1e-8, 1e8},     {1.0 / 3, 1},      {1e14, 1},          {1e300, 1},     {NAN, 1},
        {99999.99, 100}, {123456789.5, 10}, {8160.000001, 1e6}, {1e15, 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote quote = quote_none();
        char name[32];
        int64_t whole;
        t_row(num_text(name, rows[i].price));
        quote.low_price = rows[i].price;
        t_int(packed_unit(&quote), rows[i].unit);
        if (packed_price(rows[i].price, rows[i].unit, &whole))
            t_double((double)whole / (double)rows[i].unit, rows[i].price);
    }
    t_row("");
}

static void values_are_unchanged_before_and_after_the_move(void **state)
{
    (void)state;
    const struct store_snapshot *rows = random_rows();
    struct fixture f = filled(rows);
    check_rows(&f, rows);
    uint64_t snapshots = digest(&f, all_snapshots);
    uint64_t trades = digest(&f, all_trades), bars = digest(&f, all_bars);
    t_true(ask(&f, "select count(*) from trades") > 100);
    t_true(ask(&f, "select count(*) from bars_1m") > 10);

    move_bites(&f, ROWS / MOVER_BITE_ROWS / 2); /* some rows in both tables */
    t_true(ask(&f, "select count(*) from snapshot_history") > 0);
    t_true(ask(&f, "select count(*) from snapshot_recent") > 0);
    check_rows(&f, rows);
    t_true(digest(&f, all_snapshots) == snapshots);
    t_true(digest(&f, all_trades) == trades);
    t_true(digest(&f, all_bars) == bars);

    move(&f, INT32_MAX);
    t_double(ask(&f, "select count(*) from snapshot_recent"), 0);
    t_double(ask(&f, "select count(*) from snapshot_history"), ROWS);
    check_rows(&f, rows);
    t_true(digest(&f, all_snapshots) == snapshots);
    t_true(digest(&f, all_trades) == trades);
    t_true(digest(&f, all_bars) == bars);
    fixture_remove(&f);
}

/* Compared with bars computed by a simple query over the trades. */
static void bars_are_exact(void **state)
{
    (void)state;
    struct fixture f = filled(random_rows());
    move_bites(&f, ROWS / MOVER_BITE_ROWS / 2);
    t_double(ask(&f,
                 "with t as (select *, ts_event / 60000000000 as m from trades),"
                 " w as (select symbol, m, first_value(price) over o as open,"
                 "  last_value(price) over o as close, max(price) over o as high,"
                 "  min(price) over o as low, count(*) over o as n, total(size) over o as v from t"
                 "  window o as (partition by symbol, m order by ts_event, seq"
                 "               rows between unbounded preceding and unbounded following))"
                 "select count(*) from (select distinct * from w) w join bars_1m b"
                 " on b.symbol = w.symbol and b.ts_minute = w.m * 60000000000 and b.open = w.open"
                 " and b.close = w.close and b.high = w.high and b.low = w.low and b.trades = w.n"
                 " and coalesce(b.volume, 0) = w.v"),
             ask(&f, "select count(*) from bars_1m"));
    t_double(ask(&f, "select sum(trades) from bars_1m"), ask(&f, "select count(*) from trades"));
    fixture_remove(&f);
}

static void a_trade_seen_twice_is_stored_once(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    for (int round = 0; round < 3; round++) {
        struct store *store = fixture_store(f.path, INSTRUMENTS);
        for (int64_t n = 1; n <= 2; n++) { /* the same last trade, now by the other source */
            struct store_snapshot row = snapshot(0, round * 2 + n, 10);
            row.changed = ENTRY_BIT(ENTRY_LA);
            row.source = n == 1 ? SOURCE_REST : SOURCE_STREAM;
            row.quote.last_price = 101.5;
            row.quote.last_size = n == 1 && round == 2 ? 8 : 7; /* the third time, another size */
            row.quote.ts_last = T0 - 5 * NS_PER_S;
            put_row(store, &row);
        }
        fixture_close(store);
        t_double(ask(&f, "select count(*) from trades"), round == 2 ? 2 : 1);
        move(&f, INT32_MAX);
        t_double(ask(&f, "select count(*) from trades"), round == 2 ? 2 : 1);
    }
    t_double(ask(&f, "select trades from bars_1m"), 2);
    t_double(ask(&f, "select volume from bars_1m"), 15);
    t_double(ask(&f, "select ts_event from trades"), (double)(T0 - 5 * NS_PER_S));
    fixture_remove(&f);
}

static void queries_of_the_views_use_the_key(void **state)
{
    (void)state;
    static const char history[] =
        "SEARCH q USING PRIMARY KEY (instrument_id=? AND ts_recv>? AND ts_recv<?)";
    static const char trade[] = "SEARCH t USING PRIMARY KEY (instrument_id=? AND ts_event>?)";
    static const char bar[] = "SEARCH b USING PRIMARY KEY (instrument_id=? AND ts_minute>?)";
    static const struct {
        const char *query, *plan;
    } rows[] = {
        {"select * from snapshots where symbol = 'S1' and ts_recv between 5 and 9", history},
        {"select avg(bid_price), max(last_price) from snapshots where symbol = 'S1' and ts_recv "
         "between 5 and 9",
         history},
        {"select recv_time, bid_price from snapshots where market = 'ROFX' and symbol = 'S1' and "
         "ts_recv between 5 and 9 order by ts_recv desc limit 10",
         history},
        {"select source, count(*) from snapshots where symbol in ('S1', 'S2') and ts_recv between "
         "5 and 9 group by source",
         history},
        {"select sum(price * size) / sum(size) from trades where symbol = 'S1' and ts_event > 5",
         trade},
        {"select * from bars_1m where symbol = 'S1' and ts_minute > 5", bar},
        {"select max(high) from bars_1m where symbol = 'S1' and ts_minute > 5", bar},
    };
    struct fixture f = fixture_make();
    fixture_close(fixture_store(f.path, INSTRUMENTS));
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char plan[4096];
        t_row(rows[i].query);
        plan_of(&f, rows[i].query, plan, sizeof(plan));
        t_contains(plan, rows[i].plan);
        t_true(!strstr(plan, "SCAN snapshot_history") && !strstr(plan, "SCAN trade\n"));
    }
    t_row("");
    fixture_remove(&f);
}

static void the_writer_moves_rows_when_idle(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    struct rng rng = {.state = 5};
    for (int64_t seq = 1; seq <= 9000; seq++) {
        struct store_snapshot row = random_row(&rng, seq);
        put_row(store, &row);
    }
    time_t until = time(NULL) + PATIENCE_S;
    while (ask(&f, "select count(*) from snapshot_history") < 4096 && time(NULL) < until)
        usleep(1000);
    t_true(ask(&f, "select count(*) from snapshot_history") >= 4096);
    fixture_close(store);
    t_double(ask(&f, "select count(*) from snapshots"), 9000);
    t_double(ask(&f, "select count(distinct seq) from snapshots"), 9000);
    t_double(ask(&f, "select written from ledger"), 9000);
    t_double(ask(&f, "select last_seq from ledger"), 9000);
    t_double(ask(&f, "select dropped from ledger"), 0);
    fixture_remove(&f);
}

static void levels_are_printed_with_all_digits(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    struct store_snapshot row = snapshot(0, 1, 0);
    char text[256];
    row.quote.bids = (struct side){1, {{1.0 / 3, 0.1 + 0.2}}};
    row.quote.offers = (struct side){2, {{15400320.75, 63}, {98765432.10987, 15400320.25}}};
    put_row(store, &row);
    fixture_close(store);
    static const char *const views[] = {"quotes", "snapshots"};
    for (size_t i = 0; i < T_COUNT(views); i++) {
        char sql[64];
        snprintf(sql, sizeof(sql), "SELECT bids || ' ' || offers FROM %s", views[i]);
        t_row(views[i]);
        t_true(ask_text(&f, sql, text, sizeof(text)));
        t_str(text, "[[0.3333333333333333,0.30000000000000004]] "
                    "[[15400320.75,63],[98765432.10987,15400320.25]]");
    }
    t_row("book");
    t_double(ask(&f, "SELECT price FROM book WHERE side = 'bid'"), 1.0 / 3);
    t_double(ask(&f, "SELECT size FROM book WHERE side = 'bid'"), 0.1 + 0.2);
    t_double(ask(&f, "SELECT price FROM book WHERE side = 'offer' AND level = 2"), 98765432.10987);
    t_double(ask(&f, "SELECT count(*) FROM book WHERE typeof(price) = 'real' "
                     "AND typeof(size) = 'real'"),
             3);
    t_row("");
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),
        cmocka_unit_test(values_are_unchanged_before_and_after_the_move),
        cmocka_unit_test(bars_are_exact),
        cmocka_unit_test(a_trade_seen_twice_is_stored_once),
        cmocka_unit_test(queries_of_the_views_use_the_key),
        cmocka_unit_test(the_writer_moves_rows_when_idle),
        cmocka_unit_test(levels_are_printed_with_all_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
