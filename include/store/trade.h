/*
 * trade: a row of the table `trade`: one trade of one instrument.
 */
#ifndef STORE_TRADE_H
#define STORE_TRADE_H

#include "market/trade.h"

#include <stdbool.h>
#include <stdint.h>

struct store_trade {
    int64_t instrument_id; /* instrument.id */
    int64_t seq;           /* of the first change that shows it; negative: from the broker's list */
    struct trade trade;
    bool undated; /* its time is when it was reported (trade_shown()) */
};

/* What a row without a size, or without a time of its own, becomes by the broker's list. */
struct store_correction {
    int64_t seq;
    int64_t ts_shown; /* trade.ts_event until then */
    int64_t ts_event;
    double size;
};

#endif
