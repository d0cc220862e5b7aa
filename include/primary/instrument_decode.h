/*
 * instrument_decode: the reference data of one instrument from the broker's JSON (protocol sections
 * 6.4 and 14).
 *
 * Pure. Knows the names of the wire: `symbol` is null beside a nested instrumentId, `tickSize` is a
 * step of quantities, `priceConvertionFactor` is misspelt, `maturityDate` may be a number. A value
 * that cannot be read counts as absent, so that one of them does not cost the instrument.
 */
#ifndef PRIMARY_INSTRUMENT_DECODE_H
#define PRIMARY_INSTRUMENT_DECODE_H

#include "base/json.h"
#include "market/instrument.h"
#include "primary/reply.h"

/* What a decoded instrument points to besides its JSON. */
struct instrument_texts {
    char maturity[12];
    char order_types[INSTRUMENT_TEXT_BYTES + 1], times_in_force[INSTRUMENT_TEXT_BYTES + 1];
    struct tick_range ranges[INSTRUMENT_RANGES_MAX];
};

/* Nested or flat. `out` borrows from `item` and `texts`. False: without a valid symbol or market.
 */
bool instrument_decode(const struct json *item, struct instrument_texts *texts,
                       struct instrument *out);

/* The answer of rest/instruments/detail: "instrument", or "instruments" of older servers. `out`
 * borrows from `parser` and `texts`; it is set with REPLY_OK only. */
enum reply_class instrument_decode_detail(struct json_parser *parser, const struct reply *reply,
                                          struct instrument_texts *texts, struct instrument *out,
                                          struct err *why);

#endif
