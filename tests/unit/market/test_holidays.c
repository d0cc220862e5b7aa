#include "market/holidays.h"

#include "base/clock.h"
#include "support/t.h"

#include <string.h>

static int64_t day_of(const char *date)
{
    int32_t day = 0;
    t_true(clock_parse_day(date, &day));
    return day;
}

static void each_date_is_a_weekday_after_the_one_before(void **state)
{
    (void)state;
    int64_t before = 0;
    for (size_t i = 0; i < holidays_count; i++) {
        int64_t day = day_of(holidays[i].date);
        t_row(holidays[i].date);
        t_true(day > before);
        t_true((day + 3) % 7 < 5); /* no session on Saturday and Sunday anyway */
        t_true(*holidays[i].name);
        before = day;
    }
    t_int(holidays_year(day_of(holidays[0].date)), HOLIDAYS_FIRST_YEAR);
    t_int(holidays_year(before), HOLIDAYS_LAST_YEAR);
}

/* Those of law 27.399 that have a date of their own, unless it is a Saturday or Sunday. */
static void the_fixed_ones_are_in_each_year(void **state)
{
    (void)state;
    static const char *const dates[] = {"01-01", "03-24", "04-02", "05-01",
                                        "05-25", "07-09", "12-08", "12-25"};
    for (int year = HOLIDAYS_FIRST_YEAR; year <= HOLIDAYS_LAST_YEAR; year++) {
        for (size_t i = 0; i < T_COUNT(dates); i++) {
            char date[CLOCK_TEXT];
            snprintf(date, sizeof(date), "%d-%s", year, dates[i]);
            t_row(date);
            int64_t day = day_of(date);
            const struct holiday *holiday = holiday_of(day);
            if ((day + 3) % 7 >= 5)
                continue;
            t_true(holiday != NULL);
            t_int(holiday->kind, HOLIDAY_CLOSED);
        }
    }
}

/* Anonymous Gregorian algorithm. */
static int64_t easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7, m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;
    char date[CLOCK_TEXT];
    snprintf(date, sizeof(date), "%d-%02d-%02d", year, n / 31, n % 31 + 1);
    return day_of(date);
}

static void carnival_and_good_friday_follow_easter(void **state)
{
    (void)state;
    for (int year = HOLIDAYS_FIRST_YEAR; year <= HOLIDAYS_LAST_YEAR; year++) {
        int64_t sunday = easter(year);
        t_str(holiday_of(sunday - 48)->name, "Carnaval");
        t_str(holiday_of(sunday - 47)->name, "Carnaval");
        t_str(holiday_of(sunday - 2)->name, "Viernes Santo");
        t_int(holiday_of(sunday - 2)->kind, HOLIDAY_CLOSED);
    }
}

static void most_days_are_none(void **state)
{
    (void)state;
    t_true(holiday_of(day_of("2026-11-24")) == NULL);
    t_true(holiday_of(day_of("2024-12-25")) == NULL); /* before the first year */
    t_true(holiday_of(day_of("2028-01-01")) == NULL);
    t_true(holiday_of(-1) == NULL);
    t_int(holiday_of(day_of("2026-12-07"))->kind, HOLIDAY_PARTIAL);
}

static void a_year_is_missing_from_the_december_before(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        int year;
    } rows[] = {
        {"2025-12-31", 0},    {"2026-11-30", 0},    {"2026-12-01", 2027}, {"2026-12-31", 2027},
        {"2027-06-01", 2027}, {"2027-12-01", 2028}, {"2040-01-01", 2040},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].date);
        t_int(holidays_missing_year(day_of(rows[i].date)), rows[i].year);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_date_is_a_weekday_after_the_one_before),
        cmocka_unit_test(the_fixed_ones_are_in_each_year),
        cmocka_unit_test(carnival_and_good_friday_follow_easter),
        cmocka_unit_test(most_days_are_none),
        cmocka_unit_test(a_year_is_missing_from_the_december_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
