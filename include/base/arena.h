/*
 * arena: an arena allocator; all of its memory is released at once.
 *
 * Allocation moves a pointer. arena_reset() invalidates all allocations and keeps one block of at
 * most `keep_bytes`, so that repeated work of the same size soon needs no malloc. Larger blocks are
 * freed at reset: one huge list at the start of the day must not stay in memory for months.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* owned; the first is the one in use */
    size_t used_bytes;          /* of the first block */
    size_t keep_bytes;
    size_t max_bytes; /* over all blocks; 0 = no limit */
    size_t total_bytes;
};

void arena_init(struct arena *arena, size_t keep_bytes, size_t max_bytes);
void arena_finish(struct arena *arena);
void arena_reset(struct arena *arena);
/* Aligned for any type; NULL when `max_bytes` would be exceeded or malloc fails. */
void *arena_alloc(struct arena *arena, size_t size_bytes);

#endif
