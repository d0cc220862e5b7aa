/*
 * sim_streams: the WebSocket clients of the simulated broker.
 *
 * Owns the subscriptions of each client and the timer that advances the market while a client is
 * connected. Each subscribed product gets a snapshot at once, then a frame after each change, at
 * the pace of its level at most. Looks up a fault for each message and each frame.
 */
#ifndef SIM_STREAMS_H
#define SIM_STREAMS_H

#include "serve/websocket.h"
#include "sim/faults.h"
#include "sim/sim_market.h"

struct sim_streams;

struct sim_streams_config {
    struct loop *loop;
    struct sim_market *market; /* borrowed */
    int64_t idle_ms;           /* a client silent for so long is closed; 0 = never */
    /* The fault to apply to a subscription message or a frame, or NULL. */
    const struct fault *(*fault)(void *arg, const struct fault_target *target);
    void *arg;
};

struct sim_streams *
sim_streams_create(const struct sim_streams_config *config); /* NULL: no memory */
void sim_streams_destroy(
    struct sim_streams *streams); /* after the server, which owns the sockets */

/* For the server's handlers. */
void sim_streams_opened(struct sim_streams *streams, struct websocket *socket);
void sim_streams_text(struct sim_streams *streams, struct websocket *socket, const char *text,
                      size_t len_bytes);
void sim_streams_closed(struct sim_streams *streams, struct websocket *socket);

/* Applies the fault to every connection now; false: the kind has no meaning here. */
bool sim_streams_do(struct sim_streams *streams, enum fault_kind kind, int code);

struct sim_streams_stats {
    int open;
    int64_t opened, smd, products, frames;
};
struct sim_streams_stats sim_streams_stats(const struct sim_streams *streams);

#endif
