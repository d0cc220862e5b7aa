#include "market/calendar.h"

#include "base/clock.h"
#include "support/t.h"

#define MONDAY INT64_C(20780) /* 2026-11-23 */

static int64_t at(int64_t day, int hour, int minute)
{
    return art_day_begins_ns(day) + (hour * 60 + minute) * 60 * NS_PER_S;
}

static struct calendar usual(void)
{
    struct calendar c = {0};
    t_true(calendar_parse_days("Mon-Fri", &c.days));
    t_true(calendar_parse_hours("10:00-17:05", &c.open_minute, &c.close_minute));
    return c;
}

static void test_days(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int days; /* -1: refused */
    } rows[] = {
        {"Mon-Fri", 0x1f}, {"Mon,Wed,Fri", 0x15}, {"sat-mon", 0x61},   {"Sun", 0x40},
        {"Mon, Tue", 0x3}, {"Mon-Sun", 0x7f},     {"Wed-Wed", 0x4},    {"", -1},
        {"Mon-", -1},      {"Mon;Tue", -1},       {"Mon,", -1},        {"Lun", -1},
        {"Mon-Fri ", -1},  {"-Fri", -1},          {"Mon-Tue-Wed", -1}, {"Mo", -1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        uint8_t days = 0;
        t_row(rows[i].text);
        t_int(calendar_parse_days(rows[i].text, &days), rows[i].days >= 0);
        if (rows[i].days >= 0)
            t_int(days, rows[i].days);
    }
}

static void test_hours(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int from, to; /* from -1: refused */
    } rows[] = {
        {"10:00-17:05", 600, 1025},  {"00:00-24:00", 0, 1440},   {"23:59-24:00", 1439, 1440},
        {"17:05-10:00", -1, 0},      {"10:00-10:00", -1, 0},     {"10:00-34:01", -1, 0},
        {"22:00-26:00", 1320, 1560}, {"10:00-34:00", 600, 2040}, {"24:00-26:00", -1, 0},
        {"23:59-47:59", 1439, 2879}, {"23:59-48:01", -1, 0},     {"10:00-99:00", -1, 0},
        {"1/:00-17:00", -1, 0},      {"10:00-1/:00", -1, 0},     {"10:60-17:00", -1, 0},
        {"1:00-17:00", -1, 0},       {"10:00 17:00", -1, 0},     {"", -1, 0},
        {"10:00-17:05 ", -1, 0},     {"10.00-17.05", -1, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int from = 0, to = 0;
        t_row(rows[i].text);
        t_int(calendar_parse_hours(rows[i].text, &from, &to), rows[i].from >= 0);
        if (rows[i].from >= 0) {
            t_int(from, rows[i].from);
            t_int(to, rows[i].to);
        }
    }
}

static void test_open_and_next(void **state)
{
    (void)state;
    struct calendar c = usual();
    c.holidays[c.holidays_count++] = (int32_t)MONDAY + 16;
    c.holidays[c.holidays_count++] = (int32_t)MONDAY + 2;
    c.holidays[c.holidays_count] = (int32_t)MONDAY; /* not part of the list */
    c.special[0] = (struct calendar_special){.day = (int32_t)MONDAY};
    const struct {
        const char *name;
        int64_t now;
        bool open;
        int64_t next;
    } rows[] = {
        {"before", at(MONDAY, 9, 59), false, at(MONDAY, 10, 0)},
        {"the first moment", at(MONDAY, 10, 0), true, at(MONDAY, 17, 5)},
        {"the last moment", at(MONDAY, 17, 5) - 1, true, at(MONDAY, 17, 5)},
        {"closed", at(MONDAY, 17, 5), false, at(MONDAY + 1, 10, 0)},
        {"before a holiday", at(MONDAY + 1, 18, 0), false, at(MONDAY + 3, 10, 0)},
        {"a holiday", at(MONDAY + 2, 12, 0), false, at(MONDAY + 3, 10, 0)},
        {"the first holiday of the list", at(MONDAY + 16, 12, 0), false, at(MONDAY + 17, 10, 0)},
        {"Friday", at(MONDAY + 4, 12, 0), true, at(MONDAY + 4, 17, 5)},
        {"Friday evening", at(MONDAY + 4, 20, 0), false, at(MONDAY + 7, 10, 0)},
        {"Sunday", at(MONDAY + 6, 12, 0), false, at(MONDAY + 7, 10, 0)},
        {"Monday in UTC, Sunday in Argentina", at(MONDAY + 6, 23, 0), false, at(MONDAY + 7, 10, 0)},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(calendar_open(&c, rows[i].now), rows[i].open);
        t_int(calendar_next_ns(&c, rows[i].now), rows[i].next);
    }
}

