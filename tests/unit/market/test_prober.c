#include "market/prober.h"

#include "support/t.h"

#define T0 INT64_C(1000000)

static const struct prober_limits limits = {.quiet_ms = 10000, .confirm_ms = 3000};

/* 0 is active; 1 and 2 were received once, without a change; 3 never. */
static struct prober *with_data(void)
{
    struct prober *p = prober_create(&limits, 4);
    t_true(p);
    prober_heard(p, 1, false, T0 - 5000);
    prober_heard(p, 2, false, T0 - 4000);
    prober_heard(p, 0, true, T0 - 1000);
    prober_heard(p, 0, true, T0);
    return p;
}

static void test_polls_the_one_unconfirmed_for_longest(void **state)
{
    (void)state;
    struct prober *p = with_data();
    t_int(prober_pick(p, T0 + 1000), -1); /* all received recently, or not streamed */
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

static void test_in_silence_polls_the_most_active(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    t_int(prober_pick(p, t), 0);
    prober_asked(p, 0, t);
    t_int(prober_answer(p, 0, false, t + 50), PROBE_VOUCHED);
    t_int(prober_pick(p, t + 100), 1);
    prober_asked(p, 1, t + 100);
    t_int(prober_answer(p, 1, false, t + 150),
          PROBE_AGREED); /* it never changed: no proof of a quiet market */
    t_int(prober_pick(p, t + 10050), 0);
    prober_destroy(p);
}

static void test_diverged_after_two_answers(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    prober_asked(p, 0, t);
    t_int(prober_answer(p, 0, true, t + 50), PROBE_DIFFERED);
    t_int(prober_pick(p, t + 1000), -1); /* the stream may be about to deliver it */
    t_int(prober_pick(p, t + 3050), 0);
    prober_asked(p, 0, t + 3050);
    prober_failed(p, 0);
    t_int(prober_pick(p, t + 3060), 0); /* without an answer it stays a suspect */
    prober_asked(p, 0, t + 3060);
    t_int(prober_answer(p, 0, true, t + 3100), PROBE_DIVERGED);
    t_int(prober_answer(p, 0, true, t + 3200), PROBE_NOTHING); /* there was no request */
    prober_destroy(p);
}

static void test_stream_data_ends_the_suspicion(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    prober_asked(p, 0, t);
    t_int(prober_answer(p, 0, true, t + 50), PROBE_DIFFERED);
    prober_heard(p, 0, false, t + 60); /* the same change, a little later */
    t_int(prober_pick(p, t + 3050) == 0, 0);
    prober_asked(p, 1, t + 3050);
    prober_heard(p, 1, true, t + 3060); /* before the answer arrived */
    t_int(prober_answer(p, 1, true, t + 3070), PROBE_NOTHING);
    /* And one whose second answer agrees with the stream. */
    prober_asked(p, 2, t + 20000);
    t_int(prober_answer(p, 2, true, t + 20010), PROBE_DIFFERED);
    prober_asked(p, 2, t + 24000);
    t_int(prober_answer(p, 2, false, t + 24010), PROBE_AGREED);
    prober_destroy(p);
}

static void test_the_answer_for_a_lost_one_allows_the_next_poll(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    prober_asked(p, 0, t);
    prober_lost(p, 0);
    t_int(prober_pick(p, t + 100), -1); /* the answer has not arrived */
    t_int(prober_answer(p, 0, true, t + 200), PROBE_NOTHING);
    t_true(prober_pick(p, t + 300) >= 0);
    prober_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polls_the_one_unconfirmed_for_longest),
        cmocka_unit_test(test_in_silence_polls_the_most_active),
        cmocka_unit_test(test_diverged_after_two_answers),
        cmocka_unit_test(test_stream_data_ends_the_suspicion),
        cmocka_unit_test(test_the_answer_for_a_lost_one_allows_the_next_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
