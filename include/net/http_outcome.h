/*
 * http_outcome: how a request ended, as a class and as text. Pure.
 */
#ifndef NET_HTTP_OUTCOME_H
#define NET_HTTP_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

enum http_outcome {
    HTTP_OK,        /* an answer was received, with any status */
    HTTP_RESOLVE,   /* no such host, or no DNS */
    HTTP_CONNECT,   /* refused, unreachable, connect time-out */
    HTTP_TLS,       /* handshake or certificate */
    HTTP_TIMEOUT,   /* connected, but no complete answer in time */
    HTTP_BROKEN,    /* reset, closed early, not HTTP, broken gzip */
    HTTP_TOO_LARGE, /* body over body_max_bytes, or headers over HTTP_FIELDS_BYTES */
    HTTP_CANCELLED,
};

/* From libcurl's result `code`. `sent`: the request was sent; `overflow`: the body or the headers
 * were too large. */
enum http_outcome http_outcome_of(int code, bool sent, bool overflow);

struct http_failure {
    enum http_outcome outcome;
    int code;              /* libcurl's result */
    const char *words;     /* libcurl's message; "" = none */
    size_t body_max_bytes; /* for HTTP_TOO_LARGE */
    bool headers;          /* HTTP_TOO_LARGE because of the headers, not the body */
};

/* The error text. Returns `out`, or a constant text. */
const char *http_outcome_text(char *out, size_t out_bytes, const struct http_failure *failure);

#endif
