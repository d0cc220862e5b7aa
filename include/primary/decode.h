/*
 * decode: market data in the broker's words -> quote updates (protocol section 7).
 *
 * Pure and tolerant: a value may be null, a number, a number in a string, an object, or a list of
 * objects; books may be unsorted and hold duplicate levels. An answer that cannot be read is an
 * error with the place in it, and nothing of it is taken.
 */
#ifndef PRIMARY_DECODE_H
#define PRIMARY_DECODE_H

#include "base/err.h"
#include "base/json.h"
#include "market/quote.h"
#include "primary/reply.h"

/*
 * The answer of rest/marketdata/get. `asked` are the entries of the request: each of them that is
 * absent, null or [] in the answer is cleared, and `out->entries` = asked. Entries not asked for and
 * unknown keys are skipped. `out` is touched on REPLY_OK only; otherwise `why` says what and where
 * ("marketData.LA.price is not a number", "not JSON at byte 17 of 90").
 */
enum reply_class decode_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, struct quote_update *out, struct err *why);

/*
 * The "marketData" object alone, as WebSocket frames carry it too. Entries of `asked` that are
 * absent are cleared when `absent_clears`, else left out of `out->entries`. 0 or -EBADMSG.
 */
int decode_entries(const struct json *market_data, uint32_t asked, bool absent_clears,
                   struct quote_update *out, struct err *why);

#endif
