/*
 * packed: a change as the columns that snapshot_recent and snapshot_history share.
 *
 * Prices become whole numbers of 1/unit, unit being a power of ten: m * 1.0 / unit is the very
 * double that was received, in half of the bytes. A price that is no such number is bound as REAL,
 * as it is. The views of schema/008_level_text.sql read it back.
 */
#ifndef STORE_PACKED_H
#define STORE_PACKED_H

#include "store/row.h"
#include "store/store.h"

struct sqlite3_stmt;

#define PACKED_COLUMNS                                                                             \
    "seq, instrument_id, ts_recv, source, changed, event_ago, last_ago, unit, bid_price, "         \
    "bid_size, offer_price, offer_size, last_price, last_size, open_price, high_price, "           \
    "low_price, close_price, close_day, settlement_price, settlement_day, open_interest, "         \
    "trade_volume, nominal_volume, effective_volume, index_value, auction_price, bids, offers"
#define PACKED_COLUMNS_COUNT 29

/* The smallest of 1, 10, ... 10^8 that makes whole numbers of all prices it can make whole of. */
int64_t packed_unit(const struct quote *quote);

/* True: *out / (double)unit == price, exactly. */
bool packed_price(double price, int64_t unit, int64_t *out);

/*
 * Replaces `out` by the levels from the second on, as "distance,size,..." with the distance from
 * the best in 1/unit, growing as prices get worse. A size that is not whole stands in quotes; so
 * does, in front, the best level's. Where a price is no whole number of 1/unit: by all of them as
 * JSON [[price,size],...]. Empty when there is none, or only one whose size is whole or unknown.
 */
void packed_levels(struct buf *out, const struct side *side, bool is_bid, int64_t unit);

/* Binds parameters 1 to PACKED_COLUMNS_COUNT; `text` must live until the statement ran. */
void packed_bind(struct sqlite3_stmt *stmt, const struct store_snapshot *row, int64_t instrument_id,
                 struct row_text *text);

#endif
