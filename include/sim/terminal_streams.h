/*
 * terminal_streams: the sockets of the simulated browser terminal (protocol sections 12.3
 * and 12.4).
 *
 * Each client gets three events, then a snapshot of each topic as an array of lines, then its
 * changes, as single lines and arrays. `[]` and `ping` are sent from time to time; a client from
 * which neither "ping" nor "pong" comes for the idle time is closed. Owns the clients and timers;
 * looks up a fault for each subscription message and for each message with lines.
 */
#ifndef SIM_TERMINAL_STREAMS_H
#define SIM_TERMINAL_STREAMS_H

#include "net/loop.h"
#include "serve/websocket.h"
#include "sim/faults.h"
#include "sim/sim_market.h"

#include <stdbool.h>
#include <stdint.h>

struct terminal_streams;

struct terminal_streams_parts {
    struct loop *loop;
    struct sim_market *market; /* borrowed */
    int64_t idle_ms;           /* an array without lines is sent 5 times in it, a ping 2.5 times */
    bool guest;                /* instruments of BYMA are unknown */
    bool keep_previous;        /* messages, which FAULT_OLD sends again */
    /* The fault to apply to a message, or NULL. */
    const struct fault *(*fault)(void *arg, const struct fault_target *target);
    void *arg;
};

struct terminal_streams_stats {
    int open;
    int64_t opened, lines, messages; /* sent: lines, and messages with them */
    int64_t topics, unknown_topics;  /* subscribed to */
    int64_t pings, pongs;            /* received, as text */
};

struct terminal_streams *
terminal_streams_create(const struct terminal_streams_parts *parts); /* or NULL */
void terminal_streams_destroy(struct terminal_streams *streams);     /* after the sockets' server */

/* Handlers of the sockets' server; `streams` is a struct terminal_streams. */
void terminal_streams_opened(void *streams, struct websocket *socket);
void terminal_streams_text(void *streams, struct websocket *socket, const char *text,
                           size_t len_bytes);
void terminal_streams_closed(void *streams, struct websocket *socket);

/* Applies the fault to every connection now; kinds of other faults have no effect. */
void terminal_streams_apply(struct terminal_streams *streams, enum fault_kind kind, int code);
struct terminal_streams_stats terminal_streams_stats(const struct terminal_streams *streams);

#endif
