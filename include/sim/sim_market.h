/*
 * sim_market: a seeded, plausible market of the universe's instruments; a source for the server.
 *
 * Pure: time is an argument, and the same seed and calls give the same market. Prices move in steps
 * of their tick, books follow the prices, trades update last, high, low and the volumes, which only
 * grow.
 */
#ifndef SIM_SIM_MARKET_H
#define SIM_SIM_MARKET_H

#include "base/err.h"
#include "serve/source.h"

#include <stdbool.h>

struct sim_market;

struct sim_market_config {
    int instruments;
    double rate; /* quote changes per second, all instruments together */
    uint64_t seed;
};

int sim_market_create(struct sim_market **out, const struct sim_market_config *config,
                      int64_t now_ns, struct err *err);
void sim_market_destroy(struct sim_market *market);

/* Makes the changes due since the last call, those of five seconds at most. */
void sim_market_advance(struct sim_market *market, int64_t now_ns);
void sim_market_set_rate(struct sim_market *market, double rate); /* changes per second */
/* Closed: there are no changes, and all books are empty; the values of the day stay. */
void sim_market_set_closed(struct sim_market *market, bool closed);
bool sim_market_closed(const struct sim_market *market);
/* The money traded today, of futures and options, for which a quote has none; else NAN. */
double sim_market_money(const struct sim_market *market, int32_t instrument);
/* Increases with every change of this instrument. */
int64_t sim_market_version(const struct sim_market *market, int32_t instrument);
/* Calls `fn` after each change, from sim_market_advance(). */
typedef void sim_market_fn(void *arg, int32_t instrument);
#define SIM_MARKET_WATCHERS 2 /* at most; more abort the process */
void sim_market_watch(struct sim_market *market, sim_market_fn *fn, void *arg);
void sim_market_unwatch(struct sim_market *market, const void *arg);

struct sim_trade {
    int32_t instrument;
    struct source_trade trade;
};
typedef void sim_trade_fn(void *arg, const struct sim_trade *trade);
/* Calls `fn` with each new trade, before it is in the quote. NULL: nobody. */
void sim_market_on_trade(struct sim_market *market, sim_trade_fn *fn, void *arg);
/* Replaces the trades of the day, and what follows from them, by these, in the order of time. For a
 * market that has just been created. */
void sim_market_resume(struct sim_market *market, const struct sim_trade *trades, size_t count,
                       int64_t now_ns);

int64_t sim_market_changes(const struct sim_market *market); /* since the start */

const struct market_source *sim_market_source(const struct sim_market *market);

#endif
