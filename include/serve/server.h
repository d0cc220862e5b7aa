/*
 * server: an HTTP/1.1 server on the loop (libwebsockets), independent of the content it serves.
 *
 * The handler is called once per complete request; its answer is sent as the returned manner says.
 * Connections are kept alive; bodies are sent in pieces, so large bodies are possible. Upgrades to
 * WebSocket are handled by the websocket handlers, if set.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/err.h"
#include "net/loop.h"
#include "serve/primary_api.h"
#include "serve/websocket.h"

struct server;

/* How the answer is sent. All except MANNER_SEND are faults, for the simulator. */
struct server_manner {
    enum {
        MANNER_SEND,
        MANNER_HANG,     /* never answered, the connection stays open */
        MANNER_RESET,    /* TCP RST */
        MANNER_CLOSE,    /* closed without an answer */
        MANNER_TRUNCATE, /* full Content-Length, closed after half of the body */
    } kind;
    int64_t delay_ms; /* before the answer starts */
};

/* Everything is borrowed until the function returns. */
typedef struct server_manner server_fn(void *arg, const struct api_request *request,
                                       struct api_answer *answer);

struct server_stats {
    int64_t requests, connections;
    int in_flight, max_in_flight; /* requests not completely answered yet */
};

/* `host` is an address of this machine; port 0 picks one. -EADDRINUSE etc., text in `err`. */
int server_create(struct server **out, struct loop *loop, const char *host, int port, server_fn *fn,
                  void *arg, struct err *err);
/* Without this, upgrades to WebSocket are refused. Copied; before the loop runs. */
void server_take_websockets(struct server *server, const struct websocket_handlers *handlers);
void server_destroy(struct server *server); /* not from inside the handler */

int server_port(const struct server *server); /* the actual port */
struct server_stats server_stats(const struct server *server);

#endif
