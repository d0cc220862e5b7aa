#include "broker/throttle.h"

#include "record/events.h"
#include "record/observers.h"
#include "support/t.h"

static char reported[512];

static void on_event(void *arg, const struct observed_event *event)
{
    (void)arg;
    snprintf(reported, sizeof(reported), "%s: %s", event_kind_name(event->kind), event->detail);
}

static void answers_that_ask_for_fewer_requests(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
        int64_t retry_after_ms;
        double rate;
        int64_t hold_ms;
        const char *words; /* "" = nothing is reported */
    } rows[] = {
        {"200", 200, -1, 10, 0, ""},
        {"no answer", 0, -1, 10, 0, ""},
        {"429", 429, -1, 5, 0,
         "rate_limited: auth/getToken: the broker asks for fewer requests (429); at most 5 "
         "requests "
         "per second"},
        {"429 with a pause", 429, 30000, 5, 30000,
         "rate_limited: auth/getToken: the broker asks for fewer requests (429); no requests for "
         "30.0 s, then at most 5 requests per second"},
        {"503 with a pause", 503, 1500, 5, 1500,
         "rate_limited: auth/getToken: the broker asks for fewer requests (503); no requests for "
         "1.5 s, then at most 5 requests per second"},
        {"503 alone is about that service", 503, -1, 10, 0, ""},
        {"500 with a pause", 500, 1500, 10, 0, ""},
    };
    struct observers *observers = observers_create();
    struct events *events = events_create(observers);
    t_true(observers_add(observers, &(struct observer){.on_event = on_event}) > 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct request_budget budget = budget_init(10);
        const struct throttle_answer answer = {rows[i].status, rows[i].retry_after_ms, 1000, 2000,
                                               "auth/getToken"};
        t_row(rows[i].name);
        reported[0] = '\0';
        throttle_take(&budget, events, &answer);
        t_double(budget_rate(&budget), rows[i].rate);
        t_int(budget_hold_ms(&budget, 2000), rows[i].hold_ms);
        t_str(reported, rows[i].words);
        reported[0] = '\0';
        throttle_take(&budget, events, &answer); /* sent before the halving: not twice */
        t_double(budget_rate(&budget), rows[i].rate);
        t_str(reported, "");
    }
    events_destroy(events);
    observers_destroy(observers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_that_ask_for_fewer_requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
