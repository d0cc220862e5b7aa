/*
 * broker: the simulated broker: a market, a strict door, and scripted faults behind one server.
 *
 * Beside the broker's dialect, REST and WebSocket, it answers, without a token, GET sim/stats
 * (counters as JSON), POST sim/expire (all tokens die), POST sim/user?password=NEW and
 * POST sim/stream?kind=KIND (does it to all streams now) and POST sim/market?rate=R (changes a
 * second).
 */
#ifndef SIM_BROKER_H
#define SIM_BROKER_H

#include "base/err.h"
#include "net/loop.h"

#include <stdint.h>

struct broker;

struct broker_config {
    const char *host;
    int port; /* 0 = any */
    int instruments;
    double rate;
    uint64_t seed;
    const char *user, *password;
    int64_t token_ttl_ms;
    const char *faults_path; /* NULL = none */
    unsigned stream_proofs;  /* bits of enum door_proof */
    int64_t stream_idle_ms;  /* a stream that says nothing is closed; 0 = never */
};

int broker_create(struct broker **out, struct loop *loop, const struct broker_config *config,
                  struct err *err);
void broker_destroy(struct broker *broker);
int broker_port(const struct broker *broker);

#endif
