#include "market/symbol_near.h"

#include "support/t.h"

static const char *const known[] = {
    "DLR/ENE27",
    "DLR/DIC26",
    "GGAL/FEB27",
    "GGAL/DIC26",
    "MERV - XMEV - GGAL - CI",
    "MERV - XMEV - GGAL - 24hs",
    "MERV - XMEV - AL30D - 24hs",
    "MERV - XMEV - AL30 - CI",
    "MERV - XMEV - AL30 - 24hs",
    "MERV - XMEV - PESOS - 10D",
    "MERV - XMEV - PESOS - 1D",
    "I.RFX20",
    "MERV - XMEV - AL30XYZ - CI",
    "MERV - XMEV - TX26 - 24hs",
    "MERV - XMEV - TX26 - CI",
    "MERV - XMEV - TZX26 - 24hs",
};

static void the_nearest_are_found(void **state)
{
    (void)state;
    static const struct row {
        const char *pattern;
        const char *expected[SYMBOL_NEAR_MAX + 1];
    } rows[] = {
        {"dlr-dic26", {"DLR/DIC26"}},
        {"DLRDIC26", {"DLR/DIC26"}},
        {"DLR/DEC26", {"DLR/DIC26"}},
        {"DLR DIC 26*", {"DLR/DIC26"}},
        {"GGAL", {"MERV - XMEV - GGAL - 24hs", "MERV - XMEV - GGAL - CI", "GGAL/DIC26"}},
        {"ggal", {"MERV - XMEV - GGAL - 24hs", "MERV - XMEV - GGAL - CI", "GGAL/DIC26"}},
        {"al30", {"MERV - XMEV - AL30 - 24hs", "MERV - XMEV - AL30 - CI"}},
        {"AL30 24hs", {"MERV - XMEV - AL30 - 24hs"}},
        {"MERV-XMEV-AL30-24HS", {"MERV - XMEV - AL30 - 24hs"}},
        {"DLR", {"DLR/DIC26", "DLR/ENE27"}},
        {"DLR/", {"DLR/DIC26", "DLR/ENE27"}},
        {"RFX", {"I.RFX20"}},
        {"RF", {"I.RFX20"}},
        {"tx26", {"MERV - XMEV - TX26 - 24hs", "MERV - XMEV - TX26 - CI"}},
        {"tzx26", {"MERV - XMEV - TZX26 - 24hs"}},
        {"pesos", {"MERV - XMEV - PESOS - 1D", "MERV - XMEV - PESOS - 10D"}},
        {"GGLA", {"MERV - XMEV - GGAL - 24hs", "MERV - XMEV - GGAL - CI", "GGAL/DIC26"}},
        {"MERV - XMEV - GGLA",
         {"MERV - XMEV - GGAL - 24hs", "MERV - XMEV - GGAL - CI", "GGAL/DIC26"}},
        {"YPFD", {NULL}},
        {"SOJ.ROS/*", {NULL}},
        {"*", {NULL}},
        {"", {NULL}},
        {"?", {NULL}},
        {"X", {NULL}},
        {"a pattern longer than any symbol of the list above is", {NULL}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct symbol_near near;
        int expected = 0;
        t_row(rows[i].pattern);
        symbol_near_init(&near, rows[i].pattern);
        for (size_t k = 0; k < T_COUNT(known); k++)
            symbol_near_offer(&near, known[k]);
        while (rows[i].expected[expected])
            expected++;
        t_int(near.count, expected);
        for (int k = 0; k < expected; k++)
            t_str(near.match[k].symbol, rows[i].expected[k]);
    }
}

static void longer_symbols_are_ignored(void **state)
{
    (void)state;
    char symbol[SYMBOL_NEAR_BYTES + 1];
    struct symbol_near near;
    memset(symbol, 'A', SYMBOL_NEAR_BYTES);
    symbol[SYMBOL_NEAR_BYTES] = '\0';
    symbol_near_init(&near, "AAA");
    symbol_near_offer(&near, symbol);
    t_int(near.count, 0);
    symbol[SYMBOL_NEAR_BYTES - 1] = '\0';
    symbol_near_offer(&near, symbol);
    t_int(near.count, 1);
    t_str(near.match[0].symbol, symbol);
}

static void every_digit_counts(void **state)
{
    (void)state;
    for (char digit = '0'; digit <= '9'; digit++) {
        struct symbol_near near;
        char symbol[] = "TXN2?";
        symbol[4] = digit;
        t_row(symbol);
        symbol_near_init(&near, symbol);
        symbol_near_offer(&near, "TXN2");
        symbol_near_offer(&near, symbol);
        t_int(near.count, 1);
        t_str(near.match[0].symbol, symbol);
    }
}

/* 32 letters and digits are compared. */
static void longer_patterns_are_cut(void **state)
{
    (void)state;
    struct symbol_near near;
    char pattern[200];
    memset(pattern, 'A', sizeof(pattern) - 1);
    pattern[sizeof(pattern) - 1] = '\0';
    symbol_near_init(&near, pattern);
    t_int(near.count, 0);
    t_int(strlen(near.wanted), NEAR_BYTES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_are_found),
        cmocka_unit_test(every_digit_counts),
        cmocka_unit_test(longer_symbols_are_ignored),
        cmocka_unit_test(longer_patterns_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
