/*
 * pace: how many requests a second are sent, and when the next one may go.
 *
 * Pure. The rate is halved each time the broker asks for fewer requests, to one a minute at the
 * least, and comes back slowly: every 5 s by a sixteenth of the full rate, by a quarter of the
 * present one at the most.
 */
#ifndef MARKET_PACE_H
#define MARKET_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    double full, rate;   /* per second */
    double next_slot_ms; /* when the next request may go */
    int64_t slowed_ms;   /* a 429 for a request from before this says nothing new */
    int64_t step_ms;     /* of the last step up; no other within 5 s */
};

struct pace pace_init(double full);
/* One request goes now. A late caller may use slots it missed, 20 ms of them at most. */
void pace_spend(struct pace *pace, int64_t now_ms);
/*
 * The broker asks for fewer, of a request sent at `asked_ms`; all is held until `hold_until_ms`
 * besides. True: the rate is halved; false: the request had left before the last halving.
 */
bool pace_slow(struct pace *pace, int64_t asked_ms, int64_t now_ms, int64_t hold_until_ms);
/* An answer came. True: the full rate is reached again by it. */
bool pace_recover(struct pace *pace, int64_t now_ms);

/* The part of the full rate that is in force, and another rate slowed as much as that. */
double pace_slowness(const struct pace *pace);
void pace_resume(struct pace *pace, const struct pace *learned);

#endif
