/*
 * trade_memory: the latest trades of each instrument, to publish each trade once.
 *
 * Pure. A change repeats a trade that an earlier one showed, of which the table `trade` does not
 * know yet (market/trade).
 */
#ifndef SINK_TRADE_MEMORY_H
#define SINK_TRADE_MEMORY_H

#include "market/trade.h"

#include <stddef.h>

#define TRADE_MEMORY_EACH 16

struct trade_memory_of;

struct trade_memory { /* all zero: empty */
    struct trade_memory_of *slots;
    size_t cap, count; /* cap: a power of two */
};

void trade_memory_finish(struct trade_memory *memory);

/* True: the trade was not known, and is now. -ENOMEM counts as not known. */
bool trade_memory_add(struct trade_memory *memory, int64_t instrument_id,
                      const struct trade *trade);

#endif
