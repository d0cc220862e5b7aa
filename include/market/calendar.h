/*
 * calendar: when the market is open, by the configuration's days, hours, holidays and special
 * sessions.
 *
 * Pure. Days and hours are those of Argentina (UTC-3 all year). No broker publishes holidays or
 * half days: the holidays are those built in (market/holidays), those of the user, or both; half
 * days are the user's. A special session replaces the usual hours of its date, also on a holiday
 * that is built in and on a day that is not in `days`.
 */
#ifndef MARKET_CALENDAR_H
#define MARKET_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_HOLIDAYS_MAX 512
#define CALENDAR_SPECIAL_MAX  128
#define CALENDAR_ARGENTINA    "argentina" /* in session.holidays: those that are built in */

/* The session of one date. */
struct calendar_special {
    int32_t day; /* since 1970-01-01 */
    int open_minute, close_minute;
};

struct calendar {
    bool always;                             /* the other fields are ignored */
    bool argentina;                          /* with the holidays that are built in */
    uint8_t days;                            /* bit 0 = Monday ... bit 6 = Sunday */
    int open_minute, close_minute;           /* of the ART day; open while open <= now < close */
    int32_t holidays[CALENDAR_HOLIDAYS_MAX]; /* days since 1970-01-01 */
    size_t holidays_count;
    struct calendar_special special[CALENDAR_SPECIAL_MAX]; /* at most one per day */
    size_t special_count;
};

/* "Mon-Fri", "Mon,Wed,Fri", "Sat-Mon" (wraps around the week); case-insensitive. */
bool calendar_parse_days(const char *text, uint8_t *out);
/* "10:00-17:05"; the start before the end, both within one day; the end may be 24:00. */
bool calendar_parse_hours(const char *text, int *open_minute, int *close_minute);
/* "2026-12-24 10:00-13:00" */
bool calendar_parse_special(const char *text, struct calendar_special *out);

/* It is one of `holidays`. */
bool calendar_is_holiday(const struct calendar *calendar, int64_t day);

/* The year whose holidays the user should complete (holidays_missing_year), if the calendar uses
 * those built in and has no holiday of that year of its own. 0 = none. */
int calendar_missing_year(const struct calendar *calendar, int64_t day);

bool calendar_open(const struct calendar *calendar, int64_t wall_ns);
/* The next time at which calendar_open() changes; INT64_MAX: never. */
int64_t calendar_next_ns(const struct calendar *calendar, int64_t wall_ns);

/* The hours of an ART day; false: no session. */
bool calendar_session(const struct calendar *calendar, int64_t day, int64_t *open_ns,
                      int64_t *close_ns);

#endif
