#include "store/write/ring.h"

#include <stdlib.h>
#include <string.h>

#define START_ROWS 64
#define KEEP_ROWS  4096 /* an empty ring larger than this is freed */

void ring_init(struct ring *ring, size_t max_rows)
{
    *ring = (struct ring){.max = max_rows};
}

void ring_finish(struct ring *ring)
{
    free(ring->rows);
    ring_init(ring, ring->max);
}

static void copy_out(const struct ring *ring, struct store_snapshot *out, size_t count)
{
    size_t to_end = ring->cap - ring->first;
    size_t head = count < to_end ? count : to_end;
    if (head)
        memcpy(out, ring->rows + ring->first, head * sizeof(*out));
    if (count > head)
        memcpy(out + head, ring->rows, (count - head) * sizeof(*out));
}

static void grow(struct ring *ring)
{
    size_t cap = ring->cap ? ring->cap * 2 : START_ROWS;
    if (cap > ring->max)
        cap = ring->max;
    struct store_snapshot *rows = malloc(cap * sizeof(*rows));
    if (!rows)
        return; /* out of memory: treated as a full ring */
    copy_out(ring, rows, ring->count);
    free(ring->rows);
    ring->rows = rows;
    ring->cap = cap;
    ring->first = 0;
}

struct store_snapshot *ring_push(struct ring *ring)
{
    if (ring->count == ring->cap && ring->cap < ring->max)
        grow(ring);
    if (ring->count == ring->cap)
        return NULL;
    return &ring->rows[(ring->first + ring->count++) % ring->cap];
}

size_t ring_take(struct ring *ring, struct store_snapshot *out, size_t max)
{
    size_t count = ring->count < max ? ring->count : max;
    if (count == 0)
        return 0;
    copy_out(ring, out, count);
    ring->first = (ring->first + count) % ring->cap;
    ring->count -= count;
    if (ring->count == 0 && ring->cap > KEEP_ROWS)
        ring_finish(ring);
    return count;
}
