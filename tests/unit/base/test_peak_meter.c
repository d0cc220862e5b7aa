#include "base/peak_meter.h"

#include "support/t.h"

#define MINUTE_MS INT64_C(60000)

static struct now at(int64_t mono_ms)
{
    return (struct now){mono_ms, 1000 * NS_PER_S + mono_ms * NS_PER_MS};
}

static void no_value_yet(void **state)
{
    (void)state;
    struct peak_meter m = {0};
    t_int(m.highest_at_ns, 0);
    t_int(peak_meter_recent(&m, 0), 0);
    t_int(peak_meter_recent(&m, 100 * MINUTE_MS), 0);
}

static void the_highest_value_keeps_its_time(void **state)
{
    (void)state;
    struct peak_meter m = {0};
    peak_meter_take(&m, 0, at(5));
    t_int(m.highest, 0);
    t_int(m.highest_at_ns, at(5).wall_ns);
    peak_meter_take(&m, 7, at(10));
    peak_meter_take(&m, 7, at(20)); /* not higher */
    peak_meter_take(&m, 3, at(30));
    t_int(m.highest, 7);
    t_int(m.highest_at_ns, at(10).wall_ns);
    peak_meter_take(&m, 8, at(900 * MINUTE_MS));
    t_int(m.highest, 8);
    t_int(m.highest_at_ns, at(900 * MINUTE_MS).wall_ns);
}

static void recent_values_expire_by_minute(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t asked_minute, expected;
    } rows[] = {
        {"the minute itself", 100, 50}, {"five later", 105, 50}, {"six later", 106, 20},
        {"seven later", 107, 20},       {"eight later", 108, 0}, {"a day later", 1540, 0},
    };
    struct peak_meter m = {0};
    peak_meter_take(&m, 90, at(3 * MINUTE_MS)); /* long ago */
    peak_meter_take(&m, 50, at(100 * MINUTE_MS));
    peak_meter_take(&m, 10, at(101 * MINUTE_MS));
    peak_meter_take(&m, 20, at(102 * MINUTE_MS + 59999));
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(peak_meter_recent(&m, rows[i].asked_minute * MINUTE_MS), rows[i].expected);
    }
}

/* Compared with the maximum over all values. */
static void every_minute_of_two_hours(void **state)
{
    (void)state;
    struct peak_meter m = {0};
    int64_t values[120] = {0};
    for (int64_t minute = 0; minute < 120; minute++) {
        values[minute] = minute % 7 == 3 ? 0 : (minute + 1) * 7919 % 101;
        if (values[minute])
            peak_meter_take(&m, values[minute], at(minute * MINUTE_MS + 1234));
        int64_t expected = 0;
        for (int64_t i = minute > PEAK_METER_MINUTES ? minute - PEAK_METER_MINUTES : 0; i <= minute;
             i++)
            expected = values[i] > expected ? values[i] : expected;
        t_int(peak_meter_recent(&m, minute * MINUTE_MS + 59999), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_yet),
        cmocka_unit_test(the_highest_value_keeps_its_time),
        cmocka_unit_test(recent_values_expire_by_minute),
        cmocka_unit_test(every_minute_of_two_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
