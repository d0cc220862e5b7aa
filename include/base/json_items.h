/*
 * json_items: the elements of an array in a large JSON object, one at a time, without a tree of the
 * whole: for lists of many megabytes.
 *
 * Finds where each element of the object's member `key` begins and ends, and collects the other
 * members in `rest`, in which that array is empty. Elements are not checked beyond their brackets
 * and strings: parse them with base/json. Memory and the work of a step are bounded: an element,
 * and `rest`, of more than JSON_ITEM_BYTES are refused.
 */
#ifndef BASE_JSON_ITEMS_H
#define BASE_JSON_ITEMS_H

#include "base/buf.h"
#include "base/err.h"

#define JSON_ITEM_BYTES ((size_t)64 * 1024)

struct json_items {
    const char *text, *key; /* borrowed */
    size_t len_bytes, at;
    bool begun, inside; /* in the object, in the array */
    bool first;         /* no member, or no element, was read there yet */
    bool found;         /* the first member of that name was read; others are part of the rest */
    struct buf rest;    /* complete after JSON_ITEMS_END */
};

enum json_items_step {
    JSON_ITEMS_NEXT,   /* an element */
    JSON_ITEMS_END,    /* the text is complete */
    JSON_ITEMS_BROKEN, /* it is not such an object; `err` has the reason and the byte */
};

void json_items_init(struct json_items *items, const char *text, size_t len_bytes, const char *key);
void json_items_finish(struct json_items *items);

/* JSON_ITEMS_NEXT: *item and *item_bytes are the element, inside the text. */
enum json_items_step json_items_next(struct json_items *items, const char **item,
                                     size_t *item_bytes, struct err *err);

#endif
