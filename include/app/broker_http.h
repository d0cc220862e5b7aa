/*
 * broker_http: the HTTP client as the configuration wants it, and its answers in primary's words.
 */
#ifndef APP_BROKER_HTTP_H
#define APP_BROKER_HTTP_H

#include "app/config.h"
#include "net/http.h"
#include "primary/reply.h"

/* `timeout_ms`: total, per request; that of connecting is broker.timeout. NULL: words in `err`. */
struct http *broker_http_create(struct loop *loop, const struct config_broker *broker,
                                int64_t timeout_ms, int connections, struct err *err);

/* Borrows from `http`. */
struct reply broker_http_reply(const struct http_reply *http);

#endif
