/*
 * encode: quotes -> market data in the broker's format (protocol section 7), for our servers and
 * for what is published elsewhere.
 */
#ifndef PRIMARY_ENCODE_H
#define PRIMARY_ENCODE_H

#include "base/buf.h"
#include "market/quote.h"

/*
 * Brokers write "no value" in one of three ways (protocol section 5). EMPTY_PLAIN is for clients of
 * every kind: an empty side is a list, other values are null, an unknown date is left out because
 * one client cannot read null there, and IV and ACP are bare numbers because several clients cannot
 * read them as objects.
 */
enum encode_empty { EMPTY_NULL, EMPTY_LIST, EMPTY_ABSENT, EMPTY_PLAIN };

/* Beside the bits of enum entry: the trade count. Clients ask for it, nothing is known of it. */
#define ENCODE_TC ENTRY_BIT(ENTRY_COUNT)

/* Appends {"BI":[...],"LA":{...}} with the given entries and at most `depth` levels. */
void encode_market_data(struct buf *out, const struct quote *quote, uint32_t entries, int depth,
                        enum encode_empty empty);

/* The message of the stream, `Md` (protocol section 10.3). */
struct encode_frame {
    const char *market_id, *symbol;
    int64_t ts_ms; /* wall clock */
    const struct quote *quote;
    uint32_t entries;
    int depth;
    enum encode_empty empty;
};
/* Without its last brace, so that the caller can add members. */
void encode_frame(struct buf *out, const struct encode_frame *frame);

#endif
