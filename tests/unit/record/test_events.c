#include "record/events.h"

#include "base/clock.h"
#include "record/event_log.h"
#include "record/observers.h"
#include "record/recent_events.h"
#include "support/t.h"

#include <stdlib.h>
#include <unistd.h>

#define BURST 20
#define START INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina, ns UTC */

static struct now present;

struct now __wrap_clock_now(void);
struct now __wrap_clock_now(void)
{
    return present;
}

static void pass(int64_t ms)
{
    present.mono_ms += ms;
    present.wall_ns += ms * NS_PER_MS;
}

/* Events, and what an observer of them heard. */
struct bench {
    struct observers *observers;
    struct events *events;
    int count;
    struct observed_event last;
    char symbol[64], detail[1024];
};

static void on_event(void *arg, const struct observed_event *event)
{
    struct bench *b = arg;
    b->count++;
    b->last = *event;
    snprintf(b->symbol, sizeof(b->symbol), "%s", event->symbol ? event->symbol : "-");
    snprintf(b->detail, sizeof(b->detail), "%s", event->detail);
}

static struct bench *begin(void)
{
    struct bench *b = calloc(1, sizeof(*b));
    present = (struct now){.mono_ms = 5000, .wall_ns = START};
    b->observers = observers_create();
    b->events = events_create(b->observers);
    t_true(observers_add(b->observers, &(struct observer){.arg = b, .on_event = on_event}) > 0);
    return b;
}

static void end(struct bench *b)
{
    events_destroy(b->events);
    observers_destroy(b->observers);
    free(b);
}

