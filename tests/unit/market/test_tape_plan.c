#include "market/tape_plan.h"

#include "support/t.h"

#define DAY     20781 /* Tuesday, 2026-11-24 */
#define RENEWED 30000 /* ms */
#define REST    (5 * MS_PER_MIN)
#define START   INT64_C(1000000) /* monotonic */

static struct calendar weekdays(void)
{
    struct calendar calendar = {.open_minute = 10 * 60, .close_minute = 17 * 60};
    t_true(calendar_parse_days("Mon-Fri", &calendar.days));
    return calendar;
}

/* A time of day in Argentina. */
static int64_t at(int64_t day, int hour, int minute)
{
    return art_day_begins_ns(day) + hour * NS_PER_HOUR + minute * NS_PER_MIN;
}

static void when_a_list_is_final(void **state)
{
    (void)state;
    struct calendar calendar = weekdays();
    t_row("three minutes after the end of the session");
    t_int(tape_plan_final_ns(&calendar, DAY), at(DAY, 17, 3));
    t_row("a Saturday, when only a test market trades");
    t_int(tape_plan_final_ns(&calendar, DAY + 4), at(DAY + 5, 0, 3));
    t_row("a half day");
    calendar.special[calendar.special_count++] = (struct calendar_special){DAY, 600, 780};
    t_int(tape_plan_final_ns(&calendar, DAY), at(DAY, 13, 3));
    t_row("after the closing auction of that day");
    calendar.closing_minutes = 10;
    t_int(tape_plan_final_ns(&calendar, DAY), at(DAY, 13, 13));
    t_row("past midnight");
    t_true(calendar_parse_hours("22:00-26:00", &calendar.open_minute, &calendar.close_minute));
    t_int(tape_plan_final_ns(&calendar, DAY + 1), at(DAY + 2, 2, 13));
    t_row("always");
    calendar.always = true;
    t_int(tape_plan_final_ns(&calendar, DAY), at(DAY + 1, 0, 3));
}

/* The session ends at 17:00; a list is final at 17:03. */
static void what_a_list_is_worth(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int hour, minute, complete_hour; /* 0 = no list yet */
        double volume, broker_volume;
        int trades, gap_hour;
        bool wanted;
        double worth;
    } rows[] = {
        /* clang-format off */
        {"nothing is missing",               12, 0,  0, 500, 500, 100, 0, false, 0},
        {"more than the broker says",        12, 0,  0, 510, 500, 100, 0, false, 0},
        {"no trades yet",                    12, 0,  0,   0,   0,   0, 0, false, 0},
        {"a difference in the last digits",  12, 0,  0, 0.3, 0.1 + 0.2, 2, 0, false, 0},
        {"a fifth, in trades of 5",          12, 0,  0, 400, 500,  80, 0, false, 20},
        {"less than a usual trade is one",   12, 0,  0, 499, 500, 100, 0, false, 1},
        {"the whole day",                    12, 0,  0,   0, 500,   0, 0, false, 1000},
        {"trades of unknown size only",      12, 0,  0,   0, 500,   3, 0, false, 1000},
        {"missing since the last list",      12, 0, 11, 400, 500,  80, 0, false, 20},
        {"after the session",                18, 0, 16, 400, 500,  80, 0, false, 20},
        {"missing in the final list too",    18, 0, 18, 400, 500,  80, 0, false, 0},
        {"unknown volume, in the session",   12, 0,  0, 400, NAN,  80, 0, false, 0},
        {"unknown volume, after a gap",      12, 0,  0, 400, NAN,  80, 11, false, 0.5},
        {"the gap is in a list",             12, 0, 12, 400, NAN,  80, 11, false, 0},
        {"another gap since that list",      14, 0, 12, 400, NAN,  80, 13, false, 0.5},
        {"unknown volume, final",            17, 4,  0, 400, NAN,  80, 0, false, 0.5},
        {"unknown volume, not yet final",    17, 3,  0, 400, NAN,  80, 0, false, 0},
        {"unknown volume, final list read",  18, 0, 18, 400, NAN,  80, 11, false, 0},
        {"unknown volume, never traded",     18, 0,  0,   0, NAN,   0, 0, false, 0},
        {"wanted, although complete",        18, 0, 18, 500, 500, 100, 0, true, 1e12},
        /* clang-format on */
    };
    struct calendar calendar = weekdays();
    struct tape_plan plan;
    tape_plan_init(&plan, RENEWED);
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        struct tape_need need = {
            .day = DAY,
            .volume = rows[r].volume,
            .trades = rows[r].trades,
            .broker_volume = rows[r].broker_volume,
            .ts_complete = rows[r].complete_hour ? at(DAY, rows[r].complete_hour, 0) : 0,
            .ts_gap = rows[r].gap_hour ? at(DAY, rows[r].gap_hour, 0) : 0,
            .wanted = rows[r].wanted,
            .final_ns = tape_plan_final_ns(&calendar, DAY),
        };
        t_row(rows[r].name);
        t_double(tape_plan_worth(&plan, &need, at(DAY, rows[r].hour, rows[r].minute)),
                 rows[r].worth);
    }
}

