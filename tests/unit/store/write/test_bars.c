/* Trades that are collected in memory make the same bars as trades that are written one by one. */
#include "store/write/bars.h"

#include "base/clock.h"
#include "base/rng.h"
#include "store/write/database.h"
#include "support/store_fixture.h"

#include <math.h>

#define TRADES 4000

static struct store_trade random_trade(struct rng *rng, int64_t n)
{
    int64_t ago_s = rng_below(rng, 4) ? 0 : rng_below(rng, 90);
    return (struct store_trade){
        .instrument_id = rng_below(rng, 2),
        .seq = rng_below(rng, 3) ? n : -n,
        .trade = {.ts_event = T0 + (n - ago_s) * NS_PER_S,
                  .price = (double)rng_below(rng, 9) / 3,
                  .size = rng_below(rng, 3) ? (double)rng_below(rng, 9) : NAN}};
}

/* Writes the same trades, in groups of at most `most`, into a new database. */
static void write_trades(struct fixture *f, int64_t most)
{
    struct rng rng = {.state = 4};
    struct database database;
    struct bars bars;
    struct err err;
    struct bar bar = {0};
    *f = fixture_make();
    t_int(database_open(&database, f->path, false, &err), 0);
    t_int(bars_open(&bars, database.db, &err), 0);
    t_int(sqlite3_exec(database.db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    for (int64_t n = 1; n <= TRADES; n++) {
        const struct store_trade row = random_trade(&rng, n);
        if (bar.trades && bar.trades < most && bar_join(&bar, &row))
            continue;
        if (bar.trades)
            t_int(bars_put(&bars, &bar), SQLITE_OK);
        bar = bar_of(&row);
    }
    t_int(bars_put(&bars, &bar), SQLITE_OK);
    t_int(sqlite3_exec(database.db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    bars_close(&bars);
    database_close(&database);
}

static void compare(void **state)
{
    (void)state;
    static const char text[] =
        "SELECT group_concat(instrument_id || ' ' || ts_minute || ' ' || ts_open || ' ' || "
        "ts_close "
        "|| ' ' || open || ' ' || high || ' ' || low || ' ' || close || ' ' || "
        "coalesce(volume, '-') || ' ' || trades || ' ' || last_seq || ' ' || last_listed, ', ') "
        "FROM bar_1m";
    static char single[65536], collected[65536];
    struct fixture f;
    write_trades(&f, 1);
    t_true(ask_text(&f, text, single, sizeof(single)));
    t_double(ask(&f, "SELECT sum(trades) FROM bar_1m"), TRADES);
    fixture_remove(&f);
    static const int64_t groups[] = {2, 5, TRADES};
    for (size_t i = 0; i < T_COUNT(groups); i++) {
        write_trades(&f, groups[i]);
        t_true(ask_text(&f, text, collected, sizeof(collected)));
        t_str(collected, single);
        fixture_remove(&f);
    }
}

static void a_trade_of_another_bar_does_not_join(void **state)
{
    (void)state;
    const struct store_trade row = {
        .instrument_id = 3, .seq = 7, .trade = {T0, 1.5, NAN, TRADE_FROM_REST}};
    struct store_trade next = row;
    struct bar bar = bar_of(&row);
    t_true(bar_join(&bar, &next));
    t_int(bar.trades, 2);
    t_double(bar.volume, NAN);
    next.trade.size = 4;
    t_true(bar_join(&bar, &next));
    t_double(bar.volume, 4);
    next.instrument_id = 4;
    t_true(!bar_join(&bar, &next));
    next.instrument_id = 3;
    next.trade.ts_event = T0 + 60 * NS_PER_S;
    t_true(!bar_join(&bar, &next));
    t_int(bar.trades, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare),
        cmocka_unit_test(a_trade_of_another_bar_does_not_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
