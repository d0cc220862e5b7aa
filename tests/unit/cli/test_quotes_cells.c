#include "cli/quotes_cells.h"

#include "base/clock.h"
#include "quotes_rows.h"
#include "support/t.h"

#define NOW                                                                                        \
    (INT64_C(1795402800) * NS_PER_S + 12 * 3600 * NS_PER_S) /* 2026-11-23 12:00 in Argentina */

static const char *cell(struct quotes_cells *cells, const char *name, enum quotes_unit unit,
                        const struct reader_value *values, int columns)
{
    static char text[QUOTES_CELL_BYTES];
    struct quotes_column column = {.unit = unit};
    snprintf(column.name, sizeof(column.name), "%s", name);
    const struct quotes_decimals *decimals = quotes_cells_note(cells, columns, values);
    const struct quotes_row row = {values, columns, decimals};
    return quotes_cell(cells, &column, &row, text);
}

static void ages(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        double age_s, stale_s;
        const char *text;
    } rows[] = {
        {"now", 0, 30, "0.0s"},
        {"seconds", 9.94, 30, "9.9s"},
        {"whole seconds", 10.2, 30, "10s"},
        {"stale", 30.4, 30, "! 30s"},
        {"two minutes", 119.6, 3600, "2m"},
        {"an hour", 3600, 7200, "60m"},
        {"hours", 7200, 9000, "2h"},
        {"days", 3 * 86400, 90, "! 3d"},
        {"slightly ahead", -4.9, 30, "0.0s"},
        {"ahead", -5.1, 30, "+5.1s"},
        {"the clock was set back by an hour", -3600, 30, "+60m"},
        {"a day ahead is not stale", -86400, 30, "+24h"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[QUOTES_CELL_BYTES];
        t_row(rows[i].name);
        t_str(
            quotes_age_text(text, (int64_t)(rows[i].age_s * 1e9), (int64_t)(rows[i].stale_s * 1e9)),
            rows[i].text);
    }
}

static void unrecorded_instruments_are_never_stale(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW, .stale_ns = 30 * NS_PER_S};
    char stamp[32];
    snprintf(stamp, sizeof(stamp), "%lld", (long long)(NOW - 3600 * NS_PER_S));
    struct reader_value row[] = {TEXT("symbol", "A"), NUMBER("ts_seen", stamp),
                                 NUMBER("recorded", "0")};
    t_str(cell(&cells, "ts_seen", QUOTES_AGE, row, 3), "60m");
    row[2].text = "1";
    t_str(cell(&cells, "ts_seen", QUOTES_AGE, row, 3), "! 60m");
    t_str(cell(&cells, "ts_seen", QUOTES_AGE, row, 2), "! 60m"); /* an older database */
    quotes_cells_finish(&cells);
}

static void closed_markets_are_never_stale(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW, .stale_ns = 30 * NS_PER_S};
    char stamp[32];
    snprintf(stamp, sizeof(stamp), "%lld", (long long)(NOW - 3600 * NS_PER_S));
    struct reader_value row[] = {TEXT("symbol", "A"), NUMBER("ts_seen", stamp),
                                 NUMBER("recorded", "1")};
    quotes_cells_quiet(&cells, "A", true);
    t_str(cell(&cells, "ts_seen", QUOTES_AGE, row, 3), "60m");
    quotes_cells_quiet(&cells, "A", false);
    t_str(cell(&cells, "ts_seen", QUOTES_AGE, row, 3), "! 60m");
    quotes_cells_finish(&cells);
}

static void prices_of_an_instrument_have_the_same_decimals(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW};
    struct reader_value dollar[] = {TEXT("symbol", "DLR/DIC26"), NUMBER("bid_price", "1599"),
                                    NUMBER("offer_price", "1598.5"), NUMBER("bid_size", "7"),
                                    NUMBER("high_price", "1600")};
    struct reader_value bond[] = {TEXT("symbol", "MERV - XMEV - AL30 - 24hs"),
                                  NUMBER("bid_price", "88150"), NUMBER("bid_size", "10")};
    t_str(cell(&cells, "bid_price", QUOTES_PRICE, dollar, 5), "1599.0");
    t_str(cell(&cells, "offer_price", QUOTES_PRICE, dollar, 5), "1598.5");
    t_str(cell(&cells, "high_price", QUOTES_PRICE, dollar, 5), "1600.0");
    t_str(cell(&cells, "bid_size", QUOTES_SIZE, dollar, 5), "7");
    t_str(cell(&cells, "bid_price", QUOTES_PRICE, bond, 3), "88150");
    dollar[2].text = "1598"; /* no decimals now, but the number of decimals stays */
    t_str(cell(&cells, "bid_price", QUOTES_PRICE, dollar, 5), "1599.0");
    t_str(cell(&cells, "offer_price", QUOTES_PRICE, dollar, 5), "1598.0");
    t_int(cells.decimals_count, 2);
    quotes_cells_finish(&cells);
}

