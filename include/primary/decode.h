/*
 * decode: market data in the broker's words -> quote updates (protocol section 7).
 *
 * Pure and tolerant: a value may be null, a number, a number in a string, an object, or a list of
 * objects; books may be unsorted and hold duplicate levels. An answer that cannot be read is an
 * error with the place in it, and nothing of it is taken.
 *
 * How far tolerance goes:
 *   a number that is not one or not finite, a volume or trade size below 0    an error
 *   a level without a (finite) price, or with a size below 0                  dropped
 *   a level that repeats an earlier one's price and size                      dropped
 *   a level without a size                                                    kept, size NAN
 *   a book out of order, or deeper than QUOTE_DEPTH_MAX                       sorted (stable), cut
 *   a date that is no whole number of ms between 1990 and 2100                "not said"
 *   a last trade, close, settlement or index value without a price            none, with its date
 *   ACP of price 0 without a size; SE of price 0 without a date               none
 *   the same key twice                                                        the first counts
 * The date of IV becomes ts_event; no other entry sets it.
 */
#ifndef PRIMARY_DECODE_H
#define PRIMARY_DECODE_H

#include "base/err.h"
#include "base/json.h"
#include "market/quote.h"
#include "primary/reply.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The answer of rest/marketdata/get. `asked` are the entries of the request: each of them that is
 * absent, null or [] in the answer is cleared, and `out->entries` = asked. Entries not asked for
 * and unknown keys are skipped. `out` is touched on REPLY_OK only; otherwise `why` says what and
 * where ("marketData.LA.price is not a number", "not JSON at byte 17 of 90").
 */
enum reply_class decode_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, struct quote_update *out, struct err *why);

/*
 * The "marketData" object alone, as WebSocket frames carry it too; null and [] are an empty one.
 * Entries of `asked` that are absent are cleared when `absent_clears`, else left out of
 * `out->entries`; null and [] clear in both cases. 0 or -EBADMSG, `out` untouched.
 */
int decode_entries(const struct json *market_data, uint32_t asked, bool absent_clears,
                   struct quote_update *out, struct err *why);

#endif
