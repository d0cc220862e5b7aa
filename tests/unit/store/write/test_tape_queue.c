#include "store/write/tape_queue.h"

#include "support/t.h"

#include <errno.h>

static struct store_tape list_of(int32_t instrument, size_t count)
{
    return (struct store_tape){.instrument = instrument, .count = count};
}

static int put(struct tape_queue *queue, int32_t instrument, size_t count)
{
    const struct store_tape tape = list_of(instrument, count);
    return tape_queue_put(queue, &tape);
}

static void lists_are_taken_in_order_once_they_are_released(void **state)
{
    (void)state;
    static struct tape_queue queue;
    struct store_tape out;
    t_true(!tape_queue_take(&queue, &out));
    t_int(put(&queue, 1, 10), 0);
    t_int(put(&queue, 2, 20), 0);
    t_true(!tape_queue_take(&queue, &out));
    tape_queue_release(&queue);
    t_int(put(&queue, 3, 30), 0); /* after the release */
    t_true(tape_queue_take(&queue, &out));
    t_int(out.instrument, 1);
    t_true(tape_queue_take(&queue, &out));
    t_int(out.instrument, 2);
    t_true(!tape_queue_take(&queue, &out));
    t_int(queue.trades, 30);
    t_true(tape_queue_drop(&queue, &out)); /* while closing */
    t_int(out.instrument, 3);
    t_true(!tape_queue_drop(&queue, &out));
    t_int(queue.trades, 0);
}

static void it_is_bounded_in_lists_and_in_trades(void **state)
{
    (void)state;
    static struct tape_queue queue;
    struct store_tape out;
    for (int round = 0; round < 3; round++) { /* around the end of the ring */
        for (int32_t i = 0; i < STORE_TAPES_MAX; i++)
            t_int(put(&queue, i, 1), 0);
        t_int(put(&queue, 0, 1), -EAGAIN);
        tape_queue_release(&queue);
        for (int32_t i = 0; i < STORE_TAPES_MAX; i++) {
            t_true(tape_queue_take(&queue, &out));
            t_int(out.instrument, i);
        }
        t_true(!tape_queue_take(&queue, &out));
    }
    t_int(put(&queue, 0, STORE_TAPE_TRADES_MAX + 1), 0); /* alone, it may be of any size */
    t_int(put(&queue, 1, 1), -EAGAIN);
    t_true(tape_queue_drop(&queue, &out));
    t_int(put(&queue, 1, STORE_TAPE_TRADES_MAX - 1), 0);
    t_int(put(&queue, 2, 1), 0);
    t_int(put(&queue, 3, 1), -EAGAIN);
    t_int(put(&queue, 3, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_taken_in_order_once_they_are_released),
        cmocka_unit_test(it_is_bounded_in_lists_and_in_trades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
