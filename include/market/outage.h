/*
 * outage: a feed that brings nothing at all, and when to try it again.
 *
 * Pure. From the first failure on one request at a time tries the broker, 1 s to a minute apart,
 * with jitter, until one is answered. An outage that comes back after a handful of answers is the
 * same one: its waits go on growing.
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
    enum outage_cause cause; /* of the present one; NONE: the broker answers */
    int failures;            /* in a row; kept for an outage that comes back */
    int answers;             /* since it ended */
    int64_t since_ms;        /* the present one began, or the last one */
    int64_t failed_ms;       /* of the last failure: requests sent before it say nothing new */
};

/*
 * A request sent at `asked_ms` failed in this way. Nobody is asked before `*until_ms`, which is
 * raised. True: an outage began by it.
 */
bool outage_fail(struct outage *outage, enum outage_cause cause, int64_t asked_ms, int64_t now_ms,
                 struct rng *rng, int64_t *until_ms);
/* A request was answered. True: an outage ended by it. */
bool outage_answer(struct outage *outage);

const char *outage_name(enum outage_cause cause); /* "pages"; NULL for NONE */

/* Some time between a quarter of the doubled `first_ms` and all of it; a minute at most. */
int64_t backoff_ms(struct rng *rng, int64_t first_ms, int failures);

#endif
