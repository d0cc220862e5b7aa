/*
 * tape_merge: which trades of the broker's list of a day our own tape lacks, and which ones of the
 * list ours are.
 *
 * Pure. Trades have no number, so both sides are compared as multisets: each of our trades is the
 * same as at most one of the list, and two of the list in the same millisecond with the same price
 * and size are two trades (protocol 8). Our times may be less exact than those of the list:
 *
 * 1. first the same time, price and size;
 * 2. then our whole seconds, as BYMA sends them, with a trade of the list within that second;
 * 3. then ours within a few seconds, because the clocks differ;
 * 4. then ours without a time of its own, which have that of the message or of their arrival
 *    (market/trade), with an earlier trade of the list: it was made at any time since the message
 *    before;
 * 5. at last ours of unknown size, with a trade of the list of any size, by the rules 1 to 4. The
 *    browser terminal sends no sizes, and at times no seconds (protocol 12.4): then with a trade of
 *    that minute, before rule 3.
 *
 * In each step our trades take the earliest that is left, in order of time. Therefore merging the
 * same list again finds the rest and nothing else, after some or all of the missing trades have
 * been added to ours, and some or all of ours have become the trades of the list that they are.
 */
#ifndef MARKET_TAPE_MERGE_H
#define MARKET_TAPE_MERGE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A trade is reported later than it was made, or earlier by a clock that is slow. */
#define TAPE_MERGE_BEFORE_NS (5 * NS_PER_S)
#define TAPE_MERGE_AFTER_NS  NS_PER_S

struct tape_item {
    int64_t ts_event; /* ns UTC, in whole milliseconds */
    double price;
    double size;  /* NAN: unknown */
    int64_t at;   /* the caller's; orders items that are the same */
    bool undated; /* ours: ts_event is not its own time, but when it was reported */
    bool matched;
    int64_t with; /* if matched: `at` of the one that is the same trade */
};

/* Sets `matched` and `with` of all items; the others of `theirs` are missing in ours. Sorts both.
 */
void tape_merge(struct tape_item *ours, size_t ours_count, struct tape_item *theirs,
                size_t theirs_count);

/* Sorts by time, then by `at`. */
void tape_merge_sort(struct tape_item *items, size_t count);

/*
 * The last millisecond of the last whole second before or at `ts`. A list is merged up to such a
 * time, so that one of our whole seconds is either in it completely or not at all.
 */
int64_t tape_merge_until(int64_t ts);

#endif
