/*
 * http_headers: headers to send beside the usual ones, shared by the requests under way.
 */
#ifndef NET_HTTP_HEADERS_H
#define NET_HTTP_HEADERS_H

struct http_headers;

/*
 * Name/value pairs, ending in NULL; copied. NULL: no memory, or a value that is empty or has a
 * control character. May be destroyed at any time: requests under way hold them, and the values are
 * wiped when the last one is over.
 */
struct http_headers *http_headers_create(const char *const pairs[]);
void http_headers_destroy(struct http_headers *headers);

/* For net itself: one more that will destroy them; and libcurl's list of them. */
struct http_headers *http_headers_hold(const struct http_headers *headers);
void *http_headers_native(const struct http_headers *headers);

#endif
