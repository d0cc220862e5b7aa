#include "export/range.h"

#include "base/clock.h"
#include "support/t.h"

#include <errno.h>

#define DAY  INT64_C(1795402800000000000) /* 2026-11-23 00:00 in Argentina, ns UTC */
#define HOUR (3600 * NS_PER_S)
#define NOW  (DAY + 12 * HOUR)

static void parses_times(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        int64_t from, to; /* its values as --from and as --to */
    } rows[] = {
        // clang-format off
        {"2026-11-23",                    DAY,                        DAY + NS_PER_DAY},
        {"today",                         DAY,                        DAY + NS_PER_DAY},
        {"yesterday",                     DAY - NS_PER_DAY,           DAY},
        {"2026-11-23T00:00",              DAY,                        DAY},
        {"2026-11-23T11:00",              DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23 11:00:00",           DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23t11:00:01.5",         DAY + 11 * HOUR + 1500 * NS_PER_MS, DAY + 11 * HOUR + 1500 * NS_PER_MS},
        {"2026-11-23T11:00:00,000000001", DAY + 11 * HOUR + 1,        DAY + 11 * HOUR + 1},
        {"2026-11-23T14:00:00Z",          DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23T14:00z",             DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23T11:00-03:00",        DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23T11:00-03",           DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23T19:30:00+0530",      DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"2026-11-23T00:30+14:00",        DAY - 16 * HOUR - HOUR / 2, DAY - 16 * HOUR - HOUR / 2},
        {"today 00:00",                   DAY,                        DAY},
        {"today 11:00",                   DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"yesterday 11:00",               DAY - 13 * HOUR,            DAY - 13 * HOUR},
        {"yesterday 23:59:59.999",        DAY - NS_PER_MS,            DAY - NS_PER_MS},
        {"yesterday 23:59:59.5",          DAY - 500 * NS_PER_MS,      DAY - 500 * NS_PER_MS},
        {"23/11/2026",                    DAY,                        DAY + NS_PER_DAY},
        {"23/11/2026 11:00",              DAY + 11 * HOUR,            DAY + 11 * HOUR},
        {"1/12/2026",                     DAY + 8 * NS_PER_DAY,       DAY + 9 * NS_PER_DAY},
        {"31/12/2099",                    DAY + 26701 * NS_PER_DAY,        DAY + 26702 * NS_PER_DAY},
        {"01/1/2027 09:30:15",            DAY + 39 * NS_PER_DAY + 9 * HOUR + 1815 * NS_PER_S, DAY + 39 * NS_PER_DAY + 9 * HOUR + 1815 * NS_PER_S},
        {"now",                           NOW,                        NOW},
        {"-0s",                           NOW,                        NOW},
        {"-30s",                          NOW - 30 * NS_PER_S,        NOW - 30 * NS_PER_S},
        {"-90m",                          NOW - HOUR - HOUR / 2,      NOW - HOUR - HOUR / 2},
        {"-90min",                        NOW - HOUR - HOUR / 2,      NOW - HOUR - HOUR / 2},
        {"-1h",                           NOW - HOUR,                 NOW - HOUR},
        {"-2d",                           NOW - 2 * NS_PER_DAY,       NOW - 2 * NS_PER_DAY},
        {"-1w",                           NOW - 7 * NS_PER_DAY,       NOW - 7 * NS_PER_DAY},
        {"1970-01-01",                    3 * HOUR,                   3 * HOUR + NS_PER_DAY},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct range range;
        t_row(rows[i].text);
        t_int(range_parse(rows[i].text, NULL, NOW, &range, NULL), 0);
        t_int(range.from, rows[i].from);
        t_int(range.to, INT64_MAX);
        t_int(range_parse(NULL, rows[i].text, NOW, &range, NULL), 0);
        t_int(range.from, INT64_MIN);
        t_int(range.to, rows[i].to);
    }
}

