#include "market/session_clock.h"

#include "base/clock.h"
#include "support/t.h"

#define MONDAY INT64_C(20780) /* 2026-11-23 */
#define WAKE_S 240            /* of the clocks here */

static int64_t at(int64_t day, int hour, int minute)
{
    return art_day_begins_ns(day) + (hour * 60 + minute) * NS_PER_MIN;
}

static void set_hours(struct calendar_set *set, const char *hours)
{
    struct calendar *c = &set->each[set->count++].calendar;
    t_true(calendar_parse_days("Mon-Fri", &c->days));
    t_true(calendar_parse_hours(hours, &c->open_minute, &c->close_minute));
}

static struct calendar_set one_calendar(void)
{
    struct calendar_set set = {0};
    set_hours(&set, "10:00-17:05");
    return set;
}

static struct session_clock clock_of_tests(void)
{
    struct session_clock clock = session_clock_init(1);
    clock.wake_ns = WAKE_S * NS_PER_S;
    return clock;
}

/* A sequence of looks at one clock. */
static void looks(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t day;
        int hour, minute;
        bool levels, phases, woken, new_day;
        enum session_level level;
        int64_t wait_ms;
    } rows[] = {
        {"the first look, at night", MONDAY, 9, 55, true, true, false, false, SESSION_CLOSED,
         60000},
        {"it wakes", MONDAY, 9, 56, true, false, true, false, SESSION_WAKING, 60000},
        {"and is awake", MONDAY, 9, 59, false, false, false, false, SESSION_WAKING, 60000},
        {"it opens", MONDAY, 10, 0, true, true, false, false, SESSION_OPEN, 60000},
        {"still open", MONDAY, 12, 0, false, false, false, false, SESSION_OPEN, 60000},
        {"it closes", MONDAY, 17, 5, true, true, false, false, SESSION_CLOSED, 60000},
        {"before midnight", MONDAY, 23, 59, false, false, false, false, SESSION_CLOSED, 60000},
        {"a new day", MONDAY + 1, 0, 0, false, false, false, true, SESSION_CLOSED, 60000},
        {"two days later, open", MONDAY + 3, 11, 0, true, true, false, true, SESSION_OPEN, 60000},
        {"the clock was set back to yesterday", MONDAY + 2, 11, 0, false, false, false, true,
         SESSION_OPEN, 60000},
        {"on Saturday", MONDAY + 5, 11, 0, true, true, false, true, SESSION_CLOSED, 60000},
        {"Saturday, when it would wake", MONDAY + 5, 9, 57, false, false, false, false,
         SESSION_CLOSED, 60000},
    };
    struct calendar_set set = one_calendar();
    struct session_clock clock = clock_of_tests();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct session_look look =
            session_clock_look(&clock, &set, at(rows[i].day, rows[i].hour, rows[i].minute));
        t_row(rows[i].name);
        t_int(look.levels, rows[i].levels);
        t_int(look.phases, rows[i].phases);
        t_int(look.woken, rows[i].woken);
        t_int(look.new_day, rows[i].new_day);
        t_int(clock.level[0], rows[i].level);
        t_int(look.wait_ms, rows[i].wait_ms);
    }
    t_row("");
}

/* The next look is just after the session changes, the time to wake, or the end of the day. */
static void the_wait_ends_at_the_change(void **state)
{
    (void)state;
    struct calendar_set set = one_calendar();
    struct session_clock clock = clock_of_tests();
    int64_t ten = at(MONDAY, 10, 0), midnight = at(MONDAY + 1, 0, 0);
    t_int(session_clock_look(&clock, &set, ten - 20 * NS_PER_S).wait_ms, 20001);
    t_int(session_clock_look(&clock, &set, ten - 250 * NS_PER_S).wait_ms, 10001);
    t_int(session_clock_look(&clock, &set, midnight - 5 * NS_PER_S).wait_ms, 5001);
    set.each[0].calendar.always = true;
    struct session_look look = session_clock_look(&clock, &set, midnight - 2 * NS_PER_S);
    t_int(look.wait_ms, 2001); /* a day begins all the same */
    t_int(look.levels, 1);
    t_int(clock.level[0], SESSION_OPEN);
}

