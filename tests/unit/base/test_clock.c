#include "support/t.h"

#include "base/clock.h"

static void computes_the_day_in_argentina(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int64_t wall_s, day, next_s;
    } rows[] = {
        /* clang-format off */
        {"the epoch is on the day before", 0,              -1,    3 * 3600},
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

/* The parser reads consecutive days as consecutive numbers. */
static void prints_days(void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    int32_t day;
    t_str(clock_weekday(0), "Thu");
    t_str(clock_weekday(-1), "Wed");
    t_str(clock_weekday(20784), "Fri");
    t_str(clock_day_text(text, 0), "1970-01-01");
    t_str(clock_day_text(text, -1), "1969-12-31");
    t_str(clock_day_text(text, -719528), "0000-01-01");
    t_str(clock_day_text(text, 2932896), "9999-12-31");
    for (int32_t i = 0; i < 230 * 365; i++) {
        t_true(clock_parse_day(clock_day_text(text, i), &day));
        t_int(day, i);
    }
}

static void the_clocks_advance(void **state)
{
    (void)state;
    struct now a = clock_now(), b = clock_now();
    t_true(b.mono_ms >= a.mono_ms);
    t_true(a.wall_ns > INT64_C(1700000000) * NS_PER_S); /* 2023; fails if the value is in seconds */
    t_true(a.wall_ns < INT64_C(4102444800) * NS_PER_S);
}

static void days_are_parsed_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t day; /* -1: refused */
    } rows[] = {
        {"1970-01-01", 0},     {"1970-12-31", 364},
        {"1972-02-29", 789},   {"1999-12-31", 10956},
        {"2000-02-29", 11016}, {"2000-03-01", 11017},
        {"2026-11-23", 20780}, {"2100-02-28", 47540},
        {"2100-03-01", 47541}, {"2199-12-31", 84005},
        {"1969-12-31", -1},    {"2200-01-01", -1},
        {"2026-02-29", -1},    {"2100-02-29", -1},
        {"2026-04-31", -1},    {"2026-00-10", -1},
        {"2026-13-10", -1},    {"2026-01-00", -1},
        {"2026-01-32", -1},    {"2026-1-5", -1},
        {"2026-+1-05", -1},    {"2026- 1-05", -1},
        {"2026/01/05", -1},    {"2026-01-05 ", -1},
        {" 2026-01-05", -1},   {"", -1},
        {"2026-01-0x", -1},    {"2026-12-32", -1},
        {"20x1-01-02", -1},    {"x026-01-02", -1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int32_t day = -1;
        t_row(rows[i].text);
        t_int(clock_parse_day(rows[i].text, &day), rows[i].day >= 0);
        t_int(day, rows[i].day);
    }
    for (int32_t day = 0; day < 84006; day += 13) { /* against the C library */
        char text[CLOCK_TEXT];
        int32_t read = -1;
        clock_text(text, day * NS_PER_DAY);
        text[10] = '\0';
        t_row(text);
        t_true(clock_parse_day(text, &read));
        t_int(read, day);
    }
}

static void time_stamps_are_read_back(void **state)
{
    (void)state;
    static const int64_t stamps[] = {0, 1, 999, 1795420800123, 7258118399999};
    static const char *const wrong[] = {
        "",
        "2026-11-23",
        "2026-11-23T08:17:41Z",
        "2026-11-23T08:17:41.123",
        "2026-11-23 08:17:41.123Z",
        "2026-11-31T08:17:41.123Z",
        "2026-11-23T24:17:41.123Z",
        "2026-11-23T08:60:41.123Z",
        "2026-11-23T08:17:60.123Z",
        "2026-11-23T08:17:41.123Z ",
        "2026-11-23T08:17:4x.123Z",
    };
    char text[CLOCK_TEXT];
    int64_t ns = 7;
    for (size_t i = 0; i < T_COUNT(stamps); i++) {
        t_true(clock_parse_text(clock_text(text, stamps[i] * NS_PER_MS), &ns));
        t_int(ns, stamps[i] * NS_PER_MS);
    }
    ns = 7;
    for (size_t i = 0; i < T_COUNT(wrong); i++) {
        t_row(wrong[i]);
        t_true(!clock_parse_text(wrong[i], &ns));
        t_int(ns, 7);
    }
}

static void local_times_are_those_of_argentina(void **state)
{
    (void)state;
    const int64_t day = INT64_C(1795402800) * NS_PER_S; /* 2026-11-23 00:00 in Argentina */
    const int64_t noon = day + 12 * 3600 * NS_PER_S;
    char text[CLOCK_TEXT];
    t_str(art_text(text, day), "2026-11-23 00:00:00");
    t_str(art_text(text, day - 1), "2026-11-22 23:59:59");
    t_str(art_zone_text(text, noon), "2026-11-23 12:00:00 ART");
    t_str(art_short_text(text, day, noon), "00:00:00");
    t_str(art_short_text(text, noon + 999 * NS_PER_MS, noon), "12:00:00");
    t_str(art_short_text(text, day - 1, noon), "2026-11-22 23:59");
    t_str(art_short_text(text, day + NS_PER_DAY, noon), "2026-11-24 00:00");
    t_str(art_short_text(text, 0, noon), "1969-12-31 21:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_are_parsed_strictly),
        cmocka_unit_test(computes_the_day_in_argentina),
        cmocka_unit_test(prints_iso_8601),
        cmocka_unit_test(prints_days),
        cmocka_unit_test(the_clocks_advance),
        cmocka_unit_test(time_stamps_are_read_back),
        cmocka_unit_test(local_times_are_those_of_argentina),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
