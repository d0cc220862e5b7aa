/*
 * http_outcome: how a request ended, as a class and in words. Pure.
 */
#ifndef NET_HTTP_OUTCOME_H
#define NET_HTTP_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

enum http_outcome {
    HTTP_OK,        /* an answer came, whatever its status */
    HTTP_RESOLVE,   /* no such host, or no DNS */
    HTTP_CONNECT,   /* refused, unreachable, connect time-out */
    HTTP_TLS,       /* handshake or certificate */
    HTTP_TIMEOUT,   /* connected, but no whole answer in time */
    HTTP_BROKEN,    /* reset, closed early, not HTTP, broken gzip */
    HTTP_TOO_LARGE, /* body over body_max_bytes */
    HTTP_CANCELLED,
};

/* Of libcurl's result `code`; `sent`: the request had left; `overflow`: the body's cap was met. */
enum http_outcome http_outcome_of(int code, bool sent, bool overflow);

/* What to tell a person; `words` are libcurl's own, "" = none. Returns `out`. */
const char *http_outcome_text(char *out, size_t out_bytes, enum http_outcome outcome, int code,
                              const char *words, size_t body_max_bytes);

#endif
