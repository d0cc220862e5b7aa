/*
 * http: requests on the loop (libcurl multi).
 *
 * Owns the curl handles. Does not limit the number of requests: the planner does (the time-out of
 * a transfer runs while it is queued for a connection). Each http_send ends in exactly one done(),
 * never before http_send has returned, also when the request could not start. Cancelling
 * (http_cancel_all, http_destroy) calls done() with HTTP_CANCELLED, and such a done() must not send
 * another request. A done() must not call http_destroy. TLS is always verified. Redirects are never
 * followed, because the token would be sent to another host. HTTP/2 is used where TLS negotiates
 * it; gzip is accepted, and the maximum size of a body applies to the uncompressed body.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/err.h"
#include "net/http_headers.h"
#include "net/http_outcome.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

/*
 * libcurl sends a request again when a kept connection broke before the answer (up to five times),
 * or when an HTTP/2 server refused the stream. Here it may do so once; then the request ends with
 * HTTP_BROKEN. A secret request has a connection of its own and is sent once.
 */
#define HTTP_SENDS_MAX 2

struct http_config {
    const char *ca_file; /* copied; NULL or "" = the system's */
    int64_t timeout_ms;  /* total, per request */
    int64_t connect_timeout_ms;
    int connections; /* kept alive, at most */
};

/* Everything is borrowed until done() returns. */
struct http_reply {
    enum http_outcome outcome;
    const char *reason; /* error text when outcome is not HTTP_OK; never contains header values */
    int status;         /* 0 without an answer */
    int sends;          /* how often it was sent: 0 to HTTP_SENDS_MAX */
    const char *content_type; /* "" when absent */
    const char *location;     /* "" when absent */
    const char *auth_token;   /* header X-Auth-Token of the answer to a POST; "" when absent */
    int64_t retry_after_ms;   /* -1 when absent or not understood; 15 minutes at most */
    const char *body;         /* NUL after body_len_bytes; never NULL */
    size_t body_len_bytes;
    int64_t elapsed_ms;
};

typedef void http_done(void *arg, const struct http_reply *reply);

struct http_request {
    const char *url;                    /* copied */
    bool post;                          /* POST with an empty body (Content-Length: 0) */
    const struct http_headers *headers; /* shared; NULL = only the default headers */
    size_t body_max_bytes;
    bool secret; /* own connection, HTTP/1.1; memory that held the request is wiped afterwards */
};

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err);
void http_destroy(struct http *http);

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg);
void http_cancel_all(struct http *http); /* done() for all of them before it returns */
int http_in_flight(const struct http *http);

#endif
