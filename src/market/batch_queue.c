#include "market/batch_queue.h"

#include <errno.h>
#include <stdlib.h>

int batch_queue_init(struct batch_queue *q, int32_t room)
{
    *q = (struct batch_queue){.ring = calloc((size_t)room + 1, sizeof(*q->ring)), .room = room};
    return q->ring ? 0 : -ENOMEM;
}

int batch_queue_reserve(struct batch_queue *q, int32_t room)
{
    struct batch_queue wider;
    if (room <= q->room)
        return 0;
    if (batch_queue_init(&wider, room))
        return -ENOMEM;
    while (q->count)
        batch_queue_back(&wider, batch_queue_take(q));
    batch_queue_finish(q);
    *q = wider;
    return 0;
}

void batch_queue_finish(struct batch_queue *q)
{
    free(q->ring);
    *q = (struct batch_queue){0};
}

void batch_queue_clear(struct batch_queue *q)
{
    q->head = q->count = 0;
}

void batch_queue_back(struct batch_queue *q, struct batch batch)
{
    if (batch.count && q->count < q->room)
        q->ring[(q->head + q->count++) % q->room] = batch;
}

void batch_queue_front(struct batch_queue *q, struct batch batch)
{
    if (!batch.count || q->count == q->room)
        return;
    q->head = (q->head + q->room - 1) % q->room;
    q->ring[q->head] = batch;
    q->count++;
}

struct batch batch_queue_take(struct batch_queue *q)
{
    if (q->count == 0)
        return (struct batch){0};
    struct batch batch = q->ring[q->head];
    q->head = (q->head + 1) % q->room;
    q->count--;
    return batch;
}
