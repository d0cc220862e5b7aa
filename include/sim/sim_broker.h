/*
 * sim_broker: a simulated broker: one server with a market, one account and scripted faults; and,
 * if configured, the browser terminal beside it (sim/terminal_host).
 *
 * Owns all of them. Answers in the broker's REST and WebSocket dialect, and the requests of
 * sim/control.
 */
#ifndef SIM_SIM_BROKER_H
#define SIM_SIM_BROKER_H

#include "base/err.h"
#include "net/loop.h"
#include "sim/terminal_host.h"

#include <stdbool.h>
#include <stdint.h>

struct sim_broker;

struct sim_broker_config {
    const char *host;
    int port; /* 0 = any */
    int instruments;
    double rate;
    uint64_t seed;
    const char *user, *password;
    int64_t token_ttl_ms;
    const char *faults_path; /* NULL = none */
    const char *trades_path; /* the day's trades are kept there; NULL = nowhere */
    unsigned stream_proofs;  /* bits of enum account_proof */
    int64_t stream_idle_ms;  /* a stream silent for so long is closed; 0 = never */
    bool closed;             /* the market, see sim_market_set_closed() */
    int64_t clock_skew_ms;   /* of the header Date */
    struct terminal_host_config terminal;
};

int sim_broker_create(struct sim_broker **out, struct loop *loop,
                      const struct sim_broker_config *config, struct err *err);
void sim_broker_destroy(struct sim_broker *broker);
int sim_broker_port(const struct sim_broker *broker);
int sim_broker_terminal_port(const struct sim_broker *broker); /* 0: there is none */

#endif
