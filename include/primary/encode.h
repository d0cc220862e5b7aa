/*
 * encode: quotes -> market data in the broker's words (protocol section 7), for those who serve it.
 */
#ifndef PRIMARY_ENCODE_H
#define PRIMARY_ENCODE_H

#include "base/buf.h"
#include "market/quote.h"

/* "No value" is spelt in three ways, which differ by broker and by year (protocol section 5). */
enum encode_empty { EMPTY_NULL, EMPTY_LIST, EMPTY_ABSENT };

/* Appends {"BI":[...],"LA":{...}} with the entries asked for and `depth` levels at most. */
void encode_market_data(struct buf *out, const struct quote *quote, uint32_t entries, int depth,
                        enum encode_empty empty);

#endif
