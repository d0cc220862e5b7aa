/*
 * refusals: distinguishes single refused instruments from a broker that refuses most of them.
 *
 * Pure. One unknown symbol is dropped for the day. But if most instruments are refused within a
 * short time, the cause is not the symbols: permissions are being changed, or the broker is loading
 * its list. This module counts refusals against other answers, from the first refusal on.
 */
#ifndef MARKET_REFUSALS_H
#define MARKET_REFUSALS_H

#include <stdbool.h>
#include <stdint.h>

struct refusals {
    int32_t count;    /* in the present run; 0 = none */
    int32_t answers;  /* other answers during the run */
    int64_t since_ms; /* when the run began */
    int64_t last_ms;  /* of the last refusal */
};

/* True: with this refusal, most of `instruments` are being refused; the run then ends. */
bool refusals_add(struct refusals *refusals, int32_t instruments, int64_t now_ms);
void refusals_answered(struct refusals *refusals);

#endif
