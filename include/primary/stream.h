/*
 * stream: the broker's WebSocket in its own words (protocol sections 10.2 to 10.4).
 *
 * Pure. What goes out is `smd`; what comes in is market data, an error (which has no type, and wins
 * over one), or something for somebody else.
 */
#ifndef PRIMARY_STREAM_H
#define PRIMARY_STREAM_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "market/quote.h"
#include "primary/decode.h"
#include "primary/reference.h"
#include "primary/reply.h"

#include <stdint.h>

struct stream_terms {
    uint32_t entries; /* the same for every product: the broker keeps one set per product */
    int depth;        /* 1..5 */
    int level;        /* 1..5: pace of updates, about 100, 500, 1000, 3000, 6000 ms */
};

/* {"type":"smd",...}: begin, one product at a time, end. Check the buf once at the end. */
void stream_smd_begin(struct buf *out, const struct stream_terms *terms);
void stream_smd_product(struct buf *out, bool first, const char *market_id, const char *symbol);
void stream_smd_end(struct buf *out);

enum stream_kind {
    STREAM_MARKET_DATA,
    STREAM_ERROR,
    STREAM_OTHER, /* order reports, heartbeats, what is yet to be invented */
};

struct stream_frame {
    enum stream_kind kind;
    const char *market_id, *symbol; /* of MARKET_DATA; borrowed until the next parse */
    int64_t ts_event;               /* the server's clock when it sent it, ns UTC; 0 = not said */
    struct quote_update update;     /* `entries`: those present; null and [] clear */
    struct decode_unreadable unreadable; /* of MARKET_DATA: what of it could not be read */
    enum reply_class class;              /* of ERROR; its words are in `why` */
    char named[SYMBOL_BYTES_MAX + 1];    /* of ERROR: the symbol it speaks of, "" = none */
};

/*
 * One text frame. 0, or -EBADMSG with the words: it is no JSON, or market data that names no
 * instrument or has none; nothing of it is taken. `entries`: those asked for; others are skipped.
 */
int stream_decode(struct json_parser *parser, const char *text, size_t len_bytes, uint32_t entries,
                  struct stream_frame *out, struct err *why);

#endif
