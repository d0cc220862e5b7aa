/*
 * market: the present quote of every instrument, and which updates changed it.
 *
 * Pure. Instruments have small indices, 0, 1, 2, ..., and are never removed: one that is no longer
 * asked for just grows old. One `seq` over all sources is given to each accepted change, so that
 * consumers can prove they missed nothing.
 */
#ifndef MARKET_MARKET_H
#define MARKET_MARKET_H

#include "market/quote.h"

#include <stdint.h>

struct market;

struct market_quote {
    struct quote quote;
    int64_t seq;     /* of the last change; 0 = nothing was ever said about this instrument */
    int64_t ts_recv; /* when it arrived; ns UTC */
    int64_t ts_seen; /* when a source last confirmed the values; ns UTC */
    enum source source;
};

struct market *market_create(int64_t last_seq); /* the next change gets last_seq + 1 */
void market_destroy(struct market *market);

int32_t market_count(const struct market *market);
/* The index of (market_id, symbol), new or known (strings copied); -ENOMEM. */
int32_t market_add(struct market *market, const char *market_id, const char *symbol);
int32_t market_find(const struct market *market, const char *market_id,
                    const char *symbol); /* -1 */
const char *market_id(const struct market *market, int32_t index);
const char *market_symbol(const struct market *market, int32_t index);
const struct market_quote *market_quote(const struct market *market, int32_t index);

/*
 * Takes what a message says. Returns the entries that changed, 0 when it only confirmed the values.
 * The first word about an instrument is a change of all entries it speaks of, be they empty.
 */
uint32_t market_apply(struct market *market, int32_t index, const struct quote_update *update,
                      enum source source, int64_t ts_recv);
/* The values were confirmed without being sent again. */
void market_confirm(struct market *market, int32_t index, int64_t ts_seen);
/* Puts back what was recorded earlier. */
void market_restore(struct market *market, int32_t index, const struct market_quote *quote);

#endif
