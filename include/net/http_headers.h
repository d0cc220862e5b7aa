/*
 * http_headers: headers to send in addition to the default ones, shared by the requests in flight.
 */
#ifndef NET_HTTP_HEADERS_H
#define NET_HTTP_HEADERS_H

struct http_headers;

/*
 * Name/value pairs, ending in NULL; copied. NULL: no memory, or a value that is empty or has a
 * control character. May be destroyed at any time: requests in flight keep a reference, and the
 * values are wiped when the last one ends.
 */
struct http_headers *http_headers_create(const char *const pairs[]);
void http_headers_destroy(struct http_headers *headers);

/* For net only: adds a reference, which http_headers_destroy releases; returns libcurl's list. */
struct http_headers *http_headers_hold(const struct http_headers *headers);
void *http_headers_native(const struct http_headers *headers);

#endif
