/* The planner in outages: pages, refusals of most instruments, throttling. */
#include "market/planner.h"

#include "sources.h"

#define START_MS 1000000
#define DAY_MS   86400000

static const struct plan_limits fast = {.interval_ms = 1000, .rate = 100, .in_flight = 4};

static int32_t next_asked(struct planner *p, int64_t *now_ms)
{
    struct plan_next next = planner_next(p, *now_ms);
    while (next.instrument < 0) {
        assert_true(next.wake_ms != INT64_MAX);
        assert_true(next.wake_ms > *now_ms);
        *now_ms = next.wake_ms;
        next = planner_next(p, *now_ms);
    }
    return next.instrument;
}

/* The outcome for an instrument at a time. */
typedef enum plan_outcome broker_fn(int32_t instrument, int64_t now_ms);

struct count {
    int requests, news_down, news_up, bad;
    int64_t up_ms; /* the last time */
};

/* Lets time pass with one request at a time, each answered after 20 ms. */
static struct count play(struct planner *p, int64_t *now_ms, int64_t until_ms, broker_fn *broker,
                         int64_t wait_ms)
{
    struct count c = {0};
    while (*now_ms < until_ms) {
        int32_t i = next_asked(p, now_ms);
        if (*now_ms >= until_ms) {
            planner_done(p, i, *now_ms, PLAN_REPEAT, 0);
            break;
        }
        enum plan_outcome outcome = broker(i, *now_ms);
        *now_ms += 20;
        unsigned news = planner_done(p, i, *now_ms, outcome, wait_ms);
        c.requests++;
        c.bad += outcome != PLAN_ANSWERED;
        c.news_down += (news & PLAN_NEWS_DOWN) != 0;
        c.news_up += (news & PLAN_NEWS_UP) != 0;
        if (news & PLAN_NEWS_UP)
            c.up_ms = *now_ms;
    }
    return c;
}

/* --- pages ------------------------------------------------------------------------------------ */

static enum plan_outcome pages_for_30_s(int32_t instrument, int64_t now_ms)
{
    (void)instrument;
    bool paged = now_ms >= START_MS + 5000 && now_ms < START_MS + 35000;
    return paged ? PLAN_PAGE : PLAN_ANSWERED;
}

static void test_pages_hold_the_whole_feed(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    struct count c = play(p, &now, START_MS + 120000, pages_for_30_s, 0);
    t_int(c.news_down, 1);
    t_int(c.news_up, 1);
    t_true(c.bad >= 4 && c.bad <= 12); /* waits growing from 1 s, for 30 s */
    t_true(c.up_ms >= START_MS + 35000 && c.up_ms <= START_MS + 35000 + 61000);
    t_int(dropped_count(), 0);
    t_int(planner_outage(p), OUTAGE_NONE);
    planner_destroy(p);
}

static enum plan_outcome pages_for_instrument_3(int32_t instrument, int64_t now_ms)
{
    (void)now_ms;
    return instrument == 3 ? PLAN_PAGE : PLAN_ANSWERED;
}

/* Bot protection that blocks a single symbol. */
static void test_pages_for_one_instrument_hold_that_one(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    struct count c = play(p, &now, START_MS + 300000, pages_for_instrument_3, 0);
    t_int(c.news_down, 1);
    t_int(c.news_up, 1);
    t_true(c.bad >= 6 && c.bad <= 25);
    t_true(c.requests >= 11 * 290); /* the others keep their interval */
    planner_destroy(p);
}

static void test_only_one_request_at_a_time_in_an_outage(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    int32_t first = next_asked(p, &now), second = next_asked(p, &now);
    t_int(planner_done(p, first, now + 5, PLAN_PAGE, 0), PLAN_NEWS_DOWN);
    t_int(planner_done(p, second, now + 6, PLAN_PAGE, 0), 0); /* it was in flight */
    int64_t hold_ms = planner_state(p, now + 6).hold_ms;
    t_true(hold_ms > 0 && hold_ms <= 1000);
    for (int i = 0; i < 6; i++) {
        int32_t asked = next_asked(p, &now);
        t_int(planner_next(p, now + 5).wake_ms, INT64_MAX);
        t_int(planner_done(p, asked, now + 5, PLAN_PAGE, 0), 0);
        t_true(planner_state(p, now + 5).hold_ms > 0);
    }
    planner_destroy(p);
}