static void report(struct bench *b, int times)
{
    for (int i = 0; i < times; i++)
        events_report(b->events, LOG_LEVEL_WARN, EVENT_POLL_FAILED, "DLR/DIC26", "try %d", i);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void the_observers_hear_it(void **state)
{
    (void)state;
    struct bench *b = begin();
    events_report(b->events, LOG_LEVEL_ERROR, EVENT_LOGIN_REFUSED, NULL, "%s %d", "status", 401);
    t_int(b->count, 1);
    t_int(b->last.ts, START);
    t_int(b->last.kind, EVENT_LOGIN_REFUSED);
    t_int(b->last.level, LOG_LEVEL_ERROR);
    t_true(!b->last.by_store);
    t_str(b->symbol, "-");
    t_str(b->detail, "status 401");
    report(b, 1);
    t_str(b->symbol, "DLR/DIC26");
    t_int(b->last.level, LOG_LEVEL_WARN);
    end(b);
}

static void secrets_and_control_characters_are_replaced(void **state)
{
    (void)state;
    struct bench *b = begin();
    log_secret("s3cret-pass");
    events_report(b->events, LOG_LEVEL_WARN, EVENT_OTHER, NULL, "got s3cret-pass\n\x1b[31m");
    t_true(!strstr(b->detail, "s3cret-pass"));
    t_true(strstr(b->detail, "got ") == b->detail);
    t_true(!strpbrk(b->detail, "\n\x1b"));
    end(b);
}

static void a_burst_then_one_a_second(void **state)
{
    (void)state;
    struct bench *b = begin();
    report(b, BURST);
    t_int(b->count, BURST);
    t_true(!events_allowed(b->events, EVENT_POLL_FAILED));
    report(b, 5);
    t_int(b->count, BURST);
    t_int(events_suppressed(b->events, EVENT_POLL_FAILED), 5);

    pass(999);
    t_true(!events_allowed(b->events, EVENT_POLL_FAILED));
    report(b, 1);
    t_int(b->count, BURST);
    pass(1);
    t_true(events_allowed(b->events, EVENT_POLL_FAILED));
    report(b, 2);
    t_int(b->count, BURST + 1);
    t_str(b->detail, "try 0 (6 similar events suppressed)");

    pass(3000); /* three more, and not the burst */
    report(b, 10);
    t_int(b->count, BURST + 4);
    t_int(events_suppressed(b->events, EVENT_POLL_FAILED), 14); /* in total */
    t_int(events_suppressed(b->events, EVENT_LOGIN), 0);
    end(b);
}

static void the_burst_comes_back_and_no_more(void **state)
{
    (void)state;
    struct bench *b = begin();
    report(b, BURST);
    pass(86400 * 1000);
    report(b, 2 * BURST);
    t_int(b->count, 2 * BURST);
    end(b);
}

static void kinds_do_not_share_their_allowance(void **state)
{
    (void)state;
    struct bench *b = begin();
    report(b, BURST + 1);
    t_true(events_allowed(b->events, EVENT_STALE));
    events_report(b->events, LOG_LEVEL_WARN, EVENT_STALE, NULL, "mute");
    t_int(b->count, BURST + 1);
    t_str(b->detail, "mute");
    end(b);
}

static void the_end_reports_what_was_suppressed(void **state)
{
    (void)state;
    struct bench *b = begin();
    report(b, BURST + 7);
    events_destroy(b->events);
    b->events = NULL;
    t_int(b->count, BURST + 1);
    t_int(b->last.kind, EVENT_POLL_FAILED);
    t_str(b->symbol, "-");
    t_str(b->detail, "7 similar events suppressed");
    end(b);
}

static void a_long_detail_is_cut(void **state)
{
    (void)state;
    static char text[5000];
    struct bench *b = begin();
    memset(text, 'x', sizeof(text) - 1);
    report(b, BURST + 1);
    pass(1000);
    events_report(b->events, LOG_LEVEL_WARN, EVENT_POLL_FAILED, NULL, "%s", text);
    t_true(strlen(b->detail) < 800);
    t_true(strstr(b->detail, "xxx (1 similar events suppressed)") != NULL);
    end(b);
}

/* --- the recent events ------------------------------------------------------------------------ */

struct listed {
    int count;
    struct recent_event event[2 * RECENT_EVENTS];
};

static void list_one(void *arg, const struct recent_event *event)
{
    struct listed *l = arg;
    l->event[l->count++] = *event;
}

static void the_last_events_oldest_first(void **state)
{
    (void)state;
    struct bench *b = begin();
    struct recent_events *recent;
    struct listed l = {0};
    struct err err;
    t_int(recent_events_create(&recent, b->observers, &err), 0);
    recent_events_each(recent, list_one, &l);
    t_int(l.count, 0);

    report(b, 1);
    events_report(b->events, LOG_LEVEL_INFO, EVENT_LOGIN, NULL, "in");
    recent_events_each(recent, list_one, &l);
    t_int(l.count, 2);
    t_int(l.event[0].ts, START);
    t_str(l.event[0].kind, "poll_failed");
    t_str(l.event[0].symbol, "DLR/DIC26");
    t_str(l.event[0].detail, "try 0");
    t_str(l.event[1].kind, "login");
    t_str(l.event[1].symbol, "");

    report(b, RECENT_EVENTS); /* the first two are no longer among the last ones */
    l.count = 0;
    recent_events_each(recent, list_one, &l);
    t_int(l.count, RECENT_EVENTS);
    t_str(l.event[0].detail, "try 0");
    t_str(l.event[RECENT_EVENTS - 1].detail, "try 11");

    recent_events_destroy(recent); /* does not observe any more */
    events_report(b->events, LOG_LEVEL_INFO, EVENT_LOGIN, NULL, "in");
    end(b);
}

static void also_those_of_the_store(void **state)
{
    (void)state;
    struct bench *b = begin();
    struct recent_events *recent;
    struct listed l = {0};
    struct err err;
    t_int(recent_events_create(&recent, b->observers, &err), 0);
    observers_event(b->observers, &(struct observed_event){.ts = START + 1,
                                                           .kind = EVENT_STORE_DELAYED,
                                                           .detail = "locked",
                                                           .by_store = true});
    recent_events_each(recent, list_one, &l);
    t_int(l.count, 1);
    t_int(l.event[0].ts, START + 1);
    t_str(l.event[0].kind, "store_delayed");
    t_int(recent_events_count(recent, EVENT_STORE_DELAYED), 1);
    t_int(recent_events_count(recent, EVENT_LOGIN), 0);
    recent_events_destroy(recent);
    end(b);
}

/* --- the log ---------------------------------------------------------------------------------- */

/* What `fn` writes to stderr. */
static void capture(char *out, size_t size, void (*fn)(struct bench *), struct bench *b)
{
    int saved = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    fn(b);
    log_flush();
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    out[fread(out, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void report_some(struct bench *b)
{
    report(b, 1);
    events_report(b->events, LOG_LEVEL_INFO, EVENT_LOGIN, NULL, "logged in");
    observers_event(b->observers, &(struct observed_event){.kind = EVENT_STORE_DELAYED,
                                                           .level = LOG_LEVEL_WARN,
                                                           .detail = "locked",
                                                           .by_store = true});
}

static void the_log_has_them_but_for_the_stores(void **state)
{
    (void)state;
    char text[2048];
    struct bench *b = begin();
    log_init(LOG_LEVEL_INFO);
    t_true(event_log_add(b->observers) > 0);
    capture(text, sizeof(text), report_some, b);
    t_true(strstr(text, "level=warn msg=\"try 0\" event=poll_failed symbol=DLR/DIC26\n") != NULL);
    t_true(strstr(text, "level=info msg=\"logged in\" event=login\n") != NULL);
    t_true(!strstr(text, "locked")); /* the store's thread has logged it */
    end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_observers_hear_it),
        cmocka_unit_test(secrets_and_control_characters_are_replaced),
        cmocka_unit_test(a_burst_then_one_a_second),
        cmocka_unit_test(the_burst_comes_back_and_no_more),
        cmocka_unit_test(kinds_do_not_share_their_allowance),
        cmocka_unit_test(the_end_reports_what_was_suppressed),
        cmocka_unit_test(a_long_detail_is_cut),
        cmocka_unit_test(the_last_events_oldest_first),
        cmocka_unit_test(also_those_of_the_store),
        cmocka_unit_test(the_log_has_them_but_for_the_stores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
