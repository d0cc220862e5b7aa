#include "service/reload.h"

#include "support/t.h"

#define RATE 20.0

static struct feed_report in_order(void)
{
    struct feed_report r = {.mode = FEED_STREAMING, .streaming_enabled = true, .retry_in_ms = -1};
    r.poller.plan.rate = RATE;
    r.poller.plan.outage = OUTAGE_NONE;
    return r;
}

#define FAULT(name, ...)                                                                           \
    static void name(struct feed_report *r)                                                        \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }
FAULT(no_change, (void)r)
FAULT(polls_only, r->mode = FEED_POLLING; r->streaming_enabled = false)
FAULT(connecting, r->mode = FEED_CONNECTING)
FAULT(subscribing, r->mode = FEED_SUBSCRIBING)
FAULT(no_token, r->mode = FEED_NO_TOKEN)
FAULT(waits, r->mode = FEED_POLLING; r->retry_in_ms = 0)
FAULT(stale, r->mode = FEED_STALE)
FAULT(one_refused, r->stream.subscription.refused = 1)
FAULT(denied, r->stream.subscription.denied = true)
FAULT(failing, r->poller.failing = 1)
FAULT(dropped, r->sources.state[SOURCE_DROPPED] = 1)
FAULT(pause_of_the_broker, r->poller.plan.hold_ms = 1)
FAULT(outage, r->poller.plan.outage = OUTAGE_PAGES)
FAULT(slowed_down, r->poller.plan.rate = RATE / 2)

static void what_a_new_start_would_try_again(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*fault)(struct feed_report *r);
        bool helps;
    } rows[] = {
        {"streaming", no_change, false},
        {"polling, with the stream disabled", polls_only, false},
        {"connecting", connecting, false},
        {"subscribing", subscribing, false},
        {"no token", no_token, true},
        {"the stream waits for its next try", waits, true},
        {"stale", stale, true},
        {"an instrument refused by the stream", one_refused, true},
        {"no permission for the stream", denied, true},
        {"an instrument fails", failing, true},
        {"an instrument dropped for the day", dropped, true},
        {"a pause that the broker asked for", pause_of_the_broker, true},
        {"an outage", outage, true},
        {"slower, because of 429", slowed_down, true},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct feed_report r = in_order();
        t_row(rows[i].name);
        rows[i].fault(&r);
        t_int(reload_helps(&r, RATE), rows[i].helps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_new_start_would_try_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
