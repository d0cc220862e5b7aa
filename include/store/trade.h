/*
 * trade: a row of the table `trade`: one trade of one instrument.
 */
#ifndef STORE_TRADE_H
#define STORE_TRADE_H

#include "market/trade.h"

struct store_trade {
    int64_t instrument_id; /* instrument.id */
    int64_t seq;           /* of the first change that shows it; negative: from the broker's list */
    struct trade trade;
};

#endif
