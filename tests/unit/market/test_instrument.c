#include "market/instrument.h"

#include "support/t.h"

#include <math.h>

static const struct tick_range ticks[] = {{0, 500, 0.05}, {500, NAN, 10}},
                               other_ticks[] = {{0, 500, 0.05}, {500, NAN, 5}};

static struct instrument future(void)
{
    struct instrument i = instrument_unknown;
    i.market_id = "ROFX";
    i.symbol = "DLR/NOV26";
    i.price_tick = 0.5;
    i.multiplier = 1000;
    i.low_limit = 1200;
    i.high_limit = 1900;
    i.maturity = "20261130";
    i.currency = "ARS";
    return i;
}

static void nothing_is_known(void **state)
{
    (void)state;
    t_true(isnan(instrument_unknown.price_tick) && isnan(instrument_unknown.strike));
    t_true(!instrument_unknown.symbol && !instrument_unknown.listed);
    t_int(instrument_unknown.price_digits, -1);
}

static void what_is_missing_is_filled(void **state)
{
    (void)state;
    struct instrument known = future(), read = instrument_unknown;
    known.ranges = ticks;
    known.ranges_count = 2;
    known.price_digits = 3;
    known.ts_listed = 7;
    known.listed = true;
    read.symbol = "OTHER";
    read.price_tick = 0.1;
    read.currency = "USD";
    instrument_fill(&read, &known);
    t_str(read.symbol, "OTHER");
    t_str(read.market_id, NULL);
    t_double(read.price_tick, 0.1);
    t_double(read.multiplier, 1000);
    t_str(read.currency, "USD");
    t_str(read.maturity, "20261130");
    t_int(read.price_digits, 3);
    t_int(read.ranges_count, 2);
    t_int(read.ts_listed, 0);
    t_true(!read.listed);
}

struct change {
    const char *name;
    void (*make)(struct instrument *i);
    unsigned kinds;
    const char *words;
};

static void none(struct instrument *i)
{
    (void)i;
}
static void tick(struct instrument *i)
{
    i->price_tick = 0.1;
}
static void tick_and_multiplier(struct instrument *i)
{
    i->price_tick = 0.1;
    i->multiplier = 100;
}
static void limits(struct instrument *i)
{
    i->low_limit = 1250.5;
    i->high_limit = 1950;
}
static void tick_and_limit(struct instrument *i)
{
    i->price_tick = 1;
    i->high_limit = 1950;
}
static void maturity(struct instrument *i)
{
    i->maturity = "20261127";
}
static void description(struct instrument *i)
{
    i->description = "another";
}
static void tick_unknown(struct instrument *i)
{
    i->price_tick = NAN;
    i->currency = NULL;
}
static void size_known(struct instrument *i)
{
    i->max_size = 5000;
}

static void changes(void **state)
{
    (void)state;
    static const struct change rows[] = {
        {"none", none, 0, ""},
        {"tick", tick, INSTRUMENT_TERMS, "price tick 0.5 -> 0.1"},
        {"tick and multiplier", tick_and_multiplier, INSTRUMENT_TERMS,
         "price tick 0.5 -> 0.1, contract multiplier 1000 -> 100"},
        {"limits", limits, INSTRUMENT_LIMITS, "low limit 1200 -> 1250.5, high limit 1900 -> 1950"},
        {"tick and limit", tick_and_limit, INSTRUMENT_TERMS | INSTRUMENT_LIMITS,
         "price tick 0.5 -> 1, high limit 1900 -> 1950"},
        {"maturity", maturity, INSTRUMENT_TERMS, "maturity 20261130 -> 20261127"},
        {"a description is not reported", description, 0, ""},
        {"a value that is not known any more", tick_unknown, 0, ""},
        {"a value that is known now", size_known, 0, ""},
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct instrument before = future(), after = future();
        struct buf words;
        t_row(rows[r].name);
        rows[r].make(&after);
        buf_init(&words, 1000);
        t_int(instrument_changes(&before, &after, INSTRUMENT_TERMS | INSTRUMENT_LIMITS, &words),
              rows[r].kinds);
        t_str(buf_text(&words), rows[r].words);
        buf_finish(&words);
    }
}

static void only_the_wanted_kinds_are_described(void **state)
{
    (void)state;
    struct instrument before = future(), after = future();
    struct buf words;
    buf_init(&words, 1000);
    tick_and_limit(&after);
    t_int(instrument_changes(&before, &after, INSTRUMENT_TERMS, &words),
          INSTRUMENT_TERMS | INSTRUMENT_LIMITS);
    t_str(buf_text(&words), "price tick 0.5 -> 1");
    buf_clear(&words);
    t_int(instrument_changes(&before, &after, 0, &words), INSTRUMENT_TERMS | INSTRUMENT_LIMITS);
    t_str(buf_text(&words), "");
    buf_finish(&words);
}

static void ticks_by_price(void **state)
{
    (void)state;
    struct instrument before = future(), after = future();
    struct buf words;
    buf_init(&words, 1000);
    before.ranges = after.ranges = ticks;
    before.ranges_count = 2;
    t_int(instrument_changes(&before, &after, INSTRUMENT_TERMS, &words), 0);
    after.ranges_count = 2;
    t_int(instrument_changes(&before, &after, INSTRUMENT_TERMS, &words), 0);
    after.ranges = other_ticks;
    t_int(instrument_changes(&before, &after, INSTRUMENT_TERMS, &words), INSTRUMENT_TERMS);
    t_str(buf_text(&words), "ticks by price range");
    after.ranges_count = 1;
    t_int(instrument_changes(&before, &after, 0, &words), INSTRUMENT_TERMS);
    buf_finish(&words);
}

static void decimals(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int digits;
        double tick;
        int ranges, decimals;
    } rows[] = {
        {"unknown", -1, NAN, 0, -1},
        {"the broker says", 3, 0.5, 0, 3},
        {"the broker says none", 0, 0.5, 2, 0},
        {"by the tick", -1, 0.5, 0, 1},
        {"a whole tick", -1, 25, 0, 0},
        {"a tick in thousandths", -1, 0.001, 0, 3},
        {"a tick of a cryptocurrency", -1, 1e-8, 0, 8},
        {"a small tick of two digits", -1, 2.5e-7, 0, 8},
        {"a tick below all precision", -1, 1e-15, 0, -1},
        {"a huge tick", -1, 1e16, 0, 0},
        {"by the ticks of its ranges", -1, 5, 2, 2},
        {"only ranges", -1, NAN, 2, 2},
        {"a tick that is no decimal", -1, 1.0 / 3, 0, -1},
    };
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct instrument i = instrument_unknown;
        t_row(rows[r].name);
        i.price_digits = rows[r].digits;
        i.price_tick = rows[r].tick;
        i.ranges = ticks;
        i.ranges_count = rows[r].ranges;
        t_int(instrument_decimals(&i), rows[r].decimals);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known), cmocka_unit_test(what_is_missing_is_filled),
        cmocka_unit_test(changes),          cmocka_unit_test(only_the_wanted_kinds_are_described),
        cmocka_unit_test(ticks_by_price),   cmocka_unit_test(decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
