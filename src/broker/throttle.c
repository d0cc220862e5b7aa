#include "broker/throttle.h"

#include "record/events.h"

#include <stdio.h>

void throttle_tell(struct events *events, const char *why, double rate, int64_t hold_ms)
{
    char pause[64] = "";
    if (hold_ms > 0)
        snprintf(pause, sizeof(pause), "no requests for %.1f s, then ", (double)hold_ms / 1000);
    events_report(events, LOG_LEVEL_WARN, EVENT_RATE_LIMITED, NULL,
                  "%s; %sat most %g requests per second", why, pause, rate);
}

void throttle_take(struct request_budget *budget, struct events *events,
                   const struct throttle_answer *a)
{
    char why[96];
    bool fewer = a->status == 429 || (a->status == 503 && a->retry_after_ms > 0);
    if (!fewer || !budget_slow(budget, a->asked_ms, a->now_ms, a->retry_after_ms))
        return;
    snprintf(why, sizeof(why), "%s: the broker asks for fewer requests (%d)", a->what, a->status);
    throttle_tell(events, why, budget_rate(budget), budget_hold_ms(budget, a->now_ms));
}
