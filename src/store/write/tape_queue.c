#include "store/write/tape_queue.h"

#include <errno.h>

int tape_queue_put(struct tape_queue *queue, const struct store_tape *tape)
{
    if (queue->count == STORE_TAPES_MAX ||
        (queue->count && queue->trades + tape->count > STORE_TAPE_TRADES_MAX))
        return -EAGAIN;
    queue->lists[(queue->first + queue->count) % STORE_TAPES_MAX] = *tape;
    queue->count++;
    queue->trades += tape->count;
    return 0;
}

void tape_queue_release(struct tape_queue *queue)
{
    queue->released = queue->count;
}

bool tape_queue_take(struct tape_queue *queue, struct store_tape *out)
{
    return queue->released && tape_queue_drop(queue, out);
}

bool tape_queue_drop(struct tape_queue *queue, struct store_tape *out)
{
    if (!queue->count)
        return false;
    *out = queue->lists[queue->first];
    queue->first = (queue->first + 1) % STORE_TAPES_MAX;
    queue->count--;
    queue->released -= queue->released > 0;
    queue->trades -= out->count;
    return true;
}
