/*
 * sim_streams: the WebSocket streams of the simulated broker: a stream_server with faults.
 *
 * Owns the stream_server and the timer that advances the market while a client is connected. Looks
 * up a fault for each message of a client and for each frame before it is sent.
 */
#ifndef SIM_SIM_STREAMS_H
#define SIM_SIM_STREAMS_H

#include "serve/stream_server.h"
#include "sim/faults.h"
#include "sim/sim_market.h"

#include <stdbool.h>

struct sim_streams;

struct sim_streams_parts {
    struct loop *loop;
    struct sim_market *market; /* borrowed */
    int64_t idle_ms;           /* a client silent for so long is closed; 0 = never */
    bool keep_previous;        /* frames, which FAULT_OLD sends again */
    /* The fault to apply to a subscription message or a frame, or NULL. */
    const struct fault *(*fault)(void *arg, const struct fault_target *target);
    void *arg;
};

struct sim_streams *sim_streams_create(const struct sim_streams_parts *parts); /* NULL: no memory */
void sim_streams_destroy(struct sim_streams *streams); /* after the sockets' server */

/* Its clients; the server's handlers hand over their sockets. */
struct stream_server *sim_streams_server(const struct sim_streams *streams);

/* Applies the fault to every connection now; kinds of other faults have no effect. */
void sim_streams_apply(struct sim_streams *streams, enum fault_kind kind, int code);

#endif
