/*
 * snapshot: the full state of an instrument after a change, as it is stored. Plain values.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "market/quote.h"

#include <stdint.h>

struct store_snapshot {
    int32_t instrument; /* the caller's index, registered with store_instrument() */
    enum source source;
    int64_t seq;
    int64_t ts_recv; /* ns UTC */
    uint32_t changed;
    struct quote quote; /* the full state after the change */
};

/* The state of an instrument that an earlier run wrote. */
struct store_known {
    struct store_snapshot state;
    int64_t ts_seen;
};

#endif
