/*
 * array: room in a growing array of plain values.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>

/*
 * Makes room for at least `need` items of `item_bytes`, and updates *cap; new items are zeroed.
 * Returns the array, which may have moved; NULL when out of memory, `items` is then unchanged. With
 * `need` 0 it returns `items`, which may be NULL.
 */
void *array_grow(void *items, size_t *cap, size_t need, size_t item_bytes);

/* The same for data that may not be lost: aborts the process when out of memory. */
void *array_must_grow(void *items, size_t *cap, size_t need, size_t item_bytes);

#endif
