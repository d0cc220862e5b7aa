/*
 * ws_opening: the opening handshake of a WebSocket as bytes: the request that is left to send, and
 * the answer as far as it has arrived.
 *
 * Pure: the caller (net/ws) sends and receives. Owns the request, which contains the login's
 * headers and is wiped when it is forgotten. A refusal's body is kept in part, because it is often
 * the only explanation. Bytes received after an answer of 101 are already frames.
 */
#ifndef NET_WS_OPENING_H
#define NET_WS_OPENING_H

#include "base/buf.h"
#include "base/err.h"
#include "net/http_headers.h"
#include "net/ws_handshake.h"

#include <stddef.h>
#include <stdint.h>

enum ws_opening_state {
    WS_OPENING_WAITS,   /* the answer's head is not complete */
    WS_OPENING_OPEN,    /* the answer is a valid 101 */
    WS_OPENING_REFUSED, /* another answer; its body is not complete */
    WS_OPENING_ENDED,   /* another answer, with as much of its body as is kept */
    WS_OPENING_INVALID, /* not an answer to this handshake */
};

struct ws_opening {
    enum ws_opening_state state;
    struct ws_answer answer; /* status 0 until its head is complete */
    struct buf request;
    size_t sent_bytes; /* of the request */
    char key[WS_KEY_TEXT];
    char head[WS_HEAD_MAX]; /* received and not used: `from` to `to` */
    size_t from, to;
};

/* Zeroes and fills it. `headers` (may be NULL) are copied into the request. 0 or -ENOMEM. */
int ws_opening_begin(struct ws_opening *o, const struct ws_address *address,
                     const struct http_headers *headers, const unsigned char nonce[WS_NONCE_BYTES]);
void ws_opening_finish(struct ws_opening *o); /* also of one that is zeroed */

/* What is left to send; `*len_bytes` 0 = nothing. After sending, some or all of it was sent. */
const char *ws_opening_to_send(const struct ws_opening *o, size_t *len_bytes);
void ws_opening_sent(struct ws_opening *o, size_t len_bytes); /* wipes it when all was sent */
void ws_opening_forget(struct ws_opening *o);                 /* wipes the request */

/* Where to receive: at least one byte of room while it WAITS or is REFUSED. */
char *ws_opening_room(struct ws_opening *o, size_t *room_bytes);
/* So many bytes were received there. Returns the new state; INVALID with the reason in `err`. */
enum ws_opening_state ws_opening_received(struct ws_opening *o, size_t len_bytes, int64_t wall_ns,
                                          struct err *err);

/* Takes bytes that arrived after the answer; 0 = there are none. */
size_t ws_opening_rest(struct ws_opening *o, void *out, size_t out_bytes);

#endif
