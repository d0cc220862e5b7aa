/*
 * stream_server: the WebSocket clients of a Primary API server and the frames they get.
 *
 * Owns the clients' subscriptions and the timers of their frames. Each subscribed product gets a
 * snapshot at once, then a frame after each change that it is told of, at the pace of its level at
 * most. Reads the market through its source, and never waits for a client: frames wait in the
 * client's own queue, where a newer one replaces the older of the same product; while more waits
 * there than the client takes, no frames are made for it.
 */
#ifndef SERVE_STREAM_SERVER_H
#define SERVE_STREAM_SERVER_H

#include "net/loop.h"
#include "serve/source.h"
#include "serve/stream_api.h"
#include "serve/websocket.h"

#include <stdbool.h>
#include <stdint.h>

struct stream_server;
struct stream_client;

/* For a simulator, which deviates from the normal course, and for measuring; each may be NULL. */
struct stream_hooks {
    void *arg;
    void (*opened)(void *arg, struct stream_client *client);
    void (*closed)(void *arg, struct stream_client *client);
    /* True: the hook has handled the message, whose products are not subscribed. */
    bool (*before_subscribe)(void *arg, struct stream_client *client,
                             const struct stream_request *request, const char *text);
    /* True: the hook has sent something else, or nothing. */
    bool (*before_send)(void *arg, struct stream_client *client, int32_t instrument,
                        const struct buf *frame);
};

struct stream_server_parts {
    struct loop *loop;
    const struct market_source *source; /* borrowed */
    int64_t idle_ms;                    /* a client silent for so long is closed; 0 = never */
    struct stream_hooks hooks;
};

/* NULL: no memory. */
struct stream_server *stream_server_create(const struct stream_server_parts *parts);
void stream_server_destroy(struct stream_server *streams); /* after the sockets' server */

/*
 * This instrument of the source has changed. For whoever changes the market, on the loop's thread:
 * it only takes note, in time proportional to the clients for which the instrument becomes due, and
 * calls nobody back; the frames are sent in a later turn of the loop.
 */
void stream_server_changed(struct stream_server *streams, int32_t instrument);

/* The first data of this instrument have arrived (struct source_demand): its snapshots are due. */
void stream_server_ready(struct stream_server *streams, int32_t instrument);
/* It does not exist: its clients get the error, each once, and are not subscribed to it any more.
 */
void stream_server_unknown(struct stream_server *streams, int32_t instrument);

/* Whether any client is subscribed to it. */
bool stream_server_wanted(const struct stream_server *streams, int32_t instrument);

/*
 * Sends a text, about the source as a whole, to the clients that asked for extras (STREAM_EXTRAS);
 * who asks later gets the last one first.
 */
void stream_server_tell(struct stream_server *streams, const char *text);

/* For the handlers of the sockets' server. */
void stream_server_opened(struct stream_server *streams, struct websocket *socket);
void stream_server_text(struct stream_server *streams, struct websocket *socket, const char *text,
                        size_t len_bytes);
void stream_server_closed(struct stream_server *streams, struct websocket *socket);
void stream_server_room(struct stream_server *streams, struct websocket *socket);

struct stream_stats {
    int open;
    int64_t subscribed; /* products of all open clients, now */
    int64_t opened, smd, products, frames;
};
struct stream_stats stream_server_stats(const struct stream_server *streams);

/* For the hooks. */
struct websocket *stream_client_socket(const struct stream_client *client);
void stream_client_set_user(struct stream_client *client, void *user); /* data of the hooks */
void *stream_client_user(const struct stream_client *client);
void stream_client_mute(struct stream_client *client); /* no more frames, messages are ignored */
void stream_server_each(struct stream_server *streams,
                        void (*fn)(void *arg, struct stream_client *client), void *arg);

#endif
