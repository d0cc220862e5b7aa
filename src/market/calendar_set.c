#include "market/calendar_set.h"

#include "market/instrument.h"

#include <string.h>
#include <strings.h>

#define BYMA_SEGMENT "MERV"
#define BYMA_PREFIX  "MERV - XMEV - "
#define STEPS_MAX    1024 /* more changes of phases than the segments have in a week */

int calendar_set_find(const struct calendar_set *set, const char *segment)
{
    for (int i = 1; segment && i < set->count; i++) {
        if (strcasecmp(set->each[i].segment, segment) == 0)
            return i;
    }
    return 0;
}

const char *calendar_set_segment(const struct instrument *known, const char *symbol)
{
    if (known && known->segment && *known->segment)
        return known->segment;
    return strncmp(symbol, BYMA_PREFIX, strlen(BYMA_PREFIX)) == 0 ? BYMA_SEGMENT : NULL;
}

/* --- special sessions ------------------------------------------------------------------------- */

/* No session: a holiday of this segment. */
static void add_holiday(struct calendar *calendar, int32_t day)
{
    if (calendar->holidays_count < CALENDAR_HOLIDAYS_MAX && !calendar_is_holiday(calendar, day))
        calendar->holidays[calendar->holidays_count++] = day;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void take_special(struct segment_calendar *segment, struct calendar_special special)
{
    struct calendar *c = &segment->calendar;
    if (segment->own_hours) {
        special.close_minute = least(special.close_minute, c->close_minute);
        if (special.open_minute < c->open_minute)
            special.open_minute = c->open_minute;
    }
    if (special.open_minute >= special.close_minute)
        add_holiday(c, special.day);
    else if (c->special_count < CALENDAR_SPECIAL_MAX)
        c->special[c->special_count++] = special;
}

void calendar_set_inherit(struct segment_calendar *segment, const struct calendar *general,
                          bool own_holidays)
{
    const struct calendar *c = &segment->calendar;
    for (size_t i = 0; i < general->special_count; i++) {
        const struct calendar_special *special = &general->special[i];
        bool closed = own_holidays && calendar_is_holiday(c, special->day);
        if (!closed && !calendar_special_of(c, special->day))
            take_special(segment, *special);
    }
}

/* --- several calendars ------------------------------------------------------------------------ */

enum calendar_phase calendar_set_phase(const struct calendar_set *set, uint32_t which,
                                       int64_t wall_ns)
{
    enum calendar_phase most = PHASE_CLOSED;
    for (int i = 0; i < set->count; i++) {
        enum calendar_phase phase =
            which >> i & 1 ? calendar_phase(&set->each[i].calendar, wall_ns) : PHASE_CLOSED;
        most = phase > most ? phase : most;
    }
    return most;
}

static int64_t any_change_ns(const struct calendar_set *set, uint32_t which, int64_t wall_ns)
{
    int64_t next_ns = INT64_MAX;
    for (int i = 0; i < set->count; i++) {
        int64_t at_ns =
            which >> i & 1 ? calendar_next_ns(&set->each[i].calendar, wall_ns) : INT64_MAX;
        next_ns = at_ns < next_ns ? at_ns : next_ns;
    }
    return next_ns;
}

static bool one_is_always_open(const struct calendar_set *set, uint32_t which)
{
    for (int i = 0; i < set->count; i++) {
        if (which >> i & 1 && set->each[i].calendar.always)
            return true;
    }
    return false;
}

int64_t calendar_set_next_ns(const struct calendar_set *set, uint32_t which, int64_t wall_ns)
{
    enum calendar_phase now = calendar_set_phase(set, which, wall_ns);
    int64_t at_ns = wall_ns;
    for (int i = 0; i < STEPS_MAX && !one_is_always_open(set, which); i++) {
        at_ns = any_change_ns(set, which, at_ns);
        if (at_ns == INT64_MAX || calendar_set_phase(set, which, at_ns) != now)
            return at_ns;
    }
    return INT64_MAX;
}
