#include "cli/calendar_view.h"

#include "base/clock.h"
#include "base/json.h"
#include "support/t.h"

#include <string.h>

#define TEXT_BYTES 65536

static int32_t day_of(const char *date)
{
    int32_t day = 0;
    t_true(clock_parse_day(date, &day));
    return day;
}

/* The usual week, the holidays built in, one of the user, and a half day. */
static struct calendar_set calendar_of_a_user(void)
{
    struct calendar_set set = {.count = 1};
    struct calendar *c = &set.each[0].calendar;
    *c = (struct calendar){
        .argentina = true, .holidays = {day_of("2026-12-30")}, .holidays_count = 1};
    t_true(calendar_parse_days("Mon-Fri", &c->days));
    t_true(calendar_parse_hours("10:00-17:05", &c->open_minute, &c->close_minute));
    t_true(calendar_parse_special("2026-12-24 10:00-13:00", &c->special[c->special_count++]));
    return set;
}

/* The same, with a segment that has hours, auctions and a holiday of its own. */
static struct calendar_set with_a_segment(void)
{
    struct calendar_set set = calendar_of_a_user();
    struct segment_calendar *s = &set.each[set.count++];
    *s = (struct segment_calendar){
        .segment = "MERV", .own_hours = true, .calendar = set.each[0].calendar};
    struct calendar *c = &s->calendar;
    t_true(calendar_parse_hours("11:00-17:00", &c->open_minute, &c->close_minute));
    c->pre_open_minutes = 30;
    c->closing_minutes = 5;
    c->special_count = 0;
    c->holidays[c->holidays_count++] = day_of("2026-12-07");
    calendar_set_inherit(s, &set.each[0].calendar, true);
    return set;
}

static struct calendar_view december(const struct calendar_set *c)
{
    return (struct calendar_view){c, art_day_begins_ns(day_of("2026-11-27")) + 8 * NS_PER_HOUR,
                                  day_of("2026-12-01"), day_of("2026-12-31")};
}

static void print(struct buf *out, const struct calendar_view *view)
{
    buf_init(out, TEXT_BYTES);
    calendar_view_table(out, view);
}

static void the_table_lists_what_differs(void **state)
{
    (void)state;
    struct buf out;
    struct calendar_set c = calendar_of_a_user();
    struct calendar_view view = december(&c);
    print(&out, &view);
    t_contains(buf_text(&out), "session   Mon-Fri 10:00-17:05 ART\n");
    t_contains(buf_text(&out), "now       Fri 2026-11-27 08:00 ART: closed until Fri 2026-11-27 "
                               "10:00 ART\n");
    t_contains(buf_text(&out), "Mon 2026-12-07  10:00-17:05  built in    Día no laborable");
    t_contains(buf_text(&out), "Tue 2026-12-08  no session   built in    Inmaculada");
    t_contains(buf_text(&out), "Thu 2026-12-24  10:00-13:00  configured  Nochebuena\n");
    t_contains(buf_text(&out), "Wed 2026-12-30  no session   configured  \n");
    t_true(strstr(buf_text(&out), "2026-12-09") == NULL);
    t_contains(buf_text(&out), "Not all days of 2027 ");
    buf_finish(&out);
}

static void the_days_of_the_week(void **state)
{
    (void)state;
    static const char *const rows[] = {"Mon-Fri", "Mon,Wed", "Mon-Wed,Fri-Sat", "Sun", "Mon-Sun"};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        char line[64];
        struct calendar_set c = calendar_of_a_user();
        struct calendar_view view = december(&c);
        t_row(rows[i]);
        t_true(calendar_parse_days(rows[i], &c.each[0].calendar.days));
        print(&out, &view);
        snprintf(line, sizeof(line), "session   %s 10:00", rows[i]);
        t_contains(buf_text(&out), line);
        buf_finish(&out);
    }
}

static void a_market_that_is_always_open(void **state)
{
    (void)state;
    struct buf out;
    struct calendar_set c = calendar_of_a_user();
    struct calendar_view view = december(&c);
    c.each[0].calendar.always = true;
    print(&out, &view);
    t_contains(buf_text(&out), "always open");
    t_contains(buf_text(&out), "ART: open\n");
    t_true(strstr(buf_text(&out), "date ") == NULL);
    buf_finish(&out);
}

static void segments_are_listed_where_they_differ(void **state)
{
    (void)state;
    struct buf out;
    struct calendar_set c = with_a_segment();
    struct calendar_view view = december(&c);
    print(&out, &view);
    t_contains(buf_text(&out), "segment   MERV: Mon-Fri 11:00-17:00 ART, pre-open from 10:30, "
                               "closing auction until 17:05\n");
    t_contains(buf_text(&out), "          MERV: closed until Fri 2026-11-27 10:30 ART\n");
    t_contains(buf_text(&out), "Mon 2026-12-07  10:00-17:05  built in    Día no laborable");
    t_contains(buf_text(&out), "Mon 2026-12-07  no session   configured  MERV: Día no laborable");
    t_contains(buf_text(&out), "Thu 2026-12-24  11:00-13:00  configured  MERV: Nochebuena\n");
    t_true(!strstr(buf_text(&out), "MERV: Navidad")); /* as everywhere */
    view.now_ns += 150 * NS_PER_MIN;                  /* 10:30 */
    buf_clear(&out);
    calendar_view_table(&out, &view);
    t_contains(buf_text(&out), "          MERV: pre-open until Fri 2026-11-27 11:00 ART\n");
    buf_clear(&out);
    calendar_view_json(&out, &view);
    t_contains(buf_text(&out), "\"segments\":[{\"segment\":\"MERV\",\"always\":false,");
    t_contains(buf_text(&out),
               "\"pre_open\":\"10:30\",\"closing_auction\":\"17:05\",\"open\":false,"
               "\"phase\":\"pre_open\",\"changes\":\"2026-11-27T14:00:00.000Z\"");
    buf_finish(&out);
}

static void json(void **state)
{
    (void)state;
    struct buf out;
    struct err err;
    struct calendar_set c = calendar_of_a_user();
    struct calendar_view view = december(&c);
    struct json_parser *parser = json_parser_create();
    buf_init(&out, TEXT_BYTES);
    calendar_view_json(&out, &view);
    const struct json *root = json_parse(parser, buf_text(&out), out.len_bytes, &err);
    t_true(root != NULL);
    t_str(json_string(json_get(root, "days")), "Mon-Fri");
    t_str(json_string(json_get(root, "changes")), "2026-11-27T13:00:00.000Z");
    t_contains(buf_text(&out), "\"missing_year\":2027,");
    t_contains(buf_text(&out), "{\"date\":\"2026-12-25\",\"weekday\":\"Fri\",\"hours\":null,"
                               "\"origin\":\"built in\",\"name\":\"Navidad\"}");
    buf_finish(&out);
    json_parser_destroy(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_lists_what_differs),
        cmocka_unit_test(the_days_of_the_week),
        cmocka_unit_test(a_market_that_is_always_open),
        cmocka_unit_test(segments_are_listed_where_they_differ),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
