/*
 * stream_link: one connection of a stream, with its subscription.
 *
 * Connects with the login of a dialect, subscribes to the instruments of the source table in
 * batches, and keeps the connection alive. Passes on what arrives; does not read it. A stream has
 * one link, and a second one while an old connection is replaced.
 */
#ifndef FEED_STREAM_LINK_H
#define FEED_STREAM_LINK_H

#include "base/err.h"
#include "config/config.h"
#include "feed/dialect.h"
#include "market/subscription.h"
#include "net/loop.h"
#include "net/ws.h"

struct stream_link;
struct market;
struct source_table;

/* All are borrowed. The functions are called from the loop. */
struct stream_link_parts {
    struct loop *loop;
    const struct config *config;
    const struct dialect *dialect;
    const struct market *market;
    const struct source_table *sources;
    void *arg;
    void (*opened)(void *arg, struct stream_link *link); /* before anything is subscribed */
    void (*text)(void *arg, struct stream_link *link, const char *text, size_t len_bytes);
    void (*ended)(void *arg, struct stream_link *link, const struct ws_end *end);
};

struct stream_link *stream_link_create(const struct stream_link_parts *parts); /* NULL: no memory */
void stream_link_destroy(struct stream_link *link);

/* Closes the present connection. 0, or an error if the attempt could not start; then ended() is not
 * called. */
int stream_link_connect(struct stream_link *link, struct err *err);
void stream_link_close(struct stream_link *link); /* does not call ended() */
/* As if the connection had ended by itself. */
void stream_link_end(struct stream_link *link, const struct ws_end *end);

void stream_link_subscribe(struct stream_link *link);                         /* all again */
void stream_link_subscribe_one(struct stream_link *link, int32_t instrument); /* this one again */
void stream_link_forgive(struct stream_link *link); /* new day: retry the refused instruments */
void stream_link_pump(struct stream_link *link);    /* its subscription has changed */
struct subscription *stream_link_subscription(struct stream_link *link); /* borrowed */

void stream_link_send(struct stream_link *link, const char *text, size_t len_bytes);
void stream_link_pause(struct stream_link *link, int64_t pause_ms); /* reads nothing for so long */

/* The number of the present connection, another one for each; 0 = there is none. */
int64_t stream_link_connection(const struct stream_link *link);
bool stream_link_open(const struct stream_link *link);
/* In text(): when the message was received. */
struct now stream_link_received(const struct stream_link *link);
struct ws_stats stream_link_stats(const struct stream_link *link); /* zeros: no connection */

#endif
