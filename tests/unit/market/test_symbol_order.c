#include "market/symbol_order.h"

#include "support/t.h"

#include <string.h>

/* Every symbol is less than all that follow it in its row. */
static void lists_are_in_order(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        const char *symbols[12];
    } rows[] = {
        // clang-format off
        {"months, not letters", {"DLR/OCT26", "DLR/NOV26", "DLR/DIC26", "DLR/ENE27", "DLR/FEB27", "DLR/MAR27", "DLR/ABR27", "DLR/MAY27", "DLR/JUN27", "DLR/JUL27", "DLR/AGO27", "DLR/SEP27"}},
        {"spot before futures", {"DLR", "DLR/SPOT", "DLR/DIC26"}},
        {"one maturity", {"DLR/DIC26", "DLR/DIC26A", "DLR/DIC26M", "DLR/DIC26/ENE27", "DLR/DIC26/ABR27", "DLR/DIC26 950 C", "DLR/DIC26 950 P", "DLR/DIC26 1600 C", "DLR/ENE27"}},
        {"strikes by value", {"SOJ.ROS/MAY27 98 P", "SOJ.ROS/MAY27 380.25 C", "SOJ.ROS/MAY27 380.5 C", "SOJ.ROS/MAY27 1000 C"}},
        {"by product first", {"DLR/DIC27", "GGAL/DIC26", "MAI.ROS/DIC26", "MERV - XMEV - AL30 - 24hs", "ORO/ENE27", "RFX20/DIC26", "WTI/DIC26"}},
        {"the old form", {"DODic19", "DOEne20", "DODic20", "GGALFeb21", "RFX20Dic19", "RFX20Feb20"}},
        {"tickers and terms", {"MERV - XMEV - AL29 - CI", "MERV - XMEV - AL30 - CI", "MERV - XMEV - AL30 - 24hs", "MERV - XMEV - AL30 - 48hs", "MERV - XMEV - AL30C - CI", "MERV - XMEV - AL30D - CI", "MERV - XMEV - AL30D - 24hs", "MERV - XMEV - GD30 - CI"}},
        {"repos by term", {"MERV - XMEV - DOLAR - 7D", "MERV - XMEV - PESOS - 1D", "MERV - XMEV - PESOS - 2D", "MERV - XMEV - PESOS - 10D", "MERV - XMEV - PESOS - 120D"}},
        {"numbers in tickers", {"MERV - XMEV - TX26 - CI", "MERV - XMEV - TX101 - CI"}},
        {"an unknown term stays with its ticker", {"MERV - XMEV - AL30 - 24hs", "MERV - XMEV - AL30 - 24x", "MERV - XMEV - AL30D - CI"}},
        {"an index between tickers", {"MERV - XMEV - GGAL - CI", "MERV - XMEV - I.MERVAL", "MERV - XMEV - PAMP - CI"}},
        {"other texts", {"", "/", "/DIC26", " ", "-", "A/", "A1", "A01x", "A2", "A10", "a", "\303\221"}},
        {"not a month", {"DLR/DEC26", "DLR/DIC2", "DLR/DICX6", "DLR/DIC26"}},
        {"zeros", {"A0", "A00B", "A1", "A10"}},
        {"a long number", {"X99999999999999999999998", "X99999999999999999999999"}},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const char *const *symbols = rows[i].symbols;
        t_row(rows[i].name);
        for (size_t a = 0; a < 12 && symbols[a]; a++) {
            t_int(symbol_order(symbols[a], symbols[a]), 0);
            for (size_t b = a + 1; b < 12 && symbols[b]; b++) {
                t_row(symbols[a]);
                t_true(symbol_order(symbols[a], symbols[b]) < 0);
                t_true(symbol_order(symbols[b], symbols[a]) > 0);
            }
        }
    }
}

