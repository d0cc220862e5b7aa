/*
 * stream: the messages of the broker's WebSocket (protocol sections 10.2 to 10.4).
 *
 * Pure. The outgoing message is `smd`. An incoming one is market data, an error (a "status" other
 * than OK, whatever the "type"), or of a type that is not ours.
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
    int level;        /* 1..5: interval of updates, about 100, 500, 1000, 3000, 6000 ms */
};

/* {"type":"smd",...}: begin, one product at a time, end. Check the buf once at the end. */
void stream_smd_begin(struct buf *out, const struct stream_terms *terms);
void stream_smd_product(struct buf *out, bool first, const char *market_id, const char *symbol);
void stream_smd_end(struct buf *out);

enum stream_kind {
    STREAM_MARKET_DATA,
    STREAM_ERROR,
    STREAM_OTHER, /* order reports, heartbeats, unknown types */
};

struct stream_frame {
    enum stream_kind kind;
    const char *market_id, *symbol; /* of MARKET_DATA; borrowed until the next parse */
    int64_t ts_event;               /* when the server sent it, by its clock; ns UTC; 0 = unknown */
    struct quote_update update;     /* `entries`: those present; null and [] clear them */
    struct decode_unreadable unreadable; /* of MARKET_DATA */
    enum reply_class class;              /* of ERROR; its text is in `why` */
    char named[SYMBOL_BYTES_MAX + 1];    /* of ERROR: the symbol it names, "" = none */
};

/*
 * Decodes one text frame. 0, or -EBADMSG with the reason in `why`: it is not JSON, or it is market
 * data without an instrument or without data; nothing of it is taken. `entries`: those requested;
 * others are skipped.
 */
int stream_decode(struct json_parser *parser, const char *text, size_t len_bytes, uint32_t entries,
                  struct stream_frame *out, struct err *why);

#endif
