#include "market/calendar.h"

#include "base/clock.h"

#include <string.h>
#include <strings.h>

#define MINUTE_NS   (60 * NS_PER_S)
#define LOOK_DAYS   (CALENDAR_HOLIDAYS_MAX + 8) /* no closed stretch is longer */
#define ALL_MINUTES (24 * 60)

/* --- reading ---------------------------------------------------------------------------------- */

/* 0 = Monday; -1: no day stands here. */
static int day_at(const char **at)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (int d = 0; d < 7; d++) {
        if (strncasecmp(*at, days[d], 3) == 0) {
            *at += 3;
            return d;
        }
    }
    return -1;
}

bool calendar_parse_days(const char *text, uint8_t *out)
{
    unsigned days = 0;
    for (;;) {
        int from = day_at(&text), to = from;
        if (from >= 0 && *text == '-') {
            text++;
            to = day_at(&text);
        }
        if (from < 0 || to < 0)
            return false;
        for (int d = from;; d = (d + 1) % 7) {
            days |= 1u << d;
            if (d == to)
                break;
        }
        if (*text == '\0')
            break;
        if (*text++ != ',')
            return false;
        text += strspn(text, " ");
    }
    *out = (uint8_t)days;
    return true;
}

/* "17:05" as minutes of the day; -1: not a time. */
static int minute_at(const char *text)
{
    for (int i = 0; i < 5; i++) {
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return -1;
    }
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    int all = hour * 60 + minute;
    return minute < 60 && all <= ALL_MINUTES ? all : -1;
}

bool calendar_parse_hours(const char *text, int *open_minute, int *close_minute)
{
    if (strlen(text) != 11 || text[5] != '-')
        return false;
    int from = minute_at(text), to = minute_at(text + 6);
    if (from < 0 || to <= from)
        return false;
    *open_minute = from;
    *close_minute = to;
    return true;
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool trading_day(const struct calendar *c, int64_t day)
{
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    if (!(c->days >> weekday & 1))
        return false;
    for (size_t i = 0; i < c->holidays_count; i++) {
        if (c->holidays[i] == day)
            return false;
    }
    return true;
}

static int64_t minute_ns(int64_t day, int minute)
{
    return art_day_begins_ns(day) + minute * MINUTE_NS;
}

bool calendar_open(const struct calendar *c, int64_t wall_ns)
{
    int64_t day = art_day(wall_ns);
    return c->always || (trading_day(c, day) && wall_ns >= minute_ns(day, c->open_minute) &&
                         wall_ns < minute_ns(day, c->close_minute));
}

int64_t calendar_next_ns(const struct calendar *c, int64_t wall_ns)
{
    int64_t day = art_day(wall_ns);
    if (c->always)
        return INT64_MAX;
    if (calendar_open(c, wall_ns))
        return minute_ns(day, c->close_minute);
    for (int i = 0; i < LOOK_DAYS; i++, day++) {
        if (trading_day(c, day) && minute_ns(day, c->open_minute) > wall_ns)
            return minute_ns(day, c->open_minute);
    }
    return INT64_MAX;
}

bool calendar_session(const struct calendar *c, int64_t day, int64_t *open_ns, int64_t *close_ns)
{
    if (!c->always && !trading_day(c, day))
        return false;
    *open_ns = minute_ns(day, c->always ? 0 : c->open_minute);
    *close_ns = minute_ns(day, c->always ? ALL_MINUTES : c->close_minute);
    return true;
}
