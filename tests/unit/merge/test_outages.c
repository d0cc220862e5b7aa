#include "merge/outages.h"

#include "support/t.h"

#define S INT64_C(1000000000)

static void add(struct outages *all, size_t instrument, int recorder, int from, int to,
                const char *reason)
{
    const struct coverage_part part = {
        .ts_from = from * S, .ts_to = to * S, .recorder = recorder, .reason = reason};
    t_true(outages_add(all, instrument, &part));
}

static void intervals_that_overlap_are_one_outage(void **state)
{
    (void)state;
    struct outages all = {0};
    add(&all, 0, 0, 10, 20, "stale");
    add(&all, 2, 1, 5, 8, NULL);
    add(&all, 1, 0, 12, 40, "broker_down");
    add(&all, 0, 0, 30, 35, "stale"); /* the same instrument again */
    add(&all, 1, 0, 50, 60, "killed");
    t_true(outages_group(&all, 3));
    t_int(all.count, 3);
    t_int(all.item[0].ts_from, 10 * S);
    t_int(all.item[0].ts_to, 40 * S);
    t_int(all.item[0].instruments, 2);
    t_str(all.item[0].reason, "broker_down");
    t_int(all.item[1].ts_from, 50 * S);
    t_int(all.item[1].instruments, 1);
    t_int(all.item[2].recorder, 1);
    t_str(all.item[2].reason, NULL);
    t_int(all.missed_ns[0], 53 * S);
    t_int(all.missed_ns[1], 3 * S);
    outages_finish(&all);
}

static void short_ones_count_in_the_sum_only(void **state)
{
    (void)state;
    struct outages all = {0};
    const struct coverage_part part = {.ts_from = 0, .ts_to = S / 2, .recorder = 1};
    t_true(outages_add(&all, 0, &part));
    t_true(outages_group(&all, 1));
    t_int(all.count, 0);
    t_int(all.missed_ns[1], S / 2);
    outages_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_that_overlap_are_one_outage),
        cmocka_unit_test(short_ones_count_in_the_sum_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
