#include "market/calendar_set.h"

#include "base/clock.h"
#include "market/instrument.h"
#include "support/t.h"

#include <stdio.h>

#define MONDAY INT64_C(20780) /* 2026-11-23 */
#define ALL    7U

static int64_t at(int64_t day, int hour, int minute)
{
    return art_day_begins_ns(day) + (hour * 60 + minute) * NS_PER_MIN;
}

static void set_segment(struct calendar_set *set, const char *name, const char *hours)
{
    struct segment_calendar *s = &set->each[set->count++];
    snprintf(s->segment, sizeof(s->segment), "%s", name);
    s->own_hours = true;
    t_true(calendar_parse_days("Mon-Fri", &s->calendar.days));
    t_true(calendar_parse_hours(hours, &s->calendar.open_minute, &s->calendar.close_minute));
}

/* DDF trades until 15:00, BYMA from 11:00 on, after a pre-open of half an hour. */
static struct calendar_set two_segments(void)
{
    struct calendar_set set = {0};
    set_segment(&set, "", "10:00-17:05");
    set_segment(&set, "DDF", "10:00-15:00");
    set_segment(&set, "MERV", "11:00-17:00");
    set.each[2].calendar.pre_open_minutes = 30;
    return set;
}

static void segments_by_name(void **state)
{
    (void)state;
    struct calendar_set set = two_segments();
    t_int(calendar_set_find(&set, "DDF"), 1);
    t_int(calendar_set_find(&set, "merv"), 2);
    t_int(calendar_set_find(&set, "DDA"), 0);
    t_int(calendar_set_find(&set, ""), 0);
    t_int(calendar_set_find(&set, NULL), 0);
}

static void segments_of_instruments(void **state)
{
    (void)state;
    static const struct {
        const char *name, *known, *symbol, *segment;
    } rows[] = {
        {"reference data", "DDA", "SOJ.ROS/MAY27", "DDA"},
        {"nothing is known", NULL, "DLR/DIC26", NULL},
        {"a symbol of BYMA", NULL, "MERV - XMEV - AL30 - 24hs", "MERV"},
        {"reference data come first", "U-DDF", "MERV - XMEV - AL30 - 24hs", "U-DDF"},
        {"an empty segment is none", "", "MERV - XMEV - AL30 - 24hs", "MERV"},
        {"one blank is missing", NULL, "MERV -XMEV - AL30 - 24hs", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct instrument known = {.segment = rows[i].known};
        t_row(rows[i].name);
        t_str(calendar_set_segment(&known, rows[i].symbol), rows[i].segment);
    }
    t_str(calendar_set_segment(NULL, "MERV - XMEV - AL30 - CI"), "MERV");
}

/* A half day from 10:00 to 13:00, and a session on a Saturday from 9:00 to 10:30. */
static struct calendar with_specials(void)
{
    struct calendar c = two_segments().each[0].calendar;
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY, 600, 780};
    c.special[c.special_count++] = (struct calendar_special){(int32_t)MONDAY + 5, 540, 630};
    return c;
}

struct hours {
    int open, close; /* minutes; 0 = no session */
};

static void check_day(const struct segment_calendar *s, int64_t day, struct hours expected)
{
    struct calendar_times times = {0};
    t_int(calendar_session(&s->calendar, day, &times), expected.close > 0);
    if (expected.close == 0)
        return;
    t_int(times.open_ns, at(day, 0, expected.open));
    t_int(times.close_ns, at(day, 0, expected.close));
}

static void half_days_of_all_segments(void **state)
{
    (void)state;
    struct calendar general = with_specials();
    struct calendar_set set = two_segments();
    for (int i = 1; i < 3; i++)
        calendar_set_inherit(&set.each[i], &general, false);
    t_row("DDF");
    check_day(&set.each[1], MONDAY, (struct hours){600, 780});
    check_day(&set.each[1], MONDAY + 5, (struct hours){600, 630});
    t_row("MERV: only the part within its hours");
    check_day(&set.each[2], MONDAY, (struct hours){660, 780});
    t_row("MERV: there is none");
    check_day(&set.each[2], MONDAY + 5, (struct hours){0, 0});
    t_row("hours that are not its own");
    set = two_segments();
    set.each[2].own_hours = false;
    calendar_set_inherit(&set.each[2], &general, false);
    check_day(&set.each[2], MONDAY + 5, (struct hours){540, 630});
}

static void what_a_segment_has_itself_comes_first(void **state)
{
    (void)state;
    struct calendar general = with_specials();
    struct calendar_set set = two_segments();
    struct calendar *c = &set.each[2].calendar;
    c->special[c->special_count++] = (struct calendar_special){(int32_t)MONDAY, 690, 750};
    c->holidays[c->holidays_count++] = (int32_t)MONDAY + 5;
    calendar_set_inherit(&set.each[2], &general, true);
    check_day(&set.each[2], MONDAY, (struct hours){690, 750});
    check_day(&set.each[2], MONDAY + 5, (struct hours){0, 0});
    t_int((int64_t)c->special_count, 1);
}

static void several_calendars_together(void **state)
{
    (void)state;
    struct calendar_set set = two_segments();
    const struct {
        const char *name;
        uint32_t which;
        int64_t now;
        enum calendar_phase phase;
        int64_t next;
    } rows[] = {
        {"DDF only", 2, at(MONDAY, 16, 0), PHASE_CLOSED, at(MONDAY + 1, 10, 0)},
        {"MERV only", 4, at(MONDAY, 10, 0), PHASE_CLOSED, at(MONDAY, 10, 30)},
        {"its pre-open", 4, at(MONDAY, 10, 45), PHASE_PRE_OPEN, at(MONDAY, 11, 0)},
        {"both: DDF opens first", 6, at(MONDAY, 9, 0), PHASE_CLOSED, at(MONDAY, 10, 0)},
        {"both: open until the last one closes", 6, at(MONDAY, 10, 15), PHASE_OPEN,
         at(MONDAY, 17, 0)},
        {"both: DDF has closed", 6, at(MONDAY, 15, 0), PHASE_OPEN, at(MONDAY, 17, 0)},
        {"all three", ALL, at(MONDAY, 17, 0), PHASE_OPEN, at(MONDAY, 17, 5)},
        {"none", 0, at(MONDAY, 12, 0), PHASE_CLOSED, INT64_MAX},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(calendar_set_phase(&set, rows[i].which, rows[i].now), rows[i].phase);
        t_int(calendar_set_next_ns(&set, rows[i].which, rows[i].now), rows[i].next);
    }
    set.each[1].calendar.always = true;
    t_row("one of them never closes");
    t_int(calendar_set_next_ns(&set, ALL, at(MONDAY, 12, 0)), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_by_name),
        cmocka_unit_test(segments_of_instruments),
        cmocka_unit_test(half_days_of_all_segments),
        cmocka_unit_test(what_a_segment_has_itself_comes_first),
        cmocka_unit_test(several_calendars_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
