/*
 * streams: the WebSocket clients of the simulated broker.
 *
 * Owns what each has subscribed to and the timer that lets the market live while somebody listens:
 * a snapshot at once for each product asked for, then a frame whenever it has changed, no sooner
 * than its level's pace. Asks for a fault at each message and each frame.
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
    int64_t idle_ms;           /* a client that says nothing for so long is sent away; 0 = never */
    /* The fault that acts on a subscription message or a frame, or NULL. */
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

/* Does this to every connection now; false: a kind that means nothing here. */
bool streams_do(struct streams *streams, enum fault_kind kind, int code);

struct streams_stats {
    int open;
    int64_t opened, smd, products, frames;
};
struct streams_stats streams_stats(const struct streams *streams);

#endif
