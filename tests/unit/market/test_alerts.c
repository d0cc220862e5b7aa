#include "market/alerts.h"

#include "support/t.h"

#include <stdlib.h>
#include <string.h>

#define AFTER 30000
#define QUIET 600000

static struct alerts *make(void)
{
    struct alert_rules rules = {.after_ms = AFTER, .quiet_ms = QUIET};
    rules.wanted[EVENT_STALE] = rules.wanted[EVENT_DROPPED] = rules.wanted[EVENT_LOGIN] = true;
    struct alerts *alerts = alerts_create(&rules);
    assert_non_null(alerts);
    return alerts;
}

static void happens(struct alerts *alerts, enum event_kind kind, int64_t now_ms)
{
    char detail[32];
    snprintf(detail, sizeof(detail), "at %lld", (long long)now_ms);
    alerts_event(alerts,
                 &(struct alert_event){kind, "DLR/DIC26", detail, now_ms * 1000000, now_ms});
}

enum step_kind { HAPPENS, SENDS, SILENT };

/* What happens at a time, what is sent then, and how long to wait after it. */
struct step {
    int64_t at_ms;
    enum step_kind what;
    enum event_kind kind;
    enum alert_state state;
    int64_t lasted_ms, events;
    const char *detail;
    int64_t wait_ms;
};

static const struct row {
    const char *name;
    struct step steps[10];
    int count;
} rows[] = {
    {"a condition is sent when it has lasted, and when it ends",
     {{0, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, AFTER},
      {AFTER - 1, SILENT, 0, 0, 0, 0, NULL, 1},
      {AFTER, SENDS, EVENT_STALE, ALERT_BEGUN, AFTER, 1, "at 0", -1},
      {90000, HAPPENS, EVENT_STREAM_RECOVERED, 0, 0, 0, NULL, 0},
      {90000, SENDS, EVENT_STALE, ALERT_ENDED, 90000, 0, "at 90000", -1}},
     5},
    {"a condition that ends before is not sent",
     {{0, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, AFTER},
      {10000, HAPPENS, EVENT_STREAMING, 0, 0, 0, NULL, -1},
      {AFTER, SILENT, 0, 0, 0, 0, NULL, -1}},
     3},
    {"further events of a lasting condition are counted",
     {{0, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, AFTER},
      {10000, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, AFTER - 10000},
      {AFTER, SENDS, EVENT_STALE, ALERT_BEGUN, AFTER, 2, "at 0", -1},
      {40000, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, -1},
      {50000, HAPPENS, EVENT_STREAM_RECOVERED, 0, 0, 0, NULL, 0},
      {50000, SENDS, EVENT_STALE, ALERT_ENDED, 50000, 1, "at 50000", -1}},
     6},
    {"after its end the same kind is quiet; one that still lasts then is sent",
     {{0, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, AFTER},
      {AFTER, SENDS, EVENT_STALE, ALERT_BEGUN, AFTER, 1, "at 0", -1},
      {40000, HAPPENS, EVENT_STREAM_RECOVERED, 0, 0, 0, NULL, 0},
      {40000, SENDS, EVENT_STALE, ALERT_ENDED, 40000, 0, "at 40000", -1},
      {50000, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, QUIET - 10000},
      {60000, HAPPENS, EVENT_STREAM_RECOVERED, 0, 0, 0, NULL, -1},
      {70000, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, QUIET - 30000},
      {QUIET + 39999, SILENT, 0, 0, 0, 0, NULL, 1},
      {QUIET + 40000, SENDS, EVENT_STALE, ALERT_BEGUN, QUIET - 30000, 2, "at 70000", -1}},
     9},
    {"a condition that begins again before its end was sent still lasts",
     {{0, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, AFTER},
      {AFTER, SENDS, EVENT_STALE, ALERT_BEGUN, AFTER, 1, "at 0", -1},
      {40000, HAPPENS, EVENT_STREAM_RECOVERED, 0, 0, 0, NULL, 0},
      {40000, HAPPENS, EVENT_STALE, 0, 0, 0, NULL, -1},
      {40000, SILENT, 0, 0, 0, 0, NULL, -1}},
     5},
    {"an event without an end is sent at once, then quiet",
     {{0, HAPPENS, EVENT_DROPPED, 0, 0, 0, NULL, 0},
      {0, SENDS, EVENT_DROPPED, ALERT_ONCE, 0, 1, "at 0", -1},
      {1000, HAPPENS, EVENT_DROPPED, 0, 0, 0, NULL, QUIET - 1000},
      {2000, HAPPENS, EVENT_DROPPED, 0, 0, 0, NULL, QUIET - 2000},
      {QUIET, SENDS, EVENT_DROPPED, ALERT_ONCE, 0, 2, "at 1000", -1}},
     5},
    {"a kind that is not wanted, and good news, are not sent",
     {{0, HAPPENS, EVENT_BROKER_DOWN, 0, 0, 0, NULL, -1},
      {0, HAPPENS, EVENT_LOGIN, 0, 0, 0, NULL, -1},
      {QUIET, SILENT, 0, 0, 0, 0, NULL, -1}},
     3},
};

