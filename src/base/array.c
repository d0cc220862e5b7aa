#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define START_ITEMS 16

void *array_grow(void *items, size_t *cap, size_t need, size_t item_bytes)
{
    size_t more = *cap ? *cap : START_ITEMS;
    if (need <= *cap)
        return items;
    if (need > SIZE_MAX / 4 / item_bytes)
        return NULL;
    while (more < need)
        more *= 2;
    char *grown = realloc(items, more * item_bytes);
    if (!grown)
        return NULL;
    memset(grown + *cap * item_bytes, 0, (more - *cap) * item_bytes);
    *cap = more;
    return grown;
}

void *array_must_grow(void *items, size_t *cap, size_t need, size_t item_bytes)
{
    void *grown = array_grow(items, cap, need, item_bytes);
    if (!grown && need)
        abort();
    return grown;
}
