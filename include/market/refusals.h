/*
 * refusals: are instruments refused one by one, or is the broker refusing all of them?
 *
 * Pure. One unknown symbol is dropped for the day. But when most instruments are refused within a
 * short time it is never the instruments: a permission is being changed, a list is being loaded.
 * This counts refusals against other answers, from the first refusal on.
 */
#ifndef MARKET_REFUSALS_H
#define MARKET_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

struct refusals {
    int32_t count;    /* in the present run; 0 = none */
    int32_t answers;  /* of others meanwhile */
    int64_t since_ms; /* the run began */
    int64_t last_ms;  /* the last one */
};

/* True: with this one most of `instruments` are being refused; the run is over then. */
bool refusals_add(struct refusals *refusals, int32_t instruments, int64_t now_ms);
void refusals_answered(struct refusals *refusals);

#endif
