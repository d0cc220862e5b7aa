#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define ALIGN       alignof(max_align_t)
#define FIRST_BYTES 4096

struct arena_block {
    struct arena_block *next;
    size_t size_bytes;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t keep_bytes, size_t max_bytes)
{
    *arena = (struct arena){.keep_bytes = keep_bytes, .max_bytes = max_bytes};
}

void arena_finish(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->used_bytes = arena->total_bytes = 0;
}

/* Keeps the newest block only: it is the largest, so the next round may fit into it alone. */
void arena_reset(struct arena *arena)
{
    while (arena->blocks &&
           (arena->blocks->next || arena->blocks->size_bytes > arena->keep_bytes)) {
        struct arena_block *keep = arena->blocks, *drop = keep->next;
        if (keep->size_bytes > arena->keep_bytes) {
            arena->blocks = drop;
            drop = keep;
        } else {
            keep->next = drop->next;
        }
        arena->total_bytes -= drop->size_bytes;
        free(drop);
    }
    arena->used_bytes = 0;
}

static struct arena_block *grow(struct arena *arena, size_t at_least)
{
    size_t size = arena->blocks ? arena->blocks->size_bytes * 2 : FIRST_BYTES;
    if (arena->max_bytes && size > arena->max_bytes - arena->total_bytes)
        size = arena->max_bytes - arena->total_bytes; /* the last block: what is left */
    if (size < at_least)
        size = at_least;
    if (arena->max_bytes && size > arena->max_bytes - arena->total_bytes)
        return NULL;
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (!block)
        return NULL;
    block->next = arena->blocks;
    block->size_bytes = size;
    arena->blocks = block;
    arena->used_bytes = 0;
    arena->total_bytes += size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 4)
        return NULL;
    size_t size = (size_bytes + ALIGN - 1) / ALIGN * ALIGN;
    struct arena_block *block = arena->blocks;
    if (!block || size > block->size_bytes - arena->used_bytes) {
        block = grow(arena, size);
        if (!block)
            return NULL;
    }
    void *p = block->bytes + arena->used_bytes;
    arena->used_bytes += size;
    return p;
}
