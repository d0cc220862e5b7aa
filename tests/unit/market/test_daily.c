#include "market/daily.h"

#include "base/clock.h"
#include "support/t.h"

#define T0 INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina */

static void due(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t after_s; /* from T0 */
        int minute;
        const char *expected; /* UTC */
    } rows[] = {
        {"later today", 0, 17 * 60 + 30, "2026-11-23T20:30:00.000Z"},
        {"tomorrow", 0, 9 * 60, "2026-11-24T12:00:00.000Z"},
        {"just before", 5 * 3600 + 1799, 17 * 60 + 30, "2026-11-23T20:30:00.000Z"},
        {"exactly at that minute: the next day", 5 * 3600 + 1800, 17 * 60 + 30,
         "2026-11-24T20:30:00.000Z"},
        {"ten days ago", -10 * 86400, 17 * 60 + 30, "2026-11-13T20:30:00.000Z"},
        {"the first minute of the day", 0, 0, "2026-11-24T03:00:00.000Z"},
        {"the last minute of the day", 0, 1439, "2026-11-24T02:59:00.000Z"},
        {"after 21:00, when UTC has the next date", 10 * 3600, 23 * 60, "2026-11-24T02:00:00.000Z"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[CLOCK_TEXT];
        t_row(rows[i].name);
        t_str(clock_text(text, daily_due_ns(T0 + rows[i].after_s * NS_PER_S, rows[i].minute)),
              rows[i].expected);
    }
    t_row("");
}

static void a_last_run_in_the_future_counts_as_a_day_ago(void **state)
{
    (void)state;
    int64_t ahead = T0 + 400 * NS_PER_DAY;
    t_int(daily_last_ns(T0 - 1, T0), T0 - 1);
    t_int(daily_last_ns(T0, T0), T0);
    t_int(daily_last_ns(ahead, T0), T0 - NS_PER_DAY);
    /* So it is due now if its minute has passed since a day ago. */
    t_true(daily_due_ns(daily_last_ns(ahead, T0), 17 * 60 + 30) <= T0);
    t_true(daily_due_ns(daily_last_ns(ahead, T0), 9 * 60) <= T0);
}

static void time_left(void **state)
{
    (void)state;
    t_int(daily_left_ms(T0 + NS_PER_S, T0), 1001);
    t_int(daily_left_ms(T0 + 1, T0), 1);
    t_int(daily_left_ms(T0, T0), 0);
    t_int(daily_left_ms(T0 - NS_PER_DAY, T0), 0); /* missed while the machine slept */
    t_int(daily_left_ms(T0 + NS_PER_DAY, T0), NS_PER_DAY / NS_PER_MS + 1);
    t_int(daily_left_ms(T0 + NS_PER_DAY + 15 * 60 * NS_PER_S, T0), 87300001);
    t_int(daily_left_ms(T0 + NS_PER_DAY + 15 * 60 * NS_PER_S + 1, T0), 0);
    t_int(daily_left_ms(T0 + 400 * NS_PER_DAY, T0), 0); /* the clock was set back since */
}

static void retries(void **state)
{
    (void)state;
    static const int minutes[] = {10, 10, 20, 40, 80, 120, 120};
    for (int i = 0; i < (int)T_COUNT(minutes); i++)
        t_int(daily_retry_ms(i), minutes[i] * 60000);
    t_int(daily_retry_ms(1000000), 120 * 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(due),
        cmocka_unit_test(a_last_run_in_the_future_counts_as_a_day_ago),
        cmocka_unit_test(time_left),
        cmocka_unit_test(retries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
