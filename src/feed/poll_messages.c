#include "feed/poll_messages.h"

#include "broker/throttle.h"
#include "primary/request.h"
#include "record/events.h"

#include <stdio.h>

/* --- single instruments ----------------------------------------------------------------------- */

enum event_kind poll_messages_kind(const struct poll_outcome *v)
{
    return v->trouble == POLL_CONNECTION ? EVENT_POLL_FAILED : reply_event(v->class);
}

void poll_messages_trouble(struct poll_messages *m, const char *symbol,
                           const struct poll_outcome *v)
{
    events_report(m->events, LOG_LEVEL_WARN, poll_messages_kind(v), symbol,
                  REQUEST_PATH_MARKET_DATA ": %s%s", v->why.text,
                  v->outcome == PLAN_DROPPED ? "; not polled again today" : "");
}

void poll_messages_recovered(struct poll_messages *m, const char *symbol, long failures,
                             int64_t failed_for_ms)
{
    events_report(m->events, LOG_LEVEL_INFO, EVENT_POLL_RECOVERED, symbol,
                  "answers again after %ld failed poll%s in %.1f s", failures,
                  failures == 1 ? "" : "s", (double)failed_for_ms / 1000);
}

void poll_messages_streamed(struct poll_messages *m, const char *symbol, long failures)
{
    events_report(m->events, LOG_LEVEL_INFO, EVENT_POLL_RECOVERED, symbol,
                  "received from the stream after %ld failed poll%s", failures,
                  failures == 1 ? "" : "s");
}

/* --- the broker as a whole -------------------------------------------------------------------- */

static void outage_began(struct poll_messages *m, const struct poll_outcome *v,
                         const struct plan_state *plan)
{
    double first_s = (double)plan->hold_ms / 1000;
    snprintf(m->outage, sizeof(m->outage), "%s", v->why.text);
    switch (plan->outage) {
    case OUTAGE_NONE:
        return;
    case OUTAGE_UNREACHABLE:
        events_report(m->events, LOG_LEVEL_WARN, EVENT_BROKER_DOWN, NULL,
                      "%s; trying one request at a time, first in %.1f s", v->why.text, first_s);
        return;
    case OUTAGE_PAGES:
        events_report(m->events, LOG_LEVEL_WARN, EVENT_PAGE, NULL,
                      REQUEST_PATH_MARKET_DATA
                      ": %s; trying one request at a time, first in %.1f s",
                      v->why.text, first_s);
        return;
    case OUTAGE_REFUSALS:
        events_report(
            m->events, LOG_LEVEL_WARN, EVENT_MASS_REFUSAL, NULL,
            REQUEST_PATH_MARKET_DATA
            ": most instruments are refused, the last one with: %s; none of them is "
            "dropped; trying one request at a time, first in %.1f s. If it continues, ask "
            "the broker about this user's permissions",
            v->why.text, first_s);
        return;
    }
}

void poll_messages_broker(struct poll_messages *m, unsigned news, const struct poll_outcome *v,
                          const struct plan_state *plan, int64_t now_ms)
{
    if (news & PLAN_NEWS_UP)
        events_report(m->events, LOG_LEVEL_INFO, EVENT_BROKER_UP, NULL,
                      "the broker answers again after %.1f s",
                      (double)(now_ms - plan->down_since_ms) / 1000);
    if (news & PLAN_NEWS_FULL)
        events_report(m->events, LOG_LEVEL_INFO, EVENT_FULL_SPEED, NULL,
                      "back at %g requests per second", plan->rate);
    if (news & PLAN_NEWS_SLOWED)
        throttle_tell(m->events, v->why.text, plan->rate, plan->hold_ms);
    if (news & PLAN_NEWS_DOWN)
        outage_began(m, v, plan);
}