static void test_holidays_of_argentina(void **state)
{
    (void)state;
    struct calendar c = usual();
    static const struct {
        const char *date;
        bool trading;
    } rows[] = {
        {"2026-11-23", false}, /* a holiday */
        {"2026-12-07", true},  /* banks are closed, BYMA trades */
        {"2026-12-08", false}, {"2026-12-09", true}, {"2026-12-12", false},
    };
    for (int built_in = 0; built_in < 2; built_in++) {
        c.argentina = built_in;
        for (size_t i = 0; i < T_COUNT(rows); i++) {
            int32_t day = 0;
            struct calendar_times times;
            t_row(rows[i].date);
            t_true(clock_parse_day(rows[i].date, &day));
            bool weekend = (day + 3) % 7 > 4;
            t_int(calendar_session(&c, day, &times), rows[i].trading || (!built_in && !weekend));
        }
    }
}

static void test_special_on_a_holiday(void **state)
{
    (void)state;
    struct calendar c = usual();
    struct calendar_times times;
    c.argentina = true;
    t_true(calendar_parse_special("2026-11-23 11:00-13:00", &c.special[c.special_count++]));
    t_true(calendar_session(&c, MONDAY, &times));
    t_int(times.open_ns, at(MONDAY, 11, 0));
    t_int(times.close_ns, at(MONDAY, 13, 0));
}

static void test_missing_year(void **state)
{
    (void)state;
    struct calendar c = usual();
    int32_t december = 0;
    t_true(clock_parse_day("2026-12-01", &december));
    t_int(calendar_missing_year(&c, december), 0); /* the user has a list of his own */
    c.argentina = true;
    t_int(calendar_missing_year(&c, december - 1), 0);
    t_int(calendar_missing_year(&c, december), 2027);
    c.holidays[c.holidays_count++] = december + 7; /* of this year */
    t_int(calendar_missing_year(&c, december), 2027);
    c.holidays[c.holidays_count++] = december + 300; /* the user has completed the next one */
    t_int(calendar_missing_year(&c, december), 0);
    c.holidays_count = 0;
    c.always = true;
    t_int(calendar_missing_year(&c, december), 0);
}

static void test_special_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int day, from, to; /* day -1: refused */
    } rows[] = {
        {"2026-12-24 10:00-13:00", 20811, 600, 780},
        {"2028-02-29 00:00-24:00", 21243, 0, 1440},
        {"2026-02-29 10:00-13:00", -1, 0, 0},
        {"2026-12-24 13:00-10:00", -1, 0, 0},
        {"2026-12-24", -1, 0, 0},
        {"2026-12-24 ", -1, 0, 0},
        {"2026-12-24T10:00-13:00", -1, 0, 0},
        {"10:00-13:00", -1, 0, 0},
        {"", -1, 0, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct calendar_special special = {0};
        t_row(rows[i].text);
        t_int(calendar_parse_special(rows[i].text, &special), rows[i].day >= 0);
        if (rows[i].day >= 0) {
            t_int(special.day, rows[i].day);
            t_int(special.open_minute, rows[i].from);
            t_int(special.close_minute, rows[i].to);
        }
    }
}

