#include "market/prober.h"

#include "sources.h"

#define T0 INT64_C(1000000)

static const struct prober_limits limits = {.quiet_ms = 10000, .confirm_ms = 3000};

/* Instruments of the market: the table lists three of its ten, and one that is never streamed. */
enum { ACTIVE = 7, FIRST = 2, SECOND = 9, UNHEARD = 5 };

static void hear(struct prober *p, int32_t instrument, bool changed, int64_t now_ms)
{
    sources_step(instrument, SOURCE_EV_DELIVERED, now_ms, 0);
    prober_heard(p, instrument, changed, now_ms);
}

static void lose(struct prober *p, int32_t instrument, int64_t now_ms)
{
    sources_step(instrument, SOURCE_EV_LOST, now_ms, now_ms);
    prober_lost(p, instrument);
}

/* ACTIVE changed; FIRST and SECOND were received once, without a change; UNHEARD never. */
static struct prober *with_data(void)
{
    static const int32_t list[] = {ACTIVE, FIRST, SECOND, UNHEARD};
    struct prober *p = prober_create(&limits, sources_of(list, 4));
    t_true(p);
    hear(p, FIRST, false, T0 - 5000);
    hear(p, SECOND, false, T0 - 4000);
    hear(p, ACTIVE, true, T0 - 1000);
    hear(p, ACTIVE, true, T0);
    return p;
}

static void test_polls_the_one_unconfirmed_for_longest(void **state)
{
    (void)state;
    struct prober *p = with_data();
    t_int(prober_pick(p, T0 + 1000), -1); /* all received recently, or not streamed */
    for (int64_t t = T0; t <= T0 + 5000; t += 1000)
        hear(p, ACTIVE, true, t);
    t_int(prober_pick(p, T0 + 5000), FIRST);
    t_int(prober_awaited(p), -1);
    prober_asked(p, FIRST, T0 + 5000);
    t_int(prober_awaited(p), FIRST);
    t_int(source_table_row(sources, FIRST)->probe_ms, T0 + 5000);
    t_int(prober_pick(p, T0 + 5000), -1); /* one at a time */
    t_int(prober_answer(p, FIRST, false, T0 + 5100), PROBE_AGREED);
    t_int(prober_awaited(p), -1);
    t_int(source_table_row(sources, FIRST)->confirmed_ms, T0 + 5100);
    t_int(source_table_counts(sources)->probed, 0);
    t_int(prober_pick(p, T0 + 6000), SECOND);
    lose(p, SECOND, T0 + 6000);
    t_int(prober_pick(p, T0 + 6000), -1);
    prober_destroy(p);
}

/* FIRST and ACTIVE are of a segment that has closed: their silence and their answers prove nothing.
 */
static void test_closed_segments_are_not_probed(void **state)
{
    (void)state;
    struct prober *p = with_data();
    static const int32_t of_segment[] = {FIRST, ACTIVE};
    for (size_t i = 0; i < T_COUNT(of_segment); i++)
        source_table_step(sources, of_segment[i],
                          &(struct source_event){.kind = SOURCE_EV_SEGMENT, .calendar = 2});
    source_table_set_level(sources, 2, SESSION_CLOSED);
    t_int(prober_pick(p, T0 + 60000), SECOND);
    prober_asked(p, SECOND, T0 + 60000);
    t_int(prober_answer(p, SECOND, false, T0 + 60100), PROBE_AGREED);
    t_int(prober_pick(p, T0 + 60200), -1);
    t_row("when all are closed, they are probed as always");
    source_table_set_level(sources, 0, SESSION_CLOSED);
    t_int(prober_pick(p, T0 + 60200), ACTIVE);
    t_row("in an auction all count");
    source_table_set_level(sources, 0, SESSION_OPEN);
    source_table_set_level(sources, 2, SESSION_AUCTION);
    t_int(prober_pick(p, T0 + 60200), ACTIVE);
    prober_destroy(p);
}

/* While any instrument is received, the most active one is not preferred. */
static void test_a_stream_that_delivers_is_not_silent(void **state)
{
    (void)state;
    struct prober *p = with_data();
    for (int64_t t = T0; t <= T0 + 11000; t += 1000)
        hear(p, SECOND, false, t);
    t_int(prober_pick(p, T0 + 11000), FIRST);
    t_int(prober_pick(p, T0 + 21000), ACTIVE); /* ten seconds after the last data */
    prober_destroy(p);
}

