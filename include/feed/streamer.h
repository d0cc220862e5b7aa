/*
 * streamer: the broker's WebSocket: connects, subscribes, and records the market data.
 *
 * Subscribes to the instruments of the source table. Owns the connection (feed/stream_link), and a
 * second one while it is replaced: each instrument moves to that one with its first message there,
 * so that nothing is missed and nothing recorded twice. The feed decides when to connect and which
 * source to use; the streamer only reports to it. An instrument is live from its first message on
 * the present connection.
 */
#ifndef FEED_STREAMER_H
#define FEED_STREAMER_H

#include "base/err.h"
#include "config/config.h"
#include "feed/dialect.h"
#include "market/subscription.h"
#include "net/loop.h"
#include "net/ws.h"

struct streamer;
struct recorder;
struct events;
struct source_table;
struct store;

struct streamer_parts {
    struct loop *loop;
    const struct config *config;
    const struct dialect *dialect;
    struct recorder *recorder;
    struct events *events;
    struct store *store; /* asked whether to read more slowly */
    struct source_table *sources;
};

/* A message with market data of an instrument. */
struct stream_heard {
    int32_t instrument;
    bool live;        /* the instrument is live now */
    bool first;       /* and was not before this message */
    bool changed;     /* by this message */
    bool source;      /* it was recorded: no other stream, or connection, is the source */
    uint32_t entries; /* of the message */
    int64_t now_ms;
};

/* All are called from the loop. */
struct streamer_handler {
    void *arg;
    void (*opened)(void *arg);
    void (*heard)(void *arg, const struct stream_heard *heard);
    void (*denied)(void *arg); /* most instruments were refused; one is tried from time to time */
    /* A message could not be used: MALFORMED, and -1: of an unknown instrument; or OUTDATED, not
     * the first one. */
    void (*spoilt)(void *arg, int32_t instrument, enum event_kind why);
    void (*ended)(void *arg, const struct ws_end *end);
    /* The connection was replaced, and the new one does not deliver this instrument. */
    void (*left)(void *arg, int32_t instrument);
    /* The connection that was to replace the present one has ended. */
    void (*not_replaced)(void *arg, const struct ws_end *end);
};

/* Everything is borrowed. */
int streamer_create(struct streamer **out, const struct streamer_parts *parts,
                    const struct streamer_handler *handler, struct err *err);
void streamer_destroy(struct streamer *streamer);

/* 0, or an error if the attempt could not start; then ended() is not called. */
int streamer_connect(struct streamer *streamer, struct err *err);
void streamer_disconnect(struct streamer *streamer); /* does not call ended() */

/* Opens another connection, which takes the place of the open one as soon as it delivers; if it
 * does not, the open one stays. An error: as of streamer_connect(). */
int streamer_replace(struct streamer *streamer, struct err *err);

/* Memory for instruments below `size`, before they are listed. 0 or -ENOMEM. */
int streamer_reserve(struct streamer *streamer, int32_t size);
/* The list of the source table has changed, or a trial has ended: subscribes the new instruments
 * alone. */
void streamer_relisted(struct streamer *streamer);

void streamer_subscribe(struct streamer *streamer);                         /* all again */
void streamer_subscribe_one(struct streamer *streamer, int32_t instrument); /* this one again */
void streamer_forgive(struct streamer *streamer); /* new day: retry the refused instruments */

const char *streamer_url(const struct streamer *streamer);

/* Counts since streamer_create(); `ws` and `subscription` are of the present connection. */
struct streamer_state {
    bool connected;
    int64_t messages, changes;
    int64_t outdated;  /* messages older than the present quote */
    int64_t malformed; /* messages that could not be read */
    int64_t other;     /* messages without market data of these instruments */
    int64_t heard_ms;  /* last market data; monotonic, 0 = none */
    double per_second; /* messages, recently */
    bool clock_known;
    int64_t clock_ahead_ns; /* our clock minus the broker's */
    struct ws_stats ws;     /* of the connection */
    struct subscription_state subscription;
};
struct streamer_state streamer_state(const struct streamer *streamer);

#endif
