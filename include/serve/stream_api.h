/*
 * stream_api: the broker's WebSocket from the server's side (protocol sections 10.2 to 10.4).
 *
 * Pure: `smd` -> instruments, or the error frame it earns; an instrument -> its `Md` frame.
 */
#ifndef SERVE_STREAM_API_H
#define SERVE_STREAM_API_H

#include "base/buf.h"
#include "base/json.h"
#include "serve/source.h"

#include <stdint.h>

#define STREAM_PRODUCTS_MAX 12000

/* What one subscription message asks for. */
struct stream_request {
    uint32_t entries;
    int depth, level;     /* each 1..5 */
    int32_t *instruments; /* the caller's, room for STREAM_PRODUCTS_MAX */
    int32_t count;
};

enum stream_verdict {
    STREAM_SUBSCRIBE, /* `request` is filled in */
    STREAM_REFUSE,    /* all or nothing: the error frame is in `answer` */
    STREAM_IGNORE,    /* something else, as brokers ignore it */
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
