/*
 * http_out: writes an answer to a connection of libwebsockets.
 *
 * Owns nothing. `lws` is a struct lws throughout; what is not sent at once libwebsockets keeps.
 */
#ifndef SERVE_HTTP_OUT_H
#define SERVE_HTTP_OUT_H

#include "serve/web.h"

#define HTTP_OUT_PIECE_BYTES 16384 /* of the body, per call */

/* Status and headers; `last`: the connection is closed after this answer. 0 or -1. */
int http_out_head(void *lws, const struct web_answer *answer, bool last);
/* The same as text, for a body that ends with the connection. */
void http_out_stream_head(struct buf *out, const struct web_answer *answer);
/* The next piece of body[0..limit) from *sent_bytes, which it advances. 0 or -1. */
int http_out_piece(void *lws, const struct buf *body, size_t limit, size_t *sent_bytes);

/*
 * Answers a request to upgrade the connection. Returns what libwebsockets expects: 1 = an answer
 * was sent, -1 = disconnect. The body must fit into one piece.
 */
int http_out_refuse_upgrade(void *lws, const struct web_answer *answer, enum web_action action);

#endif
