/*
 * poll_outcome: translates the result of one poll for the planner and for event messages. Pure.
 */
#ifndef FEED_POLL_OUTCOME_H
#define FEED_POLL_OUTCOME_H

#include "base/err.h"
#include "market/planner.h"
#include "net/http.h"
#include "primary/reply.h"

enum trouble_of_poll {
    POLL_FINE,
    POLL_ANSWER,     /* an answer that cannot be used, see `class` */
    POLL_CONNECTION, /* no answer */
};

struct poll_outcome {
    enum plan_outcome outcome;
    int64_t wait_ms; /* for PLAN_THROTTLED (-1: not given) and PLAN_DROPPED */
    enum trouble_of_poll trouble;
    enum reply_class class;
    struct err why;
};

/* Of an answer. `until_tomorrow_ms`: for how long a dropped instrument is not polled. */
struct poll_outcome poll_outcome_of_answer(enum reply_class class, const struct err *why,
                                           int64_t retry_after_ms, int64_t until_tomorrow_ms);
/* Of a request without an answer. */
struct poll_outcome poll_outcome_of_failure(enum http_outcome outcome, const char *reason);

/* It is a failure of this instrument, to be reported as such: during an outage that affects all
 * instruments, those of single ones are not. */
bool poll_outcome_is_own(const struct poll_outcome *outcome, enum outage_cause outage);

#endif
