/* The subscription when the list of instruments changes, and with instruments on trial. */
#include "market/subscription.h"

#include "base/rng.h"
#include "sources.h"

#include <stdlib.h>

static const struct subscription_limits limits = {
    .batch = 4, .rate_limit_ms = 50, .quiet_ms = 5000};

/* All of 0..count-1 are live. */
static struct subscription *live(int32_t count, int64_t *now_ms)
{
    struct subscription *s = subscription_create(&limits, sources_count(count));
    t_true(s);
    subscription_begin(s, *now_ms);
    for (; subscription_state(s).live < count; *now_ms += 50) {
        struct subscription_next next = subscription_next(s, *now_ms);
        for (int32_t i = 0; i < next.count; i++)
            subscription_heard(s, next.instruments[i]);
    }
    return s;
}

static void relist(struct subscription *s, const int32_t *list, int32_t count)
{
    t_int(subscription_reserve(s, 60), 0);
    sources_list(list, count, 0);
    subscription_relisted(s);
}

/* The instruments of the next message, "3,1". */
static const char *requested(struct subscription *s, int64_t now_ms)
{
    static char words[200];
    size_t used = 0;
    struct subscription_next next = subscription_next(s, now_ms);
    *words = '\0';
    for (int32_t i = 0; i < next.count; i++)
        used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%d", i ? "," : "",
                                 (int)next.instruments[i]);
    return words;
}

static void only_new_ones_are_requested(void **state)
{
    (void)state;
    static const int32_t list[] = {0, 2, 3, 4, 5, 40, 41, 42, 43, 44};
    int64_t now = 0;
    struct subscription *s = live(6, &now);
    relist(s, list, 10);
    t_int(subscription_state(s).live, 5); /* 1 was removed */
    t_true(!subscription_live(s, 1));
    t_str(requested(s, now), "40,41,42,43");
    t_true(subscription_heard(s, 41));
    t_true(!subscription_heard(s, 1)); /* the broker goes on sending it */
    t_str(requested(s, now + 50), "44");
    t_true(subscription_heard(s, 44));
    t_true(subscription_next(s, now + 9000).wake_ms == INT64_MAX);
    subscription_destroy(s);
}

static void one_that_comes_back_is_requested_again(void **state)
{
    (void)state;
    static const int32_t some[] = {0, 2}, all[] = {0, 1, 2};
    int64_t now = 0;
    struct subscription *s = live(3, &now);
    relist(s, some, 2);
    t_str(requested(s, now), "");
    relist(s, all, 3);
    t_str(requested(s, now + 50), "1");
    t_true(subscription_heard(s, 1));
    t_int(subscription_state(s).live, 3);
    /* also when that happens before it was sent: once */
    relist(s, some, 2);
    relist(s, all, 3);
    relist(s, some, 2);
    relist(s, all, 3);
    t_str(requested(s, now + 100), "1");
    t_true(subscription_heard(s, 1));
    for (int64_t t = now + 150; t < now + 400; t += 50)
        t_str(requested(s, t), "");
    t_int(subscription_state(s).live, 3);
    subscription_destroy(s);
}

static void one_leaves_while_its_message_is_pending(void **state)
{
    (void)state;
    static const int32_t some[] = {0, 1, 3}, all[] = {0, 1, 2, 3};
    struct subscription *s = subscription_create(&limits, sources_count(4));
    subscription_begin(s, 0);
    t_str(requested(s, 0), "0,1,2,3");
    relist(s, some, 3);
    t_int(subscription_error(s, 0, false).refused, 0);
    t_str(requested(s, 50), "3,1"); /* the rest, without the one that left */
    relist(s, all, 4);
    t_true(subscription_heard(s, 1));
    t_str(requested(s, 100), "2");
    t_true(subscription_heard(s, 2));
    struct subscription_state now = subscription_state(s);
    t_int(now.live, 2);
    t_int(now.refused, 1);
    t_int(now.asked, 1); /* 3, which was accepted with its message */
    subscription_destroy(s);
}

/* It is in the next connection's batches if it is listed then. */
static void the_list_changes_between_connections(void **state)
{
    (void)state;
    static const int32_t list[] = {1, 2, 50};
    int64_t now = 0;
    struct subscription *s = live(3, &now);
    subscription_end(s);
    relist(s, list, 3);
    t_int(subscription_state(s).live, 0);
    subscription_begin(s, now);
    const char *words = requested(s, now);
    t_contains(words, "1");
    t_contains(words, "2");
    t_contains(words, "50");
    t_int(subscription_state(s).asked, 3);
    subscription_destroy(s);
}

