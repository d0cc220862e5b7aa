/*
 * sim_tape: the trades of one simulated instrument, which the broker lists.
 *
 * Owns them: the last SIM_TAPE_TRADES, in the order of time, in whole milliseconds.
 */
#ifndef SIM_SIM_TAPE_H
#define SIM_SIM_TAPE_H

#include "serve/source.h"

#include <stddef.h>
#include <stdint.h>

#define SIM_TAPE_TRADES 65536 /* then the oldest is overwritten */

struct sim_tape {                /* zeroed: empty */
    struct source_trade *trades; /* owned; a ring buffer once it is full */
    size_t cap;
    int64_t count; /* of all that were added */
};

/* Aborts the process when out of memory. */
void sim_tape_add(struct sim_tape *tape, const struct source_trade *trade);
/* Calls `fn` with each trade of [from, to), ns UTC. */
void sim_tape_each(const struct sim_tape *tape, const struct source_period *period,
                   source_trade_fn *fn, void *arg);
void sim_tape_finish(struct sim_tape *tape); /* empties it */

#endif
