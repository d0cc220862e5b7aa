#include "config/config_session.h"

#include "base/clock.h"
#include "support/config_text.h"

#define MONDAY INT64_C(20780) /* 2026-11-23 */

static struct config *with(const char *text)
{
    char all[2048];
    snprintf(all, sizeof(all), "%s%s", CONFIG_MINIMAL, text);
    return config_good(all);
}

static const struct segment_calendar *segment_of(const struct config *config, const char *name)
{
    return &config->sessions.each[calendar_set_find(&config->sessions, name)];
}

static void without_segments(void **state)
{
    (void)state;
    struct config *config = with("");
    const struct calendar *c = &config->sessions.each[0].calendar;
    t_int(config->sessions.count, 1);
    t_int(c->open_minute, 600);
    t_int(c->close_minute, 1025);
    t_int(c->pre_open_minutes, 0);
    t_int(c->closing_minutes, 0);
    t_true(c->argentina && !c->always);
    config_free(config);
}

static void what_a_segment_does_not_set_is_that_of_session(void **state)
{
    (void)state;
    struct config *config =
        with("session { days = \"Mon-Thu\" hours = \"10:00-17:00\" pre_open = \"09:45\"\n"
             "closing_auction = \"17:10\" holidays = {\"2026-11-30\"} }\n"
             "segment \"MERV\" { hours = \"11:00-16:00\" }\n"
             "segment DDA { days = \"Fri\" pre_open = \"\" holidays = {} }\n"
             "segment empty { }");
    const struct calendar *merv = &segment_of(config, "merv")->calendar;
    const struct calendar *dda = &segment_of(config, "DDA")->calendar;
    t_int(config->sessions.count, 4);
    t_row("hours of its own, auctions of the same length");
    t_int(merv->open_minute, 660);
    t_int(merv->days, 0xf);
    t_int(merv->pre_open_minutes, 15);
    t_int(merv->closing_minutes, 10);
    t_int((int64_t)merv->holidays_count, 1);
    t_row("a day of its own, no pre-open and no holidays");
    t_int(dda->open_minute, 600);
    t_int(dda->days, 0x10);
    t_int(dda->pre_open_minutes, 0);
    t_int(dda->closing_minutes, 10);
    t_int((int64_t)dda->holidays_count, 0);
    t_true(!segment_of(config, "DDA")->own_hours && segment_of(config, "MERV")->own_hours);
    t_row("a section without keys");
    t_int(segment_of(config, "EMPTY")->calendar.close_minute, 1020);
    config_free(config);
}

static void an_empty_list_is_not_inherited(void **state)
{
    (void)state;
    struct config *config = with("segment A { holidays = {} }\nsegment B { special = {} }");
    t_true(!segment_of(config, "A")->calendar.argentina);
    t_true(segment_of(config, "B")->calendar.argentina);
    config_free(config);
}

static void half_days(void **state)
{
    (void)state;
    struct config *config =
        with("session { special = {\"2026-11-23 10:00-13:00\", \"2026-11-24 10:00-13:00\"} }\n"
             "segment MERV { hours = \"11:00-17:00\" special = {\"2026-11-24 11:00-14:00\"} }\n"
             "segment DDF { hours = \"10:00-15:00\" holidays = {argentina, \"2026-11-24\"} }");
    struct calendar_times t;
    t_row("MERV");
    t_true(calendar_session(&segment_of(config, "MERV")->calendar, MONDAY, &t));
    t_int(t.open_ns, art_day_begins_ns(MONDAY) + 11 * NS_PER_HOUR);
    t_int(t.close_ns, art_day_begins_ns(MONDAY) + 13 * NS_PER_HOUR);
    t_true(calendar_session(&segment_of(config, "MERV")->calendar, MONDAY + 1, &t));
    t_int(t.close_ns, art_day_begins_ns(MONDAY + 1) + 14 * NS_PER_HOUR);
    t_row("DDF");
    t_true(calendar_session(&segment_of(config, "DDF")->calendar, MONDAY, &t));
    t_int(t.open_ns, art_day_begins_ns(MONDAY) + 10 * NS_PER_HOUR);
    t_true(!calendar_session(&segment_of(config, "DDF")->calendar, MONDAY + 1, &t));
    config_free(config);
}

/* As at reMarkets: the rest of the file can stay as it is. */
static void always_is_for_all_segments(void **state)
{
    (void)state;
    struct config *config = with("session { always = true }\nsegment DDF { always = false }");
    t_true(segment_of(config, "DDF")->calendar.always);
    config_free(config);
    config = with("segment TEST { always = true }");
    t_true(segment_of(config, "TEST")->calendar.always);
    t_true(!config->sessions.each[0].calendar.always);
    config_free(config);
}

