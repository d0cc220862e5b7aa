/*
 * sim_book: the books of the simulated market.
 *
 * Pure: random numbers are an argument. Levels are on the grid of the tick, best first, and as many
 * as the instrument's life has; sometimes a level is repeated, as at real brokers.
 */
#ifndef SIM_SIM_BOOK_H
#define SIM_SIM_BOOK_H

#include "base/rng.h"
#include "market/quote.h"
#include "sim/universe.h"

double sim_book_on_grid(double price, double tick); /* the nearest multiple of the tick */
double sim_book_size(struct rng *rng, const struct sim_instrument *instrument);

/* Around this price; the quote's other values are kept. */
void sim_book_make(struct rng *rng, const struct sim_instrument *instrument, double mid,
                   struct quote *quote);
void sim_book_clear(struct quote *quote); /* no bids, no offers */

#endif
