/*
 * http_in: reads a request that libwebsockets has received into a struct web_request.
 *
 * Owns nothing: the texts are copied to the caller's storage.
 */
#ifndef SERVE_HTTP_IN_H
#define SERVE_HTTP_IN_H

#include "serve/web.h"

#include <stddef.h>

#define HTTP_IN_PATH_BYTES   512
#define HTTP_IN_PARAMS_BYTES 4096
#define HTTP_IN_VALUES_BYTES 16384
#define HTTP_IN_REST_BYTES   1024

/* Storage for the texts of one request while it is handled. */
struct http_in {
    void *lws;
    char path[HTTP_IN_PATH_BYTES], params[HTTP_IN_PARAMS_BYTES], peer[64], local[64];
    char values[HTTP_IN_VALUES_BYTES]; /* headers that were asked for */
    size_t values_bytes;
    /* For a query with raw blanks (serve/query). */
    char rest[HTTP_IN_REST_BYTES], composed[HTTP_IN_REST_BYTES];
};

/* `lws` is a struct lws with a complete header; `request` borrows from `in`. */
void http_in_read(struct http_in *in, void *lws, const char *uri, struct web_request *request);
/* The body that the header announces; 0 when it announces none or an invalid length. */
size_t http_in_body_bytes(void *lws);
/* It may have a body, also of a length that cannot be read. */
bool http_in_announces_body(void *lws);

#endif
