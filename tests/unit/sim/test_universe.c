#include "sim/universe.h"

#include "support/t.h"

#include "base/clock.h"
#include "primary/reference.h"

#include <stdlib.h>

#define DAY(day) ((day)*NS_PER_DAY + 15 * 3600 * NS_PER_S) /* noon in Argentina */
#define NOV_23   DAY(20780)                                /* 2026-11-23, a Monday */

static struct sim_instrument *made(int count, int64_t now_ns)
{
    struct sim_instrument *list = calloc((size_t)count, sizeof(*list));
    t_true(list != NULL);
    t_int(universe_make(list, count, now_ns), count);
    return list;
}

static int find(const struct sim_instrument *list, int count, const char *symbol)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(list[i].symbol, symbol) == 0)
            return i;
    }
    return -1;
}

static void the_list_has_the_given_length(void **state)
{
    static const int counts[] = {1, 2, 6, 7, 8, 100, 1360, 9684, UNIVERSE_MAX};
    (void)state;
    for (size_t i = 0; i < T_COUNT(counts); i++) {
        static char name[16];
        snprintf(name, sizeof(name), "%d", counts[i]);
        t_row(name);
        free(made(counts[i], NOV_23));
    }
}

static int by_symbol(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void symbols_are_valid_and_unique(void **state)
{
    (void)state;
    struct sim_instrument *list = made(UNIVERSE_MAX, NOV_23);
    const char **symbols = calloc(UNIVERSE_MAX, sizeof(*symbols));
    for (int i = 0; i < UNIVERSE_MAX; i++) {
        t_row(list[i].symbol);
        t_true(reference_symbol_valid(list[i].symbol));
        t_true(list[i].reference.symbol == list[i].symbol);
        symbols[i] = list[i].symbol;
    }
    qsort(symbols, UNIVERSE_MAX, sizeof(*symbols), by_symbol);
    for (int i = 1; i < UNIVERSE_MAX; i++) {
        t_row(symbols[i]);
        t_true(strcmp(symbols[i - 1], symbols[i]) != 0);
    }
    free(symbols);
    free(list);
}

static void the_first_instruments_are_well_known(void **state)
{
    static const struct row {
        const char *symbol, *segment, *cfi_code;
        enum sim_kind kind;
    } rows[] = {
        /* clang-format off */
        {"DLR/NOV26",                 "DDF",  "FXXXSX", SIM_FUTURE},
        {"DLR/DIC26",                 "DDF",  "FXXXSX", SIM_FUTURE},
        {"MERV - XMEV - AL30 - 24hs", "MERV", "DBXXXX", SIM_BOND},
        {"MERV - XMEV - GD30 - 24hs", "MERV", "DBXXXX", SIM_BOND},
        {"MERV - XMEV - GGAL - 24hs", "MERV", "ESXXXX", SIM_SHARE},
        {"MERV - XMEV - PESOS - 1D",  "MERV", "RPXXXX", SIM_REPO},
        {"I.RFX20",                   "RFXI", "MRIXXX", SIM_INDEX},
        /* clang-format on */
    };
    (void)state;
    struct sim_instrument *list = made(T_COUNT(rows), NOV_23);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].symbol);
        t_str(list[i].symbol, rows[i].symbol);
        t_str(list[i].reference.market_id, "ROFX");
        t_str(list[i].reference.segment, rows[i].segment);
        t_str(list[i].reference.cfi_code, rows[i].cfi_code);
        t_int(list[i].kind, rows[i].kind);
        t_int(list[i].life, LIFE_FULL);
    }
    free(list);
}

static void every_kind_life_and_empty_value_occurs(void **state)
{
    static const char *const symbols[] = {"MERV - XMEV - S31M7 - CI",
                                          "MERV - XMEV - AAPL - 24hs",
                                          "MERV - XMEV - DOLAR - 1D",
                                          "MERV - XMEV - PESOS - 7D",
                                          "MERV - XMEV - AL30D - CI",
                                          "MERV - XMEV - I.MERVAL",
                                          "SOJ.ROS/DIC26",
                                          "GGAL/NOV26",
                                          "DLR/NOV27"};
    int kinds[6] = {0}, lives[4] = {0}, spellings[3] = {0};
    (void)state;
    struct sim_instrument *list = made(1000, NOV_23);
    for (int i = 0; i < 1000; i++) {
        kinds[list[i].kind]++;
        lives[list[i].life]++;
        spellings[list[i].empty]++;
    }
    for (int i = 0; i < 6; i++)
        t_true(kinds[i] > 0);
    for (int i = 0; i < 3; i++)
        t_true(spellings[i] > 300);
    for (int i = 0; i < 4; i++)
        t_true(lives[i] > 50);
    t_true(lives[LIFE_EMPTY] > 250 && lives[LIFE_EMPTY] < 400); /* about a third */
    for (size_t i = 0; i < T_COUNT(symbols); i++) {
        t_row(symbols[i]);
        t_true(find(list, 1000, symbols[i]) >= 0);
    }
    free(list);
}

static bool digits(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789") == len;
}

