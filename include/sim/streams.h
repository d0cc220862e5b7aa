/*
 * streams: the WebSocket clients of the simulated broker.
 *
 * Owns the subscriptions of each client and the timer that advances the market while a client is
 * connected. Each subscribed product gets a snapshot at once, then a frame after each change, at
 * the pace of its level at most. Looks up a fault for each message and each frame.
 */
#ifndef SIM_STREAMS_H
#define SIM_STREAMS_H

#include "serve/websocket.h"
#include "sim/faults.h"
#include "sim/market.h"

struct streams;

struct streams_config {
    struct loop *loop;
    struct sim_market *market; /* borrowed */
    int64_t idle_ms;           /* a client silent for so long is closed; 0 = never */
    /* The fault to apply to a subscription message or a frame, or NULL. */
    const struct fault *(*fault)(void *arg, const struct fault_target *target);
    void *arg;
};

struct streams *streams_create(const struct streams_config *config); /* NULL: no memory */
void streams_destroy(struct streams *streams); /* after the server, which owns the sockets */

/* For the server's handlers. */
void streams_opened(struct streams *streams, struct websocket *socket);
void streams_text(struct streams *streams, struct websocket *socket, const char *text,
                  size_t len_bytes);
void streams_closed(struct streams *streams, struct websocket *socket);

/* Applies the fault to every connection now; false: the kind has no meaning here. */
bool streams_do(struct streams *streams, enum fault_kind kind, int code);

struct streams_stats {
    int open;
    int64_t opened, smd, products, frames;
};
struct streams_stats streams_stats(const struct streams *streams);

#endif