/* --- most are refused ------------------------------------------------------------------------- */

static enum plan_outcome denied_for_a_minute(int32_t instrument, int64_t now_ms)
{
    (void)instrument;
    bool denied = now_ms >= START_MS + 5000 && now_ms < START_MS + 65000;
    return denied ? PLAN_DROPPED : PLAN_ANSWERED;
}

static void test_refusals_of_most_drop_no_instrument(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 40, START_MS, 5);
    int64_t now = START_MS;
    struct count c = play(p, &now, START_MS + 180000, denied_for_a_minute, DAY_MS);
    t_int(c.news_down, 1);
    t_int(c.news_up, 1);
    t_true(c.bad >= 14 && c.bad <= 25); /* ten until it is detected, then one at a time */
    t_true(c.up_ms <= START_MS + 65000 + 61000);
    t_int(dropped_count(), 0); /* all are asked again */
    bool seen[40] = {false};
    for (int i = 0; i < 40; i++) {
        int32_t asked = next_asked(p, &now);
        t_true(!seen[asked]);
        seen[asked] = true;
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    planner_destroy(p);
}

/* The ones that were dropped before it was clear that most are refused are polled again at once. */
static void test_refusals_of_most_take_drops_back(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 40, START_MS, 5);
    int64_t now = START_MS;
    unsigned news = 0;
    int refused = 0;
    while (!news) {
        t_int(dropped_count(), refused);
        news = planner_done(p, next_asked(p, &now), now, PLAN_DROPPED, DAY_MS);
        refused++;
    }
    t_int(news, PLAN_NEWS_DOWN);
    t_int(refused, 10);
    t_int(dropped_count(), 0);
    planner_destroy(p);
}

/* The wait until this one is asked again, while all others are answered. */
static int64_t wait_of(struct planner *p, int32_t instrument, int64_t *now_ms)
{
    int64_t from_ms = *now_ms;
    for (;;) {
        int32_t asked = next_asked(p, now_ms);
        if (asked == instrument)
            return *now_ms - from_ms;
        planner_done(p, asked, *now_ms, PLAN_ANSWERED, 0);
    }
}

/* One of them that is still refused after the others are answered is asked less and less often. */
static void test_a_doubted_refusal_waits_longer_each_time(void **state)
{
    (void)state;
    static const int64_t waits_ms[] = {60000, 120000, 240000};
    struct planner *p = planner_of(&fast, 40, START_MS, 5);
    int64_t now = START_MS;
    int32_t doubted = next_asked(p, &now);
    unsigned news = planner_done(p, doubted, now, PLAN_DROPPED, DAY_MS);
    while (!news)
        news = planner_done(p, next_asked(p, &now), now, PLAN_DROPPED, DAY_MS);
    wait_of(p, doubted, &now);
    for (size_t i = 0; i < T_COUNT(waits_ms); i++) {
        planner_done(p, doubted, now, PLAN_DROPPED, DAY_MS);
        t_int(dropped_count(), 0);
        int64_t wait_ms = wait_of(p, doubted, &now);
        t_true(wait_ms >= waits_ms[i] && wait_ms < waits_ms[i] + 100);
    }
    planner_done(p, doubted, now, PLAN_ANSWERED, 0); /* known after all: the series is over */
    t_true(wait_of(p, doubted, &now) < 1100);
    planner_destroy(p);
}

/* The first ten of twelve are unknown to the broker. */
static enum plan_outcome ten_unknown(int32_t instrument, int64_t now_ms)
{
    (void)now_ms;
    return instrument < 10 ? PLAN_DROPPED : PLAN_ANSWERED;
}

static void test_instruments_refused_for_long_are_dropped(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    struct count c = play(p, &now, START_MS + 70000, ten_unknown, DAY_MS);
    t_int(c.news_down, 1);
    t_int(c.news_up, 1);
    t_true(c.bad <= 10 + 2 * 10);
    c = play(p, &now, START_MS + 2 * 3600000, ten_unknown, DAY_MS);
    t_int(c.news_down, 0);
    t_true(c.bad <= 10 * 8);
    t_true(c.requests - c.bad >= 2 * 7120); /* the two others keep their interval */
    t_int(dropped_count(), 10);
    t_true(source_table_row(sources, 0)->dropped_until_ms > now);
    c = play(p, &now, now + 3600000, ten_unknown, DAY_MS);
    t_int(c.bad, 0);
    planner_destroy(p);
}

