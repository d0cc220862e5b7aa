/*
 * http: HTTP requests on the event loop (libcurl).
 *
 * Owns the connections. Each http_send() ends in exactly one done(), never before http_send() has
 * returned, also when the request could not start. http_cancel_all() and http_destroy() call done()
 * with HTTP_CANCELLED, and such a done() must not send another request; no done() may call
 * http_destroy(). TLS is always verified. Redirects are reported and never followed, because the
 * token would be sent to another host. Cookies are not kept: the caller sends those it wants
 * (net/http_headers) and reads each Set-Cookie of the answer. HTTP/2 is used where TLS negotiates
 * it; gzip is accepted, and the maximum size of a body applies to the uncompressed body. The number
 * of requests at a time is not limited: the time-out of a request includes waiting for a
 * connection, so the caller sends no more than there are connections.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "net/http_fields.h"
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
    const char *content_type;         /* "" when absent */
    const char *location;             /* of a status from 300 on; "" when absent */
    int64_t retry_after_ms;           /* -1 when absent or not understood; 15 minutes at most */
    const struct http_fields *fields; /* all headers of the answer; never NULL */
    const char *body;                 /* NUL after body_len_bytes; never NULL */
    size_t body_len_bytes;
    /* The body's memory, for done() that takes it instead of copying megabytes: by assignment, and
     * buf_init(); NULL = it cannot be taken. */
    struct buf *body_memory;
};

typedef void http_done(void *arg, const struct http_reply *reply);

enum http_method { HTTP_GET, HTTP_POST };

struct http_request {
    const char *url; /* copied */
    enum http_method method;
    const char *content_type;           /* of the body; copied; NULL = none is sent */
    const void *body;                   /* copied; for HTTP_POST */
    size_t body_len_bytes;              /* 0: "Content-Length: 0" is sent */
    const struct http_headers *headers; /* shared; NULL = only the default headers */
    size_t body_max_bytes;              /* of the answer */
    bool secret; /* own connection, HTTP/1.1; memory that held the request is wiped afterwards */
};

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err);
void http_destroy(struct http *http);

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg);
void http_cancel_all(struct http *http); /* done() for all of them before it returns */
int http_in_flight(const struct http *http);

#endif
