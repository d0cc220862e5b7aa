#include "market/trade.h"

#include "base/clock.h"
#include "support/t.h"

#define T INT64_C(1795446000000000000)

static const uint32_t la = ENTRY_BIT(ENTRY_LA);
static const uint32_t book = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF);

static void a_change_of_the_last_trade_with_a_price_is_a_trade(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t changed;
        double price, size;
        bool shown;
    } rows[] = {
        {"price and size", ENTRY_BIT(ENTRY_LA), 101.5, 7, true},
        {"with other entries", ENTRY_ALL, 101.5, 7, true},
        {"without a size", ENTRY_BIT(ENTRY_LA), 101.5, NAN, true},
        {"a price of 0", ENTRY_BIT(ENTRY_LA), 0, 7, true},
        {"a negative price, of a spread", ENTRY_BIT(ENTRY_LA), -3, 7, true},
        {"LA became null", ENTRY_BIT(ENTRY_LA), NAN, NAN, false},
        {"a size without a price", ENTRY_BIT(ENTRY_LA), NAN, 7, false},
        {"only the book changed", ENTRY_ALL & ~ENTRY_BIT(ENTRY_LA), 101.5, 7, false},
        {"a state that was carried over", 0, 101.5, 7, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct trade_report report = {rows[i].changed, SOURCE_STREAM, T, 0, T,
                                            rows[i].price,   rows[i].size};
        struct trade trade = {0};
        t_row(rows[i].name);
        t_int(trade_shown(&report, &trade), rows[i].shown);
        if (!rows[i].shown)
            continue;
        t_double(trade.price, rows[i].price);
        t_double(trade.size, rows[i].size);
        t_int(trade.origin, TRADE_FROM_STREAM);
    }
    t_row("");
    t_true(!(book & TRADE_ENTRIES) && (la & TRADE_ENTRIES));
}

static void its_time_is_the_most_exact_one_known(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t ts_recv, ts_event, ts_last, expected;
    } rows[] = {
        {"its own", T + 9, T + 2 * NS_PER_S, T + NS_PER_S, T + NS_PER_S},
        {"its own, of an earlier day", T, T, T - 90000 * NS_PER_S, T - 90000 * NS_PER_S},
        {"of the message", T + 9, T + 2 * NS_PER_S, 0, T + 2 * NS_PER_S},
        {"of the arrival, in milliseconds", T + 3 * NS_PER_MS + 999999, 0, 0, T + 3 * NS_PER_MS},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct trade_report report = {ENTRY_BIT(ENTRY_LA),
                                            SOURCE_REST,
                                            rows[i].ts_recv,
                                            rows[i].ts_event,
                                            rows[i].ts_last,
                                            1,
                                            1};
        struct trade trade;
        t_row(rows[i].name);
        t_true(trade_shown(&report, &trade));
        t_int(trade.ts_event, rows[i].expected);
    }
    t_row("");
}

static void a_trade_is_known_by_time_price_and_size(void **state)
{
    (void)state;
    const struct trade trade = {T, 101.5, 7, TRADE_FROM_REST};
    static const struct {
        const char *name;
        struct trade other;
        bool same;
    } rows[] = {
        {"sent again", {T, 101.5, 7, TRADE_FROM_REST}, true},
        {"by the other source", {T, 101.5, 7, TRADE_FROM_STREAM}, true},
        {"from the list of trades", {T, 101.5, 7, TRADE_FROM_HISTORY}, true},
        {"a millisecond later", {T + NS_PER_MS, 101.5, 7, TRADE_FROM_REST}, false},
        {"another price", {T, 101.25, 7, TRADE_FROM_REST}, false},
        {"another size", {T, 101.5, 8, TRADE_FROM_REST}, false},
        {"no size", {T, 101.5, NAN, TRADE_FROM_REST}, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(trade_same(&trade, &rows[i].other), rows[i].same);
        t_int(trade_same(&rows[i].other, &trade), rows[i].same);
    }
    t_row("");
    const struct trade unsized = {T, 101.5, NAN, TRADE_FROM_REST};
    t_true(trade_same(&unsized, &unsized));
}

static void a_bar_is_of_one_minute(void **state)
{
    (void)state;
    t_int(trade_minute(T), T);
    t_int(trade_minute(T + 60 * NS_PER_S - 1), T);
    t_int(trade_minute(T + 60 * NS_PER_S), T + 60 * NS_PER_S);
}

static void origins_have_the_names_of_the_view(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "rest", "stream", "matriz", "history", NULL};
    for (int64_t i = 0; i < (int64_t)T_COUNT(names); i++) {
        const char *name = trade_origin_name(i);
        t_str(name ? name : "none", names[i] ? names[i] : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_the_last_trade_with_a_price_is_a_trade),
        cmocka_unit_test(its_time_is_the_most_exact_one_known),
        cmocka_unit_test(a_trade_is_known_by_time_price_and_size),
        cmocka_unit_test(a_bar_is_of_one_minute),
        cmocka_unit_test(origins_have_the_names_of_the_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