static void test_one_unknown_symbol_is_dropped_at_once(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    int bad = 0;
    while (now < START_MS + 600000) {
        int32_t i = next_asked(p, &now);
        bad += i == 7;
        planner_done(p, i, now, i == 7 ? PLAN_DROPPED : PLAN_ANSWERED, DAY_MS);
    }
    t_int(bad, 1);
    t_int(dropped_count(), 1);
    stream(p, 7, now); /* it is streamed: it does not count as dropped */
    t_int(dropped_count(), 0);
    unstream(p, 7, now);
    t_int(dropped_count(), 1);
    t_true(next_asked(p, &now) != 7);
    planner_destroy(p);
}

static void test_another_refusal_does_not_end_the_outage(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 8, START_MS, 5);
    int64_t now = START_MS;
    int32_t early = next_asked(p, &now), late = next_asked(p, &now); /* answered in the outage */
    for (int i = 0; i < 4; i++)
        planner_done(p, next_asked(p, &now), now, PLAN_DROPPED, DAY_MS);
    t_int(planner_outage(p), OUTAGE_REFUSALS);
    t_int(planner_done(p, early, now, PLAN_THROTTLED, -1), PLAN_NEWS_SLOWED);
    t_int(planner_done(p, late, now, PLAN_THROTTLED, -1), 0); /* it was in flight */
    static const enum plan_outcome refusals[] = {PLAN_DROPPED, PLAN_REFUSED, PLAN_THROTTLED,
                                                 PLAN_PAGE, PLAN_BROKEN};
    for (size_t i = 0; i < T_COUNT(refusals); i++) {
        int32_t asked = next_asked(p, &now);
        t_int(planner_done(p, asked, now, refusals[i], -1) & PLAN_NEWS_UP, 0);
        t_int(planner_outage(p), OUTAGE_REFUSALS);
    }
    t_int(planner_done(p, next_asked(p, &now), now, PLAN_NO_DATA, 0), PLAN_NEWS_UP);
    planner_destroy(p);
}

/* --- fewer requests --------------------------------------------------------------------------- */

/* Answers four requests per second, and the others with Retry-After: 1. */
static int64_t window_ms;
static int in_window;
static enum plan_outcome limited(int32_t instrument, int64_t now_ms)
{
    (void)instrument;
    if (now_ms - window_ms >= 1000) {
        window_ms = now_ms;
        in_window = 0;
    }
    return ++in_window > 4 ? PLAN_THROTTLED : PLAN_ANSWERED;
}

static void test_retry_after_halves_the_rate_too(void **state)
{
    (void)state;
    struct plan_limits limits = {.interval_ms = 1000, .rate = 20, .in_flight = 4};
    struct planner *p = planner_of(&limits, 40, START_MS, 5);
    int64_t now = START_MS;
    window_ms = in_window = 0;
    struct count c = play(p, &now, START_MS + 45000, limited, 1000);
    t_true(c.bad <= 7);
    t_true(c.requests - c.bad >= 90);
    t_true(planner_state(p, now).rate <= 8);
    c = play(p, &now, START_MS + 645000, limited, 1000);
    t_true(c.bad <= 50); /* ten minutes */
    planner_destroy(p);
}

static void test_after_a_hold_one_request_tries(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    planner_done(p, next_asked(p, &now), now, PLAN_THROTTLED, 900000);
    int32_t asked = next_asked(p, &now);
    t_int(now, START_MS + 900000);
    t_int(planner_next(p, now + 10000).wake_ms, INT64_MAX); /* only one */
    planner_done(p, asked, now, PLAN_THROTTLED, 900000);
    asked = next_asked(p, &now);
    t_int(now, START_MS + 1800000);
    planner_done(p, asked, now, PLAN_ANSWERED, 0);
    next_asked(p, &now);
    next_asked(p, &now); /* several in flight again */
    planner_destroy(p);
}

