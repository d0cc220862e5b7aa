#include "support/t.h"

#include "matriz/references.h"

#define TODAY 20776
#define NONE                                                                                       \
    {                                                                                              \
        NAN, DAY_NONE                                                                              \
    }
#define CL ENTRY_BIT(ENTRY_CL)
#define SE ENTRY_BIT(ENTRY_SE)

static void close_and_settlement_are_chosen_by_date(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct matriz_reference abc[MATRIZ_REFERENCES];
        bool rofex;
        uint32_t entries;
        double close;
        int32_t close_day;
        double settlement;
        int32_t settlement_day;
    } rows[] = {
        {"a future in the session",
         {NONE, {1597, TODAY - 1}, {1595.5, TODAY - 2}},
         true,
         CL | SE,
         1597,
         TODAY - 1,
         1597,
         TODAY - 1},
        {"a bond after the close",
         {{88150, TODAY}, NONE, {87900, TODAY - 1}},
         false,
         CL,
         87900,
         TODAY - 1,
         NAN,
         DAY_NONE},
        {"a future after the close",
         {{1602, TODAY}, {1601, TODAY}, {1597, TODAY - 1}},
         true,
         CL | SE,
         1597,
         TODAY - 1,
         1601,
         TODAY},
        {"B of a bond",
         {NONE, {88000, TODAY - 1}, NONE},
         false,
         CL,
         88000,
         TODAY - 1,
         NAN,
         DAY_NONE},
        {"the same date: C",
         {{1, TODAY - 1}, {2, TODAY - 1}, {3, TODAY - 1}},
         true,
         CL | SE,
         3,
         TODAY - 1,
         2,
         TODAY - 1},
        {"the same date: A before B",
         {{1, TODAY - 1}, {2, TODAY - 1}, {3, TODAY - 2}},
         true,
         CL | SE,
         1,
         TODAY - 1,
         2,
         TODAY - 1},
        {"only today's", {{1602, TODAY}, NONE, NONE}, true, 0, NAN, DAY_NONE, NAN, DAY_NONE},
        {"dates after today",
         {{1, TODAY + 1}, {2, TODAY + 1}, {3, TODAY + 9}},
         true,
         0,
         NAN,
         DAY_NONE,
         NAN,
         DAY_NONE},
        {"a price without a date",
         {{1, DAY_NONE}, {2, DAY_NONE}, {3, DAY_NONE}},
         true,
         0,
         NAN,
         DAY_NONE,
         NAN,
         DAY_NONE},
        {"a date without a price",
         {{NAN, TODAY - 1}, {NAN, TODAY - 1}, {3, TODAY - 5}},
         true,
         CL,
         3,
         TODAY - 5,
         NAN,
         DAY_NONE},
        {"a price of 0", {NONE, {0, TODAY - 1}, NONE}, true, CL | SE, 0, TODAY - 1, 0, TODAY - 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote quote = quote_none();
        t_row(rows[i].name);
        t_int(matriz_references_apply(rows[i].abc, TODAY, rows[i].rofex, &quote), rows[i].entries);
        t_double(quote.close_price, rows[i].close);
        t_int(quote.close_day, rows[i].close_day);
        t_double(quote.settlement_price, rows[i].settlement);
        t_int(quote.settlement_day, rows[i].settlement_day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_and_settlement_are_chosen_by_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
