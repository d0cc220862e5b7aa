#include "market/subscription.h"

#include "base/rng.h"
#include "sources.h"

#include <stdlib.h>

static const struct subscription_limits limits = {
    .batch = 4, .rate_limit_ms = 50, .quiet_ms = 5000};

static struct subscription *begun(int32_t count)
{
    struct subscription *s = subscription_create(&limits, sources_count(count));
    t_true(s);
    subscription_begin(s, 0);
    return s;
}

static void test_batches_one_at_a_time(void **state)
{
    (void)state;
    struct subscription *s = begun(10);
    struct subscription_next n = subscription_next(s, 0);
    t_int(n.count, 4);
    t_int(subscription_next(s, 1000).count, 0); /* no data yet */
    t_int(subscription_next(s, 1000).wake_ms, 5000);
    int32_t second = n.instruments[1], third = n.instruments[2];
    t_true(subscription_heard(s, second));
    t_true(!subscription_heard(s, second));
    t_int(subscription_next(s, 20).wake_ms, 50); /* the pace */
    t_int(subscription_next(s, 50).count, 4);
    t_true(subscription_heard(s, third)); /* its batch was accepted; its data came later */
    t_int(subscription_state(s).live, 2);
    subscription_destroy(s);
}

static void test_a_named_symbol_is_dropped_and_the_rest_requested_again(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    struct subscription_next n = subscription_next(s, 0);
    int32_t bad = n.instruments[2];
    struct subscription_error e = subscription_error(s, bad, false);
    t_int(e.refused, bad);
    t_true(!e.denied);
    t_int(subscription_state(s).asked, 0); /* the others of the message were not accepted */
    n = subscription_next(s, 60);
    t_int(n.count, 3);
    for (int32_t i = 0; i < n.count; i++)
        t_true(n.instruments[i] != bad);
    t_int(subscription_error(s, bad, false).refused, -1); /* reported already */
    subscription_end(s);
    subscription_begin(s, 100);
    t_int(subscription_next(s, 100).count, 4);
    t_int(subscription_state(s).refused, 1); /* for the day */
    subscription_forgive(s);
    t_int(subscription_state(s).refused, 0);
    bool asked = false;
    for (int64_t now = 200; now < 20000 && !asked; now += 50) {
        n = subscription_next(s, now);
        for (int32_t i = 0; i < n.count; i++)
            asked |= n.instruments[i] == bad;
        if (n.count)
            subscription_heard(s, n.instruments[0]);
    }
    t_true(asked);
    subscription_destroy(s);
}

static void test_a_new_connection_does_not_wait_for_the_old_answer(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    t_int(subscription_next(s, 0).count, 4);
    subscription_begin(s, 10);
    t_int(subscription_next(s, 10).count, 4);
    subscription_end(s);
    t_int(subscription_next(s, 20).count, 0); /* nothing is pending between connections */
    t_true(subscription_next(s, 20).wake_ms == INT64_MAX);
    t_int(subscription_state(s).live, 0);
    subscription_destroy(s);
}

/* An error that names none: the batch is halved, and its halves are next. */
static void test_an_error_without_a_name_halves(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    struct subscription_next n = subscription_next(s, 0);
    int32_t first = n.instruments[0], third = n.instruments[2];
    subscription_error(s, -1, false);
    t_int(subscription_state(s).asked, 0);
    n = subscription_next(s, 60);
    t_int(n.count, 2);
    t_int(n.instruments[0], first);
    t_true(subscription_heard(s, first));
    n = subscription_next(s, 120);
    t_int(n.count, 2);
    t_int(n.instruments[0], third);
    subscription_destroy(s);
}

/* What is live when the connection ends does not count for the next one. */
static void test_the_end_of_a_connection(void **state)
{
    (void)state;
    struct subscription *s = begun(4);
    struct subscription_next n = subscription_next(s, 0);
    t_true(subscription_heard(s, n.instruments[0]));
    t_int(subscription_state(s).live, 1);
    subscription_end(s);
    t_int(subscription_state(s).live, 0);
    t_int(subscription_state(s).asked, 0);
    subscription_destroy(s);
}

/* After the refused ones are forgiven, the first denial waits as long as any first one. */
static void test_forgiving_ends_a_series_of_denials(void **state)
{
    (void)state;
    struct subscription *s = begun(4);
    for (int i = 0; i < 2; i++) {
        subscription_next(s, 0);
        t_true(subscription_error(s, -1, true).denied);
        t_int(subscription_next(s, 0).wake_ms, 300000);
        subscription_forgive(s);
        subscription_begin(s, 0);
    }
    subscription_destroy(s);
}

