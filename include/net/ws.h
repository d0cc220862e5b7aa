/*
 * ws: a WebSocket client on the loop (RFC 6455): libcurl's connection, wslay's frames.
 *
 * Owns the connection from its opening to its end; opens once, a new try is a new ws. Nothing
 * blocks. Sends a ping every ping_ms and takes a missing pong for the end. What breaks the rules
 * (reserved bits, masked frames, invalid UTF-8, binary, too large) is closed with the code the RFC
 * has for it. Each ws ends in exactly one ended(), unless it is destroyed before; callbacks come
 * from the loop, never from inside a call here, and may send and destroy.
 */
#ifndef NET_WS_H
#define NET_WS_H

#include "base/err.h"
#include "net/http_headers.h"
#include "net/loop.h"
#include "net/ws_handshake.h"

#include <stddef.h>
#include <stdint.h>

struct ws;

enum ws_end_kind {
    WS_UNREACHABLE, /* no connection: name, TCP, TLS, proxy */
    WS_NO_ANSWER,   /* connected, but no whole answer to the handshake in time */
    WS_REFUSED,     /* the handshake was answered with something else: `answer` */
    WS_CLOSED,      /* they closed, with `code` */
    WS_LOST,        /* ended or reset without a close frame */
    WS_NO_PONG,
    WS_VIOLATION, /* they broke the rules; we closed with `code` */
};

struct ws_end {
    enum ws_end_kind kind;
    int code;                       /* of the close frame; 1005 = it had none, 0 = no frame */
    const char *words;              /* for people; borrowed, as all here */
    const struct ws_answer *answer; /* to the handshake, status 0 when there was none */
};

struct ws_handler {
    void *arg;
    void (*opened)(void *arg);
    void (*text)(void *arg, const char *text, size_t len_bytes); /* borrowed; whole message */
    void (*ended)(void *arg, const struct ws_end *end);
};

struct ws_config {
    const char *url;                    /* ws:// or wss:// */
    const char *ca_file;                /* NULL or "" = the system's */
    const struct http_headers *headers; /* for the handshake; held until it is answered */
    int64_t open_ms;                    /* for all of the opening */
    int64_t ping_ms, pong_ms;
    size_t message_max_bytes;
};

/* -EINVAL, -ENOENT and the like with the words: not even begun. */
int ws_create(struct ws **out, struct loop *loop, const struct ws_config *config,
              const struct ws_handler *handler, struct err *err);
void ws_destroy(struct ws *ws); /* says goodbye (1000) if it can without waiting */

/* Queued, copied. -ENOBUFS: more than a megabyte waits already; -ENOTCONN: not open. */
int ws_send(struct ws *ws, const char *text, size_t len_bytes);

/* Reads nothing for so long: what comes meanwhile waits in the network. Well under the pong's time.
 */
void ws_pause(struct ws *ws, int64_t pause_ms);

struct ws_stats {
    int64_t messages, bytes; /* of text received */
    int64_t pong_ms;         /* when the last pong came, or the opening; monotonic */
    int64_t round_trip_ms;   /* of the last ping; -1 = none yet */
};
struct ws_stats ws_stats(const struct ws *ws);

#endif
