/*
 * session_clock: notices when the trading session opens or closes and when a new day begins, and
 * when to look again.
 *
 * Pure, a plain value; zeros at first.
 */
#ifndef MARKET_SESSION_CLOCK_H
#define MARKET_SESSION_CLOCK_H

#include "market/calendar.h"

#include <stdbool.h>
#include <stdint.h>

/* Outside the session an instrument is polled or probed at most once in this time. */
#define SESSION_CLOSED_INTERVAL_MS 60000
#define SESSION_CLOCK_WAIT_MS      60000 /* the wall clock may be set meanwhile */

struct session_clock {
    bool known; /* it was looked at before */
    bool open;
    int64_t day; /* in Argentina */
};

struct session_look {
    bool changed;     /* opened, closed, or the first look */
    bool new_day;     /* not at the first look */
    int64_t until_ns; /* when it changes next, ns UTC; INT64_MAX = never */
    int64_t wait_ms;  /* look again after so long; at most SESSION_CLOCK_WAIT_MS */
};

struct session_look session_clock_look(struct session_clock *clock, const struct calendar *calendar,
                                       int64_t wall_ns);

#endif
