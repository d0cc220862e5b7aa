/*
 * control: the requests with which a test steers the simulated broker.
 *
 * GET sim/stats (counters as JSON) is open to all. With the token, or with user and password, so
 * that no web page can send them: POST sim/expire (invalidates all tokens), POST sim/sessions (ends
 * the browser terminal's), POST sim/user?password=NEW, POST sim/stream?kind=KIND (applies a fault
 * to all streams, or to those of dialect=primary or matriz), POST sim/market?rate=R (changes per
 * second) and POST sim/market?state=closed (or open). Owns nothing.
 */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "serve/server.h"
#include "sim/account.h"
#include "sim/sim_market.h"
#include "sim/sim_streams.h"
#include "sim/terminal_host.h"

#include <stdbool.h>

struct control_counts {
    int64_t faults_acted, polls, lists, details, trades, streams_refused, uptime_ms;
};

/* What it reads and steers; borrowed. */
struct control_parts {
    struct server *server;
    struct account *account;
    struct sim_market *market;
    struct sim_streams *streams;
    struct terminal_host *terminal; /* NULL: there is none */
    struct control_counts counts;
};

/* False: another path, `answer` is unchanged. */
bool control_answer(const struct control_parts *parts, const struct web_request *request,
                    struct web_answer *answer);

#endif