/* One whose probes get no answer must not keep the others from being probed. */
static void test_one_without_answers_is_put_off(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 20000,
            waits[] = {2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000};
    for (size_t i = 0; i < T_COUNT(waits); i++, t += waits[i - 1]) {
        t_int(prober_pick(p, t), ACTIVE); /* the most active one again */
        prober_asked(p, ACTIVE, t);
        prober_failed(p, ACTIVE, t);
        int32_t other = prober_pick(p, t);
        t_true(other != ACTIVE && (other >= 0 || i > 1));
        if (other >= 0) {
            prober_asked(p, other, t);
            prober_answer(p, other, false, t);
        }
        t_true(prober_pick(p, t + waits[i] - 1) != ACTIVE);
    }
    prober_asked(p, ACTIVE, t);
    prober_answer(p, ACTIVE, false, t);
    prober_asked(p, ACTIVE, t + 10000);
    prober_failed(p, ACTIVE, t + 10000);
    t_int(prober_pick(p, t + 12000), ACTIVE); /* the answer ended the series */
    prober_destroy(p);
}

static void test_in_silence_polls_the_most_active(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    t_int(prober_pick(p, t), ACTIVE);
    prober_asked(p, ACTIVE, t);
    t_int(prober_answer(p, ACTIVE, false, t + 50), PROBE_QUIET);
    t_int(prober_pick(p, t + 100), FIRST);
    prober_asked(p, FIRST, t + 100);
    t_int(prober_answer(p, FIRST, false, t + 150),
          PROBE_AGREED); /* it never changed: no proof of a quiet market */
    t_int(prober_pick(p, t + 10050), ACTIVE);
    prober_destroy(p);
}

/* While any instrument is received, the stream works, so the one unconfirmed for longest is polled.
 */
static void test_the_most_active_only_in_silence(void **state)
{
    (void)state;
    struct prober *p = with_data();
    for (int i = 0; i < 3; i++) /* more active than ACTIVE, and received earlier */
        hear(p, FIRST, true, T0 - 5000);
    hear(p, SECOND, false, T0 + 9000);
    t_int(prober_pick(p, T0 + 10000), FIRST);
    hear(p, FIRST, false, T0 + 9500);
    t_int(prober_pick(p, T0 + 10000), ACTIVE);
    t_int(prober_pick(p, T0 + 19500), FIRST); /* silent, and it changed more often */
    prober_destroy(p);
}

static void test_diverged_after_two_answers(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    prober_asked(p, ACTIVE, t);
    t_int(prober_answer(p, ACTIVE, true, t + 50), PROBE_DIFFERED);
    t_int(prober_pick(p, t + 1000), -1); /* the stream may be about to deliver it */
    t_int(prober_pick(p, t + 3050), ACTIVE);
    prober_asked(p, ACTIVE, t + 3050);
    prober_failed(p, ACTIVE, t + 3055);
    t_int(prober_pick(p, t + 5054), -1); /* without an answer it stays a suspect */
    t_int(prober_pick(p, t + 5055), ACTIVE);
    prober_asked(p, ACTIVE, t + 5055);
    t_int(prober_answer(p, ACTIVE, true, t + 5100), PROBE_DIVERGED);
    t_int(source_table_row(sources, ACTIVE)->confirmed_ms, 0); /* its last proof is the stream's */
    t_int(prober_answer(p, ACTIVE, true, t + 5200), PROBE_NOTHING); /* there was no request */
    prober_destroy(p);
}

static void test_a_suspect_without_answers_is_given_up(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 20000;
    prober_asked(p, ACTIVE, t);
    t_int(prober_answer(p, ACTIVE, true, t), PROBE_DIFFERED);
    for (int64_t tried_ms = t + 3000, wait_ms = 2000; wait_ms <= 8000; wait_ms *= 2) {
        t_int(prober_pick(p, tried_ms), ACTIVE);
        prober_asked(p, ACTIVE, tried_ms);
        prober_failed(p, ACTIVE, tried_ms);
        t_int(prober_suspect(p), wait_ms < 8000 ? ACTIVE : -1);
        tried_ms += wait_ms;
    }
    prober_destroy(p);
}

static void test_stream_data_ends_the_suspicion(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    prober_asked(p, ACTIVE, t);
    t_int(prober_answer(p, ACTIVE, true, t + 50), PROBE_DIFFERED);
    hear(p, ACTIVE, false, t + 60); /* the same change, a little later */
    t_int(prober_pick(p, t + 3050) == ACTIVE, 0);
    prober_asked(p, FIRST, t + 3050);
    hear(p, FIRST, true, t + 3060); /* before the answer arrived */
    t_int(prober_answer(p, FIRST, true, t + 3070), PROBE_NOTHING);
    /* And one whose second answer agrees with the stream. */
    prober_asked(p, SECOND, t + 20000);
    t_int(prober_answer(p, SECOND, true, t + 20010), PROBE_DIFFERED);
    prober_asked(p, SECOND, t + 24000);
    t_int(prober_answer(p, SECOND, false, t + 24010), PROBE_AGREED);
    prober_destroy(p);
}

