/*
 * packed: a change as the columns that snapshot_recent and snapshot_history share.
 *
 * Prices are stored as integers in units of 1/unit, where unit is a power of ten: m * 1.0 / unit is
 * exactly the double that was received, in half of the bytes. A price that cannot be stored so is
 * bound as REAL. The views of schema/008_level_text.sql convert it back.
 */
#ifndef STORE_PACKED_H
#define STORE_PACKED_H

#include "store/row.h"
#include "store/snapshot.h"

struct sqlite3_stmt;

#define PACKED_COLUMNS                                                                             \
    "seq, instrument_id, ts_recv, source, changed, event_ago, last_ago, unit, bid_price, "         \
    "bid_size, offer_price, offer_size, last_price, last_size, open_price, high_price, "           \
    "low_price, close_price, close_day, settlement_price, settlement_day, open_interest, "         \
    "trade_volume, nominal_volume, effective_volume, index_value, auction_price, bids, offers"
#define PACKED_COLUMNS_COUNT 29

/*
 * Of rows of snapshot_history that are called `h` in a query: true unless the row is still in
 * snapshot_recent too, because it is being moved. The first condition is only the faster one: the
 * oldest rows are moved first. The same is in the view `snapshots`.
 */
#define SQL_NOT_MOVING(h)                                                                          \
    "(" h ".seq < ifnull((SELECT min(seq) FROM snapshot_recent), 9223372036854775807)"             \
    " OR NOT EXISTS (SELECT 1 FROM snapshot_recent moving WHERE moving.seq = " h ".seq))"

/* The smallest of 1, 10, ... 10^8 in which every price that can be an integer is one. */
int64_t packed_unit(const struct quote *quote);

/* True: *out / (double)unit == price, exactly. */
bool packed_price(double price, int64_t unit, int64_t *out);

/*
 * Replaces the contents of `out` with the levels from the second on, as "distance,size,...": the
 * distance is from the best price in 1/unit and grows as prices get worse. A size that is not an
 * integer is quoted; if the best level's is not, it comes first, quoted. If a price is not an
 * integer in 1/unit, all levels are written as JSON [[price,size],...] instead. Empty when there is
 * no level, or one whose size is an integer or unknown.
 */
void packed_levels(struct buf *out, const struct side *side, bool is_bid, int64_t unit);

/* Binds parameters 1 to PACKED_COLUMNS_COUNT; `text` must stay valid until the statement ran. */
void packed_bind(struct sqlite3_stmt *stmt, const struct store_snapshot *row, int64_t instrument_id,
                 struct row_text *text);

#endif
