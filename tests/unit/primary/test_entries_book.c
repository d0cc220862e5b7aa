#include "unit/primary/decode_members.h"

static void reads_books(void **state)
{
    static const struct row {
        const char *name, *json, *bids, *offers;
    } rows[] = {
        /* clang-format off */
        {"sorted",          "[{\"price\":1,\"size\":10},{\"price\":2,\"size\":20}]", "2x20 1x10", "1x10 2x20"},
        {"unsorted",            "[{\"price\":3,\"size\":1},{\"price\":1,\"size\":2},{\"price\":2,\"size\":3}]",
         "3x1 2x3 1x2", "1x2 2x3 3x1"},
        {"empty",           "[]", "", ""},
        {"null",            "null", "", ""},
        {"one object",      "{\"price\":1.5,\"size\":7}", "1.5x7", "1.5x7"},
        {"a number",        "1.5", "1.5x?", "1.5x?"},
        {"a number as text", "\"1.5\"", "1.5x?", "1.5x?"},
        {"numbers",         "[1,\"3\",2]", "3x? 2x? 1x?", "1x? 2x? 3x?"},
        {"texts",           "[{\"price\":\"1.50\",\"size\":\"7.0\"}]", "1.5x7", "1.5x7"},
        {"no size",         "[{\"price\":1}]", "1x?", "1x?"},
        {"size null",       "[{\"price\":1,\"size\":null}]", "1x?", "1x?"},
        {"size zero",       "[{\"price\":1,\"size\":0}]", "1x0", "1x0"},
        {"price zero",      "[{\"price\":0,\"size\":5}]", "0x5", "0x5"},
        {"price minus zero", "[{\"price\":-0,\"size\":5},{\"price\":0,\"size\":5}]", "0x5", "0x5"},
        {"a spread's prices", "[{\"price\":-2,\"size\":1},{\"price\":-1,\"size\":2},{\"price\":1,\"size\":3}]",
         "1x3 -1x2 -2x1", "-2x1 -1x2 1x3"},
        {"pesos with cents", "[{\"price\":27.4,\"size\":15400320.75}]", "27.4x15400320.75",
         "27.4x15400320.75"},
        {"13 digits",       "[{\"price\":1,\"size\":9007199254740}]", "1x9.00719925474e+12",
         "1x9.00719925474e+12"},
        {"repeated",        "[{\"price\":1,\"size\":5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"repeated, size unknown", "[{\"price\":1},1]", "1x?", "1x?"},
        {"repeated, another between", "[{\"price\":1,\"size\":5},{\"price\":1,\"size\":6},{\"price\":1,\"size\":5}]",
         "1x5 1x6", "1x5 1x6"},
        {"repeated, out of order",
         "[{\"price\":1,\"size\":5},{\"price\":2,\"size\":6},{\"price\":1,\"size\":5}]", "2x6 1x5", "1x5 2x6"},
        {"one price, two sizes", "[{\"price\":1,\"size\":6},{\"price\":1,\"size\":5}]", "1x6 1x5", "1x6 1x5"},
        {"stable",          "[{\"price\":1,\"size\":9},{\"price\":2,\"size\":1},{\"price\":1,\"size\":3},"
         "{\"price\":2,\"size\":4}]", "2x1 2x4 1x9 1x3", "1x9 1x3 2x1 2x4"},
        {"price missing",   "[{\"size\":5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"price null",      "[{\"price\":null,\"size\":null},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"price too large", "[{\"price\":1e999,\"size\":5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"price NaN",       "[{\"price\":\"NaN\",\"size\":5},{\"price\":\"-Infinity\"},1e999]", "", ""},
        {"size below zero", "[{\"price\":2,\"size\":-5},{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"null, {} and [] in the list", "[null,{},[],{\"price\":1,\"size\":5}]", "1x5", "1x5"},
        {"a key twice",     "[{\"price\":1,\"price\":2,\"size\":5,\"size\":6}]", "1x5", "1x5"},
        {"other keys",      "[{\"orders\":3,\"price\":1,\"x\":{\"price\":7},\"size\":5}]", "1x5", "1x5"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char members[1000];
        t_row(rows[i].name);
        snprintf(members, sizeof(members), "\"BI\":%s,\"OF\":%s", rows[i].json, rows[i].json);
        struct quote q = decode(*state, members);
        t_str(side_text(&q.bids), rows[i].bids);
        t_str(side_text(&q.offers), rows[i].offers);
    }
}

static void keeps_the_best_of_a_deep_book(void **state)
{
    char members[20000];
    size_t used = (size_t)sprintf(members, "\"OF\":[{\"price\":500,\"size\":500}");
    for (int i = 0; i < 200; i++) { /* 0, 101, 2, 103, ...: not sorted */
        int price = i % 2 ? i + 100 : i;
        used += (size_t)sprintf(members + used, ",{\"price\":%d,\"size\":%d}", price, price);
    }
    strcpy(members + used, "]");
    struct quote q = decode(*state, members);
    t_str(side_text(&q.offers), "0x0 2x2 4x4 6x6 8x8 10x10 12x12 14x14 16x16 18x18");
    memcpy(members, "\"BI\"", 4);
    q = decode(*state, members);
    t_str(side_text(&q.bids), "500x500 299x299 297x297 295x295 293x293 291x291 289x289 287x287 "
                              "285x285 283x283");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_books),
        cmocka_unit_test(keeps_the_best_of_a_deep_book),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