static void past_midnight(void **state)
{
    (void)state;
    struct config *config =
        with("segment NIGHT { hours = \"22:00-26:00\" closing_auction = \"26:15\" }");
    t_int(segment_of(config, "NIGHT")->calendar.close_minute, 26 * 60);
    t_int(segment_of(config, "NIGHT")->calendar.closing_minutes, 15);
    config_free(config);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"session { pre_open = \"10:30\" }",
         "f.conf:4: session.pre_open: '10:30' is not before the opening (hours are 10:00-17:05)"},
        {"session { closing_auction = \"17:00\" }",
         "f.conf:4: session.closing_auction: '17:00' is not after the close (hours are "
         "10:00-17:05): it is the time at which the auction ends"},
        {"segment MERV {\nhours = \"11:00-17:00\"\npre_open = \"11:00\" }",
         "f.conf:6: segment \"MERV\": pre_open: '11:00' is not before the opening (hours are "
         "11:00-17:00)"},
        {"segment MERV { pre_open = \"10:30-11:00\" }",
         "f.conf:4: segment.pre_open: '10:30-11:00' is two times: give only one, as in 10:30; it "
         "ends when hours begins"},
        {"segment MERV { closing_auction = \"5pm\" }",
         "f.conf:4: segment.closing_auction: '5pm' is not a time such as 17:05"},
        {"segment MERV { hours = \"17:00-11:00\" }",
         "f.conf:4: segment.hours: '17:00-11:00' ends before it begins: the opening comes first"},
        {"session { hours = \"22:00-02:00\" }", "counts on, as in 22:00-26:00"},
        {"segment MERV { hours = \"11:00-17:00\" }\nsegment merv { always = true }",
         "f.conf:5: segment \"merv\" is given twice: put its keys into one section"},
        {"segment MERV { hours = \"11:00-17:00\" }\nsegment MERV { always = true }",
         "segment \"MERV\" is given twice: put its keys into one section"},
        {"segment MERV { hour = \"11:00-17:00\" }",
         "f.conf:4: segment.hour: no such key; did you mean 'segment.hours'?"},
        {"session { segment MERV { hours = \"11:00-17:00\" } }",
         "f.conf:4: session.segment: no such key: section segment \"...\" { } is not inside of "
         "another section"},
        {"segments MERV { hours = \"11:00-17:00\" }", "did you mean 'segment'?"},
        {"segment { hours = \"11:00-17:00\" }",
         "f.conf:4: section segment needs the name of a segment: segment \"MERV\" { ... }"},
        {"session \"DDF\" { hours = \"11:00-17:00\" }",
         "f.conf:4: section session has no name: the hours of a segment are in a section of their "
         "own, segment \"DDF\" { ... }"},
        {"segment \"\" { hours = \"11:00-17:00\" }", "f.conf:4: section segment needs the name"},
        {"segment \"M ERV\" { hours = \"11:00-17:00\" }",
         "f.conf:4: segment \"M ERV\": not a name of 1 to 32 characters without blanks"},
        {"segment MERV { special = {\"2026-12-24 11:00-13:00\"}\nholidays = {\"2026-12-24\"} }",
         "segment \"MERV\": special: 2026-12-24 is also in segment.holidays: remove it there"},
        {"segment MERV { special = {\"2026-12-24 11:00-13:00\", \"2026-12-24 14:00-15:00\"} }",
         "f.conf:4: segment \"MERV\": special: 2026-12-24 is given twice: one session per date"},
        {"session { hours = \"00:00-24:00\" closing_auction = \"24:30\" }",
         "f.conf:4: session.hours: '00:00-24:00' with 0 minutes of pre-open and 30 of closing "
         "auction is not within a day"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char all[1024];
        t_row(rows[i].text);
        snprintf(all, sizeof(all), "%s%s", CONFIG_MINIMAL, rows[i].text);
        t_contains(config_bad(all, strlen(all)), rows[i].words);
    }
}

static void the_number_of_segments_is_limited(void **state)
{
    (void)state;
    char all[4096] = CONFIG_MINIMAL;
    for (int i = 0; i < CONFIG_SEGMENTS_MAX; i++)
        snprintf(all + strlen(all), sizeof(all) - strlen(all), "segment S%d { always = true }\n",
                 i);
    struct config *config = config_good(all);
    t_int(config->sessions.count, CALENDARS_MAX);
    config_free(config);
    strcat(all, "segment LAST { }");
    t_contains(config_bad(all, strlen(all)), "f.conf:20: segment \"LAST\": more than 16 segments");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_segments),
        cmocka_unit_test(what_a_segment_does_not_set_is_that_of_session),
        cmocka_unit_test(an_empty_list_is_not_inherited),
        cmocka_unit_test(half_days),
        cmocka_unit_test(always_is_for_all_segments),
        cmocka_unit_test(past_midnight),
        cmocka_unit_test(refused),
        cmocka_unit_test(the_number_of_segments_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
