#include "market/due_queue.h"

#include <errno.h>
#include <stdlib.h>

static int64_t key(const struct due_queue *q, int32_t at)
{
    return q->due_ms[q->heap[at]];
}

static void place(struct due_queue *q, int32_t at, int32_t instrument)
{
    q->heap[at] = instrument;
    q->place[instrument] = at;
}

static void sift_up(struct due_queue *q, int32_t at)
{
    int32_t moving = q->heap[at];
    while (at > 0 && key(q, (at - 1) / 2) > q->due_ms[moving]) {
        place(q, at, q->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(q, at, moving);
}

static void sift_down(struct due_queue *q, int32_t at)
{
    int32_t moving = q->heap[at];
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= q->count)
            break;
        if (child + 1 < q->count && key(q, child + 1) < key(q, child))
            child++;
        if (key(q, child) >= q->due_ms[moving])
            break;
        place(q, at, q->heap[child]);
        at = child;
    }
    place(q, at, moving);
}

int due_queue_init(struct due_queue *queue, int32_t size)
{
    *queue = (struct due_queue){0};
    int rc = due_queue_reserve(queue, size);
    if (rc)
        due_queue_finish(queue);
    return rc;
}

int due_queue_reserve(struct due_queue *queue, int32_t size)
{
    size_t n = (size_t)size + 1;
    if (size <= queue->size)
        return 0;
    int64_t *due_ms = realloc(queue->due_ms, n * sizeof(*due_ms));
    queue->due_ms = due_ms ? due_ms : queue->due_ms;
    int32_t *place = realloc(queue->place, n * sizeof(*place));
    queue->place = place ? place : queue->place;
    int32_t *heap = realloc(queue->heap, n * sizeof(*heap));
    queue->heap = heap ? heap : queue->heap;
    if (!due_ms || !place || !heap)
        return -ENOMEM;
    for (int32_t i = queue->size; i < size; i++) {
        due_ms[i] = 0;
        place[i] = -1;
    }
    queue->size = size;
    return 0;
}

void due_queue_finish(struct due_queue *queue)
{
    free(queue->due_ms);
    free(queue->place);
    free(queue->heap);
    *queue = (struct due_queue){0};
}

void due_queue_put(struct due_queue *queue, int32_t instrument, int64_t due_ms)
{
    queue->due_ms[instrument] = due_ms;
    place(queue, queue->count++, instrument);
    sift_up(queue, queue->count - 1);
}

void due_queue_take(struct due_queue *queue, int32_t instrument)
{
    int32_t at = queue->place[instrument];
    queue->place[instrument] = -1;
    if (at == --queue->count)
        return;
    place(queue, at, queue->heap[queue->count]);
    sift_up(queue, at);
    sift_down(queue, queue->place[queue->heap[at]]);
}

void due_queue_move(struct due_queue *queue, int32_t instrument, int64_t due_ms)
{
    bool later = due_ms > queue->due_ms[instrument];
    queue->due_ms[instrument] = due_ms;
    if (later)
        sift_down(queue, queue->place[instrument]);
    else
        sift_up(queue, queue->place[instrument]);
}

int32_t due_queue_first(const struct due_queue *queue)
{
    return queue->count ? queue->heap[0] : -1;
}

int64_t due_queue_due_ms(const struct due_queue *queue)
{
    return queue->count ? key(queue, 0) : INT64_MAX;
}

bool due_queue_has(const struct due_queue *queue, int32_t instrument)
{
    return queue->place[instrument] >= 0;
}

int32_t due_queue_overdue(const struct due_queue *queue, int64_t now_ms)
{
    int32_t overdue = 0;
    for (int32_t i = 0; i < queue->count; i++)
        overdue += key(queue, i) <= now_ms;
    return overdue;
}
