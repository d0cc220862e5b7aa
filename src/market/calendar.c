#include "market/calendar.h"

#include "base/clock.h"
#include "market/holidays.h"

#include <string.h>
#include <strings.h>

#define MINUTE_NS (60 * NS_PER_S)
#define LOOK_DAYS (CALENDAR_HOLIDAYS_MAX + 16) /* no closed period is longer */

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

/* "17:05" as minutes; -1: not a time. */
static int minute_at(const char *text)
{
    for (int i = 0; i < 5; i++) {
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return -1;
    }
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    int all = hour * 60 + minute;
    return minute < 60 && all <= 2 * CALENDAR_DAY_MINUTES ? all : -1;
}

bool calendar_parse_time(const char *text, int *minute)
{
    int at = strlen(text) == 5 ? minute_at(text) : -1;
    if (at < 0)
        return false;
    *minute = at;
    return true;
}

bool calendar_parse_hours(const char *text, int *open_minute, int *close_minute)
{
    if (strlen(text) != 11 || text[5] != '-')
        return false;
    int from = minute_at(text), to = minute_at(text + 6);
    if (from < 0 || from >= CALENDAR_DAY_MINUTES || to <= from || to - from > CALENDAR_DAY_MINUTES)
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

/* --- the session of a day --------------------------------------------------------------------- */

struct hours {
    int open_minute, close_minute; /* equal: no session */
};

const struct calendar_special *calendar_special_of(const struct calendar *c, int64_t day)
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
    const struct calendar_special *special = calendar_special_of(c, day);
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

/* All of it lies within the day and the next one. */
bool calendar_session(const struct calendar *c, int64_t day, struct calendar_times *out)
{
    struct hours hours = c->always ? (struct hours){0, CALENDAR_DAY_MINUTES} : hours_of(c, day);
    int pre_open = hours.open_minute, end = hours.close_minute;
    if (hours.open_minute == hours.close_minute)
        return false;
    if (!c->always) {
        pre_open = pre_open > c->pre_open_minutes ? pre_open - c->pre_open_minutes : 0;
        end += c->closing_minutes;
    }
    *out = (struct calendar_times){
        .pre_open_ns = minute_ns(day, pre_open),
        .open_ns = minute_ns(day, hours.open_minute),
        .close_ns = minute_ns(day, hours.close_minute),
        .end_ns = minute_ns(day, end < 2 * CALENDAR_DAY_MINUTES ? end : 2 * CALENDAR_DAY_MINUTES),
    };
    return true;
}

/* --- phases ----------------------------------------------------------------------------------- */

const char *calendar_phase_name(enum calendar_phase phase)
{
    switch (phase) {
    case PHASE_CLOSED:
        return "closed";
    case PHASE_PRE_OPEN:
        return "pre-open";
    case PHASE_CLOSING:
        return "closing auction";
    case PHASE_OPEN:
        return "open";
    }
    return "?";
}

const char *calendar_phase_key(enum calendar_phase phase)
{
    switch (phase) {
    case PHASE_PRE_OPEN:
        return "pre_open";
    case PHASE_CLOSING:
        return "closing_auction";
    case PHASE_CLOSED:
    case PHASE_OPEN:
        break;
    }
    return calendar_phase_name(phase);
}

static enum calendar_phase phase_of_day(const struct calendar *c, int64_t day, int64_t wall_ns)
{
    struct calendar_times t;
    if (!calendar_session(c, day, &t) || wall_ns < t.pre_open_ns || wall_ns >= t.end_ns)
        return PHASE_CLOSED;
    if (wall_ns < t.open_ns)
        return PHASE_PRE_OPEN;
    return wall_ns < t.close_ns ? PHASE_OPEN : PHASE_CLOSING;
}

/* Of the sessions of two days that overlap, the one that trades counts. */
enum calendar_phase calendar_phase(const struct calendar *c, int64_t wall_ns)
{
    int64_t day = art_day(wall_ns);
    enum calendar_phase today = phase_of_day(c, day, wall_ns);
    enum calendar_phase before = phase_of_day(c, day - 1, wall_ns);
    return today > before ? today : before;
}

bool calendar_open(const struct calendar *c, int64_t wall_ns)
{
    return calendar_phase(c, wall_ns) == PHASE_OPEN;
}

/* The first time of that session, between `wall_ns` and `before_ns`, at which the phase is another
 * one than at `wall_ns`; else `before_ns`. */
static int64_t first_change_ns(const struct calendar *c, int64_t day, int64_t wall_ns,
                               int64_t before_ns)
{
    struct calendar_times t;
    if (!calendar_session(c, day, &t))
        return before_ns;
    const int64_t times[] = {t.pre_open_ns, t.open_ns, t.close_ns, t.end_ns};
    enum calendar_phase now = calendar_phase(c, wall_ns);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        if (times[i] > wall_ns && times[i] < before_ns && calendar_phase(c, times[i]) != now)
            return times[i];
    }
    return before_ns;
}

int64_t calendar_next_ns(const struct calendar *c, int64_t wall_ns)
{
    int64_t today = art_day(wall_ns), next_ns = INT64_MAX;
    if (c->always)
        return INT64_MAX;
    for (int64_t day = today - 1; day < today + LOOK_DAYS; day++) {
        if (art_day_begins_ns(day) > next_ns)
            break;
        next_ns = first_change_ns(c, day, wall_ns, next_ns);
    }
    return next_ns;
}
