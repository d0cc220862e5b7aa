#include "market/batch_queue.h"

#include "support/t.h"

/* Puts a batch of one instrument. */
static struct batch one(int32_t first)
{
    return (struct batch){first, 1};
}

static void test_first_in_first_out_and_in_front(void **state)
{
    (void)state;
    struct batch_queue q;
    t_int(batch_queue_init(&q, 3), 0);
    t_int(batch_queue_take(&q).count, 0);
    batch_queue_back(&q, one(1));
    batch_queue_back(&q, (struct batch){7, 0}); /* empty */
    batch_queue_back(&q, one(2));
    batch_queue_front(&q, one(3));
    t_int(q.count, 3);
    batch_queue_back(&q, one(4)); /* no room */
    batch_queue_front(&q, one(5));
    t_int(batch_queue_take(&q).first, 3);
    t_int(batch_queue_take(&q).first, 1);
    t_int(batch_queue_take(&q).first, 2);
    t_int(batch_queue_take(&q).count, 0);
    batch_queue_finish(&q);
}

static void test_around_the_ring(void **state)
{
    (void)state;
    struct batch_queue q;
    t_int(batch_queue_init(&q, 4), 0);
    for (int32_t i = 0; i < 20; i++) {
        batch_queue_back(&q, one(2 * i));
        batch_queue_back(&q, one(2 * i + 1));
        batch_queue_front(&q, one(1000 + i));
        t_int(batch_queue_take(&q).first, 1000 + i);
        t_int(batch_queue_take(&q).first, 2 * i);
        t_int(batch_queue_take(&q).first, 2 * i + 1);
        t_int(q.count, 0);
    }
    batch_queue_back(&q, one(1));
    batch_queue_clear(&q);
    t_int(batch_queue_take(&q).count, 0);
    batch_queue_finish(&q);
}

static void test_more_room(void **state)
{
    (void)state;
    struct batch_queue q;
    t_int(batch_queue_init(&q, 2), 0);
    batch_queue_back(&q, one(1));
    batch_queue_back(&q, one(2));
    t_int(batch_queue_take(&q).first, 1);
    batch_queue_back(&q, one(3)); /* around the ring */
    t_int(batch_queue_reserve(&q, 1), 0);
    t_int(q.room, 2);
    t_int(batch_queue_reserve(&q, 4), 0);
    batch_queue_back(&q, one(4));
    batch_queue_front(&q, one(5));
    t_int(q.count, 4);
    for (int i = 0; i < 4; i++) {
        static const int32_t expected[] = {5, 2, 3, 4};
        t_int(batch_queue_take(&q).first, expected[i]);
    }
    batch_queue_finish(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out_and_in_front),
        cmocka_unit_test(test_around_the_ring),
        cmocka_unit_test(test_more_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
