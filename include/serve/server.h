/*
 * server: an HTTP/1.1 server on the loop (libwebsockets), which knows nothing of what it serves.
 *
 * Each request is handed to the handler once, complete; what the handler puts into the answer is
 * sent as the manner says. Keeps connections alive; bodies go out in pieces, so megabytes are fine.
 * Upgrades to WebSocket are for the websocket handlers, when there are any.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/err.h"
#include "net/loop.h"
#include "serve/primary_api.h"
#include "serve/websocket.h"

struct server;

/* How the answer is given: a well-behaved server has one manner, a simulator needs the others. */
struct server_manner {
    enum {
        MANNER_SEND,
        MANNER_HANG,     /* nothing is ever answered, the connection stays */
        MANNER_RESET,    /* TCP RST */
        MANNER_CLOSE,    /* closed without a word */
        MANNER_TRUNCATE, /* announced in full, closed after half of the body */
    } kind;
    int64_t delay_ms; /* before the answer begins */
};

/* Everything is borrowed until it returns. */
typedef struct server_manner server_fn(void *arg, const struct api_request *request,
                                       struct api_answer *answer);

struct server_stats {
    int64_t requests, connections;
    int in_flight, max_in_flight; /* requests whose answer is not out yet */
};

/* `host` is an address of this machine; port 0 picks one. -EADDRINUSE and others with the words. */
int server_create(struct server **out, struct loop *loop, const char *host, int port, server_fn *fn,
                  void *arg, struct err *err);
/* Without this, upgrades to WebSocket are refused. Copied; before the loop runs. */
void server_take_websockets(struct server *server, const struct websocket_handlers *handlers);
void server_destroy(struct server *server); /* not from inside the handler */

int server_port(const struct server *server); /* the real one */
struct server_stats server_stats(const struct server *server);

#endif