static void test_silence_halves(void **state)
{
    (void)state;
    struct subscription *s = begun(4);
    t_int(subscription_next(s, 0).count, 4);
    t_int(subscription_next(s, 5000).count, 2);
    t_int(subscription_next(s, 10000).count, 2);
    int64_t now = 15000;
    for (int i = 0; i < 4; i++, now += 5000)
        t_int(subscription_next(s, now).count, 1);
    t_int(subscription_next(s, now).count, 0); /* left to polling */
    t_int(subscription_next(s, now).wake_ms, INT64_MAX);
    t_int(subscription_state(s).asked, 4);
    subscription_destroy(s);
}

static void test_silence_makes_messages_smaller(void **state)
{
    (void)state;
    struct subscription_limits long_ones = limits;
    long_ones.batch = 20;
    struct subscription *s = subscription_create(&long_ones, sources_count(40));
    subscription_begin(s, 0);
    t_int(subscription_next(s, 0).count, 20);
    struct subscription_next n =
        subscription_next(s, 5000); /* the others first, in smaller messages */
    t_int(n.count, 10);
    t_true(subscription_heard(s, n.instruments[0]));
    t_int(subscription_next(s, 5100).count, 10);
    subscription_destroy(s);
}

static void test_permission(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    bool denied = false;
    int64_t now = 0;
    for (int i = 0; i < 5; i++, now += 50) {
        struct subscription_next n = subscription_next(s, now);
        t_true(n.count > 0);
        denied = subscription_error(s, n.instruments[0], false).denied;
        t_int(denied, i == 4);
    }
    t_int(subscription_next(s, now).count, 0);
    t_true(subscription_state(s).denied);
    subscription_begin(s, now); /* another connection tries again */
    t_int(subscription_next(s, now).count, 3);
    t_true(subscription_error(s, -1, true).denied);
    t_int(subscription_next(s, now + 50).count, 0);
    subscription_destroy(s);
}

static void test_one_again(void **state)
{
    (void)state;
    struct subscription *s = begun(2);
    struct subscription_next n = subscription_next(s, 0);
    int32_t one = n.instruments[0];
    subscription_heard(s, one);
    t_true(subscription_live(s, one));
    subscription_again(s, one);
    subscription_again(s, one);
    t_true(!subscription_live(s, one));
    t_true(!subscription_heard(s, one)); /* of the earlier request */
    n = subscription_next(s, 100);
    t_int(n.count, 1);
    t_int(n.instruments[0], one);
    t_true(subscription_heard(s, one));
    t_int(subscription_next(s, 6000).count, 0);
    subscription_destroy(s);
}

/* A broker that knows only some symbols, names the others in errors or not, and ignores long
 * messages: every known one gets live and every other one is refused, in a bounded number of
 * messages. */
static void run_against(uint64_t seed, bool names, int longest_message)
{
    enum { N = 300 };
    struct rng rng = {seed};
    struct subscription_limits big = {.batch = 50, .rate_limit_ms = 50, .quiet_ms = 5000};
    struct subscription *s = subscription_create(&big, sources_count(N));
    bool bad[N];
    int bad_count = 0, messages = 0;
    int64_t now = 0;
    for (int i = 0; i < N; i++)
        bad_count += bad[i] = rng_below(&rng, 20) == 0;
    subscription_begin(s, now);
    for (;;) {
        struct subscription_next n = subscription_next(s, now);
        int32_t first_bad = -1;
        if (n.count == 0 && n.wake_ms == INT64_MAX)
            break;
        if (n.count == 0) {
            t_true(n.wake_ms > now);
            now = n.wake_ms;
            continue;
        }
        messages++;
        for (int32_t i = 0; first_bad < 0 && i < n.count; i++)
            first_bad = bad[n.instruments[i]] ? n.instruments[i] : -1;
        if (n.count > longest_message)
            continue;
        if (first_bad >= 0) {
            subscription_error(s, names ? first_bad : -1, false);
            continue;
        }
        for (int32_t i = 0; i < n.count; i++)
            t_true(subscription_heard(s, n.instruments[i]));
    }
    struct subscription_state state = subscription_state(s);
    t_int(state.live, N - bad_count);
    t_int(state.refused, bad_count);
    t_int(state.waiting + state.asked, 0);
    t_true(messages <
           6 + 14 * (bad_count + 1) + (longest_message < 50 ? 4 * N / longest_message : 0));
    subscription_destroy(s);
}

static void test_every_known_symbol_gets_live(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        run_against(seed, true, 50);
        run_against(seed, false, 50);
        run_against(seed, true, 20);
        run_against(seed, false, 7);
    }
}

