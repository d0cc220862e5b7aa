/*
 * terminal_host: the browser terminal of the simulated broker: a second server, over the same
 * market (protocol section 12).
 *
 * Owns the server, the sessions and the sockets. Faults are looked up with paths that begin with
 * "matriz/".
 */
#ifndef SIM_TERMINAL_HOST_H
#define SIM_TERMINAL_HOST_H

#include "base/err.h"
#include "net/listener.h"
#include "sim/sim_market.h"
#include "sim/terminal_site.h"
#include "sim/terminal_streams.h"

struct terminal_host;

struct terminal_host_config {
    const char *host; /* NULL: there is no terminal */
    int port;         /* 0 = any */
    struct terminal_rules rules;
    int64_t session_ms; /* lifetime of a login */
    int64_t idle_ms;    /* a socket without a ping is closed after it */
};

struct terminal_host_parts {
    struct loop *loop;
    struct sim_market *market; /* borrowed, as the next two */
    const struct account *account;
    struct delayed_answers *delayed;
    bool keep_previous;    /* see struct terminal_streams_parts */
    int64_t clock_skew_ms; /* of the header Date */
    const struct fault *(*fault)(void *arg, const struct fault_target *target);
    void *arg;
};

int terminal_host_create(struct terminal_host **out, const struct terminal_host_parts *parts,
                         const struct terminal_host_config *config, struct err *err);
void terminal_host_destroy(struct terminal_host *host);
int terminal_host_port(const struct terminal_host *host);

/* For the control requests. */
struct terminal_streams *terminal_host_streams(const struct terminal_host *host);
void terminal_host_end_sessions(struct terminal_host *host);
struct terminal_counts terminal_host_counts(const struct terminal_host *host);

#endif
