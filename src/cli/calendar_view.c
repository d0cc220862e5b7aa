#include "cli/calendar_view.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "market/holidays.h"

#include <stdio.h>
#include <string.h>

#define ROWS_BYTES (1024 * 1024)
#define HOURS_TEXT 12
#define DAYS_TEXT  32
#define NO_HOURS   "no session"

/* A day that differs from the usual ones. */
struct date {
    int64_t day;
    char hours[HOURS_TEXT];
    bool trading, configured;
    const char *name; /* "" = none */
};

/* "Mon-Fri", "Mon,Wed"; at most DAYS_TEXT bytes. */
static void days_text(char out[DAYS_TEXT], uint8_t days)
{
    size_t at = 0;
    *out = '\0';
    for (int from = 0, to; from < 7; from = to + 1) {
        to = from;
        if (!(days >> from & 1))
            continue;
        while (to < 6 && days >> (to + 1) & 1)
            to++;
        at += (size_t)snprintf(out + at, DAYS_TEXT - at, "%s%s%s%s", at ? "," : "",
                               clock_weekday(from - 3), to > from ? "-" : "",
                               to > from ? clock_weekday(to - 3) : "");
    }
}

static void hours_text(char out[HOURS_TEXT], int open_minute, int close_minute)
{
    snprintf(out, HOURS_TEXT, "%02u:%02u-%02u:%02u", (unsigned)open_minute / 60 % 100,
             (unsigned)open_minute % 60, (unsigned)close_minute / 60 % 100,
             (unsigned)close_minute % 60);
}

static char *minute_text(char out[HOURS_TEXT], int minute)
{
    snprintf(out, HOURS_TEXT, "%02u:%02u", (unsigned)minute / 60 % 100, (unsigned)minute % 60);
    return out;
}

static int minute_of(int64_t day, int64_t wall_ns)
{
    return (int)((wall_ns - art_day_begins_ns(day)) / (60 * NS_PER_S));
}

static const struct calendar *general(const struct calendar_view *v)
{
    return &v->sessions->each[0].calendar;
}

/* Fills `out` if that day is to be listed. */
static bool date_of(const struct calendar *c, int64_t day, struct date *out)
{
    struct calendar_times times;
    const struct holiday *holiday = c->argentina ? holiday_of(day) : NULL;
    *out = (struct date){.day = day, .name = holiday ? holiday->name : ""};
    out->configured = calendar_special_of(c, day) || calendar_is_holiday(c, day);
    out->trading = calendar_session(c, day, &times);
    if (out->trading)
        hours_text(out->hours, minute_of(day, times.open_ns), minute_of(day, times.close_ns));
    return !c->always && (holiday || out->configured);
}

/* The same, of a segment, if it is not as in section session. */
static bool segment_date_of(const struct calendar_view *v, int segment, int64_t day,
                            struct date *out)
{
    const struct calendar *c = &v->sessions->each[segment].calendar;
    struct date all;
    bool listed = date_of(general(v), day, &all);
    bool own = date_of(c, day, out);
    if (!own && !(listed && out->trading != all.trading))
        return false;
    return !listed || out->trading != all.trading ||
           (out->trading && calendar_special_of(c, day) && strcmp(out->hours, all.hours) != 0);
}

/* --- table ------------------------------------------------------------------------------------ */

static void put_present(struct buf *out, const struct calendar_view *v, const struct calendar *c)
{
    char next[CLOCK_TEXT];
    int64_t next_ns = calendar_next_ns(c, v->now_ns);
    buf_puts(out, calendar_phase_name(calendar_phase(c, v->now_ns)));
    if (next_ns != INT64_MAX)
        buf_printf(out, " until %s %.16s ART", clock_weekday(art_day(next_ns)),
                   art_text(next, next_ns));
    buf_puts(out, "\n");
}

static void put_now(struct buf *out, const struct calendar_view *v)
{
    char now[CLOCK_TEXT];
    buf_printf(out, "now       %s %.16s ART: ", clock_weekday(art_day(v->now_ns)),
               art_text(now, v->now_ns));
    put_present(out, v, general(v));
    for (int i = 1; i < v->sessions->count; i++) {
        buf_printf(out, "          %s: ", v->sessions->each[i].segment);
        put_present(out, v, &v->sessions->each[i].calendar);
    }
}

static void put_hours(struct buf *out, const struct calendar *c)
{
    char hours[HOURS_TEXT], days[DAYS_TEXT], minute[HOURS_TEXT];
    hours_text(hours, c->open_minute, c->close_minute);
    days_text(days, c->days);
    if (c->always) {
        buf_puts(out, "always open\n");
        return;
    }
    buf_printf(out, "%s %s ART", days, hours);
    if (c->pre_open_minutes)
        buf_printf(out, ", pre-open from %s",
                   minute_text(minute, c->open_minute - c->pre_open_minutes));
    if (c->closing_minutes)
        buf_printf(out, ", closing auction until %s",
                   minute_text(minute, c->close_minute + c->closing_minutes));
    buf_puts(out, "\n");
}

static void put_head(struct buf *out, const struct calendar_view *v)
{
    const struct calendar *c = general(v);
    buf_puts(out, "session   ");
    put_hours(out, c);
    for (int i = 1; i < v->sessions->count; i++) {
        buf_printf(out, "segment   %s: ", v->sessions->each[i].segment);
        put_hours(out, &v->sessions->each[i].calendar);
    }
    put_now(out, v);
    if (!c->always)
        buf_printf(out, "holidays  %s; %zu configured, %zu special sessions\n",
                   c->argentina ? "argentina" : "none built in", c->holidays_count,
                   c->special_count);
}