static void refuses_other_text(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "2026",
        "2026-11",
        "2026-11-31",
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "26-11-23",
        "2026/11/23",
        "23-11-2026",
        "1969-12-31",
        "2200-01-01",
        "2026-11-23T",
        "2026-11-23T11",
        "2026-11-23T24:00",
        "2026-11-23T11:60",
        "2026-11-23T11:00:60",
        "2026-11-23T11:00:00.",
        "2026-11-23T11:00:00.0000000001",
        "2026-11-23T11:00+",
        "2026-11-23T11:00+15:00",
        "2026-11-23T11:00-03:60",
        "2026-11-23T11:00-03:",
        "2026-11-23T11:00-03:00x",
        "2026-11-23T11:00ZZ",
        "2026-11-23 ",
        " 2026-11-23",
        "tomorrow",
        "Today",
        "today11:00",
        "today ",
        "today 11",
        "today 24:00",
        "today 11:00Z",
        "todayx",
        "yesterday  11:00",
        "26/11",
        "26/11/26",
        "11/26/2026",
        "31/11/2026",
        "0/11/2026",
        "26/11/2026Z",
        "26/11/2026T11:00",
        "26/11/20261",
        "026/11/2026",
        "26/11/1969",
        "nows",
        "now -1h",
        "-",
        "-h",
        "-1",
        "-1y",
        "-1hh",
        "--1h",
        "- 1h",
        "-1.5h",
        "-1h30m",
        "1h",
        "+1h",
        "-999999999w",
        "-1000000000s",
        "2026-11-23T11:00:00.000000000000000000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct range range = {7, 8};
        struct err err;
        t_row(rows[i]);
        t_int(range_parse(rows[i], NULL, NOW, &range, &err), -EINVAL);
        t_contains(err.text, "--from '");
        t_int(range_parse(NULL, rows[i], NOW, &range, &err), -EINVAL);
        t_contains(err.text, "--to '");
        t_int(range.from, 7);
        t_int(range.to, 8);
    }
}

static void empty_ranges_are_refused(void **state)
{
    (void)state;
    static const struct row {
        const char *from, *to, *words; /* NULL: accepted */
    } rows[] = {
        {"2026-11-23", "2026-11-23", NULL},
        {"yesterday", "today", NULL},
        {"-1h", "now", NULL},
        {"yesterday 11:00", "-1h", NULL},
        {"now", "-1h", "--from must be before --to"},
        {"now", "now", "--to itself is not included"},
        {"2026-11-23T11:00", "2026-11-23", NULL},
        {"2026-11-23T11:00", "2026-11-23T11:00:00.000000001", NULL},
        {"2026-11-23T11:00", "2026-11-23T11:00", "--to itself is not included"},
        {"2026-11-24", "2026-11-23", "--from must be before --to"},
        {"2026-11-23T11:00:01", "2026-11-23T11:00", "--from must be before --to"},
        {"2026-11-23T11:00", "2026-11-23T13:59Z", "--from must be before --to"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct range range;
        struct err err;
        t_row(rows[i].from);
        int rc = range_parse(rows[i].from, rows[i].to, NOW, &range, &err);
        t_int(rc, rows[i].words ? -EINVAL : 0);
        if (rc)
            t_contains(err.text, rows[i].words);
        else
            t_true(range.from < range.to);
    }
}

static void common_mistakes_are_explained(void **state)
{
    (void)state;
    static const struct row {
        const char *text, *words;
    } rows[] = {
        {"11:00", "'11:00' is not a day or a time (the day is missing); allowed: now, "},
        {"26/11", "(the year is missing)"},
        {"11/26/2026", "(the order is day, month, year with four digits)"},
        {"26/11/26", "(the order is day, month, year with four digits)"},
        {"2026-02-30", "(there is no such day)"},
        {"31/02/2026", "(there is no such day)"},
        {"2026-13-01", "(there is no such day)"},
        {"today 25:00", "(a time of day has two digits each, 00:00 to 23:59)"},
        {"26/11/2026 9:00", "(a time of day has two digits each, 00:00 to 23:59)"},
        {"2026-1-5", "(year, month and day have 4, 2 and 2 digits)"},
        {"3h", "(for hours ago write a '-' before it)"},
        {"2d", "(for days ago write a '-' before it)"},
        {"soon", "--from 'soon' is not a day or a time; allowed: "},
        {"soon", "and 2026-11-26T14:00:00Z"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct range range;
        struct err err;
        t_row(rows[i].text);
        t_int(range_parse(rows[i].text, NULL, NOW, &range, &err), -EINVAL);
        t_contains(err.text, rows[i].words);
    }
}

static void open_ends(void **state)
{
    (void)state;
    struct range range, all = range_all();
    t_int(range_parse(NULL, NULL, NOW, &range, NULL), 0);
    t_int(range.from, all.from);
    t_int(range.to, all.to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_times),
        cmocka_unit_test(refuses_other_text),
        cmocka_unit_test(empty_ranges_are_refused),
        cmocka_unit_test(common_mistakes_are_explained),
        cmocka_unit_test(open_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
