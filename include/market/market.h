/*
 * market: the present quote of every instrument, and which updates changed it.
 *
 * Pure. Instruments have small indices, 0, 1, 2, ..., and are never removed: one that is no longer
 * requested keeps its last quote. Each accepted change gets the next number of one `seq` over all
 * sources, so that consumers can detect a missed change.
 */
#ifndef MARKET_MARKET_H
#define MARKET_MARKET_H

#include "base/text.h"
#include "market/quote.h"

#include <stdbool.h>
#include <stdint.h>

struct market;

struct market_quote {
    struct quote quote;
    int64_t seq;     /* of the last change; 0 = nothing was ever received */
    int64_t ts_recv; /* when the last change arrived; ns UTC */
    int64_t ts_seen; /* when a source last confirmed the values; ns UTC */
    enum source source;
    int64_t streamed_ms; /* last stream message about it, changed or not; monotonic, 0 = never */
};

/* Where a message came from, and when. */
struct market_stamp {
    enum source source;
    int64_t ts_recv;  /* when it arrived; ns UTC */
    int64_t recv_ms;  /* the same, monotonic */
    int64_t asked_ms; /* SOURCE_REST: when its request was sent; monotonic */
};

struct market_result {
    uint32_t changed; /* entries; 0: the values were only confirmed */
    bool outdated;    /* a stream message arrived after the request was sent: not applied */
};

/* An accepted change; valid during the call that it is passed to. */
struct market_change {
    int32_t instrument;
    uint32_t changed;                   /* entries */
    const struct market_quote *present; /* the quote after the change: borrowed, not copied */
};

struct market *market_create(int64_t last_seq); /* the next change gets last_seq + 1 */
void market_destroy(struct market *market);
void market_continue(struct market *market, int64_t last_seq); /* the same, if that is later */

int64_t market_last_seq(const struct market *market);

int32_t market_count(const struct market *market);
/* The index of (market_id, symbol), new or known (strings copied); -ENOMEM. */
int32_t market_add(struct market *market, const char *market_id, const char *symbol);
/* The index of a known one, or -1. */
int32_t market_find(const struct market *market, const char *market_id, const char *symbol);
int32_t market_find_text(const struct market *market, struct text market_id, struct text symbol);
const char *market_id(const struct market *market, int32_t index);
const char *market_symbol(const struct market *market, int32_t index);
const struct market_quote *market_quote(const struct market *market, int32_t index);

/*
 * Applies a message. The first message about an instrument changes every entry in it, empty ones
 * too. A REST answer whose request was sent before the last stream message is outdated: it could
 * overwrite newer values.
 */
struct market_result market_apply(struct market *market, int32_t index,
                                  const struct quote_update *update,
                                  const struct market_stamp *stamp);
/* The values were confirmed without being sent again. */
void market_confirm(struct market *market, int32_t index, int64_t ts_seen);
/*
 * A change that another market has accepted, with its seq and times. It becomes the present state
 * unless a later one of that instrument is known.
 */
enum market_given { MARKET_PRESENT, MARKET_PAST, MARKET_REPEATED };
enum market_given market_give(struct market *market, int32_t index,
                              const struct market_quote *quote);
/* Restores a quote that was recorded earlier. */
void market_restore(struct market *market, int32_t index, const struct market_quote *quote);

#endif
