#include "primary/segment_decode.h"

#include "primary/reference.h"
#include "primary/request.h"

#include <errno.h>

/* Without memory it is left out. */
static void take(const struct json *item, int64_t ts_read, struct instrument_list *out)
{
    const struct json *market = json_get(item, "marketId");
    enum json_type type = json_type(market);
    const struct market_segment segment = {
        .market_id =
            type == JSON_ABSENT || type == JSON_NULL ? REQUEST_MARKET_ROFX : reference_text(market),
        .id = reference_text(json_get(item, "marketSegmentId")),
        .ts_listed = ts_read,
        .listed = true,
    };
    if (segment.id && segment.market_id)
        instrument_list_put_segment(out, &segment);
}

enum reply_class segment_decode(struct json_parser *parser, const struct reply *reply,
                                int64_t ts_read, struct instrument_list *out, struct err *why)
{
    enum reply_class class = reply_by_head(reply, why);
    if (class != REPLY_OK)
        return class;
    const struct json *root = json_parse(parser, reply->body, reply->body_len_bytes, why);
    if (!root)
        return REPLY_MALFORMED;
    class = reply_by_envelope(root, why);
    if (class != REPLY_OK)
        return class;
    const struct json *list = json_get(root, "segments");
    if (json_type(list) != JSON_ARRAY && json_type(list) != JSON_NULL) {
        err_set(why, -EBADMSG, "segments is %s",
                json_type(list) == JSON_ABSENT ? "missing" : "not a list");
        return REPLY_MALFORMED;
    }
    for (const struct json *item = json_first(list); item; item = json_next(item))
        take(item, ts_read, out);
    return REPLY_OK;
}
