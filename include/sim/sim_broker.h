/*
 * sim_broker: the simulated broker: one server with a market, authentication and scripted faults.
 *
 * In addition to the broker's REST and WebSocket dialect it answers these requests without a token:
 * GET sim/stats (counters as JSON), POST sim/expire (invalidates all tokens), POST
 * sim/user?password=NEW, POST sim/stream?kind=KIND (applies a fault to all streams) and POST
 * sim/market?rate=R (changes per second).
 */
#ifndef SIM_BROKER_H
#define SIM_BROKER_H

#include "base/err.h"
#include "net/loop.h"

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
    unsigned stream_proofs;  /* bits of enum account_proof */
    int64_t stream_idle_ms;  /* a stream silent for so long is closed; 0 = never */
};

int sim_broker_create(struct sim_broker **out, struct loop *loop,
                      const struct sim_broker_config *config, struct err *err);
void sim_broker_destroy(struct sim_broker *broker);
int sim_broker_port(const struct sim_broker *broker);

#endif
