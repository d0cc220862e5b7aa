/*
 * nats_result: what the test of the servers of a sink, or of a replica's source, means.
 *
 * Pure: the caller connects, and hands over what it found. For a sink a fault is a warning only,
 * because the recording works without NATS, and what is recorded meanwhile is published later.
 */
#ifndef DOCTOR_NATS_RESULT_H
#define DOCTOR_NATS_RESULT_H

#include "base/err.h"
#include "doctor/step.h"

#include <stdbool.h>

struct nats_facts {
    bool source; /* of a replica */
    const char *servers, *stream;
    int rc; /* of the connection or the stream; 0 = the stream exists */
    const struct err *err;
    bool connected;
    const char *server;  /* which one it is connected to */
    const char *differs; /* the stream, from the configuration; "" = in nothing */
    double messages;
    int replicas, missing; /* copies that the stream should have, and of these not up to date */
    const char *missing_servers; /* their names: "n1, n3"; "" = none */
    bool leader;                 /* the stream has one */
    const char *service_why; /* the running service publishes nothing; "" = it does, or none runs */
};
struct step nats_result(const struct nats_facts *facts);

#endif
