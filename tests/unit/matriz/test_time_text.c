#include "support/t.h"

#include "market/quote.h"
#include "matriz/time_text.h"

#define AT_14_02 INT64_C(1795096920) /* 2026-11-19T14:02:00Z, in s */

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms; /* after 14:02:00; -1: not readable */
    } rows[] = {
        {"2026-11-19T14:02:58Z", 58000},
        {"2026-11-19T14:02:58", 58000},
        {"2026-11-19T14:02Z", 0},
        {"2026-11-19T14:02", 0},
        {"2026-11-19T14:02:41:00Z", 41000},
        {"2026-11-19T14:02:58.117Z", 58117},
        {"2026-11-19T14:02:58.1Z", 58100},
        {"2026-11-19T14:02:58.1179999Z", 58117},
        {"2026-11-19T14:02:58.Z", 58000},
        {"2026-11-19T14:02:58z", -1},
        {"2026-11-19T14:02:60Z", -1},
        {"2026-11-19T14:62:00Z", -1},
        {"2026-11-19T24:00:00Z", -1},
        {"2026-11-19", -1},
        {"2026-11-19T", -1},
        {"2026-11-19T14", -1},
        {"2026-11-31T14:02:00Z", -1},
        {"2026-11-19 14:02:00", -1},
        {"2026-11-19T14:02:58+00:00", -1},
        {"2026-11-19T14:02:58ZZ", -1},
        {"1989-12-31T23:59:59Z", -1},
        {"2100-01-01T00:00:00Z", -1},
        {"14:02:58", -1},
        {"", -1},
        {"2026-11-19T14:02:", -1},
        {"2026-11-19T1:02:58Z", -1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int64_t expected = rows[i].ms < 0 ? 0 : (AT_14_02 * 1000 + rows[i].ms) * 1000000;
        t_row(rows[i].text);
        t_int(matriz_time(rows[i].text, strlen(rows[i].text)), expected);
    }
    t_row("only the given bytes");
    t_int(matriz_time("2026-11-19T14:02:58Z", 17), 0);
    t_int(matriz_time("2026-11-19T14:02:58Z", 16), AT_14_02 * 1000000000);
}

static void days(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t day;
    } rows[] = {
        {"2026-11-19", 20776},     {"2026-11-19T00:00:00Z", 20776}, {"1990-01-01", 7305},
        {"1989-12-31", DAY_NONE},  {"2099-12-31", 47481},           {"2100-01-01", DAY_NONE},
        {"2026-02-29", DAY_NONE},  {"2028-02-29", 21243},           {"2026-11-1", DAY_NONE},
        {"2026-11-191", DAY_NONE}, {"19/11/2026", DAY_NONE},        {"", DAY_NONE},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(matriz_day(rows[i].text, strlen(rows[i].text)), rows[i].day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
