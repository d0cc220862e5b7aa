/*
 * instrument_list: the reference data of many instruments.
 *
 * Owns copies of all that it contains. One thread builds a list; from its first
 * instrument_list_share() on it must not be changed, and any thread may read it: the last
 * instrument_list_release() frees it. No more than INSTRUMENT_LIST_MAX instruments.
 */
#ifndef MARKET_INSTRUMENT_LIST_H
#define MARKET_INSTRUMENT_LIST_H

#include "market/instrument.h"

#include <stddef.h>

/* The largest list that is read has 155,000, the largest broker's known 10,000. */
#define INSTRUMENT_LIST_MAX 200000

struct instrument_list;

struct instrument_list *instrument_list_create(void);                        /* NULL: no memory */
struct instrument_list *instrument_list_share(struct instrument_list *list); /* returns it */
void instrument_list_release(struct instrument_list *list);                  /* NULL is allowed */

/* Copies it; another one of the same market and symbol is replaced and keeps its place. 0, -ENOMEM,
 * or -E2BIG when there are too many. */
int instrument_list_put(struct instrument_list *list, const struct instrument *instrument);

size_t instrument_list_count(const struct instrument_list *list); /* 0 for NULL */
/* Borrowed; in the order of the first put. */
const struct instrument *instrument_list_at(const struct instrument_list *list, size_t at);
/* NULL: it is not in the list, or `list` is NULL. */
const struct instrument *instrument_list_find(const struct instrument_list *list,
                                              const char *market_id, const char *symbol);

/* --- the broker's segments, which may have no instruments ------------------------------------- */

#define SEGMENTS_MAX 256 /* 12 to 19 are usual */

struct market_segment {
    const char *market_id, *id;
    int64_t ts_listed; /* when the broker's list of segments last had it, ns UTC */
    bool listed;       /* the last one has it */
};

/* As instrument_list_put(). */
int instrument_list_put_segment(struct instrument_list *list, const struct market_segment *segment);
size_t instrument_list_segments(const struct instrument_list *list); /* their count; 0 for NULL */
const struct market_segment *instrument_list_segment(const struct instrument_list *list, size_t at);
/* NULL: there is no such segment, or `list` is NULL. */
const struct market_segment *instrument_list_find_segment(const struct instrument_list *list,
                                                          const char *market_id, const char *id);

#endif
