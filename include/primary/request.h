/*
 * request: the broker's URLs (protocol sections 4, 5 and 7).
 *
 * Pure. `base` ends in '/'. In values everything outside A-Z a-z 0-9 - . _ ~ is percent-encoded;
 * the commas between entries are not, as in the broker's own clients.
 */
#ifndef PRIMARY_REQUEST_H
#define PRIMARY_REQUEST_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define REQUEST_PATH_TOKEN       "auth/getToken"
#define REQUEST_PATH_MARKET_DATA "rest/marketdata/get"
#define REQUEST_PATH_INSTRUMENTS "rest/instruments/all"
#define REQUEST_PATH_DETAILS     "rest/instruments/details"
#define REQUEST_PATH_DETAIL      "rest/instruments/detail"
#define REQUEST_PATH_SEGMENTS    "rest/segment/all"

#define REQUEST_PATH_TRADES      "rest/data/getTrades"

#define REQUEST_MARKET_ROFX "ROFX" /* the marketId of all market data, including BYMA */

struct request_quote {
    const char *market_id, *symbol;
    uint32_t entries;
    int depth;
};

/* Appends base + rest/instruments/detail?symbol=..&marketId=.. */
void request_detail(struct buf *out, const char *base, const char *market_id, const char *symbol);

/* Appends rest/instruments/bySegment?MarketSegmentID=..&MarketID=.. and byCFICode?CFICode=.., to be
 * put after the base. */
void request_by_segment(struct buf *out, const char *market_id, const char *segment);
void request_by_cfi_code(struct buf *out, const char *cfi_code);

/*
 * Appends base + rest/data/getTrades?marketId=..&symbol=..&date=2026-11-19: the trades of a day in
 * Argentina, in days since 1970-01-01 (protocol section 8). With external=true for the symbols of
 * other markets than Matba Rofex, as BYMA, of which the answer is empty without it, and with
 * environment=REMARKETS for the sandbox.
 */
void request_trades(struct buf *out, const char *base, const char *market_id, const char *symbol,
                    int64_t day);

/* Appends base + rest/marketdata/get?marketId=..&symbol=..&entries=BI,OF&depth=N */
void request_market_data(struct buf *out, const char *base, const struct request_quote *quote);

#endif
