#include "broker/throttle.h"

#include "record/events.h"
#include "record/observers.h"
#include "support/t.h"

struct heard {
    int count;
    char detail[256];
};

static void on_event(void *arg, const struct observed_event *event)
{
    struct heard *heard = arg;
    heard->count++;
    t_int(event->kind, EVENT_RATE_LIMITED);
    t_int(event->level, LOG_LEVEL_WARN);
    snprintf(heard->detail, sizeof(heard->detail), "%s", event->detail);
}

/* Each answer is the first one to a budget of ten requests per second. */
static void answers_that_ask_for_fewer(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
        int64_t retry_after_ms;
        double rate; /* afterwards */
        const char *detail;
    } rows[] = {
        {"a good answer", 200, -1, 10, NULL},
        {"a good answer with Retry-After", 200, 5000, 10, NULL},
        {"503 alone", 503, -1, 10, NULL},
        {"503 with Retry-After: 0", 503, 0, 10, NULL},
        {"503 with Retry-After", 503, 2500, 5,
         "auth/getToken: the broker asks for fewer requests (503); no requests for 2.5 s, then at "
         "most 5 requests per second"},
        {"429", 429, -1, 5,
         "auth/getToken: the broker asks for fewer requests (429); at most 5 requests per second"},
        {"429 with Retry-After", 429, 60000, 5,
         "auth/getToken: the broker asks for fewer requests (429); no requests for 60.0 s, then at "
         "most 5 requests per second"},
        {"another error", 500, 60000, 10, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct heard heard = {0};
        struct observers *observers = observers_create();
        struct events *events = events_create(observers);
        struct request_budget budget = budget_init(10);
        t_true(observers_add(observers, &(struct observer){&heard, .on_event = on_event}) > 0);
        t_row(rows[i].name);
        throttle_take(&budget, events,
                      &(struct throttle_answer){.status = rows[i].status,
                                                .retry_after_ms = rows[i].retry_after_ms,
                                                .asked_ms = 900,
                                                .now_ms = 1000,
                                                .what = "auth/getToken"});
        t_double(budget_rate(&budget), rows[i].rate);
        t_int(heard.count, rows[i].detail != NULL);
        if (rows[i].detail)
            t_str(heard.detail, rows[i].detail);
        events_destroy(events);
        observers_destroy(observers);
    }
}

/* Several requests were sent before the first of their answers: they count once. */
static void answers_to_earlier_requests_count_once(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct observers *observers = observers_create();
    struct events *events = events_create(observers);
    struct request_budget budget = budget_init(10);
    struct throttle_answer answer = {.status = 429,
                                     .retry_after_ms = -1,
                                     .asked_ms = 900,
                                     .now_ms = 1000,
                                     .what = "rest/instruments/all"};
    t_true(observers_add(observers, &(struct observer){&heard, .on_event = on_event}) > 0);
    throttle_take(&budget, events, &answer);
    answer.now_ms = 1010;
    throttle_take(&budget, events, &answer);
    t_double(budget_rate(&budget), 5);
    t_int(heard.count, 1);
    events_destroy(events);
    observers_destroy(observers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_ask_for_fewer),
        cmocka_unit_test(answers_to_earlier_requests_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
