/*
 * http_headers: the headers and cookies that a request sends, shared by the requests in flight.
 *
 * The same for REST and for the handshake of a WebSocket. They usually hold credentials: the token,
 * the password of a login, the cookies of a session.
 */
#ifndef NET_HTTP_HEADERS_H
#define NET_HTTP_HEADERS_H

#define HTTP_HEADERS_MAX 32 /* lines, with the Cookie line and the default one */

struct http_headers;

/*
 * `pairs`: name, value, name, value, ..., NULL. `cookies`: the same; they are sent in this order in
 * one Cookie header; NULL = none. All are copied; the caller keeps its cookies itself. A default
 * "Accept: application/json" is sent unless `pairs` has an Accept. May be destroyed at any time:
 * requests in flight keep a reference, and the values are wiped when the last one ends.
 * NULL: no memory, too many lines, a name that is not a token (RFC 9110), a value with a control
 * character, an empty value of a header, a ';' in the value of a cookie.
 */
struct http_headers *http_headers_create(const char *const pairs[], const char *const cookies[]);
void http_headers_destroy(struct http_headers *headers);

/* For net only: adds a reference, which http_headers_destroy releases; returns libcurl's list. */
struct http_headers *http_headers_hold(const struct http_headers *headers);
void *http_headers_native(const struct http_headers *headers);

#endif
