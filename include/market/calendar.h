/*
 * calendar: when the market is open, by the configuration's days, hours and holidays.
 *
 * Pure. Days and hours are those of Argentina (UTC-3 all year). No broker tells holidays, so the
 * list is the user's.
 */
#ifndef MARKET_CALENDAR_H
#define MARKET_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_HOLIDAYS_MAX 512

struct calendar {
    bool always;                             /* the rest does not count */
    uint8_t days;                            /* bit 0 = Monday ... bit 6 = Sunday */
    int open_minute, close_minute;           /* of the ART day; open while open <= now < close */
    int32_t holidays[CALENDAR_HOLIDAYS_MAX]; /* days since 1970-01-01 */
    size_t holidays_count;
};

/* "Mon-Fri", "Mon,Wed,Fri", "Sat-Mon" (around the week's end), without case. */
bool calendar_parse_days(const char *text, uint8_t *out);
/* "10:00-17:05"; from before to, both within one day, up to 24:00. */
bool calendar_parse_hours(const char *text, int *open_minute, int *close_minute);

bool calendar_open(const struct calendar *calendar, int64_t wall_ns);
/* When calendar_open() changes next; INT64_MAX: never. */
int64_t calendar_next_ns(const struct calendar *calendar, int64_t wall_ns);

/* The hours of an ART day; false: none. */
bool calendar_session(const struct calendar *calendar, int64_t day, int64_t *open_ns,
                      int64_t *close_ns);

#endif
