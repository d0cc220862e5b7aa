#include "broker/broker_http.h"

struct http *broker_http_create(struct loop *loop, const struct config_broker *broker,
                                int64_t timeout_ms, int connections, struct err *err)
{
    struct http_config config = {
        .ca_file = broker->ca_file,
        .timeout_ms = timeout_ms,
        .connect_timeout_ms = broker->timeout_ms,
        .connections = connections,
    };
    return http_create(loop, &config, err);
}

struct reply broker_http_reply(const struct http_reply *http)
{
    return (struct reply){
        .status = http->status,
        .content_type = http->content_type,
        .location = http->location,
        .body = http->body,
        .body_len_bytes = http->body_len_bytes,
    };
}

int broker_http_take_body(const struct http_reply *http, struct buf *out)
{
    buf_init(out, http->body_len_bytes);
    if (!http->body_memory)
        return buf_append(out, http->body, http->body_len_bytes);
    *out = *http->body_memory;
    buf_init(http->body_memory, out->max_bytes);
    return 0;
}
