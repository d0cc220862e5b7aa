/*
 * stream_api: the server side of the broker's WebSocket (protocol sections 10.2 to 10.4).
 *
 * Pure: parses `smd` into instruments or an error frame; writes the `Md` frame of an instrument.
 */
#ifndef SERVE_STREAM_API_H
#define SERVE_STREAM_API_H

#include "base/buf.h"
#include "base/json.h"
#include "serve/source.h"

#include <stdint.h>

#define STREAM_PRODUCTS_MAX 12000

/* Beside the bits of entries, when the source knows it: the frame also has "cinta", with the source
 * of the quote, its age and its seq. Clients ask for it by "cinta":true. */
#define STREAM_EXTRAS (UINT32_C(1) << 31)

/* An error frame is smaller: there are clients that take 32,768 bytes at most. */
#define STREAM_ERROR_BYTES 32000

/* The content of one subscription message. */
struct stream_request {
    uint32_t entries;     /* and STREAM_EXTRAS */
    int depth, level;     /* each 1..5 */
    int32_t *instruments; /* the caller's, room for STREAM_PRODUCTS_MAX */
    int32_t count;
};

enum stream_outcome {
    STREAM_SUBSCRIBE, /* `request` is filled in */
    STREAM_REFUSE,    /* nothing is subscribed; the error frame is in `answer` */
    STREAM_IGNORE,    /* such as a subscription to order reports: there are none */
};

/* What a message is read with; borrowed. */
struct stream_reader {
    struct json_parser *parser;
    const struct market_source *source;
};

enum stream_outcome stream_request_read(const struct stream_reader *reader, const char *text,
                                        size_t len_bytes, struct stream_request *request,
                                        struct buf *answer);

/* {"status":"ERROR","message":"<the request>","description":...}; a long request is truncated. */
void stream_put_error(struct buf *out, const char *request, const char *description);

/* The description of the error for an unknown product; a NULL is written as nothing. */
#define STREAM_WORDS 192
void stream_put_unknown(char words[STREAM_WORDS], const char *market_id, const char *symbol);
/* The subscription message with this content, as a client could have sent it. */
void stream_put_request(struct buf *out, const struct market_source *source,
                        const struct stream_request *request);

/* What a frame of market data shows. */
struct stream_frame {
    int32_t instrument;
    uint32_t entries; /* and STREAM_EXTRAS */
    int depth;
    int64_t ts_ms; /* when it is sent, wall clock */
};
void stream_put_market_data(struct buf *out, const struct market_source *source,
                            const struct stream_frame *frame);

#endif
