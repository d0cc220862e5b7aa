#include "market/calendar.h"

#include "base/clock.h"
#include "market/holidays.h"

#include <string.h>
#include <strings.h>

#define MINUTE_NS   (60 * NS_PER_S)
#define LOOK_DAYS   (CALENDAR_HOLIDAYS_MAX + 16) /* no closed period is longer */
#define ALL_MINUTES (24 * 60)

/* --- parsing ---------------------------------------------------------------------------------- */

/* 0 = Monday; -1: not a day. */
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

bool calendar_parse_special(const char *text, struct calendar_special *out)
{
    char date[11] = "";
    if (strlen(text) < sizeof(date) || text[10] != ' ')
        return false;
    memcpy(date, text, 10);
    return clock_parse_day(date, &out->day) &&
           calendar_parse_hours(text + 11, &out->open_minute, &out->close_minute);
}

/* --- queries ---------------------------------------------------------------------------------- */

struct hours {
    int open_minute, close_minute; /* equal: closed all day */
};

static const struct calendar_special *special_of(const struct calendar *c, int64_t day)
{
    for (size_t i = 0; i < c->special_count; i++) {
        if (c->special[i].day == day)
            return &c->special[i];
    }
    return NULL;
}

bool calendar_is_holiday(const struct calendar *c, int64_t day)
{
    for (size_t i = 0; i < c->holidays_count; i++) {
        if (c->holidays[i] == day)
            return true;
    }
    return false;
}

static bool built_in_holiday(const struct calendar *c, int64_t day)
{
    const struct holiday *holiday = c->argentina ? holiday_of(day) : NULL;
    return holiday && holiday->kind == HOLIDAY_CLOSED;
}

static bool usual_day(const struct calendar *c, int64_t day)
{
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    return c->days >> weekday & 1 && !calendar_is_holiday(c, day) && !built_in_holiday(c, day);
}

static struct hours hours_of(const struct calendar *c, int64_t day)
{
    const struct calendar_special *special = special_of(c, day);
    if (c->always)
        return (struct hours){0, ALL_MINUTES};
    if (special)
        return (struct hours){special->open_minute, special->close_minute};
    if (usual_day(c, day))
        return (struct hours){c->open_minute, c->close_minute};
    return (struct hours){0, 0};
}

int calendar_missing_year(const struct calendar *c, int64_t day)
{
    int year = c->argentina && !c->always ? holidays_missing_year(day) : 0;
    for (size_t i = 0; year && i < c->holidays_count; i++) {
        if (holidays_year(c->holidays[i]) == year)
            return 0;
    }
    return year;
}

static int64_t minute_ns(int64_t day, int minute)
{
    return art_day_begins_ns(day) + minute * MINUTE_NS;
}

bool calendar_session(const struct calendar *c, int64_t day, int64_t *open_ns, int64_t *close_ns)
{
    struct hours hours = hours_of(c, day);
    if (hours.open_minute == hours.close_minute)
        return false;
    *open_ns = minute_ns(day, hours.open_minute);
    *close_ns = minute_ns(day, hours.close_minute);
    return true;
}

bool calendar_open(const struct calendar *c, int64_t wall_ns)
{
    int64_t open_ns, close_ns;
    return calendar_session(c, art_day(wall_ns), &open_ns, &close_ns) && wall_ns >= open_ns &&
           wall_ns < close_ns;
}

int64_t calendar_next_ns(const struct calendar *c, int64_t wall_ns)
{
    int64_t day = art_day(wall_ns), open_ns, close_ns;
    if (c->always)
        return INT64_MAX;
    for (int i = 0; i < LOOK_DAYS; i++, day++) {
        if (!calendar_session(c, day, &open_ns, &close_ns) || close_ns <= wall_ns)
            continue;
        return open_ns > wall_ns ? open_ns : close_ns;
    }
    return INT64_MAX;
}
