/*
 * rate_limit: how many requests per second are sent, and when the next one may be sent.
 *
 * Pure. The rate is halved each time the broker asks for fewer requests, down to one per minute. It
 * is raised slowly: every 5 s by a sixteenth of the full rate, but at most by a quarter of the
 * present one.
 */
#ifndef MARKET_RATE_LIMIT_H
#define MARKET_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
    double full, rate;   /* per second */
    double next_slot_ms; /* when the next request may be sent */
    int64_t slowed_ms;   /* last halving: a 429 to a request sent before it does not count */
    int64_t step_ms;     /* of the last step up; the next one at least 5 s later */
};

struct rate_limit rate_limit_init(double full);
/* One request is sent now. A late caller may use the slots it missed in the last 20 ms. */
void rate_limit_spend(struct rate_limit *pace, int64_t now_ms);
/*
 * The broker answered a request sent at `asked_ms` by asking for fewer; the pause it named ends at
 * `hold_until_ms`, and the rate is not raised before. True: the rate is halved; false: the request
 * was sent before the last halving.
 */
bool rate_limit_slow(struct rate_limit *pace, int64_t asked_ms, int64_t now_ms,
                     int64_t hold_until_ms);
/* The pause that the broker named is ended early: the rate may be raised 5 s after the halving. */
void rate_limit_end_hold(struct rate_limit *pace);
/* A request was answered. True: this restored the full rate. */
bool rate_limit_recover(struct rate_limit *pace, int64_t now_ms);

/* The present rate as a fraction of the full one; and the same fraction of another full rate. */
double rate_limit_slowness(const struct rate_limit *pace);
void rate_limit_resume(struct rate_limit *pace, const struct rate_limit *learned);

#endif