/* No digit of a number is omitted, in any notation. */
static void numbers_keep_all_their_digits(void **state)
{
    (void)state;
    static const struct row {
        const char *price, *other, *text;
    } rows[] = {
        {"1.5", "2.125", "1.500"},
        {"-3", "2.5", "-3.0"},
        {"0", "2.5", "0.0"},
        {"0.1234567890123", "2.5", "0.1234567890123"},
        {"2.5", "0.1234567890123", "2.5"},
        {"1e+20", "2.5", "1e+20"},
        {"1.5e-07", "2.5", "1.5e-07"},
        {"2.5", "1.5e-07", "2.5"},
        {"123456789012345", "0.12345678", "123456789012345.00000000"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quotes_cells cells = {.now_ns = NOW};
        const struct reader_value row[] = {TEXT("symbol", "A"), NUMBER("bid_price", rows[i].price),
                                           NUMBER("offer_price", rows[i].other)};
        t_row(rows[i].price);
        t_str(cell(&cells, "bid_price", QUOTES_PRICE, row, 3), rows[i].text);
        quotes_cells_finish(&cells);
    }
}

static void times_are_local_in_argentina(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW};
    const struct reader_value row[] = {TEXT("symbol", "A"),
                                       TEXT("last_time", "2026-11-23T14:02:58.117Z"),
                                       TEXT("seen_time", "2026-11-23T02:59:59.000Z"),
                                       TEXT("odd_time", "noon"), NONE("event_time")};
    t_str(cell(&cells, "last_time", QUOTES_TIME, row, 5), "11:02:58");
    t_str(cell(&cells, "seen_time", QUOTES_TIME, row, 5), "2026-11-22 23:59");
    t_str(cell(&cells, "odd_time", QUOTES_TIME, row, 5), "noon");
    t_str(cell(&cells, "event_time", QUOTES_TIME, row, 5), "");
    t_str(cell(&cells, "no_such", QUOTES_TEXT, row, 5), "");
    quotes_cells_finish(&cells);
}

static void index_value_is_shown_as_last(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW};
    struct quotes_columns columns;
    char text[QUOTES_CELL_BYTES];
    quotes_columns_usual(&columns, false);
    const struct reader_value row[] = {TEXT("symbol", "I.RFX20"), NONE("last_price"),
                                       NUMBER("index_value", "80250.4"), NONE("trade_volume")};
    const struct quotes_row of_row = {row, 4, quotes_cells_note(&cells, 4, row)};
    t_str(columns.column[7].title, "last");
    t_str(quotes_cell(&cells, &columns.column[7], &of_row, text), "80250.4");
    t_str(quotes_cell(&cells, &columns.column[10], &of_row, text), "");
    quotes_cells_finish(&cells);
}

static void many_instruments_are_remembered(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW};
    char symbol[16];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 500; i++) {
            snprintf(symbol, sizeof(symbol), "X%d", (i * 7) % 500);
            const struct reader_value row[] = {TEXT("symbol", symbol),
                                               NUMBER("bid_price", round ? "2" : "2.5")};
            t_row(symbol);
            t_str(cell(&cells, "bid_price", QUOTES_PRICE, row, 2), round ? "2.0" : "2.5");
        }
        t_int(cells.decimals_count, 500);
    }
    quotes_cells_finish(&cells);
}

static void the_brokers_decimals_are_the_least(void **state)
{
    (void)state;
    struct quotes_cells cells = {.now_ns = NOW};
    const struct reader_value row[] = {{"symbol", READER_TEXT, "DLR/DIC26"},
                                       {"bid_price", READER_NUMBER, "1598"},
                                       {"offer_price", READER_NUMBER, "1598.125"},
                                       {"bid_size", READER_NUMBER, "5"}};
    quotes_cells_price_decimals(&cells, "DLR/DIC26", 2);
    quotes_cells_price_decimals(&cells, "GGAL/DIC26", 4);
    quotes_cells_price_decimals(&cells, "YPFD/DIC26", 99); /* cannot be */
    t_str(cell(&cells, "bid_price", QUOTES_PRICE, row, 2), "1598.00");
    t_str(cell(&cells, "bid_size", QUOTES_SIZE, row, 4), "5");
    t_row("a price with more");
    t_str(cell(&cells, "bid_price", QUOTES_PRICE, row, 4), "1598.000");
    quotes_cells_finish(&cells);
}

static void small_prices_have_the_brokers_decimals(void **state)
{
    (void)state;
    static const struct row {
        const char *price;
        int decimals;
        const char *text;
    } rows[] = {
        {"1.23e-05", 8, "0.00001230"},   {"-1e-08", 8, "-0.00000001"},
        {"0.5", 8, "0.50000000"},        {"2.5e-12", 12, "2.5e-12"}, /* more digits than that */
        {"3e-12", 12, "0.000000000003"}, {"1.5e-07", 0, "1.5e-07"},
        {"1e+20", 2, "1e+20"},           {"7", 12, "7.000000000000"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quotes_cells cells = {.now_ns = NOW};
        const struct reader_value row[] = {TEXT("symbol", "A"), NUMBER("bid_price", rows[i].price)};
        t_row(rows[i].price);
        quotes_cells_price_decimals(&cells, "A", rows[i].decimals);
        t_str(cell(&cells, "bid_price", QUOTES_PRICE, row, 2), rows[i].text);
        quotes_cells_finish(&cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages),
        cmocka_unit_test(unrecorded_instruments_are_never_stale),
        cmocka_unit_test(closed_markets_are_never_stale),
        cmocka_unit_test(prices_of_an_instrument_have_the_same_decimals),
        cmocka_unit_test(the_brokers_decimals_are_the_least),
        cmocka_unit_test(small_prices_have_the_brokers_decimals),
        cmocka_unit_test(numbers_keep_all_their_digits),
        cmocka_unit_test(times_are_local_in_argentina),
        cmocka_unit_test(index_value_is_shown_as_last),
        cmocka_unit_test(many_instruments_are_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
