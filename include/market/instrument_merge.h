/*
 * instrument_merge: a list of instruments that was read, merged with what was known before.
 *
 * Pure. The result has each instrument of both: a value that the broker does not send now, or that
 * cannot be read, keeps the one known before, and an instrument that is no longer listed stays for
 * INSTRUMENT_KEEP_DAYS, marked as not listed. Finds what changed, for events.
 */
#ifndef MARKET_INSTRUMENT_MERGE_H
#define MARKET_INSTRUMENT_MERGE_H

#include "base/err.h"
#include "market/instrument_list.h"

#define INSTRUMENT_KEEP_DAYS 40 /* the database keeps it without an end */
#define INSTRUMENT_NEWS_MAX                                                                        \
    8 /* with more changed instruments of a kind, one event has the count                          \
       */

/* Changed instruments of one kind: the count, and the first of them. */
struct instrument_changed {
    size_t count;
    const char *symbol[INSTRUMENT_NEWS_MAX], *market_id[INSTRUMENT_NEWS_MAX]; /* of `after` */
};

struct instrument_merge {
    struct instrument_list *before; /* a share; NULL = nothing was known */
    struct instrument_list *after;  /* owned until it is taken */
    int64_t ts_read;
    size_t listed_before, missing; /* missing: listed before, and not read now; set by ..._end */
    size_t added;
    struct instrument_list *segments; /* a share: it has the segments that were read; NULL = none */
    struct instrument_changed terms, limits;
    int rc; /* the first error */
};

/* -ENOMEM or 0. Takes a share of `before`, which may be NULL. `ts_read`: when the list was
 * received, ns UTC. */
int instrument_merge_begin(struct instrument_merge *merge, struct instrument_list *before,
                           int64_t ts_read);
void instrument_merge_add(struct instrument_merge *merge, const struct instrument *read);

/* The broker's list of segments was read: those of `segments`. A share of it is taken. Without this
 * call the segments stay as they are in `before`. */
void instrument_merge_segments(struct instrument_merge *merge, struct instrument_list *segments);

/* How many are listed in `before` and were not read. */
size_t instrument_merge_missing(const struct instrument_merge *merge);

/*
 * Adds what only `before` has. `whole`: the list that was read has all instruments, so the others
 * are not listed any more; else nothing is known of them. 0, -ENOMEM or -E2BIG with the words.
 */
int instrument_merge_end(struct instrument_merge *merge, bool whole, struct err *err);

/* The merged list; the caller releases it. */
struct instrument_list *instrument_merge_take(struct instrument_merge *merge);
void instrument_merge_finish(struct instrument_merge *merge); /* also of a zeroed one */

/*
 * What recorders have published, merged with what was known. Both lists are created; *accepted has
 * those of `published` of which nothing later is known, *after all. -ENOMEM or -E2BIG: neither.
 */
struct instrument_published {
    struct instrument_list *after, *accepted;
};
int instrument_merge_published(const struct instrument_list *before,
                               const struct instrument_list *published,
                               struct instrument_published *out);

/* The news in words, for an event each: with the symbol, or NULL for a summary. None for the first
 * list that was ever read. */
typedef void instrument_news_fn(void *arg, const char *symbol, const char *words);
void instrument_merge_news(const struct instrument_merge *merge, instrument_news_fn *fn, void *arg);

#endif
