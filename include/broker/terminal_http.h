/*
 * terminal_http: sends the requests of a page of the browser terminal (protocol section 12.1).
 *
 * Owns the HTTP client and the cookies: all of them go with each request and with the handshake of
 * the stream, and each answer may replace them. Redirects are not followed. Decides nothing.
 */
#ifndef BROKER_TERMINAL_HTTP_H
#define BROKER_TERMINAL_HTTP_H

#include "base/err.h"
#include "config/config.h"
#include "net/http.h"

struct terminal_http;

/* Borrows both. 0 or an error. */
int terminal_http_create(struct terminal_http **out, struct loop *loop, const struct config *config,
                         struct err *err);
void terminal_http_destroy(struct terminal_http *http); /* ends requests as http_destroy() */

enum terminal_ask { TERMINAL_PROFILE, TERMINAL_LOGIN, TERMINAL_LIST };
#define TERMINAL_ASKS 3

struct terminal_request {
    enum terminal_ask ask;
    const char *csrf_token, *password; /* LOGIN; copied */
    http_done *done;
    void *arg;
};
/* One of a kind at a time. 0, or an error if it could not be sent; then done() is not called. */
int terminal_http_ask(struct terminal_http *http, const struct terminal_request *request,
                      struct err *err);
void terminal_http_forget(struct terminal_http *http); /* the cookies */

/* Origin and cookies, for a handshake; the caller's. NULL: no memory. */
struct http_headers *terminal_http_headers(struct terminal_http *http);

#endif
