#include "market/poll_shares.h"

#include "base/rng.h"
#include "support/t.h"

#include <math.h>

static void shares(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct poll_demand demand;
        int64_t quiet_ms, active_ms, watched_ms, closed_ms; /* -1 or 0: any */
    } rows[] = {
        {"nothing to poll", {1000, 60000, 1, {0, 0, 0}}, 1000, 1000, 1000, 0},
        {"the rate is sufficient", {1000, 60000, 10, {5, 3, 2}}, 1000, 1000, 1000, 0},
        {"all quiet: the plain round", {1000, 60000, 1, {60, 0, 0}}, 60000, -1, -1, 0},
        {"all active: the same round", {1000, 60000, 1, {0, 60, 0}}, -1, 60000, -1, 0},
        {"all watched: the same round", {1000, 60000, 1, {0, 0, 60}}, -1, -1, 60000, 0},
        {"5 of 60 are active", {1000, 60000, 1, {55, 5, 0}}, 95000, 11875, -1, 0},
        {"one is watched", {1000, 60000, 1, {59, 0, 1}}, 74998, -1, 4688, 0},
        {"half are active", {1000, 60000, 1, {30, 30, 0}}, 150001, 37500, -1, 0},
        {"an active one needs no more than the interval",
         {1000, 60000, 10, {18, 2, 0}},
         2250,
         1000,
         -1,
         0},
        {"a slow interval is enough for all",
         {60000, 60000, 1, {55, 5, 0}},
         60000,
         60000,
         60000,
         0},
        {"closed ones take a tenth", {1000, 60000, 1, {9, 0, 0, 30}}, 10000, -1, -1, 300000},
        {"few closed ones take less", {1000, 60000, 1, {9, 0, 0, 3}}, 9474, -1, -1, 60000},
        {"closed ones have the rate alone", {1000, 60000, 1, {0, 0, 0, 90}}, -1, -1, -1, 90000},
        {"and are polled once a minute at most",
         {1000, 60000, 10, {0, 0, 0, 90}},
         -1,
         -1,
         -1,
         60000},
        {"a slow interval, more instruments",
         {60000, 60000, 1, {100, 10, 0}},
         120000,
         60000,
         -1,
         0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const int64_t expected[] = {rows[i].quiet_ms, rows[i].active_ms, rows[i].watched_ms,
                                    rows[i].closed_ms};
        struct poll_shares got = poll_shares(&rows[i].demand);
        t_row(rows[i].name);
        for (int class = 0; class < POLL_CLASSES; class ++) {
            if (expected[class] > 0)
                t_int(got.interval_ms[class], expected[class]);
        }
    }
}

static double used(const struct poll_demand *demand, const struct poll_shares *shares)
{
    double rate = 0;
    for (int class = 0; class < POLL_CLASSES; class ++)
        rate += demand->count[class] * 1000.0 / (double)shares->interval_ms[class];
    return rate;
}

/* Random demands: the whole rate is used and not more, no class comes after a lighter one, and
 * nobody waits longer than is allowed. */
static void what_always_holds(void **state)
{
    (void)state;
    struct rng rng = {.state = 7};
    for (int i = 0; i < 20000; i++) {
        struct poll_demand demand = {
            .interval_ms = 50 + (int64_t)(rng_next(&rng) % 100000),
            .closed_ms = 100000,
            .rate = 0.01 * (double)(1 + rng_next(&rng) % 100000),
            .count = {(int32_t)(rng_next(&rng) % 5000), (int32_t)(rng_next(&rng) % 200),
                      (int32_t)(rng_next(&rng) % 20)},
        };
        struct poll_shares got = poll_shares(&demand);
        double all = demand.count[0] + demand.count[1] + demand.count[2];
        double round_ms = fmax(all * 1000 / demand.rate, (double)demand.interval_ms);
        double wanted = fmin(demand.rate, all * 1000 / (double)demand.interval_ms);
        t_true(used(&demand, &got) <= wanted * 1.000001);
        t_true(used(&demand, &got) >= wanted * 0.95); /* intervals are whole milliseconds */
        t_true(got.interval_ms[POLL_WATCHED] <= got.interval_ms[POLL_ACTIVE]);
        t_true(got.interval_ms[POLL_ACTIVE] <= got.interval_ms[POLL_QUIET]);
        t_true(got.interval_ms[POLL_WATCHED] >= demand.interval_ms);
        if (demand.count[POLL_QUIET])
            t_true((double)got.interval_ms[POLL_QUIET] <= POLL_ROUNDS_MAX * round_ms + 1);
    }
}

/* Closed ones get no more than their share while others are open, and the others all the rest. */
static void closed_ones_never_take_more_than_their_share(void **state)
{
    (void)state;
    struct rng rng = {.state = 11};
    for (int i = 0; i < 20000; i++) {
        struct poll_demand demand = {
            .interval_ms = 50 + (int64_t)(rng_next(&rng) % 100000),
            .closed_ms = 100000,
            .rate = 0.01 * (double)(1 + rng_next(&rng) % 100000),
            .count = {(int32_t)(rng_next(&rng) % 500), (int32_t)(rng_next(&rng) % 20), 0,
                      1 + (int32_t)(rng_next(&rng) % 5000)},
        };
        struct poll_shares got = poll_shares(&demand);
        double closed = demand.count[POLL_CLOSED] * 1000.0 / (double)got.interval_ms[POLL_CLOSED];
        double open = demand.count[POLL_QUIET] + demand.count[POLL_ACTIVE];
        double left = demand.rate - closed;
        double round_ms = fmax(open * 1000 / left, (double)demand.interval_ms);
        t_true(used(&demand, &got) <= demand.rate * 1.000001);
        t_true(got.interval_ms[POLL_CLOSED] >= demand.closed_ms);
        t_true(open == 0 || closed <= demand.rate * POLL_CLOSED_SHARE * 1.000001);
        if (demand.count[POLL_QUIET])
            t_true((double)got.interval_ms[POLL_QUIET] <= POLL_ROUNDS_MAX * round_ms + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares),
        cmocka_unit_test(what_always_holds),
        cmocka_unit_test(closed_ones_never_take_more_than_their_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
