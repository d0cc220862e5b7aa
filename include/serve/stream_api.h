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

/* The content of one subscription message. */
struct stream_request {
    uint32_t entries;
    int depth, level;     /* each 1..5 */
    int32_t *instruments; /* the caller's, room for STREAM_PRODUCTS_MAX */
    int32_t count;
};

enum stream_verdict {
    STREAM_SUBSCRIBE, /* `request` is filled in */
    STREAM_REFUSE,    /* nothing is subscribed; the error frame is in `answer` */
    STREAM_IGNORE,    /* not an `smd`: ignored, as brokers do */
};

enum stream_verdict stream_request_read(struct json_parser *parser,
                                        const struct market_source *source, const char *text,
                                        size_t len_bytes, struct stream_request *request,
                                        struct buf *answer);

/* {"status":"ERROR","message":"<the request>","description":...} */
void stream_put_error(struct buf *out, const char *request, const char *description);
void stream_put_market_data(struct buf *out, const struct market_source *source, int32_t instrument,
                            uint32_t entries, int depth, int64_t ts_ms);

#endif
