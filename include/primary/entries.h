/*
 * entries: reads the object "marketData" of the broker's messages into a quote, in one pass over
 * its text (protocol section 7).
 *
 * Pure and tolerant: a value may be null, a number, a number in a string, an object, or a list of
 * objects; books may be unsorted and have duplicate levels. A value that cannot be read is "none"
 * and noted in `unreadable`; the rest is taken.
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
#ifndef PRIMARY_ENTRIES_H
#define PRIMARY_ENTRIES_H

#include "base/json_scan.h"
#include "market/quote.h"
#include "market/unreadable.h"

#include <stdint.h>

struct entries_out {
    uint32_t asked;                /* entries that are not asked for are skipped */
    uint32_t seen;                 /* those that were found, null and [] too; 0 at the start */
    struct quote *quote;           /* borrowed, quote_none() at the start */
    struct unreadable *unreadable; /* borrowed, `entries` 0 at the start */
};

/* From the opening brace at `at` to behind the closing one. */
const char *entries_read(struct json_scan *scan, const char *at, struct entries_out *out);

#endif
