#include "market/outage.h"

#include "support/t.h"

static struct rng rng = {3};

/* Makes one failing try at the allowed time; returns the wait until the next one. */
static int64_t fail_once(struct outage *o, enum outage_cause cause, int64_t *now_ms)
{
    int64_t until_ms = 0;
    outage_fail(o, &(struct outage_failure){cause, *now_ms, *now_ms + 10}, &rng, &until_ms);
    int64_t wait_ms = until_ms - (*now_ms + 10);
    *now_ms = until_ms;
    return wait_ms;
}

static void the_waits_grow_to_a_minute(void **state)
{
    (void)state;
    struct outage o = {0};
    int64_t now_ms = 1000, wait_ms = fail_once(&o, OUTAGE_PAGES, &now_ms);
    t_true(wait_ms >= 250 && wait_ms <= 1000);
    t_int(o.since_ms, 1010);
    for (int i = 0; i < 20; i++) {
        wait_ms = fail_once(&o, OUTAGE_PAGES, &now_ms);
        t_true(wait_ms >= 250 && wait_ms <= BACKOFF_MAX_MS);
    }
    t_true(wait_ms >= 15000);
    t_true(outage_answer(&o));
    t_true(!outage_answer(&o));
}

/* Waits lie between a quarter of the ceiling and the ceiling, which doubles up to a minute. */
static void waits_are_spread_below_a_ceiling(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t first_ms;
        int failures;
        int64_t least_ms, most_ms;
    } rows[] = {
        {"none yet", 100, 0, 25, 100},
        {"the first", 100, 1, 25, 100},
        {"the second", 100, 2, 50, 200},
        {"the fourth", 100, 4, 200, 800},
        {"a ceiling that is no multiple of four", 7, 1, 1, 7},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        int64_t least_ms = INT64_MAX, most_ms = 0;
        t_row(rows[i].name);
        for (int n = 0; n < 20000; n++) {
            int64_t wait_ms = backoff_ms(&rng, rows[i].first_ms, rows[i].failures);
            least_ms = wait_ms < least_ms ? wait_ms : least_ms;
            most_ms = wait_ms > most_ms ? wait_ms : most_ms;
        }
        t_int(least_ms, rows[i].least_ms);
        t_int(most_ms, rows[i].most_ms);
    }
    for (int n = 0; n < 1000; n++)
        t_true(backoff_ms(&rng, 7000, 1000) <= BACKOFF_MAX_MS);
    t_row("");
}

static void requests_in_flight_count_as_one_failure(void **state)
{
    (void)state;
    struct outage o = {0};
    int64_t until_ms = 0;
    t_true(outage_fail(&o, &(struct outage_failure){OUTAGE_PAGES, 990, 1000}, &rng, &until_ms));
    t_true(!outage_fail(&o, &(struct outage_failure){OUTAGE_PAGES, 995, 1005}, &rng, &until_ms));
    t_true(!outage_fail(&o, &(struct outage_failure){OUTAGE_PAGES, 1000, 1010}, &rng, &until_ms));
    t_int(o.failures, 1);
    t_true(!outage_fail(&o, &(struct outage_failure){OUTAGE_UNREACHABLE, 2000, 2010}, &rng,
                        &until_ms));
    t_int(o.failures, 2);
    t_int(o.cause, OUTAGE_PAGES); /* as reported when it began */
}

/* Bot protection that lets only a few requests through is not tried every second. */
/* Of four requests at once, the first and the third got a page. */
static void an_answer_between_failures_in_flight(void **state)
{
    (void)state;
    struct outage o = {0};
    int64_t until_ms = 0;
    t_true(outage_fail(&o, &(struct outage_failure){OUTAGE_PAGES, 990, 1000}, &rng, &until_ms));
    t_true(outage_answer(&o));
    t_true(!outage_fail(&o, &(struct outage_failure){OUTAGE_PAGES, 995, 1002}, &rng, &until_ms));
    t_int(o.cause, OUTAGE_NONE);
    t_true(outage_fail(&o, &(struct outage_failure){OUTAGE_PAGES, 1001, 1010}, &rng, &until_ms));
}

static void waits_keep_growing_after_a_relapse(void **state)
{
    (void)state;
    struct outage o = {0};
    int64_t now_ms = 1000;
    for (int i = 0; i < 8; i++)
        fail_once(&o, OUTAGE_PAGES, &now_ms);
    for (int i = 0; i < 19; i++)
        outage_answer(&o);
    t_true(fail_once(&o, OUTAGE_PAGES, &now_ms) >= 15000);
    for (int i = 0; i < 20; i++)
        outage_answer(&o);
    t_true(fail_once(&o, OUTAGE_PAGES, &now_ms) <= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_waits_grow_to_a_minute),
        cmocka_unit_test(waits_are_spread_below_a_ceiling),
        cmocka_unit_test(requests_in_flight_count_as_one_failure),
        cmocka_unit_test(an_answer_between_failures_in_flight),
        cmocka_unit_test(waits_keep_growing_after_a_relapse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
