#include "market/planner.h"

#include "market/poll_shares.h"
#include "sources.h"

#include <string.h>

#define START_MS  1000000
#define HOUR_MS   3600000
#define ANSWER_MS 80
#define MOST      600
#define ROUND_MS  (60 * 1000)

static const struct plan_limits slow = {.interval_ms = 1000, .rate = 1, .in_flight = 4};

/* What happened to each instrument while the planner ran. */
struct seen {
    int polls;
    int64_t asked_ms, waited_ms; /* the last poll; the longest time between two */
};

struct market_play {
    struct planner *planner;
    int64_t now_ms;
    int32_t active; /* instruments 0..active-1 change between any two polls */
    enum plan_outcome outcome;
    struct seen seen[MOST];
};

static void poll_once(struct market_play *m)
{
    struct plan_next next = planner_next(m->planner, m->now_ms);
    while (next.instrument < 0) {
        t_true(next.wake_ms > m->now_ms && next.wake_ms != INT64_MAX);
        m->now_ms = next.wake_ms;
        next = planner_next(m->planner, m->now_ms);
    }
    struct seen *seen = &m->seen[next.instrument];
    int64_t waited_ms = m->now_ms - seen->asked_ms;
    if (seen->polls && waited_ms > seen->waited_ms)
        seen->waited_ms = waited_ms;
    seen->asked_ms = m->now_ms;
    seen->polls++;
    planner_observed(m->planner, next.instrument, next.instrument < m->active);
    planner_done(m->planner, next.instrument, m->now_ms + ANSWER_MS, m->outcome, 0);
}

static void run(struct market_play *m, int64_t ms)
{
    memset(m->seen, 0, sizeof(m->seen));
    for (int64_t until_ms = m->now_ms + ms; m->now_ms < until_ms;)
        poll_once(m);
}

static struct market_play play(const struct plan_limits *limits, int32_t count, int32_t active)
{
    return (struct market_play){
        planner_of(limits, count, START_MS, 1), START_MS, active, PLAN_ANSWERED, {{0}}};
}

static void each_class_gets_its_share(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t count, active;
        int64_t active_ms, quiet_ms; /* the longest wait, at most; 0 = there is none */
    } rows[] = {
        {"5 of 60 are active", 60, 5, 15000, 105000},
        {"none is active", 60, 0, 0, 63000},
        {"all are active", 60, 60, 63000, 0},
        {"half are active", 60, 30, 42000, 150000},
        {"10 of 600 are active", 600, 10, 100000, 750000},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct market_play m = play(&slow, rows[i].count, rows[i].active);
        int polls = 0;
        t_row(rows[i].name);
        run(&m, HOUR_MS); /* until it is known which ones are active */
        run(&m, HOUR_MS);
        for (int32_t k = 0; k < rows[i].count; k++) {
            int64_t most_ms = k < rows[i].active ? rows[i].active_ms : rows[i].quiet_ms;
            t_true(m.seen[k].polls > 1);
            t_true(m.seen[k].waited_ms <= most_ms);
            t_true(m.seen[k].waited_ms <= 3 * rows[i].count * 1000);
            polls += m.seen[k].polls;
        }
        t_true(polls >= 3599 && polls <= 3601); /* the whole rate, and not more */
        planner_destroy(m.planner);
    }
}

static void active_ones_are_polled_four_times_as_often(void **state)
{
    (void)state;
    struct market_play m = play(&slow, 60, 5);
    run(&m, HOUR_MS);
    run(&m, HOUR_MS);
    for (int32_t active = 0; active < 5; active++) {
        for (int32_t quiet = 5; quiet < 60; quiet++)
            t_true(m.seen[active].polls >= 4 * m.seen[quiet].polls);
    }
    planner_destroy(m.planner);
}

/* One that begins to change is found at its next poll, and is quiet again some polls after the
 * last change. */
static void activity_begins_and_ends(void **state)
{
    (void)state;
    struct market_play m = play(&slow, 60, 0);
    run(&m, HOUR_MS);
    t_int(planner_refresh_ms(m.planner, 0, false), 60000);
    m.active = 1;
    run(&m, 5 * ROUND_MS);
    t_true(planner_refresh_ms(m.planner, 0, false) < 9000);
    m.active = 0;
    run(&m, 5 * ROUND_MS);
    t_int(planner_refresh_ms(m.planner, 0, false), 60000);
    planner_destroy(m.planner);
}

static void one_that_is_watched_comes_first(void **state)
{
    (void)state;
    struct market_play m = play(&slow, 60, 5);
    run(&m, HOUR_MS);
    planner_watch(m.planner, 40, true, m.now_ms);
    run(&m, 5 * ROUND_MS);
    t_true(m.seen[40].polls >= 36);
    planner_watch(m.planner, 40, false, m.now_ms);
    run(&m, 5 * ROUND_MS);
    t_true(m.seen[40].polls <= 6);
    planner_destroy(m.planner);
}

/* Those that fail, and those without data, do not get more than the others. */
static void failures_get_no_larger_share(void **state)
{
    (void)state;
    static const enum plan_outcome rows[] = {PLAN_REFUSED, PLAN_NO_DATA};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct market_play m = play(&slow, 600, 0);
        m.outcome = rows[i];
        for (int k = 0; k < 600; k++)
            poll_once(&m);
        t_true(planner_refresh_ms(m.planner, 0, rows[i] == PLAN_NO_DATA) > 500000);
        run(&m, HOUR_MS);
        for (int32_t k = 0; k < 600; k++)
            t_true(m.seen[k].polls >= 5 && m.seen[k].polls <= 7);
        planner_destroy(m.planner);
    }
}

static void one_that_was_streamed_until_now_is_active(void **state)
{
    (void)state;
    struct planner *p = planner_of(&slow, 60, START_MS, 1);
    for (int32_t i = 0; i < 2; i++)
        stream(p, i, START_MS);
    unstream(p, 0, START_MS + 30000);
    unstream(p, 1, START_MS + HOUR_MS);
    planner_session(p, START_MS + HOUR_MS); /* computes the shares again */
    t_true(planner_refresh_ms(p, 0, false) < 20000);
    t_true(planner_refresh_ms(p, 1, false) > 50000);
    planner_destroy(p);
}

static void if_the_rate_is_sufficient_all_have_the_interval(void **state)
{
    (void)state;
    static const struct plan_limits fast = {.interval_ms = 1000, .rate = 100, .in_flight = 4};
    struct market_play m = play(&fast, 60, 5);
    run(&m, ROUND_MS);
    for (int32_t k = 0; k < 60; k++)
        t_int(m.seen[k].waited_ms, 1000);
    planner_destroy(m.planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_gets_its_share),
        cmocka_unit_test(active_ones_are_polled_four_times_as_often),
        cmocka_unit_test(activity_begins_and_ends),
        cmocka_unit_test(one_that_is_watched_comes_first),
        cmocka_unit_test(failures_get_no_larger_share),
        cmocka_unit_test(one_that_was_streamed_until_now_is_active),
        cmocka_unit_test(if_the_rate_is_sufficient_all_have_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
