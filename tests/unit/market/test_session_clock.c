#include "market/session_clock.h"

#include "base/clock.h"
#include "support/t.h"

#define MONDAY INT64_C(20780) /* 2026-11-23 */

static int64_t at(int64_t day, int hour, int minute)
{
    return art_day_begins_ns(day) + (hour * 60 + minute) * 60 * NS_PER_S;
}

/* A sequence of looks at one clock. */
static void test_looks(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t day;
        int hour, minute;
        bool changed, new_day, open;
        int64_t wait_ms;
    } rows[] = {
        {"the first look, before the session", MONDAY, 9, 59, true, false, false, 60000},
        {"it opens", MONDAY, 10, 0, true, false, true, 60000},
        {"still open", MONDAY, 12, 0, false, false, true, 60000},
        {"it closes", MONDAY, 17, 5, true, false, false, 60000},
        {"before midnight", MONDAY, 23, 59, false, false, false, 60000},
        {"a new day", MONDAY + 1, 0, 0, false, true, false, 60000},
        {"two days later, open", MONDAY + 3, 11, 0, true, true, true, 60000},
        {"the clock was set back to yesterday", MONDAY + 2, 11, 0, false, true, true, 60000},
        {"on Saturday", MONDAY + 5, 11, 0, true, true, false, 60000},
    };
    struct calendar calendar = {0};
    struct session_clock clock = {0};
    t_true(calendar_parse_days("Mon-Fri", &calendar.days));
    t_true(calendar_parse_hours("10:00-17:05", &calendar.open_minute, &calendar.close_minute));
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int64_t now_ns = at(rows[i].day, rows[i].hour, rows[i].minute);
        struct session_look look = session_clock_look(&clock, &calendar, now_ns);
        t_row(rows[i].name);
        t_int(look.changed, rows[i].changed);
        t_int(look.new_day, rows[i].new_day);
        t_int(clock.open, rows[i].open);
        t_int(look.wait_ms, rows[i].wait_ms);
        t_int(look.until_ns, calendar_next_ns(&calendar, now_ns));
    }
    t_row("");
}

/* The next look is just after the session changes, or the day does. */
static void test_the_wait_ends_at_the_change(void **state)
{
    (void)state;
    struct calendar calendar = {0};
    struct session_clock clock = {0};
    t_true(calendar_parse_days("Mon-Fri", &calendar.days));
    t_true(calendar_parse_hours("10:00-17:05", &calendar.open_minute, &calendar.close_minute));
    int64_t ten = at(MONDAY, 10, 0), midnight = at(MONDAY + 1, 0, 0);
    t_int(session_clock_look(&clock, &calendar, ten - 20 * NS_PER_S).wait_ms, 20001);
    t_int(session_clock_look(&clock, &calendar, midnight - 5 * NS_PER_S).wait_ms, 5001);
    calendar.always = true;
    struct session_look look = session_clock_look(&clock, &calendar, midnight - 2 * NS_PER_S);
    t_int(look.until_ns, INT64_MAX);
    t_int(look.wait_ms, 2001); /* a day begins all the same */
    t_true(look.changed && clock.open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_the_wait_ends_at_the_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