static void put_row(struct buf *out, const struct date *date, const char *segment)
{
    char text[CLOCK_TEXT];
    buf_printf(out, "%s %s  %-11s  %-10s  %s%s%s\n", clock_weekday(date->day),
               clock_day_text(text, date->day), date->trading ? date->hours : NO_HOURS,
               date->configured ? "configured" : "built in", segment,
               *segment && *date->name ? ": " : "", date->name);
}

/* Returns how many rows the day has. */
static int put_day(struct buf *out, const struct calendar_view *v, int64_t day)
{
    struct date date;
    int rows = date_of(general(v), day, &date);
    if (rows)
        put_row(out, &date, "");
    for (int i = 1; i < v->sessions->count; i++) {
        if (!segment_date_of(v, i, day, &date))
            continue;
        put_row(out, &date, v->sessions->each[i].segment);
        rows++;
    }
    return rows;
}

static void put_warning(struct buf *out, const struct calendar_view *v)
{
    int year = calendar_missing_year(general(v), v->till_day);
    if (year)
        buf_printf(out,
                   "\nNot all days of %d without a session are built in: they are published in\n"
                   "December. Compare with the market's notice, and add those missing:\n"
                   "session { holidays = {\"argentina\", \"%d-MM-DD\"} }\n",
                   year, year);
}

void calendar_view_table(struct buf *out, const struct calendar_view *v)
{
    struct buf rows;
    int count = 0;
    buf_init(&rows, ROWS_BYTES);
    for (int64_t day = v->from_day; day <= v->till_day; day++)
        count += put_day(&rows, v, day);
    put_head(out, v);
    if (count)
        buf_printf(out, "\ndate            session      origin      name\n%s", buf_text(&rows));
    buf_finish(&rows);
    put_warning(out, v);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_date(struct buf *out, const struct date *date)
{
    char text[CLOCK_TEXT];
    buf_printf(out,
               "{\"date\":\"%s\",\"weekday\":\"%s\",\"hours\":", clock_day_text(text, date->day),
               clock_weekday(date->day));
    json_put_string(out, date->trading ? date->hours : NULL);
    buf_printf(out, ",\"origin\":\"%s\",\"name\":", date->configured ? "configured" : "built in");
    json_put_string(out, date->name);
    buf_puts(out, "}");
}

static void put_minute(struct buf *out, const char *key, int minute, bool known)
{
    char text[HOURS_TEXT];
    buf_printf(out, ",\"%s\":", key);
    json_put_string(out, known ? minute_text(text, minute) : NULL);
}

static void put_settings(struct buf *out, const struct calendar *c)
{
    char hours[HOURS_TEXT], days[DAYS_TEXT];
    hours_text(hours, c->open_minute, c->close_minute);
    days_text(days, c->days);
    buf_printf(out, "\"always\":%s,\"days\":\"%s\",\"hours\":\"%s\"", c->always ? "true" : "false",
               days, hours);
    put_minute(out, "pre_open", c->open_minute - c->pre_open_minutes, c->pre_open_minutes);
    put_minute(out, "closing_auction", c->close_minute + c->closing_minutes, c->closing_minutes);
}

static void put_state(struct buf *out, const struct calendar *c, int64_t now_ns)
{
    char changes[CLOCK_TEXT];
    int64_t next_ns = calendar_next_ns(c, now_ns);
    buf_printf(out, ",\"open\":%s,\"phase\":\"%s\",\"changes\":",
               calendar_open(c, now_ns) ? "true" : "false",
               calendar_phase_key(calendar_phase(c, now_ns)));
    json_put_string(out, next_ns == INT64_MAX ? NULL : clock_text(changes, next_ns));
}

static void put_dates(struct buf *out, const struct calendar_view *v, int segment)
{
    struct date date;
    const char *comma = "";
    buf_puts(out, ",\"dates\":[");
    for (int64_t day = v->from_day; day <= v->till_day; day++) {
        if (!(segment ? segment_date_of(v, segment, day, &date) : date_of(general(v), day, &date)))
            continue;
        buf_puts(out, comma);
        put_date(out, &date);
        comma = ",";
    }
    buf_puts(out, "]");
}

static void put_segment(struct buf *out, const struct calendar_view *v, int segment)
{
    const struct segment_calendar *of = &v->sessions->each[segment];
    buf_printf(out, "%s{\"segment\":", segment > 1 ? "," : "");
    json_put_string(out, of->segment);
    buf_puts(out, ",");
    put_settings(out, &of->calendar);
    put_state(out, &of->calendar, v->now_ns);
    put_dates(out, v, segment);
    buf_puts(out, "}");
}

void calendar_view_json(struct buf *out, const struct calendar_view *v)
{
    int year = calendar_missing_year(general(v), v->till_day);
    buf_puts(out, "{");
    put_settings(out, general(v));
    buf_printf(out, ",\"argentina\":%s", general(v)->argentina ? "true" : "false");
    put_state(out, general(v), v->now_ns);
    buf_puts(out, ",\"missing_year\":");
    if (year)
        buf_printf(out, "%d", year);
    else
        buf_puts(out, "null");
    put_dates(out, v, 0);
    buf_puts(out, ",\"segments\":[");
    for (int i = 1; i < v->sessions->count; i++)
        put_segment(out, v, i);
    buf_puts(out, "]}\n");
}
