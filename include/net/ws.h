/*
 * ws: a WebSocket client on the loop (RFC 6455): libcurl's connection, wslay's frames.
 *
 * Owns one connection from its opening to its end; to reconnect, create a new ws. Nothing blocks.
 * Sends a ping every ping_ms and ends the connection when the pong is missing. After a protocol
 * violation (reserved bits, masked frames, invalid UTF-8, binary, too large) it closes with the
 * code that the RFC defines. ended() is called exactly once, unless the ws is destroyed before;
 * callbacks run from the loop, never from inside a call of this module, and may send and destroy.
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
    WS_NO_ANSWER,   /* connected, but no complete answer to the handshake in time */
    WS_REFUSED,     /* the handshake was answered with something else: `answer` */
    WS_CLOSED,      /* the server closed, with `code` */
    WS_LOST,        /* ended or reset without a close frame */
    WS_NO_PONG,
    WS_VIOLATION, /* the server violated the protocol; we closed with `code` */
};

struct ws_end {
    enum ws_end_kind kind;
    int code;          /* of the close frame; 1005 = frame without code, 0 = no frame */
    const char *words; /* error text; borrowed, as everything here */
    const struct ws_answer *answer; /* to the handshake, status 0 when there was none */
};

struct ws_handler {
    void *arg;
    void (*opened)(void *arg);
    void (*text)(void *arg, const char *text, size_t len_bytes); /* borrowed; whole message */
    void (*ended)(void *arg, const struct ws_end *end);
};

struct ws_config {
    const char *url;     /* ws:// or wss:// */
    const char *ca_file; /* NULL or "" = the system's */
    const struct http_headers
        *headers;    /* for the handshake; borrowed during ws_create(); may be NULL */
    int64_t open_ms; /* from the look-up to the end of the handshake */
    int64_t ping_ms, pong_ms;
    size_t message_max_bytes;
};

/* -EINVAL, -ENOENT etc., text in `err`: no connection was attempted. */
int ws_create(struct ws **out, struct loop *loop, const struct ws_config *config,
              const struct ws_handler *handler, struct err *err);
void ws_destroy(struct ws *ws); /* sends a close frame (1000) if that does not block */

/* Queued, copied. -ENOBUFS: more than 1 MiB is queued already; -ENOTCONN: not open. */
int ws_send(struct ws *ws, const char *text, size_t len_bytes);

/* Sends a ping soon, before the next one is due. Nothing if the connection is not open, or a pong is
 * awaited. */
void ws_ping(struct ws *ws);

/* Reads nothing for `pause_ms`; data stays in the socket buffers. Keep it well under pong_ms. */
void ws_pause(struct ws *ws, int64_t pause_ms);

struct ws_stats {
    int64_t messages, bytes; /* of text received */
    int64_t pong_ms;         /* last pong received, or the opening; monotonic */
    int64_t round_trip_ms;   /* of the last ping; -1 = none yet */
};
struct ws_stats ws_stats(const struct ws *ws);

/* During text(): when the message, or its last part, was received. Messages that were received
 * together have the same time: the clocks are read once for up to 64 KiB. */
struct now ws_received(const struct ws *ws);

#endif
