#include "cli/instrument_filter.h"

#include "support/t.h"

static void maturities(void **state)
{
    (void)state;
    static const struct {
        const char *text, *prefix;
    } rows[] = {
        {"DIC26", "2026-12"},
        {"dic26", "2026-12"},
        {"ENE27", "2027-01"},
        {"2026", "2026"},
        {"2026-12", "2026-12"},
        {"2026-12-31", "2026-12-31"},
        {"", NULL},
        {"26", NULL},
        {"2026-1", NULL},
        {"2026-12-", NULL},
        {"2026/12", NULL},
        {"DIC", NULL},
        {"DIC26M", NULL},
        {"DEC26", NULL},
        {"2026-12-31T00:00", NULL},
        {"DIC26/ENE27", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct instrument_filter filter = {.maturity = "before"};
        t_row(rows[i].text);
        t_int(instrument_filter_maturity(&filter, rows[i].text), rows[i].prefix != NULL);
        t_str(filter.maturity, rows[i].prefix ? rows[i].prefix : "before");
    }
}

static bool takes(const struct instrument_filter *filter, const char *symbol, const char *listed)
{
    const bool bond = strncmp(symbol, "MERV", 4) == 0;
    const struct reader_value values[] = {
        {"symbol", READER_TEXT, symbol},
        {"product", bond ? READER_TEXT : READER_NULL, bond ? "GGAL" : ""},
        {"segment", READER_TEXT, bond ? "MERV" : "DDF"},
        {"cfi_code", READER_TEXT, bond ? "ESXXXX" : "FXXXSX"},
        {"currency", READER_TEXT, "ARS"},
        {"maturity_date", bond ? READER_NULL : READER_TEXT, bond ? "" : "2026-12-31"},
        {"listed", READER_NUMBER, listed},
    };
    return instrument_filter_takes(filter, (int)T_COUNT(values), values);
}

#define SHARE  "MERV - XMEV - GGAL - 24hs"
#define FUTURE "GGAL/DIC26"

static void filters(void **state)
{
    (void)state;
    static const char *const by_ticker[] = {"ggal*"}, *const by_symbol[] = {"MERV - *"},
                             *const other[] = {"AL30*", "DLR/*"},
                             *const two[] = {"DLR/*", "GGAL/*"};
    static const struct {
        const char *name;
        struct instrument_filter filter;
        bool share, future;
    } rows[] = {
        {"none", {0}, true, true},
        {"a ticker", {.patterns = by_ticker, .patterns_count = 1}, true, true},
        {"a symbol", {.patterns = by_symbol, .patterns_count = 1}, true, false},
        {"others", {.patterns = other, .patterns_count = 2}, false, false},
        {"one of two", {.patterns = two, .patterns_count = 2}, false, true},
        {"segment", {.segment = "merv"}, true, false},
        {"CFI code", {.cfi = "F*"}, false, true},
        {"product", {.product = "GGAL"}, true, true},
        {"another product", {.product = "GGA"}, false, false},
        {"currency", {.currency = "USD"}, false, false},
        {"year", {.maturity = "2026"}, false, true},
        {"day", {.maturity = "2026-12-30"}, false, false},
        {"several",
         {.patterns = by_ticker, .patterns_count = 1, .segment = "DDF", .cfi = "FXXXSX"},
         false,
         true},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(takes(&rows[i].filter, SHARE, "1"), rows[i].share);
        t_int(takes(&rows[i].filter, FUTURE, "1"), rows[i].future);
    }
}

static void what_is_not_listed_any_more_is_hidden(void **state)
{
    (void)state;
    const struct instrument_filter usual = {0}, all = {.all = true};
    t_true(!takes(&usual, FUTURE, "0"));
    t_true(takes(&all, FUTURE, "0"));
    t_row("never in a list, but recorded");
    t_true(takes(&usual, FUTURE, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maturities),
        cmocka_unit_test(filters),
        cmocka_unit_test(what_is_not_listed_any_more_is_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