/* Of a market that never closes, a list is merged up to the last millisecond of its day. */
static void the_final_list_of_a_whole_day(void **state)
{
    (void)state;
    struct tape_plan plan;
    struct tape_need need = {.day = DAY, .volume = 400, .trades = 80, .broker_volume = 500};
    const struct calendar always = {.always = true};
    int64_t now_ns = at(DAY + 1, 1, 0);
    need.final_ns = tape_plan_final_ns(&always, DAY);
    tape_plan_init(&plan, RENEWED);
    need.ts_complete = at(DAY + 1, 0, 0) - 2 * NS_PER_MS;
    t_double(tape_plan_worth(&plan, &need, now_ns), 20);
    need.ts_complete = at(DAY + 1, 0, 0) - NS_PER_MS;
    t_double(tape_plan_worth(&plan, &need, now_ns), 0);
}

static void up_to_when_a_list_is_complete(void **state)
{
    (void)state;
    struct tape_plan plan;
    tape_plan_init(&plan, RENEWED);
    t_row("45 s before the request");
    t_int(tape_plan_complete_ns(&plan, 100 * NS_PER_S, 0), 55 * NS_PER_S);
    t_row("or up to its newest trade");
    t_int(tape_plan_complete_ns(&plan, 100 * NS_PER_S, 60 * NS_PER_S), 60 * NS_PER_S);
}

static struct tape_need lacking(int32_t instrument, int64_t day, double missing)
{
    return (struct tape_need){.instrument = instrument,
                              .day = day,
                              .volume = 100,
                              .trades = 100,
                              .broker_volume = 100 + missing,
                              .final_ns = at(day, 17, 3)};
}

static int64_t next_of(const struct tape_plan *plan, const struct tape_need *needs, size_t count,
                       int64_t after_ms)
{
    const struct now now = {START + after_ms, at(DAY, 12, 0) + after_ms * NS_PER_MS};
    return tape_plan_next(plan, needs, count, now);
}

static void the_most_valuable_comes_first(void **state)
{
    (void)state;
    struct tape_plan plan;
    struct tape_need needs[] = {lacking(0, DAY, 3), lacking(1, DAY, 30), lacking(2, DAY - 1, 30),
                                lacking(3, DAY, 0), lacking(4, DAY, 0)};
    tape_plan_init(&plan, RENEWED);
    t_int(next_of(&plan, needs, 0, 0), -1);
    t_int(next_of(&plan, needs, 4, 0), 1);
    tape_plan_asked(&plan, &needs[1], START);
    t_int(next_of(&plan, needs, 4, 0), 2);
    tape_plan_asked(&plan, &needs[2], START);
    t_int(next_of(&plan, needs, 4, 0), 0);
    tape_plan_asked(&plan, &needs[0], START);
    t_int(next_of(&plan, needs, 4, 0), -1);
    t_row("what the user wants, before all");
    needs[4].wanted = true;
    t_int(next_of(&plan, needs, 5, 0), 4);
    tape_plan_finish(&plan);
}

