#include "feed/poll_outcome.h"

#include <errno.h>

static enum plan_outcome outcome_of_class(enum reply_class class)
{
    switch (class) {
    case REPLY_OK:
        return PLAN_ANSWERED;
    case REPLY_AUTH:
        return PLAN_REPEAT;
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
        return PLAN_PAGE;
    case REPLY_UNKNOWN_SYMBOL:
    case REPLY_UNKNOWN_SEGMENT:
    case REPLY_ACCESS:
        return PLAN_DROPPED;
    case REPLY_NO_DATA:
        return PLAN_NO_DATA;
    case REPLY_THROTTLED:
        return PLAN_THROTTLED;
    case REPLY_SERVER:
        return PLAN_BROKEN;
    case REPLY_BAD_PATH:
    case REPLY_BAD_REQUEST:
    case REPLY_MALFORMED:
    case REPLY_OTHER:
        return PLAN_REFUSED;
    }
    return PLAN_REFUSED;
}

struct poll_outcome poll_outcome_of_answer(enum reply_class class, const struct err *why,
                                           int64_t retry_after_ms, int64_t until_tomorrow_ms)
{
    struct poll_outcome v = {
        .outcome = outcome_of_class(class),
        .trouble = class == REPLY_OK ? POLL_FINE : POLL_ANSWER,
        .class = class,
        .why = *why,
    };
    if (v.outcome == PLAN_THROTTLED)
        v.wait_ms = retry_after_ms;
    else if (v.outcome == PLAN_DROPPED)
        v.wait_ms = until_tomorrow_ms;
    return v;
}

static enum plan_outcome outcome_of_failure(enum http_outcome outcome)
{
    switch (outcome) {
    case HTTP_RESOLVE:
    case HTTP_CONNECT:
    case HTTP_TLS:
        return PLAN_UNREACHABLE;
    case HTTP_TOO_LARGE:
        return PLAN_REFUSED;
    case HTTP_TIMEOUT:
    case HTTP_BROKEN:
        return PLAN_BROKEN;
    case HTTP_CANCELLED:
    case HTTP_OK:
        return PLAN_REPEAT;
    }
    return PLAN_BROKEN;
}

struct poll_outcome poll_outcome_of_failure(enum http_outcome outcome, const char *reason)
{
    struct poll_outcome v = {.outcome = outcome_of_failure(outcome), .trouble = POLL_CONNECTION};
    err_set(&v.why, -EIO, "%s", reason);
    return v;
}

bool poll_outcome_is_own(const struct poll_outcome *v, enum outage_cause outage)
{
    switch (v->outcome) {
    case PLAN_REFUSED:
    case PLAN_BROKEN:
    case PLAN_NO_DATA:
    case PLAN_DROPPED:
        return outage != OUTAGE_REFUSALS;
    case PLAN_PAGE:
        return outage == OUTAGE_NONE;
    case PLAN_ANSWERED:
    case PLAN_UNREACHABLE:
    case PLAN_THROTTLED:
    case PLAN_REPEAT:
        return false;
    }
    return false;
}
