/*
 * item: a message of the stream -> the row, trade, event or instrument that a recorder has
 * published: the inverse of sink/message.
 *
 * Pure. Exact: a change becomes the same row again. So the market data are not read with the
 * tolerance that a broker's messages need (primary/entries). Bounded: texts have the sizes below,
 * anything longer is an error.
 */
#ifndef REPLICA_ITEM_H
#define REPLICA_ITEM_H

#include "base/err.h"
#include "base/json.h"
#include "market/market.h"
#include "market/trade.h"
#include "primary/instrument_decode.h"
#include "primary/reference.h"
#include "store/snapshot.h"
#include "store/write/store.h"

#include <stddef.h>
#include <stdint.h>

#define REPLICA_KIND_BYTES 64 /* of the kind of an event, with the NUL */

/* Borrowed. */
struct replica_message {
    const char *subject, *data; /* `data` is not terminated */
    size_t len_bytes;
    const char *(*header)(const void *arg, const char *name); /* NULL: there is none */
    const void *arg;
};

enum replica_kind {
    REPLICA_CHANGE,
    REPLICA_SHOWN,  /* a trade that a change shows */
    REPLICA_LISTED, /* a trade of a list of the broker */
    REPLICA_EVENT,
    REPLICA_INSTRUMENT, /* its reference data */
    REPLICA_OTHER,      /* not below the subject of the recorders */
};

struct replica_item {
    enum replica_kind kind;
    struct store_place place; /* of the message; for the caller */
    char recorder[STORE_RECORDER_BYTES];
    int64_t number; /* the recorder's own, see struct store_given */
    char market_id[SYMBOL_BYTES_MAX + 1], symbol[SYMBOL_BYTES_MAX + 1]; /* events: "" = none */

    uint32_t changed; /* of changes, as the next one */
    struct market_quote quote;

    struct trade trade; /* of trades, as the next one */
    int64_t corrects;

    int64_t ts; /* of events, as the next two */
    char event[REPLICA_KIND_BYTES], detail[STORE_DETAIL_BYTES];

    struct instrument
        instrument; /* borrows from the parser, until its next use, and from `texts` */
    struct instrument_texts texts;
};

/* `subject`: the first part of all subjects, "md". -EBADMSG: it is below it and not a message of a
 * recorder, with the reason; `out` is undefined then. */
int replica_item_decode(struct json_parser *parser, const char *subject,
                        const struct replica_message *message, struct replica_item *out,
                        struct err *err);

#endif
