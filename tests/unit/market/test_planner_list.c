/* The planner when the list of instruments changes, and with instruments on trial. */
#include "market/planner.h"

#include "sources.h"

#include <stdlib.h>

#define T0     INT64_C(1000000)
#define DAY_MS 86400000

static const struct plan_limits limits = {.interval_ms = 1000, .rate = 100, .in_flight = 4};

/* The instruments that are polled now, in this order, "3,1"; each gets this outcome. */
static const char *polled(struct planner *p, int64_t now_ms, enum plan_outcome outcome)
{
    static char words[200];
    size_t used = 0;
    struct plan_next next;
    *words = '\0';
    while ((next = planner_next(p, now_ms)).instrument >= 0 || next.wake_ms <= now_ms + 10) {
        if (next.instrument < 0) {
            now_ms = next.wake_ms; /* the rate */
            continue;
        }
        used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%d", used ? "," : "",
                                 (int)next.instrument);
        planner_done(p, next.instrument, now_ms, outcome, DAY_MS);
    }
    return words;
}

static void relist(struct planner *p, const int32_t *list, int32_t count, int64_t now_ms)
{
    t_int(planner_reserve(p, 30), 0);
    sources_list(list, count, now_ms);
    planner_relisted(p, now_ms);
}

static void new_ones_are_polled_within_an_interval_and_removed_ones_not(void **state)
{
    (void)state;
    static const int32_t list[] = {1, 2, 20, 21};
    struct planner *p = planner_of(&limits, 3, T0, 1);
    t_str(polled(p, T0 + 1000, PLAN_ANSWERED), "0,1,2");
    relist(p, list, 4, T0 + 1100);
    t_str(polled(p, T0 + 1100, PLAN_ANSWERED), "20"); /* the others keep their turn */
    t_str(polled(p, T0 + 1580, PLAN_ANSWERED), "1");
    t_str(polled(p, T0 + 1600, PLAN_ANSWERED), "21"); /* half an interval later */
    t_str(polled(p, T0 + 3000, PLAN_ANSWERED), "2,20,1,21");
    relist(p, list, 1, T0 + 3100);
    t_str(polled(p, T0 + 9000, PLAN_ANSWERED), "1");
    planner_destroy(p);
}

/* An answer that arrives after its instrument has left the list frees its place, and no more. */
static void one_leaves_while_it_is_polled(void **state)
{
    (void)state;
    static const int32_t list[] = {1}, back[] = {0, 1};
    struct planner *p = planner_of(&limits, 2, T0, 1);
    t_int(planner_next(p, T0).instrument, 0);
    relist(p, list, 1, T0 + 10);
    t_int(planner_state(p, T0 + 10).in_flight, 1);
    planner_done(p, 0, T0 + 20, PLAN_REPEAT, 0);
    t_int(planner_state(p, T0 + 20).in_flight, 0);
    t_str(polled(p, T0 + 5000, PLAN_ANSWERED), "1");
    relist(p, back, 2, T0 + 5100);
    t_int(planner_next(p, T0 + 5100).instrument, 0);
    relist(p, list, 1, T0 + 5110); /* it leaves and comes back while it is polled */
    relist(p, back, 2, T0 + 5120);
    t_int(planner_state(p, T0 + 5120).in_flight, 1);
    planner_done(p, 0, T0 + 5130, PLAN_ANSWERED, 0);
    t_str(polled(p, T0 + 6200, PLAN_ANSWERED), "1,0");
    planner_destroy(p);
}

static void what_is_streamed_or_refused_stays_so(void **state)
{
    (void)state;
    static const int32_t list[] = {0, 1, 2, 5};
    struct planner *p = planner_of(&limits, 3, T0, 1);
    stream(p, 0, T0);
    t_int(planner_next(p, T0 + 1000).instrument, 1);
    planner_done(p, 1, T0 + 1000, PLAN_DROPPED, DAY_MS);
    relist(p, list, 4, T0 + 1010);
    t_str(polled(p, T0 + 1500, PLAN_ANSWERED), "2,5");
    t_int(dropped_count(), 1);
    t_str(polled(p, T0 + DAY_MS + 1100, PLAN_ANSWERED), "2,5,1");
    planner_destroy(p);
}

static void one_that_comes_back_begins_anew(void **state)
{
    (void)state;
    static const int32_t one[] = {0}, both[] = {0, 1};
    struct planner *p = planner_of(&limits, 2, T0, 1);
    t_str(polled(p, T0, PLAN_ANSWERED), "0");
    t_str(polled(p, T0 + 500, PLAN_DROPPED), "1");
    relist(p, one, 1, T0 + 600);
    relist(p, both, 2, T0 + 700);
    t_str(polled(p, T0 + 700, PLAN_ANSWERED), "1");
    planner_destroy(p);
}

/* So many refusals would otherwise mean that the broker refuses everything. */
static void refusals_of_trials_are_not_an_outage(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool on_trial;
        enum outage_cause outage;
    } rows[] = {
        {"on trial", true, OUTAGE_NONE},
        {"listed by the configuration", false, OUTAGE_REFUSALS},
    };
    static const int32_t list[] = {0, 1, 10, 11, 12, 13, 14, 15, 16, 17};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct planner *p = planner_of(&limits, 2, T0, 1);
        t_str(polled(p, T0 + 1000, PLAN_ANSWERED), "0,1");
        t_int(planner_reserve(p, 20), 0);
        sources_list(list, 10, T0 + 1010);
        for (int32_t k = 2; k < 10 && rows[i].on_trial; k++)
            sources_step(list[k], SOURCE_EV_DOUBTED, T0 + 1010, 0);
        planner_relisted(p, T0 + 1010);
        for (int n = 0; n < 8 && planner_outage(p) == OUTAGE_NONE; n++) {
            struct plan_next next = planner_next(p, T0 + 1900 + 10 * n);
            t_true(next.instrument >= 10);
            planner_done(p, next.instrument, T0 + 1900 + 10 * n, PLAN_DROPPED, DAY_MS);
        }
        t_int(planner_outage(p), rows[i].outage);
        if (rows[i].on_trial)
            t_int(dropped_count(), 8);
        planner_destroy(p);
    }
    t_row("");
}

static void trials_are_polled_at_once(void **state)
{
    (void)state;
    static const int32_t list[] = {0, 5, 6, 7};
    struct planner *p = planner_of(&limits, 1, T0, 1);
    t_str(polled(p, T0, PLAN_ANSWERED), "0");
    t_int(planner_reserve(p, 8), 0);
    sources_list(list, 4, T0 + 10);
    sources_step(6, SOURCE_EV_DOUBTED, T0 + 10, 0);
    sources_step(7, SOURCE_EV_DOUBTED, T0 + 10, 0);
    planner_relisted(p, T0 + 10);
    const char *now = polled(p, T0 + 10, PLAN_ANSWERED);
    t_contains(now, "5"); /* the first of the interval */
    t_contains(now, "6");
    t_contains(now, "7");
    planner_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_ones_are_polled_within_an_interval_and_removed_ones_not),
        cmocka_unit_test(one_leaves_while_it_is_polled),
        cmocka_unit_test(what_is_streamed_or_refused_stays_so),
        cmocka_unit_test(one_that_comes_back_begins_anew),
        cmocka_unit_test(refusals_of_trials_are_not_an_outage),
        cmocka_unit_test(trials_are_polled_at_once),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    source_table_destroy(sources);
    return failed;
}
