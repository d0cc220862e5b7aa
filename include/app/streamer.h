/*
 * streamer: the broker's WebSocket: connects, subscribes, and records what it says.
 *
 * Owns one connection at a time and the plan of its subscriptions. Decides nothing about when to
 * connect or whom to believe: that is the feed's, which it tells what happens. An instrument is
 * live from its first datum on this connection.
 */
#ifndef APP_STREAMER_H
#define APP_STREAMER_H

#include "app/config.h"
#include "base/err.h"
#include "market/subscription.h"
#include "net/loop.h"
#include "net/ws.h"

struct streamer;
struct keeper;
struct recorder;
struct events;

struct streamer_parts {
    struct loop *loop;
    const struct config *config;
    struct keeper *keeper;
    struct recorder *recorder;
    struct events *events;
};

/* A frame of market data about the instrument at `slot` of the list of symbols. */
struct stream_heard {
    int32_t slot;
    bool live;    /* it is live now */
    bool first;   /* and was not before */
    bool changed; /* by this frame */
    int64_t now_ms;
};

/* All from the loop. */
struct streamer_handler {
    void *arg;
    void (*opened)(void *arg);
    void (*heard)(void *arg, const struct stream_heard *heard);
    void (*spoilt)(void *arg, int32_t slot); /* a frame could not be read: of it, or -1 = of whom */
    void (*ended)(void *arg, const struct ws_end *end);
};

/* Everything is borrowed, `symbols` during the call only. */
int streamer_create(struct streamer **out, const struct streamer_parts *parts,
                    const struct config_strings *symbols, const struct streamer_handler *handler,
                    struct err *err);
void streamer_destroy(struct streamer *streamer);

/* 0, or the words why it could not even begin; then ended() does not come. */
int streamer_connect(struct streamer *streamer, struct err *err);
void streamer_disconnect(struct streamer *streamer); /* without an ended() */

void streamer_subscribe(struct streamer *streamer);                   /* all of them, anew */
void streamer_subscribe_one(struct streamer *streamer, int32_t slot); /* this one, anew */
void streamer_forgive(struct streamer *streamer); /* a new day: what was refused may be had again */

bool streamer_live(const struct streamer *streamer, int32_t slot);

const char *streamer_url(const struct streamer *streamer);

/* Since it was made, but for what belongs to the present connection. */
struct streamer_state {
    bool connected;
    int64_t messages, changes;
    int64_t outdated;  /* frames older than what was known */
    int64_t malformed; /* frames that could not be read */
    int64_t other;     /* frames about nothing of ours */
    int64_t heard_ms;  /* the last datum; monotonic, 0 = none */
    double per_second; /* messages, lately */
    bool clock_known;
    int64_t clock_ahead_ns; /* ours over the broker's */
    struct ws_stats ws;     /* of the connection */
    struct subscription_state subscription;
};
struct streamer_state streamer_state(const struct streamer *streamer);

#endif
