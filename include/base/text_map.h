/*
 * text_map: a hash table from text to a small number.
 *
 * Keys are borrowed: they must outlive the map. Nothing is removed. Not protected against keys that
 * were chosen to collide.
 */
#ifndef BASE_TEXT_MAP_H
#define BASE_TEXT_MAP_H

#include <stddef.h>
#include <stdint.h>

struct text_map_slot;

struct text_map { /* all zero: empty */
    struct text_map_slot *slots;
    size_t cap, count;
};

#define TEXT_MAP_NONE (-1)

/* Adds the key, or replaces its value; `value` is >= 0. 0 or -ENOMEM. */
int text_map_put(struct text_map *map, const char *key, size_t len_bytes, int32_t value);
/* The value, or TEXT_MAP_NONE. */
int32_t text_map_find(const struct text_map *map, const char *key, size_t len_bytes);
void text_map_finish(struct text_map *map);

#endif
