#include "market/due_queue.h"

#include "base/rng.h"
#include "support/t.h"

#define MANY 200

static void the_earliest_is_first(void **state)
{
    (void)state;
    struct due_queue q;
    t_int(due_queue_init(&q, 3), 0);
    t_int(due_queue_first(&q), -1);
    t_true(due_queue_due_ms(&q) == INT64_MAX);
    due_queue_put(&q, 0, 30);
    due_queue_put(&q, 1, 10);
    due_queue_put(&q, 2, 20);
    t_int(due_queue_first(&q), 1);
    t_int(due_queue_due_ms(&q), 10);
    t_int(due_queue_overdue(&q, 20), 2);
    due_queue_move(&q, 1, 40);
    t_int(due_queue_first(&q), 2);
    due_queue_move(&q, 0, 5);
    t_int(due_queue_first(&q), 0);
    due_queue_take(&q, 0);
    t_true(!due_queue_has(&q, 0) && due_queue_has(&q, 1));
    t_int(due_queue_first(&q), 2);
    due_queue_finish(&q);
}

/* The last one takes the place of the one that is taken, where it may be due before those above. */
static void taken_from_another_branch(void **state)
{
    (void)state;
    static const int64_t due_ms[] = {39, 34, 8, 36, 27, 21, 9}, rest[] = {8, 9, 21, 27, 34, 36};
    struct due_queue q;
    t_int(due_queue_init(&q, T_COUNT(due_ms)), 0);
    for (int32_t i = 0; i < (int32_t)T_COUNT(due_ms); i++)
        due_queue_put(&q, i, due_ms[i]);
    due_queue_take(&q, 0);
    for (size_t i = 0; i < T_COUNT(rest); i++) {
        t_int(due_queue_due_ms(&q), rest[i]);
        due_queue_take(&q, due_queue_first(&q));
    }
    t_int(due_queue_first(&q), -1);
    due_queue_finish(&q);
}

/* Compared with a linear search. */
static void random_changes(void **state)
{
    (void)state;
    struct due_queue q;
    struct rng rng = {11};
    t_int(due_queue_init(&q, MANY), 0);
    for (int n = 0; n < 20000; n++) {
        int32_t i = (int32_t)rng_below(&rng, MANY);
        int64_t due_ms = rng_below(&rng, 1000), least = INT64_MAX;
        if (!due_queue_has(&q, i))
            due_queue_put(&q, i, due_ms);
        else if (due_ms % 3)
            due_queue_move(&q, i, due_ms);
        else
            due_queue_take(&q, i);
        for (int32_t k = 0; k < MANY; k++) {
            if (due_queue_has(&q, k) && q.due_ms[k] < least)
                least = q.due_ms[k];
        }
        assert_true(due_queue_due_ms(&q) == least);
    }
    due_queue_finish(&q);
}

static void more_instruments(void **state)
{
    (void)state;
    struct due_queue q;
    t_int(due_queue_init(&q, 2), 0);
    due_queue_put(&q, 1, 20);
    t_int(due_queue_reserve(&q, 1), 0); /* fewer: nothing changes */
    t_int(due_queue_reserve(&q, 5), 0);
    t_true(due_queue_has(&q, 1) && !due_queue_has(&q, 0) && !due_queue_has(&q, 4));
    due_queue_put(&q, 4, 10);
    t_int(due_queue_first(&q), 4);
    due_queue_take(&q, 4);
    t_int(due_queue_first(&q), 1);
    due_queue_finish(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_is_first),
        cmocka_unit_test(taken_from_another_branch),
        cmocka_unit_test(random_changes),
        cmocka_unit_test(more_instruments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