/* A half day, one that begins earlier, and a session on a Saturday. */
static void test_special_sessions(void **state)
{
    (void)state;
    struct calendar c = usual();
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY + 1, 600, 780};
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY + 2, 540, 1440};
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY + 5, 660, 720};
    const struct {
        const char *name;
        int64_t now;
        bool open;
        int64_t next;
    } rows[] = {
        {"the usual day before", at(MONDAY, 13, 0), true, at(MONDAY, 17, 5)},
        {"the evening of that day", at(MONDAY, 18, 0), false, at(MONDAY + 1, 10, 0)},
        {"the half day's last moment", at(MONDAY + 1, 13, 0) - 1, true, at(MONDAY + 1, 13, 0)},
        {"after the half day", at(MONDAY + 1, 13, 0), false, at(MONDAY + 2, 9, 0)},
        {"earlier than usual", at(MONDAY + 2, 9, 0), true, at(MONDAY + 3, 0, 0)},
        {"the usual day after", at(MONDAY + 3, 9, 0), false, at(MONDAY + 3, 10, 0)},
        {"Friday evening", at(MONDAY + 4, 20, 0), false, at(MONDAY + 5, 11, 0)},
        {"Saturday", at(MONDAY + 5, 11, 30), true, at(MONDAY + 5, 12, 0)},
        {"after the Saturday session", at(MONDAY + 5, 12, 0), false, at(MONDAY + 7, 10, 0)},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(calendar_open(&c, rows[i].now), rows[i].open);
        t_int(calendar_next_ns(&c, rows[i].now), rows[i].next);
    }
    struct calendar_times times;
    t_row("the session of the half day");
    t_true(calendar_session(&c, MONDAY + 1, &times));
    t_int(times.open_ns, at(MONDAY + 1, 10, 0));
    t_int(times.close_ns, at(MONDAY + 1, 13, 0));
    t_true(!calendar_session(&c, MONDAY + 6, &times));
    c.always = true;
    t_true(calendar_session(&c, MONDAY + 1, &times));
    t_int(times.close_ns - times.open_ns, NS_PER_DAY);
}

/* A pre-open of 30 minutes, and a closing auction of 5. */
static struct calendar with_auctions(void)
{
    struct calendar c = usual();
    c.pre_open_minutes = 30;
    c.closing_minutes = 5;
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY + 1, 660, 780};
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY + 2, 10, 60};
    return c;
}

struct phase_row {
    const char *name;
    int64_t now;
    enum calendar_phase phase;
    int64_t next;
};

static void check_phases(const struct calendar *c, const struct phase_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        t_row(rows[i].name);
        t_int(calendar_phase(c, rows[i].now), rows[i].phase);
        t_int(calendar_open(c, rows[i].now), rows[i].phase == PHASE_OPEN);
        t_int(calendar_next_ns(c, rows[i].now), rows[i].next);
    }
    t_row("");
}

static void test_phases(void **state)
{
    (void)state;
    struct calendar c = with_auctions();
    const struct phase_row rows[] = {
        {"before the pre-open", at(MONDAY, 9, 30) - 1, PHASE_CLOSED, at(MONDAY, 9, 30)},
        {"its first moment", at(MONDAY, 9, 30), PHASE_PRE_OPEN, at(MONDAY, 10, 0)},
        {"its last moment", at(MONDAY, 10, 0) - 1, PHASE_PRE_OPEN, at(MONDAY, 10, 0)},
        {"the opening", at(MONDAY, 10, 0), PHASE_OPEN, at(MONDAY, 17, 5)},
        {"the close", at(MONDAY, 17, 5), PHASE_CLOSING, at(MONDAY, 17, 10)},
        {"the end", at(MONDAY, 17, 10), PHASE_CLOSED, at(MONDAY + 1, 10, 30)},
        {"half day: its pre-open is as long", at(MONDAY + 1, 10, 30), PHASE_PRE_OPEN,
         at(MONDAY + 1, 11, 0)},
        {"half day: its closing auction too", at(MONDAY + 1, 13, 0), PHASE_CLOSING,
         at(MONDAY + 1, 13, 5)},
        {"half day: closed", at(MONDAY + 1, 13, 5), PHASE_CLOSED, at(MONDAY + 2, 0, 0)},
        {"a pre-open begins at midnight at the earliest", at(MONDAY + 2, 0, 0), PHASE_PRE_OPEN,
         at(MONDAY + 2, 0, 10)},
        {"Friday's end", at(MONDAY + 4, 17, 10), PHASE_CLOSED, at(MONDAY + 7, 9, 30)},
    };
    check_phases(&c, rows, T_COUNT(rows));
}