static void test_the_answer_for_a_lost_one_allows_the_next_poll(void **state)
{
    (void)state;
    struct prober *p = with_data();
    int64_t t = T0 + 10000;
    prober_asked(p, ACTIVE, t);
    lose(p, ACTIVE, t);
    t_int(prober_pick(p, t + 100), -1); /* the answer has not arrived */
    t_int(prober_answer(p, ACTIVE, true, t + 200), PROBE_NOTHING);
    t_true(prober_pick(p, t + 300) >= 0);
    prober_destroy(p);
}

static void test_the_first_instrument_of_the_market_is_like_any_other(void **state)
{
    (void)state;
    static const int32_t list[] = {1, 0};
    struct prober *p = prober_create(&limits, sources_of(list, 2));
    hear(p, 1, false, T0 - 5000);
    hear(p, 0, true, T0);
    t_int(prober_pick(p, T0 + 10000), 0); /* the most active one, in silence */
    prober_asked(p, 0, T0 + 10000);
    t_int(prober_pick(p, T0 + 10000), -1); /* one at a time */
    prober_destroy(p);
}

static void test_a_suspect_that_is_received_or_lost_is_none(void **state)
{
    (void)state;
    for (int lost = 0; lost <= 1; lost++) {
        struct prober *p = with_data();
        int64_t t = T0 + 10000;
        t_int(prober_suspect(p), -1);
        prober_asked(p, ACTIVE, t);
        prober_answer(p, ACTIVE, true, t + 50);
        t_int(prober_suspect(p), ACTIVE);
        if (lost)
            lose(p, ACTIVE, t + 100);
        else
            hear(p, ACTIVE, true, t + 100);
        t_int(prober_suspect(p), -1);
        prober_destroy(p);
    }
}

/* Else its second probe would be awaited forever, and no other sent. */
static void test_a_suspect_leaves_the_list(void **state)
{
    (void)state;
    static const int32_t others[] = {ACTIVE, SECOND, UNHEARD, 12};
    struct prober *p = with_data();
    t_int(prober_pick(p, T0 + 6000), FIRST);
    prober_asked(p, FIRST, T0 + 6000);
    t_int(prober_answer(p, FIRST, true, T0 + 6100), PROBE_DIFFERED);
    t_int(prober_suspect(p), FIRST);
    prober_relisted(p); /* the same list */
    t_int(prober_suspect(p), FIRST);
    t_int(prober_reserve(p, 13), 0);
    sources_list(others, 4, T0 + 7000);
    prober_relisted(p);
    t_int(prober_suspect(p), -1);
    t_int(prober_pick(p, T0 + 7000), SECOND);
    hear(p, 12, true, T0 + 7000); /* a new one */
    prober_destroy(p);
}

/* Its answer is not used, so the caller reports that there is none. */
static void test_a_probed_one_leaves_the_list(void **state)
{
    (void)state;
    static const int32_t others[] = {ACTIVE, SECOND, UNHEARD};
    struct prober *p = with_data();
    prober_asked(p, FIRST, T0 + 6000);
    sources_list(others, 3, T0 + 6050);
    prober_relisted(p);
    prober_failed(p, FIRST, T0 + 6100);
    t_int(prober_pick(p, T0 + 7000), SECOND);
    prober_destroy(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polls_the_one_unconfirmed_for_longest),
        cmocka_unit_test(test_one_without_answers_is_put_off),
        cmocka_unit_test(test_in_silence_polls_the_most_active),
        cmocka_unit_test(test_the_most_active_only_in_silence),
        cmocka_unit_test(test_diverged_after_two_answers),
        cmocka_unit_test(test_a_suspect_without_answers_is_given_up),
        cmocka_unit_test(test_stream_data_ends_the_suspicion),
        cmocka_unit_test(test_the_answer_for_a_lost_one_allows_the_next_poll),
        cmocka_unit_test(test_closed_segments_are_not_probed),
        cmocka_unit_test(test_a_stream_that_delivers_is_not_silent),
        cmocka_unit_test(test_the_first_instrument_of_the_market_is_like_any_other),
        cmocka_unit_test(test_a_suspect_that_is_received_or_lost_is_none),
        cmocka_unit_test(test_a_suspect_leaves_the_list),
        cmocka_unit_test(test_a_probed_one_leaves_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
