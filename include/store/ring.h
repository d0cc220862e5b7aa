/*
 * ring: snapshots waiting for the writer, first in, first out, bounded.
 *
 * Starts small, doubles up to its maximum, and gives memory back when it runs empty. Full, it drops
 * the oldest row: each row is a full state, so what is true now is always kept.
 */
#ifndef STORE_RING_H
#define STORE_RING_H

#include "store/store.h"

struct ring {
    struct store_snapshot *rows; /* owned */
    size_t cap, first, count;
    size_t max;
};

struct ring_loss {
    int64_t count;             /* rows dropped since this was zeroed */
    int64_t ts_first, ts_last; /* their ts_recv */
};

void ring_init(struct ring *ring, size_t max_rows);
void ring_finish(struct ring *ring);
/* Drops as many of the oldest as it takes to hold no more than `limit` rows with the new one. */
void ring_push(struct ring *ring, const struct store_snapshot *row, size_t limit,
               struct ring_loss *loss);
/* Moves up to `max` rows to `out`, oldest first; returns how many. */
size_t ring_take(struct ring *ring, struct store_snapshot *out, size_t max);

#endif
