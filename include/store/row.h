/*
 * row: the columns of the table `quote`, which has one row for each instrument with its present
 * state. Binds a state to them, and reads it back.
 */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "store/snapshot.h"

struct sqlite3_stmt;

#define ROW_COLUMNS                                                                                \
    "source, ts_recv, ts_event, bid_price, bid_size, offer_price, offer_size, last_price, "        \
    "last_size, ts_last, open_price, high_price, low_price, close_price, close_day, "              \
    "settlement_price, settlement_day, open_interest, trade_volume, nominal_volume, "              \
    "effective_volume, index_value, auction_price, bids, offers"
#define ROW_COLUMNS_COUNT 25

/* Buffers reused from row to row, so that rows need no allocation. */
struct row_text {
    struct buf bids, offers;
};

void row_text_init(struct row_text *text);
void row_text_finish(struct row_text *text);

#define ROW_LEVEL_BYTES (2 * NUM_TEXT + 5) /* the text of a level has fewer */

/* Appends a side, which must not be empty, as JSON [[price,size],...]. */
void row_levels(struct buf *out, const struct side *side);

/* Reads that text back; what is not such a text has no levels. */
void row_read_levels(struct json_parser *parser, const char *text, struct side *out);

/* Binds ROW_COLUMNS_COUNT parameters from `first` on; keep `text` until the statement ran. */
void row_bind(struct sqlite3_stmt *stmt, int first, const struct store_snapshot *row,
              struct row_text *text);

/* Reads the same columns back from column `first` on: source, ts_recv and quote of the row. */
void row_read(struct sqlite3_stmt *stmt, int first, struct json_parser *parser,
              struct store_snapshot *row);

#endif