/* The subscription names instruments of the market, whatever their place in the list. */
static void test_listed_instruments_by_their_index_in_the_market(void **state)
{
    (void)state;
    static const int32_t list[] = {31, 7, 12, 99, 0, 5};
    struct subscription *s = subscription_create(&limits, sources_of(list, 6));
    subscription_begin(s, 0);
    struct subscription_next n = subscription_next(s, 0);
    t_int(n.count, 4);
    for (int32_t i = 0; i < 4; i++)
        t_int(n.instruments[i], list[i]);
    t_true(subscription_heard(s, 99));
    t_int(subscription_error(s, 7, false).refused, 7);
    n = subscription_next(s, 60);
    t_int(n.count, 2);
    t_int(n.instruments[1], 5);
    t_true(subscription_error(s, -1, true).denied);
    bool tried[100] = {false};
    int64_t now = 60;
    for (int i = 0; i < 5; i++) { /* all but the live one, each once */
        now = subscription_next(s, now).wake_ms;
        n = subscription_next(s, now);
        t_int(n.count, 1);
        t_true(!tried[n.instruments[0]] && n.instruments[0] != 99);
        tried[n.instruments[0]] = true;
        subscription_error(s, -1, true);
    }
    struct subscription_state state_now = subscription_state(s);
    t_int(state_now.live, 1);
    t_int(state_now.live + state_now.waiting + state_now.asked + state_now.refused, 6);
    subscription_destroy(s);
}

/* Always denied: one is tried, with growing waits, and no other is requested. */
static void test_denied_one_is_tried(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    int64_t now = 0, waits[8];
    subscription_next(s, now);
    t_true(subscription_error(s, -1, true).denied);
    for (int i = 0; i < 8; i++) {
        struct subscription_next n = subscription_next(s, now);
        t_int(n.count, 0);
        waits[i] = n.wake_ms - now;
        now = n.wake_ms;
        t_int(subscription_next(s, now).count, 1);
        t_true(!subscription_error(s, -1, true).denied); /* not reported again */
        t_true(subscription_denied(s));
        t_int(subscription_state(s).refused, 0);
    }
    t_int(waits[0], 300000);
    t_int(waits[1], 600000);
    t_int(waits[7], 3600000);
    subscription_destroy(s);
}

static void test_data_of_the_tried_one_ends_a_denial(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    int64_t now = 0;
    struct subscription_next n = subscription_next(s, now);
    t_true(subscription_heard(s, n.instruments[0]));
    int32_t live = n.instruments[0];
    for (int32_t i = 0; i < 8 && !subscription_denied(s); i++) {
        if (i != live)
            subscription_error(s, i, false);
    }
    t_true(subscription_denied(s));
    int32_t refused = subscription_state(s).refused;
    now = subscription_next(s, now).wake_ms;
    n = subscription_next(s, now);
    t_int(n.count, 1);
    t_true(n.instruments[0] != live);
    t_int(subscription_state(s).refused, refused - 1); /* the tried one was refused before */
    t_true(subscription_heard(s, n.instruments[0]));
    t_true(!subscription_denied(s));
    t_int(subscription_state(s).refused, 0);
    t_int(subscription_state(s).live, 2);
    bool asked[8] = {false};
    for (int i = 0; i < 8; i++) { /* all others, each once */
        n = subscription_next(s, now += 60);
        for (int32_t k = 0; k < n.count; k++) {
            t_true(!asked[n.instruments[k]]);
            asked[n.instruments[k]] = true;
            t_true(subscription_heard(s, n.instruments[k]));
        }
    }
    t_int(subscription_state(s).live, 8);
    subscription_destroy(s);
}

/* Data of an instrument that was requested before the denial does not end the denial. */
static void test_late_data_does_not_end_a_denial(void **state)
{
    (void)state;
    struct subscription *s = begun(8);
    struct subscription_next n = subscription_next(s, 0);
    int32_t early = n.instruments[1];
    t_true(subscription_error(s, -1, true).denied);
    subscription_heard(s, early);
    t_true(subscription_denied(s));
    int64_t now = subscription_next(s, 0).wake_ms;
    n = subscription_next(s, now);
    t_int(n.count, 1);
    t_int(subscription_next(s, now + 5000).count, 0); /* no data */
    t_int(subscription_next(s, now + 5000).wake_ms, now + 5000 + 600000);
    subscription_destroy(s);
}

static int32_t index_of(const struct subscription_next *n, int32_t instrument)
{
    for (int32_t i = 0; i < n->count; i++) {
        if (n->instruments[i] == instrument)
            return i;
    }
    return -1;
}