static void check_step(const char *name, int at, struct alerts *alerts, const struct step *step)
{
    struct alert alert;
    if (step->what == HAPPENS) {
        happens(alerts, step->kind, step->at_ms);
    } else if (alerts_next(alerts, step->at_ms, &alert) != (step->what == SENDS)) {
        fail_msg("%s: step %d", name, at);
    } else if (step->what == SENDS) {
        if (alert.kind != step->kind || alert.state != step->state ||
            alert.lasted_ms != step->lasted_ms || alert.events != step->events)
            fail_msg("%s: step %d: %s state %d lasted %lld events %lld", name, at,
                     event_kind_name(alert.kind), (int)alert.state, (long long)alert.lasted_ms,
                     (long long)alert.events);
        assert_string_equal(alert.detail, step->detail);
        assert_string_equal(alert.symbol, "DLR/DIC26");
    }
    if (alerts_wait_ms(alerts, step->at_ms) != step->wait_ms)
        fail_msg("%s: step %d waits %lld", name, at,
                 (long long)alerts_wait_ms(alerts, step->at_ms));
}

static void what_is_sent_and_when(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct alerts *alerts = make();
        for (int k = 0; k < rows[i].count; k++)
            check_step(rows[i].name, k, alerts, &rows[i].steps[k]);
        alerts_destroy(alerts);
    }
}

static void long_texts_are_truncated(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct alerts *alerts = make();
    struct alert alert;
    alerts_event(alerts, &(struct alert_event){EVENT_DROPPED, text, text, 0, 0});
    assert_true(alerts_next(alerts, 0, &alert));
    assert_int_equal(strlen(alert.symbol), ALERT_SYMBOL_BYTES - 1);
    assert_int_equal(strlen(alert.detail), ALERT_DETAIL_BYTES - 1);
    alerts_event(alerts, &(struct alert_event){EVENT_DROPPED, NULL, NULL, 0, 0});
    assert_true(alerts_next(alerts, QUIET, &alert));
    assert_string_equal(alert.symbol, "");
    alerts_destroy(alerts);
}

static void changed_rules(void **state)
{
    (void)state;
    struct alert_rules rules = {.after_ms = 5000, .quiet_ms = QUIET};
    struct alerts *alerts = make();
    struct alert alert;
    happens(alerts, EVENT_STALE, 0);
    rules.wanted[EVENT_STALE] = rules.wanted[EVENT_BROKER_DOWN] = true;
    alerts_change(alerts, &rules); /* what lasts is due earlier */
    assert_int_equal(alerts_wait_ms(alerts, 2000), 3000);
    assert_true(alerts_next(alerts, 5000, &alert));
    alerts_change(alerts, &rules); /* its end is still to be sent */
    happens(alerts, EVENT_STREAMING, 6000);
    assert_true(alerts_next(alerts, 6000, &alert));
    assert_int_equal(alert.state, ALERT_ENDED);
    happens(alerts, EVENT_STALE, 6500);
    assert_int_equal(alerts_wait_ms(alerts, 6500), QUIET - 500);
    rules.quiet_ms = 10000;
    alerts_change(alerts, &rules); /* quiet for a shorter time, counted from the same end */
    assert_int_equal(alerts_wait_ms(alerts, 6500), 9500);
    happens(alerts, EVENT_STREAMING, 6600);
    happens(alerts, EVENT_BROKER_DOWN, 7000);
    assert_true(alerts_next(alerts, 12000, &alert));
    rules.wanted[EVENT_BROKER_DOWN] = false;
    alerts_change(alerts, &rules); /* nothing more of this one */
    happens(alerts, EVENT_BROKER_UP, 13000);
    assert_false(alerts_next(alerts, 13000, &alert));
    assert_int_equal(alerts_wait_ms(alerts, 13000), -1);
    alerts_destroy(alerts);
}

static void what_lasts_can_be_sent_at_once(void **state)
{
    (void)state;
    struct alerts *alerts = make();
    struct alert alert;
    alerts_hurry(alerts, 0);
    assert_int_equal(alerts_wait_ms(alerts, 0), -1);
    happens(alerts, EVENT_STALE, 0);
    alerts_hurry(alerts, 1000);
    assert_int_equal(alerts_wait_ms(alerts, 1000), 0);
    assert_true(alerts_next(alerts, 1000, &alert));
    assert_int_equal(alert.state, ALERT_BEGUN);
    assert_int_equal(alert.lasted_ms, 1000);
    assert_false(alerts_next(alerts, 1000, &alert));
    alerts_destroy(alerts);
}

static void a_failed_alert_is_tried_four_times(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {60000, 300000, 900000, -1, -1};
    for (int i = 0; i < 5; i++)
        assert_int_equal(alerts_retry_ms(i + 1), waits_ms[i]);
}

/* Kinds whose name says that something ended well cannot be alerts. A new kind must be decided. */
static void which_kinds_can_be_alerts(void **state)
{
    (void)state;
    static const char *const ends[] = {"_recovered", "_up",      "_done",
                                       "_freed",     "_allowed", "_complete"};
    int possible = 0;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const char *name = event_kind_name((enum event_kind)kind);
        possible += alerts_possible((enum event_kind)kind);
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
            const char *found = strstr(name, ends[i]);
            if (found && !found[strlen(ends[i])] && alerts_possible((enum event_kind)kind))
                fail_msg("%s can be an alert", name);
        }
    }
    assert_int_equal(possible, EVENT_KINDS - 31);
    assert_false(alerts_possible(EVENT_ALERT_FAILED));
    assert_true(alerts_possible(EVENT_STOPPED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_and_when),
        cmocka_unit_test(long_texts_are_truncated),
        cmocka_unit_test(changed_rules),
        cmocka_unit_test(a_failed_alert_is_tried_four_times),
        cmocka_unit_test(what_lasts_can_be_sent_at_once),
        cmocka_unit_test(which_kinds_can_be_alerts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
