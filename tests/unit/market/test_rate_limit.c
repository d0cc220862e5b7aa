#include "market/rate_limit.h"

#include "support/t.h"

static void slots_follow_the_rate(void **state)
{
    (void)state;
    struct rate_limit p = rate_limit_init(10);
    rate_limit_spend(&p, 1000);
    t_double(p.next_slot_ms, 1100);
    rate_limit_spend(&p, 5000); /* missed slots are lost */
    t_double(p.next_slot_ms, 5100);
    p = rate_limit_init(50); /* 20 ms apart: as late as a loop may be, so nothing is caught up */
    rate_limit_spend(&p, 5000);
    t_double(p.next_slot_ms, 5020);
    p = rate_limit_init(1000);
    for (int i = 0; i < 20; i++)
        rate_limit_spend(&p, 5000); /* except those of the last 20 ms */
    t_double(p.next_slot_ms, 5000);
}

static void each_429_halves_once(void **state)
{
    (void)state;
    struct rate_limit p = rate_limit_init(100);
    t_true(!rate_limit_recover(&p, 900000)); /* it is the full rate */
    t_true(rate_limit_slow(&p, 900, 1000, 0));
    t_double(p.next_slot_ms, 1020);             /* at the new rate */
    t_true(!rate_limit_slow(&p, 950, 1010, 0)); /* sent before the halving */
    t_double(p.rate, 50);
    t_true(rate_limit_slow(&p, 1020, 1030, 2030)); /* also with Retry-After */
    t_double(p.rate, 25);
    t_true(!rate_limit_recover(&p, 2030 + 4999)); /* 5 s after the end of the pause */
    t_double(p.rate, 25);
    t_true(!rate_limit_recover(&p, 2030 + 5000));
    t_double(p.rate, 31.25);
    for (int i = 0; i < 40; i++)
        rate_limit_slow(&p, 10000 + i, 10001 + i, 0);
    t_double(p.rate, 1.0 / 60);
    int64_t now_ms = 20000;
    double before = p.rate;
    while (!rate_limit_recover(&p, now_ms += 5000)) {
        t_true(p.rate - before <= 6.25 + 1e-9 && p.rate <= before * 1.25 + 1e-9);
        before = p.rate;
        t_true(now_ms < 20000 + 600000);
    }
    t_double(p.rate, 100);
}

static void the_rate_grows_after_a_pause_that_was_ended(void **state)
{
    (void)state;
    struct rate_limit p = rate_limit_init(100), before = p;
    rate_limit_end_hold(&p); /* nothing to end */
    t_true(memcmp(&p, &before, sizeof(p)) == 0);
    rate_limit_slow(&p, 900, 1000, 901000);
    rate_limit_end_hold(&p);
    t_true(!rate_limit_recover(&p, 1000 + 4999));
    t_double(p.rate, 50);
    t_true(!rate_limit_recover(&p, 1000 + 5000));
    t_double(p.rate, 56.25);
}

static void another_rate_gets_the_same_fraction(void **state)
{
    (void)state;
    struct rate_limit learned = rate_limit_init(100), p = rate_limit_init(10);
    rate_limit_slow(&learned, 900, 1000, 0);
    rate_limit_resume(&p, &learned);
    t_double(p.rate, 5);
    t_double(p.full, 10);
    t_true(!rate_limit_slow(&p, 1000, 1001, 0)); /* sent before the halving */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_follow_the_rate),
        cmocka_unit_test(each_429_halves_once),
        cmocka_unit_test(the_rate_grows_after_a_pause_that_was_ended),
        cmocka_unit_test(another_rate_gets_the_same_fraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
