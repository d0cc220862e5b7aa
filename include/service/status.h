/*
 * status: the state of the whole service as one JSON document, for `cinta status`.
 *
 * Ages and durations are in seconds, sizes in bytes, times ISO 8601 UTC; unknown values are null.
 * It contains no secret.
 */
#ifndef SERVICE_STATUS_H
#define SERVICE_STATUS_H

#include "base/buf.h"
#include "feed/feed.h"
#include "market/request_budget.h"
#include "service/alerter.h"
#include "service/daily_export.h"
#include "store/write/store.h"

struct demand;
struct sink_state;
struct lease_facts;
struct replica_state;
struct local_api_state;
struct reference_data_state;
struct events;
struct recent_events;

struct status_facts {
    struct now now;
    struct now started;
    const char *broker_url, *store_path;
    const char *token_state;
    int64_t token_ns;               /* obtained, wall; 0 = none */
    const struct feed_report *feed; /* NULL: there is no feed yet */
    const struct request_budget *budget;
    const struct store_stats *store;
    struct daily_export_state export;
    struct alerter_state alerts;
    const struct local_api_state *api;   /* NULL: it does not listen */
    const struct lease_facts *lease;     /* NULL: there is none */
    const struct sink_state *sink;       /* NULL: there is none */
    const struct replica_state *replica; /* NULL: it is a recorder */
    const struct reference_data_state *reference;
    const struct demand *demand;
    struct loop_stalls stalls;
    const struct recent_events *recent;
    const struct events *events;
};

void status_put(struct buf *out, const struct status_facts *facts);

/* The path of the status socket of a service with this state_dir. Returns `out`. */
char *status_socket_path(char *out, size_t out_bytes, const char *state_dir);
/* That of the socket at which a connection renews the reference data. */
char *refresh_socket_path(char *out, size_t out_bytes, const char *state_dir);

#endif
