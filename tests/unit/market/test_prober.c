#include "market/prober.h"

#include "support/t.h"

#define T0 INT64_C(1000000)

static const struct prober_limits limits = {.quiet_ms = 10000, .confirm_ms = 3000};

/* 0 is lively, 1 was heard once, 2 twice without news, 3 never. */
static struct prober *talking(void)
{
    struct prober *p = prober_create(&limits, 4);
    t_true(p);
    prober_heard(p, 1, false, T0 - 5000);
    prober_heard(p, 2, false, T0 - 4000);
    prober_heard(p, 0, true, T0 - 1000);
    prober_heard(p, 0, true, T0);
    return p;
}

static void test_asks_who_is_unknown_for_longest(void **state)
{
    (void)state;
    struct prober *p = talking();
    t_int(prober_pick(p, T0 + 1000), -1); /* all heard lately, or not streamed */
    for (int64_t t = T0; t <= T0 + 5000; t += 1000)
        prober_heard(p, 0, true, t);
    t_int(prober_pick(p, T0 + 5000), 1);
    prober_asked(p, 1, T0 + 5000);
    t_int(prober_pick(p, T0 + 5000), -1); /* one at a time */
    t_int(prober_answer(p, 1, false, T0 + 5100), PROBE_AGREED);
    t_int(prober_pick(p, T0 + 6000), 2);
    prober_lost(p, 2);
    t_int(prober_pick(p, T0 + 6000), -1);
    prober_destroy(p);
}

static void test_in_silence_the_liveliest_vouches(void **state)
{
    (void)state;
    struct prober *p = talking();
    int64_t t = T0 + 10000;
    t_int(prober_pick(p, t), 0);
    prober_asked(p, 0, t);
    t_int(prober_answer(p, 0, false, t + 50), PROBE_VOUCHED);
    t_int(prober_pick(p, t + 100), 1);
    prober_asked(p, 1, t + 100);
    t_int(prober_answer(p, 1, false, t + 150), PROBE_AGREED); /* it never moved: proves little */
    t_int(prober_pick(p, t + 10050), 0);
    prober_destroy(p);
}

static void test_twice_is_proof(void **state)
{
    (void)state;
    struct prober *p = talking();
    int64_t t = T0 + 10000;
    prober_asked(p, 0, t);
    t_int(prober_answer(p, 0, true, t + 50), PROBE_DIFFERED);
    t_int(prober_pick(p, t + 1000), -1); /* the stream may be about to say it */
    t_int(prober_pick(p, t + 3050), 0);
    prober_asked(p, 0, t + 3050);
    prober_failed(p, 0);
    t_int(prober_pick(p, t + 3060), 0); /* no answer is no proof, and no end of suspicion */
    prober_asked(p, 0, t + 3060);
    t_int(prober_answer(p, 0, true, t + 3100), PROBE_DIVERGED);
    t_int(prober_answer(p, 0, true, t + 3200), PROBE_NOTHING); /* nobody asked */
    prober_destroy(p);
}

static void test_the_stream_clears_itself(void **state)
{
    (void)state;
    struct prober *p = talking();
    int64_t t = T0 + 10000;
    prober_asked(p, 0, t);
    t_int(prober_answer(p, 0, true, t + 50), PROBE_DIFFERED);
    prober_heard(p, 0, false, t + 60); /* the same news, a little later */
    t_int(prober_pick(p, t + 3050) == 0, 0);
    prober_asked(p, 1, t + 3050);
    prober_heard(p, 1, true, t + 3060); /* while the answer was on its way */
    t_int(prober_answer(p, 1, true, t + 3070), PROBE_NOTHING);
    /* And one that comes back to what the stream had said. */
    prober_asked(p, 2, t + 20000);
    t_int(prober_answer(p, 2, true, t + 20010), PROBE_DIFFERED);
    prober_asked(p, 2, t + 24000);
    t_int(prober_answer(p, 2, false, t + 24010), PROBE_AGREED);
    prober_destroy(p);
}

static void test_an_answer_for_one_that_was_lost_frees_the_next(void **state)
{
    (void)state;
    struct prober *p = talking();
    int64_t t = T0 + 10000;
    prober_asked(p, 0, t);
    prober_lost(p, 0);
    t_int(prober_pick(p, t + 100), -1); /* the answer is still on its way */
    t_int(prober_answer(p, 0, true, t + 200), PROBE_NOTHING);
    t_true(prober_pick(p, t + 300) >= 0);
    prober_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks_who_is_unknown_for_longest),
        cmocka_unit_test(test_in_silence_the_liveliest_vouches),
        cmocka_unit_test(test_twice_is_proof),
        cmocka_unit_test(test_the_stream_clears_itself),
        cmocka_unit_test(test_an_answer_for_one_that_was_lost_frees_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
