/*
 * clock: the monotonic clock, the wall clock, and days in Argentina.
 *
 * Monotonic milliseconds are for waiting, wall-clock nanoseconds (UTC, Unix epoch) for time stamps;
 * the two are never mixed. Pure modules take a struct now; only modules with I/O read the clocks.
 * Argentina is UTC-3 all year (ART), so its days are computed without a time zone database.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define S_PER_MIN  60
#define S_PER_HOUR (60 * S_PER_MIN)
#define S_PER_DAY  (24 * S_PER_HOUR)

#define MS_PER_MIN  (S_PER_MIN * INT64_C(1000))
#define MS_PER_HOUR (S_PER_HOUR * INT64_C(1000))
#define MS_PER_DAY  (S_PER_DAY * INT64_C(1000))

#define NS_PER_MS   INT64_C(1000000)
#define NS_PER_S    INT64_C(1000000000)
#define NS_PER_MIN  (S_PER_MIN * NS_PER_S)
#define NS_PER_HOUR (S_PER_HOUR * NS_PER_S)
#define NS_PER_DAY  (S_PER_DAY * NS_PER_S)

#define ART_UTC_MINUTES (-180) /* what is added to UTC for the time in Argentina */

struct now {
    int64_t mono_ms;
    int64_t wall_ns;
};

struct now clock_now(void);
/* Like mono_ms, but it also advances while the machine is suspended. */
int64_t clock_boot_ms(void);

/* The date in Argentina at that time, in days since 1970-01-01. */
int64_t art_day(int64_t wall_ns);
int64_t art_day_begins_ns(int64_t art_day); /* 00:00 of that day in Argentina, in ns UTC */
/* 00:00 of the next day in Argentina, in ns UTC. */
int64_t art_next_day_ns(int64_t wall_ns);

/* "Mon" of a day as above. */
const char *clock_weekday(int64_t day);

/* Reads "2026-11-23" (this form only, years 1970 to 2199) as days since 1970-01-01. `out` is
 * written on success only. */
bool clock_parse_day(const char *text, int32_t *out);

/* "2026-11-23T08:17:41.123Z"; `out` holds at least CLOCK_TEXT bytes. Returns `out`. */
#define CLOCK_TEXT 40
char *clock_text(char *out, int64_t wall_ns);

/* Reads a text in exactly that form. `out` is written on success only. */
bool clock_parse_text(const char *text, int64_t *out);

/* For people, in local time of Argentina: "2026-11-23 05:17:41". `out` as above. Returns `out`. */
char *art_text(char *out, int64_t wall_ns);
/* The same with the zone, for messages: "2026-11-23 05:17:41 ART". */
char *art_zone_text(char *out, int64_t wall_ns);
/* A short form: "05:17:41" on the day of `now_ns`, else "2026-11-23 05:17". */
char *art_short_text(char *out, int64_t wall_ns, int64_t now_ns);

/* "2026-11-23" of days since 1970-01-01, in the years 0 to 9999; `out` as above. Returns `out`. */
char *clock_day_text(char *out, int64_t day);

#endif
