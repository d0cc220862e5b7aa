/*
 * tape_queue: the broker's lists of trades that wait to be merged, in the order of arrival.
 *
 * Bounded in lists and in trades. Owns the trades of the lists in it. A list can be taken once the
 * changes that were queued before it are written: see tape_queue_release(). Not thread-safe: the
 * store holds its lock around each call.
 */
#ifndef STORE_WRITE_TAPE_QUEUE_H
#define STORE_WRITE_TAPE_QUEUE_H

#include "store/write/store.h"

struct tape_queue {
    struct store_tape lists[STORE_TAPES_MAX];
    size_t first, count;
    size_t released; /* of `count`, these may be taken */
    size_t trades;   /* of all lists */
};

/* 0, or -EAGAIN when it is full; a list is never too large for an empty queue. */
int tape_queue_put(struct tape_queue *queue, const struct store_tape *tape);

/* All changes that were queued before now are about to be written. */
void tape_queue_release(struct tape_queue *queue);

/* Moves the first released list to *out; false: there is none. */
bool tape_queue_take(struct tape_queue *queue, struct store_tape *out);

/* The same for a list that is not released, while the store is being closed. */
bool tape_queue_drop(struct tape_queue *queue, struct store_tape *out);

#endif
