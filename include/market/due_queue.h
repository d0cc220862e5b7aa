/*
 * due_queue: instruments by the time they are due, the earliest first.
 *
 * A binary heap that also finds an instrument by its number. Pure: it reads no clock.
 */
#ifndef MARKET_DUE_QUEUE_H
#define MARKET_DUE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct due_queue {
    int64_t *due_ms; /* of all instruments, in the queue or not */
    int32_t *place;  /* index in `heap`; -1: not in the queue */
    int32_t *heap;
    int32_t count; /* in the queue */
    int32_t size;  /* instruments 0..size-1 */
};

int due_queue_init(struct due_queue *queue, int32_t size); /* 0 or -ENOMEM; empty */
/* For instruments below `size`, if that is more than before. -ENOMEM: nothing has changed. */
int due_queue_reserve(struct due_queue *queue, int32_t size);
void due_queue_finish(struct due_queue *queue);

void due_queue_put(struct due_queue *queue, int32_t instrument,
                   int64_t due_ms);                               /* must not be in it */
void due_queue_take(struct due_queue *queue, int32_t instrument); /* must be in it */
void due_queue_move(struct due_queue *queue, int32_t instrument,
                    int64_t due_ms); /* must be in it */

int32_t due_queue_first(const struct due_queue *queue);  /* -1: empty */
int64_t due_queue_due_ms(const struct due_queue *queue); /* of the first; INT64_MAX: empty */
bool due_queue_has(const struct due_queue *queue, int32_t instrument);
int32_t due_queue_overdue(const struct due_queue *queue, int64_t now_ms); /* how many are due */

#endif
