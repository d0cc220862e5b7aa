/*
 * decode: market data in the broker's format -> quote updates (protocol section 7).
 *
 * Pure and tolerant: a value may be null, a number, a number in a string, an object, or a list of
 * objects; books may be unsorted and have duplicate levels. A message is refused as a whole only if
 * it is not JSON (or nested too deep) or has no market data. A value that cannot be read is "none"
 * and noted in `unreadable`; the rest of the message is taken.
 *
 * Special cases:
 *   a value not a number or not finite, a volume or trade size below 0        none, noted
 *   a level whose price cannot be read, or with a size below 0                dropped, noted
 *   a level without a price                                                   dropped
 *   a level that repeats an earlier one's price and size                      dropped
 *   a level without a size                                                    kept, size NAN
 *   a level or last trade whose size cannot be read                           kept, size NAN, noted
 *   a book out of order, or deeper than QUOTE_DEPTH_MAX                       sorted (stable), cut
 *   a date that is not a whole number of ms between 1990 and 2100             unknown
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
#include "market/unreadable.h"
#include "primary/reply.h"

#include <stdbool.h>
#include <stdint.h>

struct decode_out {
    struct quote_update *update;   /* written on success only */
    struct unreadable *unreadable; /* `entries` is always set */
    struct err *why;               /* the reason of a failure; may be NULL */
};

/*
 * The answer of rest/marketdata/get. `asked` are the entries of the request: each of them that is
 * absent, null or [] in the answer is cleared, and the update's `entries` = asked. Entries not
 * asked for and unknown keys are skipped. The reason says what and where ("marketData is missing",
 * "not JSON at byte 17 of 90").
 */
enum reply_class decode_market_data(struct json_parser *parser, const struct reply *reply,
                                    uint32_t asked, const struct decode_out *out);

/*
 * The "marketData" object alone, also that of a WebSocket frame; null and [] count as an empty one.
 * Entries of `asked` that are absent are cleared if `absent_clears`, else left out of the update's
 * `entries`; null and [] clear in both cases. 0 or -EBADMSG.
 */
int decode_entries(const struct json *market_data, uint32_t asked, bool absent_clears,
                   const struct decode_out *out);

#endif
