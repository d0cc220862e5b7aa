/*
 * outage: a broker that answers no request, and when to try again.
 *
 * Pure. From the first failure on, requests are sent one at a time, 1 s to a minute apart, with
 * jitter, until one is answered. An outage that begins again after only a few answers counts as the
 * same one: its waits keep growing.
 */
#ifndef MARKET_OUTAGE_H
#define MARKET_OUTAGE_H

#include "base/rng.h"

#include <stdbool.h>
#include <stdint.h>

#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 60000

enum outage_cause {
    OUTAGE_NONE,
    OUTAGE_UNREACHABLE, /* no connection, no answers */
    OUTAGE_PAGES,       /* pages instead of answers */
    OUTAGE_REFUSALS,    /* the broker refuses most instruments */
};

struct outage {
    enum outage_cause cause; /* of the present outage; NONE: the broker answers */
    int failures;            /* in a row; kept in case the outage begins again */
    int answers;             /* since the last outage ended */
    int64_t since_ms;        /* when the present or last outage began */
    int64_t failed_ms; /* of the last failure: failures of requests sent before it do not count,
                          also after the outage has ended */
};

/* A request that failed. */
struct outage_failure {
    enum outage_cause cause;
    int64_t asked_ms, now_ms; /* when it was sent, and when it failed */
};
/* Raises `*until_ms`, before which no request is sent. True: this began an outage. */
bool outage_fail(struct outage *outage, const struct outage_failure *failure, struct rng *rng,
                 int64_t *until_ms);
/* A request was answered. True: this ended an outage. */
bool outage_answer(struct outage *outage);

const char *outage_name(enum outage_cause cause); /* "pages"; NULL for NONE */

/* `first_ms`, doubled after each failure, a minute at most; then a random 25 to 100 % of that. */
int64_t backoff_ms(struct rng *rng, int64_t first_ms, int failures);

#endif
