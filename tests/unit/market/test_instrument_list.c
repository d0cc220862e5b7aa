#include "market/instrument_list.h"

#include "support/t.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static struct instrument named(const char *market_id, const char *symbol)
{
    struct instrument i = instrument_unknown;
    i.market_id = market_id;
    i.symbol = symbol;
    return i;
}

static void all_is_copied(void **state)
{
    (void)state;
    struct tick_range range = {0, NAN, 0.05};
    char symbol[] = "DLR/NOV26", currency[] = "ARS", description[] = "Dollar";
    struct instrument_list *list = instrument_list_create();
    struct instrument i = named("ROFX", symbol);
    i.currency = currency;
    i.description = description;
    i.price_tick = 0.5;
    i.ranges = &range;
    i.ranges_count = 1;
    t_int(instrument_list_put(list, &i), 0);
    memset(symbol, 'x', sizeof(symbol) - 1);
    memset(currency, 'x', sizeof(currency) - 1);
    memset(description, 'x', sizeof(description) - 1);
    range.tick = 9;
    const struct instrument *found = instrument_list_find(list, "ROFX", "DLR/NOV26");
    t_true(found == instrument_list_at(list, 0));
    t_str(found->symbol, "DLR/NOV26");
    t_str(found->currency, "ARS");
    t_str(found->description, "Dollar");
    t_double(found->ranges[0].tick, 0.05);
    t_double(found->price_tick, 0.5);
    t_str(found->segment, NULL);
    instrument_list_release(list);
}

static void the_same_text_twice(void **state)
{
    (void)state;
    struct instrument_list *list = instrument_list_create();
    struct instrument a = named("ROFX", "A"), b = named("ROFX", "B");
    a.description = "A";
    a.currency = b.currency = "ARS";
    b.description = "A";
    t_int(instrument_list_put(list, &a), 0);
    t_int(instrument_list_put(list, &b), 0);
    t_str(instrument_list_at(list, 0)->description, "A");
    t_str(instrument_list_at(list, 1)->description, "A");
    t_true(instrument_list_at(list, 0)->currency == instrument_list_at(list, 1)->currency);
    instrument_list_release(list);
}

static void market_and_symbol_identify(void **state)
{
    (void)state;
    struct instrument_list *list = instrument_list_create();
    struct instrument a = named("ROFX", "A"), b = named("MERV", "A"), again = named("ROFX", "A");
    again.currency = "USD";
    t_true(!instrument_list_find(list, "ROFX", "A"));
    t_true(!instrument_list_find(NULL, "ROFX", "A"));
    t_int(instrument_list_put(list, &a), 0);
    t_int(instrument_list_put(list, &b), 0);
    t_int(instrument_list_put(list, &again), 0);
    t_int(instrument_list_count(list), 2);
    t_int(instrument_list_count(NULL), 0);
    t_str(instrument_list_at(list, 0)->currency, "USD");
    t_str(instrument_list_at(list, 1)->market_id, "MERV");
    t_true(!instrument_list_find(list, "ROFX", "a"));
    t_true(!instrument_list_find(list, "", ""));
    instrument_list_release(list);
}

static void many(void **state)
{
    (void)state;
    struct instrument_list *list = instrument_list_create();
    char symbol[32];
    for (int n = 0; n < INSTRUMENT_LIST_MAX; n++) {
        snprintf(symbol, sizeof(symbol), "S/%d", n);
        struct instrument i = named("ROFX", symbol);
        i.strike = n;
        t_int(instrument_list_put(list, &i), 0);
    }
    struct instrument more = named("ROFX", "one more"), known = named("ROFX", "S/7");
    t_int(instrument_list_put(list, &more), -E2BIG);
    t_int(instrument_list_put(list, &known), 0);
    t_int(instrument_list_count(list), INSTRUMENT_LIST_MAX);
    for (int n = 0; n < INSTRUMENT_LIST_MAX; n += 997) {
        snprintf(symbol, sizeof(symbol), "S/%d", n);
        const struct instrument *found = instrument_list_find(list, "ROFX", symbol);
        t_true(found && (n == 7 || found->strike == n));
    }
    instrument_list_release(list);
}

static void segments(void **state)
{
    (void)state;
    struct instrument_list *list = instrument_list_create();
    char id[] = "DDF";
    const struct market_segment ddf = {"ROFX", id, 1, true}, again = {"ROFX", "DDF", 2, false},
                                other = {"MERV", "DDF", 3, true};
    t_int(instrument_list_segments(NULL), 0);
    t_int(instrument_list_put_segment(list, &ddf), 0);
    id[0] = 'X';
    t_int(instrument_list_put_segment(list, &other), 0);
    t_int(instrument_list_put_segment(list, &again), 0);
    t_int(instrument_list_segments(list), 2);
    t_str(instrument_list_segment(list, 0)->id, "DDF");
    t_int(instrument_list_segment(list, 0)->ts_listed, 2);
    t_true(!instrument_list_find_segment(list, "ROFX", "DDF")->listed);
    t_true(instrument_list_find_segment(list, "MERV", "DDF")->listed);
    t_true(!instrument_list_find_segment(list, "ROFX", "ddf"));
    t_true(!instrument_list_find_segment(NULL, "ROFX", "DDF"));
    for (int n = 2; n < SEGMENTS_MAX; n++) {
        char name[16];
        snprintf(name, sizeof(name), "S%d", n);
        t_int(instrument_list_put_segment(list, &(struct market_segment){"ROFX", name, 0, true}),
              0);
    }
    t_int(instrument_list_put_segment(list, &(struct market_segment){"ROFX", "more", 0, true}),
          -E2BIG);
    t_int(instrument_list_count(list), 0);
    instrument_list_release(list);
}

static void the_last_release_frees(void **state)
{
    (void)state;
    struct instrument_list *list = instrument_list_create();
    struct instrument i = named("ROFX", "A");
    t_int(instrument_list_put(list, &i), 0);
    t_true(instrument_list_share(list) == list);
    instrument_list_release(list);
    t_int(instrument_list_count(list), 1);
    instrument_list_release(list);
    instrument_list_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_copied),
        cmocka_unit_test(the_same_text_twice),
        cmocka_unit_test(market_and_symbol_identify),
        cmocka_unit_test(many),
        cmocka_unit_test(segments),
        cmocka_unit_test(the_last_release_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
