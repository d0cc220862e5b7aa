/*
 * http_request: converts a request of libwebsockets to a struct api_request.
 */
#ifndef SERVE_HTTP_REQUEST_H
#define SERVE_HTTP_REQUEST_H

#include "serve/primary_api.h"

#define HTTP_VALUE_BYTES  512
#define HTTP_PARAMS_BYTES 4096

/* Storage for the texts of one request while it is handled. */
struct http_texts {
    char path[HTTP_VALUE_BYTES], user[HTTP_VALUE_BYTES], password[HTTP_VALUE_BYTES];
    char token[HTTP_VALUE_BYTES], cookie[HTTP_VALUE_BYTES], origin[HTTP_VALUE_BYTES];
    char params[HTTP_PARAMS_BYTES];
};

/* `lws` is a struct lws; `uri` its path. `request` borrows from `texts`. */
void http_request_read(void *lws, const char *uri, struct http_texts *texts,
                       struct api_request *request);

#endif
