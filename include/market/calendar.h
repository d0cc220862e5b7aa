/*
 * calendar: when the market is open, by the configuration's days, hours, auctions, holidays and
 * special sessions.
 *
 * Pure. Days and hours are those of Argentina (UTC-3 all year). No broker publishes holidays or
 * half days: the holidays are those built in (market/holidays), those of the user, or both; half
 * days are the user's. A special session replaces the usual hours of its date, also on a holiday
 * that is built in and on a day that is not in `days`.
 *
 * A session belongs to the day on which it opens and may end on the next one. Before it there may
 * be a pre-open, after it a closing auction: then data are expected, but a stream without data is
 * not at fault. Both are as long on the date of a special session as on any other.
 */
#ifndef MARKET_CALENDAR_H
#define MARKET_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CALENDAR_HOLIDAYS_MAX 512
#define CALENDAR_SPECIAL_MAX  128
#define CALENDAR_ARGENTINA    "argentina" /* in session.holidays: those that are built in */
#define CALENDAR_DAY_MINUTES  (24 * 60)

/* The session of one date. */
struct calendar_special {
    int32_t day; /* since 1970-01-01 */
    int open_minute, close_minute;
};

struct calendar {
    bool always;      /* the other fields are ignored */
    bool argentina;   /* with the holidays that are built in */
    uint8_t days;     /* bit 0 = Monday ... bit 6 = Sunday */
    int open_minute;  /* of the ART day; open while open <= now < close */
    int close_minute; /* counted from the same midnight: 26:00 is 2:00 of the next day */
    int pre_open_minutes, closing_minutes;   /* how long they last; 0 = there is none */
    int32_t holidays[CALENDAR_HOLIDAYS_MAX]; /* days since 1970-01-01 */
    size_t holidays_count;
    struct calendar_special special[CALENDAR_SPECIAL_MAX]; /* at most one per day */
    size_t special_count;
};

/* "Mon-Fri", "Mon,Wed,Fri", "Sat-Mon" (wraps around the week); case-insensitive. */
bool calendar_parse_days(const char *text, uint8_t *out);
/* "10:00-17:05"; the start before the end. Past midnight the hours count on: "22:00-26:00"; a
 * session lasts 24 hours at most. */
bool calendar_parse_hours(const char *text, int *open_minute, int *close_minute);
/* "17:05", at most "48:00" */
bool calendar_parse_time(const char *text, int *minute);
/* "2026-12-24 10:00-13:00" */
bool calendar_parse_special(const char *text, struct calendar_special *out);

/* It is one of `holidays`. */
bool calendar_is_holiday(const struct calendar *calendar, int64_t day);
/* NULL: that day has none. */
const struct calendar_special *calendar_special_of(const struct calendar *calendar, int64_t day);

/* The year whose holidays the user should complete (holidays_missing_year), if the calendar uses
 * those built in and has no holiday of that year of its own. 0 = none. */
int calendar_missing_year(const struct calendar *calendar, int64_t day);

enum calendar_phase {
    PHASE_CLOSED,
    PHASE_PRE_OPEN, /* orders are entered, an opening price is formed */
    PHASE_CLOSING,  /* the closing auction */
    PHASE_OPEN,
};
#define CALENDAR_PHASES 4

const char *calendar_phase_name(enum calendar_phase phase); /* "closed", "pre-open", ... */
const char *calendar_phase_key(enum calendar_phase phase);  /* for programs: "pre_open" */

enum calendar_phase calendar_phase(const struct calendar *calendar, int64_t wall_ns);
bool calendar_open(const struct calendar *calendar, int64_t wall_ns); /* PHASE_OPEN */
/* The next time at which calendar_phase() changes; INT64_MAX: never. */
int64_t calendar_next_ns(const struct calendar *calendar, int64_t wall_ns);

/* Of the session that opens on an ART day, in ns UTC and in this order. Without a pre-open or a
 * closing auction the two times are equal. */
struct calendar_times {
    int64_t pre_open_ns, open_ns, close_ns, end_ns;
};
bool calendar_session(const struct calendar *calendar, int64_t day,
                      struct calendar_times *out); /* false: no session */

#endif
