/*
 * http_head: the head of the first request of a connection, before libwebsockets gets it: whether
 * it is complete, and within the limits.
 *
 * Pure. It is lenient where libwebsockets is: it does not judge headers, and accepts blanks in the
 * target, which some clients send.
 */
#ifndef SERVE_HTTP_HEAD_H
#define SERVE_HTTP_HEAD_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_BYTES   24576 /* all together */
#define HTTP_HEAD_TARGET  8192  /* the request line */
#define HTTP_HEAD_HEADERS 100

enum http_head_state {
    HTTP_HEAD_INCOMPLETE,
    HTTP_HEAD_COMPLETE,
    HTTP_HEAD_INVALID,  /* not HTTP: 400 */
    HTTP_HEAD_TOO_LONG, /* 431 */
};

struct http_head {
    enum http_head_state state;
    size_t len_bytes; /* COMPLETE: with the empty line at its end */
};

struct http_head http_head_scan(const char *data, size_t len_bytes);

/* Stands for an encoded plus after libwebsockets has decoded the query. */
#define HTTP_HEAD_PLUS '\x01'

/*
 * True: libwebsockets would misread the complete head; `out` is the one for it.
 * - It refuses an absolute target ("GET http://host/path HTTP/1.1"): "/path" is put in its place,
 *   with HTTP/1.0, so that the connection is closed after the answer: the next request would be
 *   refused.
 * - It decodes "%2B" to '+', which is a blank when it is sent as '+'. In the query of an upgrade,
 *   which is the first request of its connection, "%01" is put in the place of "%2B".
 */
bool http_head_rewrite(struct buf *out, const char *data, size_t len_bytes);
/* Whether the complete head announces a body. */
bool http_head_has_body(const char *data, size_t len_bytes);

#endif
