/*
 * ring: snapshots waiting for the writer, first in, first out, bounded.
 *
 * Starts small, doubles up to its maximum, and frees its memory when it becomes empty.
 */
#ifndef STORE_WRITE_RING_H
#define STORE_WRITE_RING_H

#include "store/write/store.h"

struct ring {
    struct store_snapshot *rows; /* owned */
    size_t cap, first, count;
    size_t max;
};

void ring_init(struct ring *ring, size_t max_rows);
void ring_finish(struct ring *ring);
/* A new last row, to be filled in at once. NULL when the ring is full or cannot grow: take a row
 * out first. */
struct store_snapshot *ring_push(struct ring *ring);
/* Moves up to `max` rows to `out`, oldest first; returns how many. */
size_t ring_take(struct ring *ring, struct store_snapshot *out, size_t max);

#endif
