/*
 * sim/market: a seeded, plausible market over the universe. A market source for the server.
 *
 * Pure: time comes in, and the same seed and the same steps give the same market. Prices walk on
 * their tick grid, books follow them, trades move last, high, low and the volumes, which only grow.
 */
#ifndef SIM_MARKET_H
#define SIM_MARKET_H

#include "base/err.h"
#include "serve/source.h"

struct sim_market;

struct sim_market_config {
    int instruments;
    double rate; /* quote changes per second, over all */
    uint64_t seed;
};

int sim_market_create(struct sim_market **out, const struct sim_market_config *config,
                      int64_t now_ns, struct err *err);
void sim_market_destroy(struct sim_market *market);

/* Lets happen what is due by now; at most five seconds' worth, however long nobody looked. */
void sim_market_advance(struct sim_market *market, int64_t now_ns);
void sim_market_set_rate(struct sim_market *market, double rate); /* changes a second from now on */
/* Grows with every change of this instrument. */
int64_t sim_market_version(const struct sim_market *market, int32_t instrument);
int64_t sim_market_changes(const struct sim_market *market); /* since the start */

const struct market_source *sim_market_source(const struct sim_market *market);

#endif
