/*
 * broker_http: an HTTP client set up from the broker section, and its answers as `struct reply`.
 */
#ifndef BROKER_BROKER_HTTP_H
#define BROKER_BROKER_HTTP_H

#include "config/config.h"
#include "net/http.h"
#include "primary/reply.h"

/* `timeout_ms`: total, per request; the connect timeout is broker.timeout. NULL: reason in `err`.
 */
struct http *broker_http_create(struct loop *loop, const struct config_broker *broker,
                                int64_t timeout_ms, int connections, struct err *err);

/* Borrows from `http`. */
struct reply broker_http_reply(const struct http_reply *http);

/* Takes the body, or copies it where it cannot be taken, into `out`, which the caller finishes.
 * `http` must not be used for its body afterwards. -ENOMEM or 0. */
int broker_http_take_body(const struct http_reply *http, struct buf *out);

#endif