/* Three calendars: DDF, BYMA with a pre-open and a closing auction, one that is always open. */
static struct calendar_set three_calendars(void)
{
    struct calendar_set set = {0};
    set_hours(&set, "10:00-15:00");
    set_hours(&set, "11:00-17:00");
    set_hours(&set, "00:00-24:00");
    set.each[1].calendar.pre_open_minutes = 30;
    set.each[1].calendar.closing_minutes = 5;
    set.each[2].calendar.always = true;
    return set;
}

static void each_calendar_has_its_level(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int hour, minute;
        enum session_level ddf, byma;
        uint32_t levels, woken;
    } rows[] = {
        {"the first look", 9, 0, SESSION_CLOSED, SESSION_CLOSED, 7, 0},
        {"DDF wakes", 9, 57, SESSION_WAKING, SESSION_CLOSED, 1, 1},
        {"DDF opens", 10, 0, SESSION_OPEN, SESSION_CLOSED, 1, 0},
        {"BYMA wakes before its pre-open", 10, 26, SESSION_OPEN, SESSION_WAKING, 2, 2},
        {"BYMA's pre-open", 10, 30, SESSION_OPEN, SESSION_AUCTION, 2, 0},
        {"BYMA opens", 11, 0, SESSION_OPEN, SESSION_OPEN, 2, 0},
        {"DDF closes", 15, 0, SESSION_CLOSED, SESSION_OPEN, 1, 0},
        {"BYMA's closing auction", 17, 0, SESSION_CLOSED, SESSION_AUCTION, 2, 0},
        {"BYMA closes", 17, 5, SESSION_CLOSED, SESSION_CLOSED, 2, 0},
    };
    struct calendar_set set = three_calendars();
    struct session_clock clock = clock_of_tests();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct session_look look =
            session_clock_look(&clock, &set, at(MONDAY, rows[i].hour, rows[i].minute));
        t_row(rows[i].name);
        t_int(clock.level[0], rows[i].ddf);
        t_int(clock.level[1], rows[i].byma);
        t_int(clock.level[2], SESSION_OPEN);
        t_int(look.levels, rows[i].levels);
        t_int(look.woken, rows[i].woken);
    }
    t_row("");
}

/* The first session after the holidays of a long weekend. */
static void it_wakes_after_a_holiday_weekend(void **state)
{
    (void)state;
    struct calendar_set set = one_calendar();
    struct session_clock clock = clock_of_tests();
    set.each[0].calendar.holidays[0] = (int32_t)MONDAY;
    set.each[0].calendar.holidays_count = 1;
    int woken = 0;
    for (int64_t ns = at(MONDAY - 3, 18, 0); ns < at(MONDAY + 1, 10, 0); ns += NS_PER_MIN) {
        struct session_look look = session_clock_look(&clock, &set, ns);
        woken += look.woken != 0;
        t_int(look.woken, ns == at(MONDAY + 1, 9, 56));
    }
    t_int(woken, 1);
}

/* Within the limits, and spread over them. */
static void services_wake_at_different_times(void **state)
{
    (void)state;
    int64_t least = INT64_MAX, most = 0;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        int64_t ms = session_clock_init(seed * 7919).wake_ns / NS_PER_MS;
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    t_true(least >= SESSION_WAKE_MIN_MS && least < SESSION_WAKE_MIN_MS + 2000);
    t_true(most <= SESSION_WAKE_MAX_MS && most > SESSION_WAKE_MAX_MS - 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks),
        cmocka_unit_test(the_wait_ends_at_the_change),
        cmocka_unit_test(each_calendar_has_its_level),
        cmocka_unit_test(it_wakes_after_a_holiday_weekend),
        cmocka_unit_test(services_wake_at_different_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
