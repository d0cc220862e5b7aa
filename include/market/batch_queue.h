/*
 * batch_queue: the batches of instruments that wait to be requested, first in, first out.
 *
 * A ring of limited length: the next batch can also be put in front, and one that finds no room is
 * lost. Pure.
 */
#ifndef MARKET_BATCH_QUEUE_H
#define MARKET_BATCH_QUEUE_H

#include <stdint.h>

/* A run of the caller's array of instruments. */
struct batch {
    int32_t first, count;
};

struct batch_queue {
    struct batch *ring;
    int32_t room, head, count;
};

int batch_queue_init(struct batch_queue *queue, int32_t room); /* 0 or -ENOMEM; empty */
/* More room; the batches stay. -ENOMEM: nothing has changed. */
int batch_queue_reserve(struct batch_queue *queue, int32_t room);
void batch_queue_finish(struct batch_queue *queue);
void batch_queue_clear(struct batch_queue *queue);

/* An empty batch is ignored. */
void batch_queue_back(struct batch_queue *queue, struct batch batch);
void batch_queue_front(struct batch_queue *queue, struct batch batch);
struct batch batch_queue_take(struct batch_queue *queue); /* the first; count 0: none */

#endif
