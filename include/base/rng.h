/*
 * rng: seeded random numbers (splitmix64), for jitter and for the simulated market.
 *
 * The caller owns the state, so the same seed gives the same sequence. Not for secrets.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *rng);
double rng_unit(struct rng *rng);                  /* [0, 1) */
int64_t rng_below(struct rng *rng, int64_t limit); /* [0, limit), 0 when limit <= 0 */

#endif