static void test_trying_now_ends_a_hold(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    planner_done(p, next_asked(p, &now), now, PLAN_THROTTLED, 900000);
    struct plan_feed feed = plan_feed_try_now(planner_feed(p));
    planner_destroy(p);
    budget_try_now(&budget);
    p = planner_create(&fast, sources_count(12), &budget, now + 1000, 5);
    planner_resume(p, &feed);
    now += 1000;
    next_asked(p, &now);
    t_int(now, START_MS + 1000);
    t_int(planner_next(p, now + 5000).wake_ms, INT64_MAX); /* with one request */
    t_double(planner_state(p, now).rate, 50);              /* and slowly, as before */
    planner_destroy(p);
}

/* One that waits for a reason of its own is not asked earlier because others are taken back. */
static void test_taking_drops_back_shortens_no_other_wait(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 40, START_MS, 5);
    int64_t now = START_MS;
    int32_t empty = next_asked(p, &now), asked;
    int64_t again_ms = now + 30000;
    planner_done(p, empty, now, PLAN_NO_DATA, 0);
    while (planner_outage(p) == OUTAGE_NONE)
        planner_done(p, next_asked(p, &now), now, PLAN_DROPPED, DAY_MS);
    while ((asked = next_asked(p, &now)) != empty)
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    t_true(now >= again_ms);
    planner_destroy(p);
}

/* Also one that is due at the very moment is asked before those that are taken back. */
static void test_drops_taken_back_come_after_one_due_now(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 6, START_MS, 5);
    int64_t now = START_MS;
    for (int32_t i = 0; i < 2; i++) {
        t_int(next_asked(p, &now), i);
        planner_done(p, i, now, PLAN_ANSWERED, 0);
    }
    int64_t due_ms = now + 1000; /* of the second */
    for (int32_t i = 2; i < 6; i++) {
        t_int(next_asked(p, &now), i);
        planner_done(p, i, i == 5 ? due_ms : now, PLAN_DROPPED, DAY_MS);
    }
    t_int(planner_outage(p), OUTAGE_REFUSALS);
    now = due_ms;
    for (int32_t i = 0; i < 2; i++) {
        int32_t asked = next_asked(p, &now);
        t_true(asked < 2);
        planner_done(p, asked, now, PLAN_ANSWERED, 0);
    }
    planner_destroy(p);
}

static void test_an_answer_ends_the_pause(void **state)
{
    (void)state;
    struct planner *p = planner_of(&fast, 12, START_MS, 5);
    int64_t now = START_MS;
    int32_t first = next_asked(p, &now), second = next_asked(p, &now);
    t_int(planner_done(p, first, now, PLAN_UNREACHABLE, 0), PLAN_NEWS_DOWN);
    t_true(planner_state(p, now).hold_ms > 0);
    t_int(planner_done(p, second, now, PLAN_ANSWERED, 0), PLAN_NEWS_UP); /* it was in flight */
    t_int(planner_state(p, now).hold_ms, 0);
    t_int(planner_feed(p).hold_until_ms, 0);
    planner_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_hold_the_whole_feed),
        cmocka_unit_test(test_pages_for_one_instrument_hold_that_one),
        cmocka_unit_test(test_only_one_request_at_a_time_in_an_outage),
        cmocka_unit_test(test_refusals_of_most_drop_no_instrument),
        cmocka_unit_test(test_refusals_of_most_take_drops_back),
        cmocka_unit_test(test_a_doubted_refusal_waits_longer_each_time),
        cmocka_unit_test(test_instruments_refused_for_long_are_dropped),
        cmocka_unit_test(test_one_unknown_symbol_is_dropped_at_once),
        cmocka_unit_test(test_another_refusal_does_not_end_the_outage),
        cmocka_unit_test(test_retry_after_halves_the_rate_too),
        cmocka_unit_test(test_after_a_hold_one_request_tries),
        cmocka_unit_test(test_trying_now_ends_a_hold),
        cmocka_unit_test(test_taking_drops_back_shortens_no_other_wait),
        cmocka_unit_test(test_drops_taken_back_come_after_one_due_now),
        cmocka_unit_test(test_an_answer_ends_the_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
