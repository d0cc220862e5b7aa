#include "base/text_map.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CAP_MIN 64

struct text_map_slot {
    const char *key; /* NULL: free */
    size_t len_bytes;
    uint64_t hash;
    int32_t value;
};

static uint64_t hash_of(const char *key, size_t len_bytes)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < len_bytes; i++)
        h = (h ^ (unsigned char)key[i]) * UINT64_C(0x100000001b3);
    return h;
}

static bool holds(const struct text_map_slot *slot, const char *key, size_t len_bytes,
                  uint64_t hash)
{
    return slot->hash == hash && slot->len_bytes == len_bytes &&
           memcmp(slot->key, key, len_bytes) == 0;
}

/* The slot with the key, or the free one where it belongs. At most half of the slots are used. */
static struct text_map_slot *slot_of(const struct text_map *map, const char *key, size_t len_bytes,
                                     uint64_t hash)
{
    for (size_t i = hash & (map->cap - 1);; i = (i + 1) & (map->cap - 1)) {
        struct text_map_slot *slot = &map->slots[i];
        if (!slot->key || holds(slot, key, len_bytes, hash))
            return slot;
    }
}

static int grow(struct text_map *map)
{
    struct text_map larger = {.cap = map->cap ? map->cap * 2 : CAP_MIN, .count = map->count};
    larger.slots = calloc(larger.cap, sizeof(*larger.slots));
    if (!larger.slots)
        return -ENOMEM;
    for (size_t i = 0; i < map->cap; i++) {
        const struct text_map_slot *slot = &map->slots[i];
        if (slot->key)
            *slot_of(&larger, slot->key, slot->len_bytes, slot->hash) = *slot;
    }
    free(map->slots);
    *map = larger;
    return 0;
}

int text_map_put(struct text_map *map, const char *key, size_t len_bytes, int32_t value)
{
    if (map->count * 2 >= map->cap && grow(map))
        return -ENOMEM;
    uint64_t hash = hash_of(key, len_bytes);
    struct text_map_slot *slot = slot_of(map, key, len_bytes, hash);
    if (slot->key) {
        slot->value = value;
        return 0;
    }
    *slot = (struct text_map_slot){key, len_bytes, hash, value};
    map->count++;
    return 0;
}

int32_t text_map_find(const struct text_map *map, const char *key, size_t len_bytes)
{
    if (!map->cap)
        return TEXT_MAP_NONE;
    const struct text_map_slot *slot = slot_of(map, key, len_bytes, hash_of(key, len_bytes));
    return slot->key ? slot->value : TEXT_MAP_NONE;
}

void text_map_finish(struct text_map *map)
{
    free(map->slots);
    *map = (struct text_map){0};
}
