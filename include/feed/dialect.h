/*
 * dialect: how to use one kind of market data stream: where to connect and with which login, what
 * to send, how to read what arrives.
 *
 * The streamer connects, subscribes and records, and the feed decides when; neither knows a
 * broker's protocol: each is given a dialect. A dialect never sends anything itself. The functions
 * get `arg` and are called from the loop; none may call the streamer or the feed.
 */
#ifndef FEED_DIALECT_H
#define FEED_DIALECT_H

#include "base/buf.h"
#include "market/feed_state.h"
#include "market/quote.h"
#include "market/stream_item.h"
#include "net/ws.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dialect_instrument {
    const char *market_id, *symbol;
};

/* The instruments of one subscription; borrowed. */
struct dialect_batch {
    const struct dialect_instrument *item;
    int32_t count;
};

#define DIALECT_END_WORDS 512

struct dialect {
    void *arg;
    const char *name;         /* as in stream.dialects */
    enum source source;       /* of what it records */
    size_t message_max_bytes; /* a longer message ends the connection */
    bool partial;             /* not every message has all the entries that it delivers */
    int64_t replace_ms;       /* an older connection is replaced as a precaution; 0 = never */

    /* A text message to send at this interval, besides the pings of RFC 6455; NULL = none. */
    const char *keep_alive;
    int64_t keep_alive_ms;

    /* The login: whether there is one that may be used; its number, which increases with each new
     * one; a request for a new one, because the present one is in doubt. The owner of the feed
     * calls feed_wake() when there is a new one. */
    bool (*has_login)(void *arg);
    int (*login_number)(void *arg);
    void (*renew_login)(void *arg);
    /* Whether a login is needed, because the stream is to be connected. NULL: there is always one
     * or the attempt at one. */
    void (*need_login)(void *arg, bool needed);

    /* For a connection made now with that login; borrowed until the next loop iteration. The URL
     * may contain secrets (mask_url). Headers may be NULL. */
    const char *(*url)(void *arg);
    const struct http_headers *(*headers)(void *arg);

    /*
     * Writes message number `part` (from 0 on) of the subscription of a batch. False: there are no
     * more. Subscriptions add up; an instrument subscribed again is sent again.
     */
    bool (*subscribe)(void *arg, const struct dialect_batch *batch, int part, struct buf *out);

    /* The next item of a message, see market/stream_item; false: there are no more. */
    bool (*decode)(void *arg, struct stream_message *message, struct stream_item *item);

    /* Classifies the end of a connection, and describes it. */
    enum feed_event_kind (*ended)(void *arg, const struct ws_end *end,
                                  char words[DIALECT_END_WORDS]);

    void (*destroy)(void *arg);
};

#endif
