/*
 * stream: the messages of the WebSocket of the Primary API (protocol sections 10.2 to 10.4).
 *
 * Pure. The outgoing message, "smd", subscribes instruments. An incoming one is market data, an
 * error (a "status" other than OK, whatever its "type"), or of a type that is not ours; each is one
 * item.
 */
#ifndef PRIMARY_STREAM_H
#define PRIMARY_STREAM_H

#include "base/buf.h"
#include "base/json.h"
#include "market/stream_item.h"
#include "primary/reference.h"

#include <stdint.h>

struct stream_terms {
    uint32_t entries; /* the same for every product: the broker keeps one set per product */
    int depth;        /* 1..5 */
    int level;        /* 1..5: interval of updates, about 100, 500, 1000, 3000, 6000 ms */
};

/* {"type":"smd",...}: begin, one product at a time, end. Check the buf once at the end. */
void stream_smd_begin(struct buf *out, const struct stream_terms *terms);
void stream_smd_product(struct buf *out, bool first, const char *market_id, const char *symbol);
void stream_smd_end(struct buf *out);

struct stream_decoder {
    struct json_parser *parser;       /* borrowed */
    uint32_t entries;                 /* those that were requested; others are skipped */
    char named[SYMBOL_BYTES_MAX + 1]; /* the symbol in the text of the last error */
};

/*
 * Decodes one text message into one item; its texts are borrowed from `decoder` and `message` until
 * the next call. In `update`, null and [] clear an entry, an absent one is left out. MALFORMED: it
 * is not JSON, or it is market data without an instrument or without data; nothing of it is taken.
 */
void stream_decode(struct stream_decoder *decoder, const struct stream_message *message,
                   struct stream_item *out);

#endif
