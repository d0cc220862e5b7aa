/*
 * ws_handshake: the request for a WebSocket and the check of its answer (RFC 6455 section 4).
 *
 * Pure. Header values are compared without case and as comma lists, because a client that compared
 * them literally failed twice with this broker (protocol section 10.1). No subprotocol and no
 * extension is requested, so none may be in the answer.
 */
#ifndef NET_WS_HANDSHAKE_H
#define NET_WS_HANDSHAKE_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define WS_NONCE_BYTES 16
#define WS_KEY_TEXT    32 /* holds base64 of a nonce, and of a SHA-1 */
#define WS_HEAD_MAX    16384
#define WS_BODY_KEPT   512

/* The parts of a URL; all owned. */
struct ws_address {
    char *http_url; /* the same URL with http:// or https:// */
    char *host;     /* as in the Host header, port and brackets included */
    char *target;   /* path and query */
};
/* ws:// or wss://. -EINVAL with text in `err`, -ENOMEM. */
int ws_address_init(struct ws_address *address, const char *url, struct err *err);
void ws_address_finish(struct ws_address *address);

void ws_handshake_key(char key[WS_KEY_TEXT], const unsigned char nonce[WS_NONCE_BYTES]);
void ws_handshake_accept(char accept[WS_KEY_TEXT], const char *key);

/* `lines`: further headers, "Name: value" each, NULL at the end. */
void ws_handshake_request(struct buf *out, const struct ws_address *address, const char *key,
                          const char *const *lines);

/* The whole answer, so that a refusal can be reported in full. */
struct ws_answer {
    int status;             /* 0: no answer */
    char head[4096];        /* status line and headers, truncated, a redirect masked; "" = none */
    char location[256];     /* "" when absent */
    char content_type[96];  /* "" when absent */
    int64_t retry_after_ms; /* -1 when absent or not understood */
    int64_t content_length; /* -1 when absent */
    char body[WS_BODY_KEPT + 1]; /* its first bytes */
    size_t body_len_bytes;
};

/* Length of the head in `text` including the empty line; 0: it is not complete yet. */
size_t ws_head_len(const char *text, size_t len_bytes);
/* Parses a complete head; `wall_ns` is the current time. -EBADMSG with text in `err`: not HTTP. */
int ws_answer_read(struct ws_answer *answer, const char *head, size_t len_bytes, int64_t wall_ns,
                   struct err *err);
/* Checks the head of a 101 answer. 0, or -EPROTO with text in `err`. */
int ws_handshake_check(const char *head, size_t len_bytes, const char *key, struct err *err);

#endif