/* In the session a list that brought what was missing is followed by the next one after the rest;
 * after one that brought nothing the rest is doubled. */
static void an_instrument_rests_between_two_lists(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double missing; /* when the list is requested */
        int64_t rest_ms;
    } rows[] = {
        {"the first", 10, REST},
        {"it brought something", 4, REST},
        {"it brought nothing", 4, 2 * REST},
        {"nothing again, more is missing", 6, 4 * REST},
        {"and again", 6, 8 * REST},
        {"an hour at most", 6, MS_PER_HOUR},
        {"something again", 5, REST},
    };
    struct tape_plan plan;
    int64_t now_ms = 0;
    tape_plan_init(&plan, RENEWED);
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        const struct tape_need need = lacking(7, DAY, rows[r].missing);
        t_row(rows[r].name);
        t_int(next_of(&plan, &need, 1, now_ms), 0);
        tape_plan_asked(&plan, &need, START + now_ms);
        tape_plan_answered(&plan, 7);
        t_int(next_of(&plan, &need, 1, now_ms + rows[r].rest_ms - 1), -1);
        now_ms += rows[r].rest_ms;
    }
    t_row("another day");
    const struct tape_need yesterday = lacking(7, DAY - 1, 50);
    tape_plan_asked(&plan, &yesterday, START + now_ms);
    t_int(next_of(&plan, &yesterday, 1, now_ms + REST), 0);
    tape_plan_finish(&plan);
}

static void failures_delay_only_that_instrument(void **state)
{
    (void)state;
    static const int minutes[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct tape_plan plan;
    const struct tape_need needs[] = {lacking(0, DAY, 9), lacking(1, DAY, 3)};
    int64_t now_ms = 0;
    tape_plan_init(&plan, RENEWED);
    for (size_t i = 0; i < T_COUNT(minutes); i++) {
        tape_plan_asked(&plan, &needs[0], START + now_ms);
        tape_plan_failed(&plan, 0, START + now_ms);
        t_int(next_of(&plan, needs, 2, now_ms + minutes[i] * MS_PER_MIN - 1), 1);
        t_int(next_of(&plan, needs, 2, now_ms + minutes[i] * MS_PER_MIN), 0);
        now_ms += 30; /* failed again before that, as after a reload */
    }
    tape_plan_answered(&plan, 0);
    tape_plan_failed(&plan, 0, START + now_ms);
    t_int(next_of(&plan, needs, 2, now_ms + MS_PER_MIN), 0);
    tape_plan_finish(&plan);
}

static void repeated_with_another_token(void **state)
{
    (void)state;
    struct tape_plan plan;
    const struct tape_need need = lacking(3, DAY, 9);
    tape_plan_init(&plan, RENEWED);
    tape_plan_asked(&plan, &need, START);
    t_int(next_of(&plan, &need, 1, 0), -1);
    tape_plan_unasked(&plan, 3);
    t_int(next_of(&plan, &need, 1, 0), 0);
    tape_plan_finish(&plan);
}

static void refused_until_tomorrow(void **state)
{
    (void)state;
    struct tape_plan plan;
    struct tape_need need = lacking(3, DAY, 9);
    tape_plan_init(&plan, RENEWED);
    need.wanted = true;
    tape_plan_asked(&plan, &need, START);
    tape_plan_refused(&plan, 3, (struct now){START, at(DAY, 12, 0)});
    t_int(next_of(&plan, &need, 1, 11 * MS_PER_HOUR), -1);
    t_int(next_of(&plan, &need, 1, 12 * MS_PER_HOUR), 0);
    tape_plan_finish(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_a_list_is_final),
        cmocka_unit_test(what_a_list_is_worth),
        cmocka_unit_test(the_final_list_of_a_whole_day),
        cmocka_unit_test(up_to_when_a_list_is_complete),
        cmocka_unit_test(the_most_valuable_comes_first),
        cmocka_unit_test(an_instrument_rests_between_two_lists),
        cmocka_unit_test(failures_delay_only_that_instrument),
        cmocka_unit_test(repeated_with_another_token),
        cmocka_unit_test(refused_until_tomorrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
