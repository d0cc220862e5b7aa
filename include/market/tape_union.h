/*
 * tape_union: which trades of two incomplete tapes of one instrument are the same.
 *
 * Pure. Both were recorded from the same messages, so unlike a tape and the broker's list
 * (market/tape_merge) they have the same times, except that one may have it in whole seconds, and
 * the size may be unknown (protocol 12.4). Each trade is the same as at most one of the other tape;
 * two of one tape are two trades.
 */
#ifndef MARKET_TAPE_UNION_H
#define MARKET_TAPE_UNION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tape_union_item {
    int64_t ts_event; /* ns UTC, in whole milliseconds */
    double price;
    double size; /* NAN: unknown */
    size_t at;   /* the caller's; orders items that are the same */
    bool matched;
};

/* Sets `matched` of all items and sorts both. */
void tape_union(struct tape_union_item *a, size_t a_count, struct tape_union_item *b,
                size_t b_count);

#endif