static void test_sessions_past_midnight(void **state)
{
    (void)state;
    struct calendar c = usual();
    t_true(calendar_parse_hours("22:00-26:00", &c.open_minute, &c.close_minute));
    c.closing_minutes = 10;
    c.holidays[c.holidays_count++] = (int32_t)MONDAY + 2;
    const struct phase_row rows[] = {
        {"Monday at 1:00 is not of Monday's session", at(MONDAY, 1, 0), PHASE_CLOSED,
         at(MONDAY, 22, 0)},
        {"before midnight", at(MONDAY, 23, 59), PHASE_OPEN, at(MONDAY + 1, 2, 0)},
        {"midnight changes nothing", at(MONDAY + 1, 0, 0), PHASE_OPEN, at(MONDAY + 1, 2, 0)},
        {"its closing auction", at(MONDAY + 1, 2, 0), PHASE_CLOSING, at(MONDAY + 1, 2, 10)},
        {"closed", at(MONDAY + 1, 2, 10), PHASE_CLOSED, at(MONDAY + 1, 22, 0)},
        {"the night before a holiday goes on", at(MONDAY + 2, 1, 0), PHASE_OPEN,
         at(MONDAY + 2, 2, 0)},
        {"the evening of the holiday", at(MONDAY + 2, 22, 0), PHASE_CLOSED, at(MONDAY + 3, 22, 0)},
        {"Friday's session ends on Saturday", at(MONDAY + 5, 1, 0), PHASE_OPEN,
         at(MONDAY + 5, 2, 0)},
        {"Saturday evening", at(MONDAY + 5, 22, 0), PHASE_CLOSED, at(MONDAY + 7, 22, 0)},
    };
    check_phases(&c, rows, T_COUNT(rows));
    t_true(calendar_parse_hours("10:00-34:00", &c.open_minute, &c.close_minute));
    c.closing_minutes = 0;
    t_row("sessions of 24 hours follow each other");
    t_int(calendar_next_ns(&c, at(MONDAY + 3, 12, 0)), at(MONDAY + 5, 10, 0));
    t_true(calendar_parse_hours("00:00-24:00", &c.open_minute, &c.close_minute));
    t_int(calendar_next_ns(&c, at(MONDAY + 3, 12, 0)), at(MONDAY + 5, 0, 0));
}

/* The last business day of a month, on which dollar futures mature, is a day like any other. */
static void test_the_day_of_maturity(void **state)
{
    (void)state;
    struct calendar c = usual();
    c.argentina = true;
    t_row("Monday 30 November 2026");
    t_int(calendar_next_ns(&c, at(MONDAY + 7, 16, 0)), at(MONDAY + 7, 17, 5));
    t_row("New Year: from Thursday 31 December to Monday 4 January");
    t_int(calendar_next_ns(&c, at(20818, 17, 5)), at(20822, 10, 0));
}

static void test_always_and_never(void **state)
{
    (void)state;
    struct calendar always = {.always = true}, never = usual();
    t_true(calendar_open(&always, at(MONDAY + 6, 3, 0)));
    t_int(calendar_next_ns(&always, at(MONDAY, 3, 0)), INT64_MAX);
    never.days = 0;
    t_true(!calendar_open(&never, at(MONDAY, 12, 0)));
    t_int(calendar_next_ns(&never, at(MONDAY, 12, 0)), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_open_and_next),
        cmocka_unit_test(test_holidays_of_argentina),
        cmocka_unit_test(test_special_on_a_holiday),
        cmocka_unit_test(test_missing_year),
        cmocka_unit_test(test_special_texts),
        cmocka_unit_test(test_special_sessions),
        cmocka_unit_test(test_phases),
        cmocka_unit_test(test_sessions_past_midnight),
        cmocka_unit_test(test_the_day_of_maturity),
        cmocka_unit_test(test_always_and_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
