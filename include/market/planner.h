/*
 * planner: which instruments to ask now, and when to look again.
 *
 * Pure: `now_ms` (monotonic) comes in, decisions go out; the only thing that sends a request is the
 * caller. It keeps these promises whatever comes back:
 *   - no more than `rate` requests a second over all, evenly spaced (bunched by at most 20 ms);
 *   - no more than `in_flight` at once, never two for one instrument;
 *   - the instrument that has waited longest goes first; none is due before `interval_ms` is over;
 *   - an instrument that fails waits longer each time, up to a minute, with jitter;
 *   - told to slow down, the whole feed does: it halves its rate each time, waits as long as the
 *     broker says besides, tries with one request, and comes back step by step;
 *   - a broker that brings nothing at all (out of reach, pages in place of answers, most
 * instruments refused) gets one request at a time, further and further apart (market/outage).
 */
#ifndef MARKET_PLANNER_H
#define MARKET_PLANNER_H

#include "market/outage.h"
#include "market/pace.h"

#include <stdbool.h>
#include <stdint.h>

struct planner;

struct plan_limits {
    int64_t interval_ms;
    double rate; /* per second */
    int in_flight;
};

/* How an asked instrument ended; exactly one for each that planner_next() gave out. */
#define PLAN_NO_DATA_MS 30000 /* what the broker has no data of is asked no sooner */

enum plan_outcome {
    PLAN_ANSWERED,
    PLAN_NO_DATA,     /* the broker knows it and has nothing: ask slowly */
    PLAN_REFUSED,     /* an answer we cannot use: this instrument backs off */
    PLAN_BROKEN,      /* time-out, reset, 5xx: it backs off; in a row, the broker is down */
    PLAN_UNREACHABLE, /* no connection: the broker is down at once */
    PLAN_PAGE,        /* a page in place of an answer: the whole feed waits, or this instrument */
    PLAN_THROTTLED,   /* 429, 503; wait_ms = Retry-After or -1 */
    PLAN_REPEAT,      /* not its fault (dead token, cancelled): first in line again */
    PLAN_DROPPED,     /* refused: leave it alone for wait_ms, unless most are refused */
};

struct plan_next {
    int32_t instrument; /* -1: nothing now */
    int64_t wake_ms;    /* with -1: look again then; INT64_MAX = only after a planner_done() */
};

/* What planner_done() changed for the whole feed, to be told once: bits. */
enum plan_news {
    PLAN_NEWS_SLOWED = 1, /* rate halved, and all held until Retry-After is over */
    PLAN_NEWS_FULL = 2,   /* back at the full rate */
    PLAN_NEWS_DOWN = 4,   /* an outage began: plan_state.outage */
    PLAN_NEWS_UP = 8,
};

struct plan_state {
    double rate;     /* in force now */
    int64_t hold_ms; /* nobody is asked before, relative to now; 0 = no hold */
    enum outage_cause outage;
    int64_t down_ms;       /* since the outage began; 0 = there is none */
    int64_t down_since_ms; /* when the present outage, or else the last one, began */
    int in_flight;
    int32_t parked;
    int32_t dropped; /* not asked for the day, and nothing better has them */
    int32_t overdue; /* instruments whose turn has come and that wait for their slot */
};

/* Instruments are 0..count-1, spread over one interval from now_ms on. NULL: no memory. */
struct planner *planner_create(const struct plan_limits *limits, int32_t count, int64_t now_ms,
                               uint64_t seed);
void planner_destroy(struct planner *planner);

struct plan_next planner_next(struct planner *planner, int64_t now_ms); /* claims the instrument */
unsigned planner_done(struct planner *planner, int32_t instrument, int64_t now_ms,
                      enum plan_outcome outcome, int64_t wait_ms);
struct plan_state planner_state(const struct planner *planner, int64_t now_ms);
enum outage_cause planner_outage(const struct planner *planner);

/* Until when it is dropped; 0: it is not. Taken over from another planner: */
int64_t planner_dropped_until_ms(const struct planner *planner, int32_t instrument);
void planner_drop(struct planner *planner, int32_t instrument, int64_t until_ms);

/* Something better has it: not asked until it is unparked. Also for one in flight. */
void planner_park(struct planner *planner, int32_t instrument);
void planner_unpark(struct planner *planner, int32_t instrument, int64_t due_ms);
/*
 * Claims a parked instrument for a look between turns. False: the rate has nothing to spare now.
 * Such looks get half of the rate at most, and only while nobody else's turn has come.
 */
bool planner_probe(struct planner *planner, int32_t instrument, int64_t now_ms);

/* Another interval from now on: a shorter one brings turns forward, spread over it. */
void planner_set_interval(struct planner *planner, int64_t interval_ms, int64_t now_ms);

/*
 * What a planner has learned of the broker, for the next one: a hold, a slow-down or an outage does
 * not end because the list of instruments changed.
 */
struct plan_feed {
    struct pace pace; /* full 0 = nothing learned */
    int64_t hold_until_ms;
    bool trying; /* one request at a time until one is answered */
    struct outage outage;
};
struct plan_feed planner_feed(const struct planner *planner);
/* The same without its hold: somebody wants to know now, which one request at a time finds out. */
struct plan_feed plan_feed_try_now(struct plan_feed feed);
void planner_resume(struct planner *planner, const struct plan_feed *feed);

/* How often each of `count` instruments is really asked under these limits. */
int64_t plan_refresh_ms(const struct plan_limits *limits, int32_t count);

#endif
