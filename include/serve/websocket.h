/*
 * websocket: one WebSocket client of the server (libwebsockets).
 *
 * Owned by the server: valid from opened() until closed(). Frames that the client does not read at
 * once wait in its queue, which is bounded; a client that takes nothing for a time is disconnected.
 * The functions from websocket_send_odd on simulate faults.
 */
#ifndef SERVE_WEBSOCKET_H
#define SERVE_WEBSOCKET_H

#include "net/loop.h"
#include "serve/web.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_TEXT_MAX (1024 * 1024) /* received; longer ones end the connection */

/* Of each client, when the handlers set no other; above these it is disconnected. */
#define WEBSOCKET_QUEUE_BYTES  (16 * 1024 * 1024)
#define WEBSOCKET_QUEUE_FRAMES 65536
#define WEBSOCKET_STALL_MS     30000 /* without progress while frames wait */

#define WEBSOCKET_CROWDED_BYTES (128 * 1024) /* that wait for one client */

struct shared_frame;
struct websocket;

/* All arguments are borrowed until the handler returns. */
struct websocket_handlers {
    void *arg;
    /* False refuses the upgrade: `answer` is sent as an HTTP answer, as `action` says, at once. */
    bool (*upgrade)(void *arg, const struct web_request *request, struct web_answer *answer,
                    enum web_action *action);
    void (*opened)(void *arg, struct websocket *socket);
    void (*text)(void *arg, struct websocket *socket, const char *text, size_t len_bytes);
    void (*closed)(void *arg, struct websocket *socket);
    /* It has taken everything, after websocket_crowded() was true. Nothing may be sent from it.
     * NULL: it is never crowded. */
    void (*room)(void *arg, struct websocket *socket);
    size_t queue_bytes; /* 0: as above */
    int64_t stall_ms;   /* 0: as above */
};

void websocket_set_user(struct websocket *socket, void *user); /* data of the handler */
void *websocket_user(const struct websocket *socket);

void websocket_send(struct websocket *socket, const char *text, size_t len_bytes); /* copied */
/*
 * Replaces a waiting frame with the same key (>= 0). It is sent by the next websocket_flush(), so
 * that frames that are put one after the other become one system call.
 */
void websocket_put_newest(struct websocket *socket, int32_t key, struct shared_frame *frame);
void websocket_flush(struct websocket *socket);
/* Whether so much waits for it that more is pointless; then room() is called later. */
bool websocket_crowded(struct websocket *socket);
/* A waiting frame with this key is sent all the same: one that must come after it is sent next. */
void websocket_pin(struct websocket *socket, int32_t key);
/* Sends a close frame after the queued messages; disconnects after two seconds at the latest. */
void websocket_close(struct websocket *socket, int code, const char *reason);
/* The same at once and without waiting, for a server that is destroyed next; what is queued is
 * lost.
 */
void websocket_leave(struct websocket *socket, int code);
int64_t websocket_idle_ms(const struct websocket *socket); /* time since the last byte received */

enum websocket_oddity {
    WEBSOCKET_BINARY,
    WEBSOCKET_FRAGMENTED, /* in pieces, with a ping between them */
    WEBSOCKET_RAW,        /* these bytes, without a frame header */
    WEBSOCKET_DRIP,       /* the same, one byte every few milliseconds */
};
void websocket_send_odd(struct websocket *socket, enum websocket_oddity oddity, const char *data,
                        size_t len_bytes);
void websocket_deafen(struct websocket *socket); /* reads and writes nothing more */
void websocket_reset(struct websocket *socket);  /* TCP RST */
void websocket_drop(struct websocket *socket);   /* TCP FIN without a close frame */

/* For the server. `lws` is its struct lws; nonzero ends the connection. */
struct websocket *websocket_create(struct loop *loop, void *lws,
                                   const struct websocket_handlers *handlers);
void websocket_destroy(struct websocket *socket);
int websocket_writable(struct websocket *socket);
int websocket_receive(struct websocket *socket, const void *data, size_t len_bytes);
/* `data` is the payload of the client's close frame; 0: it is answered with the same. */
int websocket_peer_closes(struct websocket *socket, const void *data, size_t len_bytes);

#endif
