#include "support/t.h"

#include "base/clock.h"

static void tells_the_day_in_argentina(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int64_t wall_s, day, next_s;
    } rows[] = {
        /* clang-format off */
        {"epoch is still the day before", 0,               -1,    3 * 3600},
        {"first ART midnight",            3 * 3600,         0,    27 * 3600},
        {"a second before it",            3 * 3600 - 1,    -1,    3 * 3600},
        {"2026-11-19 14:02 ART",          1795107720,       20776, 1795143600},
        {"2026-11-20 02:59:59 UTC",       1795143599,       20776, 1795143600},
        {"2026-11-20 03:00:00 UTC",       1795143600,       20777, 1795230000},
        {"before 1970",                   -86400,          -2,    -75600},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(art_day(rows[i].wall_s * NS_PER_S), rows[i].day);
        t_int(art_next_day_ns(rows[i].wall_s * NS_PER_S), rows[i].next_s * NS_PER_S);
        t_int(art_day(art_next_day_ns(rows[i].wall_s * NS_PER_S)), rows[i].day + 1);
    }
}

static void prints_iso_8601(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        int64_t wall_ns;
    } rows[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"2026-11-19T14:02:58.117Z", INT64_C(1795096978117999999)},
        {"1969-12-31T23:59:59.999Z", -1},
        {"1969-12-31T23:59:59.000Z", -NS_PER_S},
        {"1969-12-31T23:59:58.999Z", -NS_PER_S - 1},
        {"2024-02-29T23:59:59.999Z", INT64_C(1709251199999000000)},
        {"2262-04-11T23:47:16.854Z", INT64_MAX},
        {"1677-09-21T00:12:43.145Z", INT64_MIN},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[CLOCK_TEXT];
        t_row(rows[i].text);
        t_str(clock_text(text, rows[i].wall_ns), rows[i].text);
    }
}

static void the_clocks_run(void **state)
{
    (void)state;
    struct now a = clock_now(), b = clock_now();
    t_true(b.mono_ms >= a.mono_ms);
    t_true(a.wall_ns > INT64_C(1700000000) * NS_PER_S); /* 2023: seconds taken for ns would fail */
    t_true(a.wall_ns < INT64_C(4102444800) * NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_day_in_argentina),
        cmocka_unit_test(prints_iso_8601),
        cmocka_unit_test(the_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
