/*
 * server: an HTTP/1.1 and WebSocket server on the loop (libwebsockets), for any content.
 *
 * Owns the listening socket and the connections. Requests are answered by the handler, now or later
 * (http_connection_defer()); connections are kept alive; bodies are sent in pieces, so large bodies
 * are possible. Upgrades to WebSocket are handled by the websocket handlers, if set. The number of
 * connections is limited (serve/guest_list), and so are the size and the time of a request.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/err.h"
#include "net/listener.h"
#include "net/loop.h"
#include "serve/http_connection.h"
#include "serve/websocket.h"

#include <stdbool.h>

struct server;

/* A request that does not arrive within this time ends its connection. */
#define SERVER_REQUEST_MS 10000

struct server_parts {
    struct loop *loop;
    struct listener_address address; /* copied */
    http_handler *handler;
    void *arg;
    bool reads_bodies; /* of requests; else they are ignored */
};

struct server_stats {
    struct http_stats http;
    int64_t connections; /* accepted so far */
    int64_t refused;     /* so far, because there were too many */
    int open, waiting;   /* now; waiting: of them, those without a complete request yet */
};

/* -EADDRINUSE and others, text in `err`. */
int server_create(struct server **out, const struct server_parts *parts, struct err *err);
/* Without this, upgrades to WebSocket are refused. Copied; before the loop runs. */
void server_take_websockets(struct server *server, const struct websocket_handlers *handlers);
/* Not from inside a handler. Deferred answers are discarded; their owners still complete them. */
void server_destroy(struct server *server);

/* Listens again if the file of its Unix socket was removed; as listener_renew(). */
int server_renew(struct server *server, struct err *err);

int server_port(const struct server *server); /* the actual port; 0 for a Unix socket */
struct server_stats server_stats(const struct server *server);

#endif
