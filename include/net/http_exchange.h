/*
 * http_exchange: one request and its answer on a libcurl handle. For net/http only.
 *
 * Owns the handle, the answer's body and headers, and a reference to the request's headers. Used
 * again for the next request, unless it is secret. Does not know when it is sent or by whom: http
 * adds the handle to libcurl's multi handle, and reads the result when that reports the end.
 */
#ifndef NET_HTTP_EXCHANGE_H
#define NET_HTTP_EXCHANGE_H

#include "net/http.h"
#include "net/link.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP_WORDS_BYTES 384

struct http_exchange;

/* `owner`: what multi reports as the handle's private pointer. NULL: no memory. */
struct http_exchange *http_exchange_create(const struct link *link, bool secret, void *owner);
void http_exchange_destroy(struct http_exchange *x); /* NULL is fine */

void *http_exchange_native(const struct http_exchange *x); /* a CURL * */

/* Takes over all of the request; `headers` are shared. 0, or a CURLcode. */
int http_exchange_begin(struct http_exchange *x, const struct http_request *request,
                        const struct http_headers *headers);
/* Sets the text of a failure that libcurl did not find itself. */
void http_exchange_note(struct http_exchange *x, const char *words);

/*
 * The result, when libcurl ended with `code`; or that of a cancelled request. Borrows from the
 * exchange and from `words`, until http_exchange_end().
 */
struct http_reply http_exchange_reply(struct http_exchange *x, int code,
                                      char words[HTTP_WORDS_BYTES]);
struct http_reply http_exchange_cancelled(struct http_exchange *x);

/* Forgets the request and the answer. False: it is secret and cannot be used again. */
bool http_exchange_end(struct http_exchange *x);

#endif
