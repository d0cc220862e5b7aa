/*
 * terminal_client: one socket of the simulated browser terminal: what it subscribed to, and the
 * lines that are sent to it next.
 *
 * Open, for sim/terminal_streams, which owns it. Applies faults to messages and to the connection.
 */
#ifndef SIM_TERMINAL_CLIENT_H
#define SIM_TERMINAL_CLIENT_H

#include "serve/subscriptions.h"
#include "serve/websocket.h"
#include "sim/faults.h"
#include "sim/terminal_batch.h"

#include <stdbool.h>
#include <stdint.h>

struct terminal_client {
    struct terminal_client *next, **from; /* `from` points to the pointer to this one */
    struct websocket *socket;             /* borrowed */
    struct subscriber *quotes, *books;
    struct terminal_batch batch;
    bool keep_previous;
    char *previous;   /* the last message with lines; NULL: none, or not kept */
    int64_t heard_ms; /* when the last "ping" or "pong" came; monotonic */
    bool mute;        /* nothing more is sent, messages are ignored */
};

/* Its subscribers are of these two. NULL: no memory. */
struct terminal_client *terminal_client_create(struct websocket *socket,
                                               struct subscriptions *quotes,
                                               struct subscriptions *books);
void terminal_client_destroy(struct terminal_client *client);

/* The three events at the beginning: the time, and the state of both markets. */
void terminal_client_greet(struct terminal_client *client, int64_t now_ns, bool closed);
void terminal_client_tell_time(struct terminal_client *client, int64_t now_ns);
/* Sends the lines of its batch as one message, which is empty then; `fault` may be NULL. */
void terminal_client_send_batch(struct terminal_client *client, const struct fault *fault);
/* Ends or silences the connection, if the kind is one that does. */
void terminal_client_disturb(struct terminal_client *client, enum fault_kind kind, int code);

#endif
