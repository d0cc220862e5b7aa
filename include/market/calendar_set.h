/*
 * calendar_set: the calendar of each segment, and the general one for all others.
 *
 * Pure, a plain value. An instrument's segment is the one of its reference data; as long as that is
 * unknown, a symbol that begins with "MERV - XMEV - " is of MERV (protocol section 13.2).
 */
#ifndef MARKET_CALENDAR_SET_H
#define MARKET_CALENDAR_SET_H

#include "market/calendar.h"

#define CALENDARS_MAX 17 /* the general one and those of 16 segments */
#define SEGMENT_BYTES 33 /* of the name of a segment, with its NUL */

struct instrument;

struct segment_calendar {
    char segment[SEGMENT_BYTES]; /* "" = the general one */
    bool own_hours;              /* its hours are not those of the general one */
    struct calendar calendar;
};

struct calendar_set {
    int count;                                   /* at least 1 */
    struct segment_calendar each[CALENDARS_MAX]; /* the first one is the general one */
};

/* The calendar of a segment, 0 = the general one. NULL is allowed; case does not matter. */
int calendar_set_find(const struct calendar_set *set, const char *segment);
/* The segment of an instrument, NULL = unknown. `known` may be NULL. */
const char *calendar_set_segment(const struct instrument *known, const char *symbol);

/*
 * What `segment` takes over from the general calendar when all its own keys have been read: a date
 * of `general.special` that it has not itself, is not in its own list of holidays (`own_holidays`),
 * and has a part within its hours if those are its own; only that part counts.
 */
void calendar_set_inherit(struct segment_calendar *segment, const struct calendar *general,
                          bool own_holidays);

/* Of several calendars, as bits: the phase that matters is that of the one that trades. */
enum calendar_phase calendar_set_phase(const struct calendar_set *set, uint32_t which,
                                       int64_t wall_ns);
/* The next time at which calendar_set_phase() changes; INT64_MAX: never. */
int64_t calendar_set_next_ns(const struct calendar_set *set, uint32_t which, int64_t wall_ns);

#endif