static void rest_answers_first(void **state)
{
    (void)state;
    static const int32_t list[] = {0, 1, 7, 8};
    int64_t now = 0;
    struct subscription *s = live(2, &now);
    t_int(subscription_reserve(s, 9), 0);
    sources_list(list, 4, now);
    source_table_step(sources, 7,
                      &(struct source_event){.kind = SOURCE_EV_DOUBTED, .rest_first = true});
    sources_step(8, SOURCE_EV_DOUBTED, now, 0); /* the broker's list has it */
    subscription_relisted(s);
    t_str(requested(s, now), "8");
    t_true(subscription_heard(s, 8));
    t_int(subscription_state(s).waiting, 0);
    sources_step(7, SOURCE_EV_OBSERVED, now, 0);
    subscription_relisted(s);
    t_str(requested(s, now + 50), "7");
    subscription_destroy(s);
}

/* So many refusals would otherwise mean that the account has no permission. */
static void refusals_of_trials_deny_nothing(void **state)
{
    (void)state;
    int32_t list[40] = {0, 1, 2};
    int64_t now = 0;
    for (int on_trial = 0; on_trial < 2; on_trial++) {
        struct subscription *s = live(3, &now);
        t_int(subscription_reserve(s, 60), 0);
        for (int32_t k = 3; k < 40; k++)
            list[k] = 10 + k;
        sources_list(list, 40, now);
        for (int32_t k = 3; k < 40 && on_trial; k++)
            sources_step(list[k], SOURCE_EV_DOUBTED, now, 0);
        subscription_relisted(s);
        for (int n = 0; n < 400 && subscription_state(s).refused < 37; n++, now += 50) {
            struct subscription_next next = subscription_next(s, now);
            if (next.count)
                subscription_error(s, next.instruments[0], false);
            if (subscription_denied(s))
                break;
        }
        t_int(subscription_denied(s), !on_trial);
        t_int(subscription_state(s).live, 3);
        subscription_destroy(s);
    }
}

/* Whatever happens: in the end the listed ones are live, each requested, and no other is. */
static void random_lists(void **state)
{
    (void)state;
    enum { SIZE = 25 };
    struct rng rng = {5};
    for (int run = 0; run < 300; run++) {
        int64_t now = 0;
        int32_t list[SIZE];
        int32_t count = 5;
        struct subscription *s = subscription_create(&limits, sources_count(count));
        t_int(subscription_reserve(s, SIZE), 0);
        subscription_begin(s, 0);
        for (int n = 0; n < 60 || now < 60000; n++, now += 50) {
            if (n < 60 && rng_below(&rng, 3) == 0) {
                count = 0;
                for (int32_t i = 0; i < SIZE; i++) {
                    if (rng_below(&rng, 2))
                        list[count++] = i;
                }
                sources_list(list, count, now);
                subscription_relisted(s);
            }
            if (n < 60 && rng_below(&rng, 10) == 0) {
                subscription_end(s);
                subscription_begin(s, now);
            }
            struct subscription_next next = subscription_next(s, now);
            for (int32_t i = 0; i < next.count; i++) {
                t_true(source_table_row(sources, next.instruments[i])->state != SOURCE_UNLISTED);
                if (n >= 60 || rng_below(&rng, 2))
                    subscription_heard(s, next.instruments[i]);
            }
        }
        for (int32_t i = 0; i < SIZE; i++) /* the last message of a batch may be late */
            subscription_heard(s, i);
        struct subscription_state end = subscription_state(s);
        t_int(end.live, source_table_listed(sources).count);
        t_int(end.waiting + end.asked + end.refused, 0);
        subscription_destroy(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_new_ones_are_requested),
        cmocka_unit_test(one_that_comes_back_is_requested_again),
        cmocka_unit_test(one_leaves_while_its_message_is_pending),
        cmocka_unit_test(the_list_changes_between_connections),
        cmocka_unit_test(rest_answers_first),
        cmocka_unit_test(refusals_of_trials_deny_nothing),
        cmocka_unit_test(random_lists),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    source_table_destroy(sources);
    return failed;
}
