#include "sim/sim_tape.h"

#include "base/array.h"
#include "base/clock.h"

#include <stdlib.h>

void sim_tape_add(struct sim_tape *tape, const struct source_trade *trade)
{
    size_t at = (size_t)(tape->count++ % SIM_TAPE_TRADES);
    tape->trades = array_must_grow(tape->trades, &tape->cap, at + 1, sizeof(*tape->trades));
    tape->trades[at] = *trade;
    tape->trades[at].ts = trade->ts / NS_PER_MS * NS_PER_MS;
}

void sim_tape_each(const struct sim_tape *tape, const struct source_period *period,
                   source_trade_fn *fn, void *arg)
{
    int64_t first = tape->count > SIM_TAPE_TRADES ? tape->count - SIM_TAPE_TRADES : 0;
    for (int64_t n = first; n < tape->count; n++) {
        const struct source_trade *t = &tape->trades[n % SIM_TAPE_TRADES];
        if (t->ts >= period->from && t->ts < period->to)
            fn(arg, t);
    }
}

void sim_tape_finish(struct sim_tape *tape)
{
    free(tape->trades);
    *tape = (struct sim_tape){0};
}
