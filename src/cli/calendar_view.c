#include "cli/calendar_view.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "market/holidays.h"

#include <stdio.h>

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

static int minute_of(int64_t day, int64_t wall_ns)
{
    return (int)((wall_ns - art_day_begins_ns(day)) / (60 * NS_PER_S));
}

static bool is_special(const struct calendar *c, int64_t day)
{
    for (size_t i = 0; i < c->special_count; i++) {
        if (c->special[i].day == day)
            return true;
    }
    return false;
}

/* Fills `out` if that day is to be listed. */
static bool date_of(const struct calendar *c, int64_t day, struct date *out)
{
    int64_t open_ns, close_ns;
    const struct holiday *holiday = c->argentina ? holiday_of(day) : NULL;
    *out = (struct date){.day = day, .name = holiday ? holiday->name : ""};
    out->configured = is_special(c, day) || calendar_is_holiday(c, day);
    out->trading = calendar_session(c, day, &open_ns, &close_ns);
    if (out->trading)
        hours_text(out->hours, minute_of(day, open_ns), minute_of(day, close_ns));
    return !c->always && (holiday || out->configured);
}

/* --- table ------------------------------------------------------------------------------------ */

static void put_present(struct buf *out, const struct calendar_view *v)
{
    char now[CLOCK_TEXT], next[CLOCK_TEXT];
    int64_t next_ns = calendar_next_ns(v->calendar, v->now_ns);
    buf_printf(out, "now       %s %.16s ART: %s", clock_weekday(art_day(v->now_ns)),
               art_text(now, v->now_ns), calendar_open(v->calendar, v->now_ns) ? "open" : "closed");
    if (next_ns != INT64_MAX)
        buf_printf(out, " until %s %.16s ART", clock_weekday(art_day(next_ns)),
                   art_text(next, next_ns));
    buf_puts(out, "\n");
}

static void put_head(struct buf *out, const struct calendar_view *v)
{
    const struct calendar *c = v->calendar;
    char hours[HOURS_TEXT], days[DAYS_TEXT];
    hours_text(hours, c->open_minute, c->close_minute);
    days_text(days, c->days);
    if (c->always)
        buf_puts(out, "session   always open (session.always)\n");
    else
        buf_printf(out, "session   %s %s ART\n", days, hours);
    put_present(out, v);
    if (!c->always)
        buf_printf(out, "holidays  %s; %zu configured, %zu special sessions\n",
                   c->argentina ? "argentina" : "none built in", c->holidays_count,
                   c->special_count);
}

static void put_row(struct buf *out, const struct date *date)
{
    char text[CLOCK_TEXT];
    buf_printf(out, "%s %s  %-11s  %-10s  %s\n", clock_weekday(date->day),
               clock_day_text(text, date->day), date->trading ? date->hours : NO_HOURS,
               date->configured ? "configured" : "built in", date->name);
}

static void put_warning(struct buf *out, const struct calendar_view *v)
{
    int year = calendar_missing_year(v->calendar, v->till_day);
    if (year)
        buf_printf(out,
                   "\nNot all days of %d without a session are built in: they are published in\n"
                   "December. Compare with the market's notice, and add those missing:\n"
                   "session { holidays = {\"argentina\", \"%d-MM-DD\"} }\n",
                   year, year);
}

void calendar_view_table(struct buf *out, const struct calendar_view *v)
{
    struct date date;
    bool any = false;
    put_head(out, v);
    for (int64_t day = v->from_day; day <= v->till_day; day++) {
        if (!date_of(v->calendar, day, &date))
            continue;
        if (!any)
            buf_puts(out, "\ndate            session      origin      name\n");
        put_row(out, &date);
        any = true;
    }
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

static void put_settings(struct buf *out, const struct calendar_view *v)
{
    const struct calendar *c = v->calendar;
    char hours[HOURS_TEXT], days[DAYS_TEXT], changes[CLOCK_TEXT];
    int64_t next_ns = calendar_next_ns(c, v->now_ns);
    int year = calendar_missing_year(c, v->till_day);
    hours_text(hours, c->open_minute, c->close_minute);
    days_text(days, c->days);
    buf_printf(out, "{\"always\":%s,\"days\":\"%s\",\"hours\":\"%s\",\"argentina\":%s,",
               c->always ? "true" : "false", days, hours, c->argentina ? "true" : "false");
    buf_printf(out, "\"open\":%s,\"changes\":", calendar_open(c, v->now_ns) ? "true" : "false");
    json_put_string(out, next_ns == INT64_MAX ? NULL : clock_text(changes, next_ns));
    buf_puts(out, ",\"missing_year\":");
    if (year)
        buf_printf(out, "%d", year);
    else
        buf_puts(out, "null");
}

void calendar_view_json(struct buf *out, const struct calendar_view *v)
{
    struct date date;
    const char *comma = "";
    put_settings(out, v);
    buf_puts(out, ",\"dates\":[");
    for (int64_t day = v->from_day; day <= v->till_day; day++) {
        if (!date_of(v->calendar, day, &date))
            continue;
        buf_puts(out, comma);
        put_date(out, &date);
        comma = ",";
    }
    buf_puts(out, "]}\n");
}
