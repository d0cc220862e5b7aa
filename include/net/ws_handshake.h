/*
 * ws_handshake: asking a server to speak WebSocket, and judging its answer (RFC 6455 section 4).
 *
 * Pure. Header values are compared without case and as comma lists: a client that compared them
 * literally broke twice against this broker (protocol section 10.1). No sub-protocol and no
 * extension is ever asked for, so none may be granted.
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

/* Where to, as taken apart from a URL; all parts owned. */
struct ws_address {
    char *http_url; /* the same place with http:// or https:// */
    char *host;     /* as the Host header wants it, port and brackets included */
    char *target;   /* path and query */
};
/* ws:// or wss://. -EINVAL with the words, -ENOMEM. */
int ws_address_init(struct ws_address *address, const char *url, struct err *err);
void ws_address_finish(struct ws_address *address);

void ws_handshake_key(char key[WS_KEY_TEXT], const unsigned char nonce[WS_NONCE_BYTES]);
void ws_handshake_accept(char accept[WS_KEY_TEXT], const char *key);

/* `lines`: further headers, "Name: value" each, NULL at the end. */
void ws_handshake_request(struct buf *out, const struct ws_address *address, const char *key,
                          const char *const *lines);

/* The whole answer, for people: who is refused wants to know everything. */
struct ws_answer {
    int status;                  /* 0: there was none */
    char head[4096];             /* status line and headers as they came, cut; "" = none */
    char location[256];          /* "" when absent */
    char content_type[96];       /* "" when absent */
    int64_t retry_after_ms;      /* -1 when absent or not understood */
    int64_t content_length;      /* -1 when absent */
    char body[WS_BODY_KEPT + 1]; /* its first bytes */
    size_t body_len_bytes;
};

/* Bytes of the head in `text`, up to and with the empty line; 0: it is not whole yet. */
size_t ws_head_len(const char *text, size_t len_bytes);
/* Reads a whole head; `wall_ns` is the time now. -EBADMSG with the words: this is not HTTP. */
int ws_answer_read(struct ws_answer *answer, const char *head, size_t len_bytes, int64_t wall_ns,
                   struct err *err);
/* Does the head of a 101 keep the rules? 0, or -EPROTO with the words. */
int ws_handshake_check(const char *head, size_t len_bytes, const char *key, struct err *err);

#endif