/* qsort requires that a < b and b < c imply a < c, for any texts. */
static void the_order_is_total(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "DLR/DIC26",
        "DLR/DIC26 ",
        "DLR/DIC26 1 C",
        "DLR/DIC26 01 C",
        "DLR/DIC26 1.0 C",
        "DLR/DIC26M",
        "DLR/dic26",
        "DLRDic26",
        "DLR - CI",
        "DLR - 0D",
        "DLR - 00hs",
        "DLR/SPOT",
        "DLR",
        "DLR - DIC26",
        "DLR/DIC26/ENE27",
        "DLR/DIC26/X",
        "DLR/ENE27",
        " - CI",
        " - ",
        "DIC26",
        "XDic26",
        "A1",
        "A01",
        "A001",
        "A1/DIC26",
        "A01/ENE27",
        "A - B - 1D",
        "A - B - 24hs",
        "A - B",
        "A/B - C",
        "A/DIC26 - CI",
        "A/DIC26 nanC",
        "A/DIC26 -1 C",
        "A/DIC26/DIC25",
        "",
    };
    const size_t n = T_COUNT(texts);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            const struct symbol_parts first = symbol_parts(texts[a]),
                                      second = symbol_parts(texts[b]);
            t_int(symbol_parts_order(&first, &second), symbol_order(texts[a], texts[b]));
            int ab = symbol_order(texts[a], texts[b]);
            t_row(texts[a]);
            t_int(ab == 0, a == b);
            t_int(ab<0, symbol_order(texts[b], texts[a])> 0);
            for (size_t c = 0; c < n; c++)
                t_true(!(ab < 0 && symbol_order(texts[b], texts[c]) < 0) ||
                       symbol_order(texts[a], texts[c]) < 0);
        }
    }
}

static void parts_of_a_symbol(void **state)
{
    (void)state;
    static const struct row {
        const char *symbol, *product, *ticker;
        enum symbol_kind kind;
        int maturity;
        const char *rest;
    } rows[] = {
        // clang-format off
        {"DLR/DIC26",                  "DLR",                "DLR",      SYMBOL_CONTRACT, 2026 * 12 + 11, ""},
        {"DLR/DIC26M",                 "DLR",                "DLR",      SYMBOL_VARIANT,  2026 * 12 + 11, "M"},
        {"DLR/DIC26/ENE27",            "DLR",                "DLR",      SYMBOL_SPREAD,   2026 * 12 + 11, ""},
        {"DLR/DIC26/SPOT27",           "DLR",                "DLR",      SYMBOL_VARIANT,  2026 * 12 + 11, "/SPOT27"},
        {"DLR/DIC26MENE27",            "DLR",                "DLR",      SYMBOL_VARIANT,  2026 * 12 + 11, "MENE27"},
        {"DLR/DIC26 1600 C",           "DLR",                "DLR",      SYMBOL_OPTION,   2026 * 12 + 11, " C"},
        {"DLR/SPOT",                   "DLR",                "DLR",      SYMBOL_PLAIN,    -1,             "SPOT"},
        {"DODic20",                    "DO",                 "DO",       SYMBOL_CONTRACT, 2020 * 12 + 11, ""},
        {"Dic20",                      "Dic20",              "Dic20",    SYMBOL_PLAIN,    -1,             ""},
        {"I.RFX20",                    "I.RFX20",            "I.RFX20",  SYMBOL_PLAIN,    -1,             ""},
        {"MERV - XMEV - AL30 - 24hs",  "MERV - XMEV - AL30", "AL30",     SYMBOL_PLAIN,    1,              ""},
        {"MERV - XMEV - PESOS - 10D",  "MERV - XMEV - PESOS", "PESOS",   SYMBOL_PLAIN,    10,             ""},
        {"MERV - XMEV - I.MERVAL",     "MERV - XMEV - I.MERVAL", "I.MERVAL", SYMBOL_PLAIN, -1,            ""},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct symbol_parts parts = symbol_parts(rows[i].symbol);
        t_row(rows[i].symbol);
        t_int(parts.product_bytes, strlen(rows[i].product));
        t_true(strncmp(parts.product, rows[i].product, parts.product_bytes) == 0);
        t_int(parts.ticker_bytes, strlen(rows[i].ticker));
        t_true(strncmp(parts.ticker, rows[i].ticker, parts.ticker_bytes) == 0);
        t_int(parts.kind, rows[i].kind);
        t_int(parts.maturity, rows[i].maturity);
        t_str(parts.rest, rows[i].rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_in_order),
        cmocka_unit_test(the_order_is_total),
        cmocka_unit_test(parts_of_a_symbol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