/* The first data of a subscription that was never denied is not the end of a denial. */
static void test_the_first_data_requests_nothing_again(void **state)
{
    (void)state;
    struct subscription *s = begun(4);
    struct subscription_next n = subscription_next(s, 0);
    t_int(n.count, 4);
    t_true(index_of(&n, 0) >= 0);
    t_true(subscription_heard(s, 0));
    t_int(subscription_state(s).asked, 3);
    t_int(subscription_next(s, 50).count, 0);
    t_int(subscription_next(s, 50).wake_ms, INT64_MAX);
    subscription_destroy(s);
}

/* The pending message is still waited for. */
static void test_an_error_that_names_one_of_another_message(void **state)
{
    (void)state;
    struct subscription *s = begun(12);
    struct subscription_next n = subscription_next(s, 0);
    t_true(subscription_heard(s, n.instruments[0]));
    n = subscription_next(s, 50); /* in the middle of the order */
    for (int32_t i = 0; i < 12; i++) {
        struct subscription_state before = subscription_state(s);
        if (index_of(&n, i) >= 0 || before.refused == 3)
            continue;
        t_int(subscription_error(s, i, false).refused, i);
        t_int(subscription_next(s, 100).wake_ms, 5050);
        for (int32_t k = 0; k < n.count; k++)
            t_true(subscription_next(s, 100).count == 0);
    }
    t_int(subscription_state(s).refused, 3);
    for (int32_t k = 0; k < n.count; k++)
        t_true(subscription_heard(s, n.instruments[k]));
    subscription_destroy(s);
}

static void test_a_denial_while_all_deliver_tries_none(void **state)
{
    (void)state;
    struct subscription *s = begun(1);
    struct subscription_next n = subscription_next(s, 0);
    t_true(subscription_heard(s, n.instruments[0]));
    t_true(subscription_error(s, -1, true).denied);
    n = subscription_next(s, 0);
    n = subscription_next(s, n.wake_ms);
    t_int(n.count, 0);
    t_int(n.wake_ms, INT64_MAX);
    subscription_destroy(s);
}

/* The one that ended a denial is requested again later: its data ends nothing more. */
static void test_a_denial_ends_once(void **state)
{
    (void)state;
    struct subscription *s = begun(2);
    int64_t now = 0;
    subscription_next(s, now);
    t_true(subscription_error(s, -1, true).denied);
    now = subscription_next(s, now).wake_ms;
    int32_t tried = subscription_next(s, now).instruments[0];
    t_true(subscription_heard(s, tried));
    t_int(subscription_next(s, now += 60).count, 1);
    t_int(subscription_error(s, -1, false).refused, 1 - tried);
    subscription_again(s, tried);
    t_int(subscription_next(s, now += 60).count, 1);
    t_true(subscription_heard(s, tried));
    t_int(subscription_state(s).refused, 1);
    t_int(subscription_next(s, now += 60).count, 0);
    subscription_destroy(s);
}

static void test_a_refusal_is_reported_once(void **state)
{
    (void)state;
    struct subscription *s = begun(4);
    for (int32_t i = 0; i < 2; i++) {
        subscription_next(s, 100 * i);
        t_int(subscription_error(s, i, false).refused, i);
        t_int(subscription_error(s, i, false).refused, -1);
    }
    t_int(subscription_state(s).refused, 2);
    subscription_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_one_at_a_time),
        cmocka_unit_test(test_listed_instruments_by_their_index_in_the_market),
        cmocka_unit_test(test_denied_one_is_tried),
        cmocka_unit_test(test_data_of_the_tried_one_ends_a_denial),
        cmocka_unit_test(test_late_data_does_not_end_a_denial),
        cmocka_unit_test(test_a_named_symbol_is_dropped_and_the_rest_requested_again),
        cmocka_unit_test(test_a_new_connection_does_not_wait_for_the_old_answer),
        cmocka_unit_test(test_an_error_without_a_name_halves),
        cmocka_unit_test(test_the_end_of_a_connection),
        cmocka_unit_test(test_forgiving_ends_a_series_of_denials),
        cmocka_unit_test(test_silence_halves),
        cmocka_unit_test(test_silence_makes_messages_smaller),
        cmocka_unit_test(test_permission),
        cmocka_unit_test(test_one_again),
        cmocka_unit_test(test_every_known_symbol_gets_live),
        cmocka_unit_test(test_the_first_data_requests_nothing_again),
        cmocka_unit_test(test_an_error_that_names_one_of_another_message),
        cmocka_unit_test(test_a_denial_while_all_deliver_tries_none),
        cmocka_unit_test(test_a_denial_ends_once),
        cmocka_unit_test(test_a_refusal_is_reported_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
