/*
 * snapshot: the full state of an instrument after a change, as it is stored. Plain values.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "market/quote.h"

#include <stdbool.h>
#include <stdint.h>

/* Of a message in a stream of which a replica is made. Zeros: none. */
struct store_place {
    int64_t ts_created; /* of the stream; ns UTC */
    int64_t number;     /* of the message */
    int64_t ts_stored;  /* when the stream took it; ns UTC */
};

struct store_snapshot {
    int32_t instrument; /* the caller's index, registered with store_instrument() */
    enum source source;
    int64_t seq;
    int64_t ts_recv; /* ns UTC */
    uint32_t changed;
    struct quote quote; /* the full state after the change */
    /* Only in a replica: */
    bool past;                /* a later change is known: it does not become the present state */
    struct store_place place; /* everything of the stream up to it comes before this row */
};

/* The state of an instrument that an earlier run wrote. */
struct store_known {
    struct store_snapshot state;
    int64_t ts_seen;
};

#endif
