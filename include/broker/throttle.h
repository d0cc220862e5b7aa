/*
 * throttle: the broker asks for fewer requests (429, 503): slows down and reports it.
 *
 * Polls are slowed down by the planner, and throttle only reports that. For all other requests
 * throttle_take() does both.
 */
#ifndef BROKER_THROTTLE_H
#define BROKER_THROTTLE_H

#include "market/request_budget.h"

#include <stdint.h>

struct events;

/* `why`: the answer, in words; hold_ms: no requests for so long, 0 = no pause. */
void throttle_tell(struct events *events, const char *why, double rate, int64_t hold_ms);

struct throttle_answer {
    int status;             /* HTTP */
    int64_t retry_after_ms; /* -1 = not given */
    int64_t asked_ms;       /* when the request was sent */
    int64_t now_ms;
    const char *what; /* the request: "auth/getToken" */
};
/*
 * Slows down all requests if the answer is a 429, or a 503 with Retry-After. A 503 alone is about
 * that one service: its sender waits by itself.
 */
void throttle_take(struct request_budget *budget, struct events *events,
                   const struct throttle_answer *answer);

#endif
