/*
 * session_clock: notices when the sessions of the calendars begin and end, when it is time to get
 * ready for one, when a new day begins, and when to look again.
 *
 * Pure, a plain value. The time before a session at which it wakes is drawn once, so that not all
 * services request tokens and connect at the same second.
 */
#ifndef MARKET_SESSION_CLOCK_H
#define MARKET_SESSION_CLOCK_H

#include "market/calendar_set.h"

/* While its segment is closed an instrument is polled or probed at most once in this time. */
#define SESSION_CLOSED_INTERVAL_MS 60000
#define SESSION_CLOCK_WAIT_MS      60000 /* the wall clock may be set meanwhile */

/* So long before the first phase of a session it wakes. */
#define SESSION_WAKE_MIN_MS (3 * 60 * 1000)
#define SESSION_WAKE_MAX_MS (5 * 60 * 1000)

/* What the feed may expect of the instruments of a calendar. */
enum session_level {
    SESSION_CLOSED,  /* no data */
    SESSION_WAKING,  /* still none, but everything gets ready for the next session */
    SESSION_AUCTION, /* pre-open or closing auction: data; a stream without any is not at fault */
    SESSION_OPEN,    /* data; a stream without any may be mute */
};

struct session_clock {
    bool known; /* it was looked at before */
    int64_t wake_ns;
    int64_t day; /* in Argentina */
    enum calendar_phase phase[CALENDARS_MAX];
    enum session_level level[CALENDARS_MAX];
};

/* Calendars are bits. */
struct session_look {
    uint32_t phases; /* these have another phase; all at the first look */
    uint32_t levels; /* another level; all at the first look */
    uint32_t woken;  /* of them, SESSION_WAKING after SESSION_CLOSED; none at the first look */
    bool new_day;    /* not at the first look */
    int64_t wait_ms; /* look again after so long; at most SESSION_CLOCK_WAIT_MS */
};

struct session_clock session_clock_init(uint64_t seed);
struct session_look session_clock_look(struct session_clock *clock, const struct calendar_set *set,
                                       int64_t wall_ns);

#endif