static void check_reference(const struct sim_instrument *i)
{
    const struct instrument *r = &i->reference;
    t_true(r->market_id && r->segment && r->cfi_code && r->currency);
    t_int(strlen(r->cfi_code), 6);
    t_true(isfinite(i->start_price) && i->start_price > 0);
    t_true(i->typical_size > 0);
    t_true(r->price_tick > 0 && r->size_step > 0 && r->multiplier > 0 && r->price_factor > 0);
    t_true(r->low_limit <= i->start_price && i->start_price <= r->high_limit);
    t_true(r->min_size <= r->max_size && r->round_lot > 0);
    t_true(isnan(r->strike) == (i->kind != SIM_OPTION));
    t_true(!r->maturity || (r->maturity == i->maturity && digits(r->maturity, 8)));
    t_true(r->maturity || (i->kind != SIM_FUTURE && i->kind != SIM_OPTION && i->kind != SIM_BOND));
    t_true(r->settl_type == NULL || strncmp(i->symbol, "MERV - XMEV - ", 14) == 0);
    for (int n = 0; n < r->ranges_count; n++) {
        t_true(r->ranges[n].tick > 0);
        t_true(n == 0 || r->ranges[n].from == r->ranges[n - 1].to);
        t_true(isnan(r->ranges[n].to) == (n == r->ranges_count - 1));
    }
}

static void reference_data_is_complete(void **state)
{
    (void)state;
    struct sim_instrument *list = made(UNIVERSE_MAX, NOV_23);
    for (int i = 0; i < UNIVERSE_MAX; i++) {
        t_row(list[i].symbol);
        check_reference(&list[i]);
    }
    free(list);
}

/* --- the calendar ----------------------------------------------------------------------------- */

static void the_near_future_has_not_expired(void **state)
{
    static const struct row {
        const char *name;
        int64_t now_ns;
        const char *first, *maturity, *second;
    } rows[] = {
        /* clang-format off */
        {"mid-month",                        DAY(20780),          "DLR/NOV26", "20261130", "DLR/DIC26"},
        {"the last weekday",                 DAY(20787),          "DLR/NOV26", "20261130", "DLR/DIC26"},
        {"the day after",                    DAY(20788),          "DLR/DIC26", "20261231", "DLR/ENE27"},
        {"over the end of the year",         DAY(20819),          "DLR/ENE27", "20270129", "DLR/FEB27"},
        {"a month that ends on a Sunday",    DAY(20843),          "DLR/ENE27", "20270129", "DLR/FEB27"},
        {"last weekday is a Friday",          DAY(20847),          "DLR/ENE27", "20270129", "DLR/FEB27"},
        {"the Saturday after it",            DAY(20848),          "DLR/FEB27", "20270226", "DLR/MAR27"},
        {"a leap year",                      DAY(21228),          "DLR/FEB28", "20280229", "DLR/MAR28"},
        {"22:00 of the last day, UTC-3",     20788 * NS_PER_DAY + 3600 * NS_PER_S,
                                                                  "DLR/NOV26", "20261130", "DLR/DIC26"},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct sim_instrument *list = made(2, rows[i].now_ns);
        t_str(list[0].symbol, rows[i].first);
        t_str(list[0].reference.maturity, rows[i].maturity);
        t_str(list[1].symbol, rows[i].second);
        free(list);
    }
}

static void check_same(const struct sim_instrument *a, const struct sim_instrument *b)
{
    t_row(a->symbol);
    t_str(a->symbol, b->symbol);
    t_str(a->maturity, b->maturity);
    t_str(a->reference.segment, b->reference.segment);
    t_str(a->reference.cfi_code, b->reference.cfi_code);
    t_double(a->reference.price_tick, b->reference.price_tick);
    t_double(a->reference.strike, b->reference.strike);
    t_double(a->start_price, b->start_price);
    t_double(a->typical_size, b->typical_size);
    t_int(a->kind, b->kind);
    t_int(a->life, b->life);
    t_int(a->empty, b->empty);
}

static void the_same_day_and_count_make_the_same_list(void **state)
{
    (void)state;
    struct sim_instrument *a = made(2000, NOV_23), *b = made(2000, NOV_23 + 3600 * NS_PER_S);
    for (int i = 0; i < 2000; i++)
        check_same(&a[i], &b[i]);
    free(b);
    b = made(500, NOV_23); /* a shorter list is the start of a longer one */
    for (int i = 0; i < 500; i++)
        check_same(&a[i], &b[i]);
    free(a);
    free(b);
}

static void complete_lists_for_every_day_of_two_years(void **state)
{
    (void)state;
    struct sim_instrument *list = calloc(600, sizeof(*list));
    for (int day = 0; day < 730; day += 5) {
        static char name[16];
        snprintf(name, sizeof(name), "day %d", day);
        t_row(name);
        t_int(universe_make(list, 600, NOV_23 + day * NS_PER_DAY), 600);
        for (int i = 0; i < 600; i++)
            check_reference(&list[i]);
        t_int(find(list + 1, 599, list[0].symbol), -1);
    }
    free(list);
}

/* Row names point to symbols that are freed at the end of the test. */
static int forget_row(void **state)
{
    (void)state;
    t_row("");
    return 0;
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup(test, forget_row)
    const struct CMUnitTest tests[] = {
        TEST(the_list_has_the_given_length),
        TEST(symbols_are_valid_and_unique),
        TEST(the_first_instruments_are_well_known),
        TEST(every_kind_life_and_empty_value_occurs),
        TEST(reference_data_is_complete),
        TEST(the_near_future_has_not_expired),
        TEST(the_same_day_and_count_make_the_same_list),
        TEST(complete_lists_for_every_day_of_two_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
