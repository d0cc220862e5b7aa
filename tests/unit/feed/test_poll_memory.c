#include "feed/poll_memory.h"

#include "support/t.h"

static void only_an_identical_body_is_recognised(void **state)
{
    (void)state;
    struct poll_memory memory = {0};
    t_true(!poll_memory_same_body(&memory, 5, "", 0));
    poll_memory_keep_body(&memory, 5, "{\"a\":1}", 7);
    t_true(poll_memory_same_body(&memory, 5, "{\"a\":1}", 7));
    t_true(!poll_memory_same_body(&memory, 5, "{\"a\":2}", 7));
    t_true(!poll_memory_same_body(&memory, 5, "{\"a\":1}", 6));
    t_true(!poll_memory_same_body(&memory, 6, "{\"a\":1}", 7)); /* changed by a stream since */
    poll_memory_keep_body(&memory, 5, "{}", 2);
    t_true(!poll_memory_same_body(&memory, 5, "{\"a\":1}", 7));
    poll_memory_keep_body(&memory, 5, "a longer one than before", 24);
    t_true(poll_memory_same_body(&memory, 5, "a longer one than before", 24));
}

static struct poll_outcome answer(enum reply_class class)
{
    struct err why = {0};
    return poll_outcome_of_answer(class, &why, -1, 5000);
}

static void a_failure_is_reported_when_it_begins_and_when_it_changes(void **state)
{
    (void)state;
    struct poll_memory memory = {0};
    struct poll_outcome broken = poll_outcome_of_failure(HTTP_BROKEN, "reset");
    struct poll_outcome malformed = answer(REPLY_MALFORMED), unknown = answer(REPLY_UNKNOWN_SYMBOL);
    long count;
    int64_t since_ms;

    t_true(!poll_memory_fine(&memory, &count, &since_ms));
    t_true(poll_memory_trouble(&memory, &broken, 1000));
    t_true(!poll_memory_trouble(&memory, &broken, 2000));
    t_true(poll_memory_trouble(&memory, &malformed, 3000));
    t_true(!poll_memory_trouble(&memory, &malformed, 4000));
    t_true(poll_memory_fine(&memory, &count, &since_ms));
    t_int(count, 4);
    t_int(since_ms, 1000);
    t_true(!poll_memory_fine(&memory, &count, &since_ms));

    t_true(poll_memory_trouble(&memory, &unknown, 7000));
    t_true(memory.dropped);
    t_true(!poll_memory_trouble(&memory, &unknown, 7500));
    unknown.outcome = PLAN_REFUSED; /* the planner retries; reported again when it drops it */
    t_true(!poll_memory_trouble(&memory, &unknown, 8000));
    t_true(!memory.dropped);
    unknown.outcome = PLAN_DROPPED;
    t_true(poll_memory_trouble(&memory, &unknown, 9000));
    t_true(poll_memory_fine(&memory, &count, &since_ms));
    t_int(count, 4);
    t_true(!memory.dropped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_identical_body_is_recognised),
        cmocka_unit_test(a_failure_is_reported_when_it_begins_and_when_it_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
