/*
 * running: the parts of the running service, shared by the modules of this room that start them,
 * connect them, report on them and reload their configuration. Private to them.
 */
#ifndef SERVICE_RUNNING_H
#define SERVICE_RUNNING_H

#include "base/digest.h"
#include "base/mask.h"
#include "config/config.h"
#include "feed/feed.h"
#include "market/instrument_list.h"
#include "market/request_budget.h"
#include "net/loop.h"
#include "service/parts.h"
#include "service/service.h"

#define SIGNALS_COUNT 4

/* A new list of instruments while they are registered. */
struct recording_list {
    const struct config_strings *symbols; /* borrowed from the catalog */
    size_t at;                            /* the next one */
    int32_t *item, count;                 /* owned: those before it */
};

struct service {
    const struct part *parts; /* the table, in the order of starting */
    size_t parts_count;
    struct config *config;      /* in effect; owned */
    struct config *feed_config; /* borrowed by the replaced parts: the same, or an older one in
                                   which the sections that they read are equal; owned */
    struct now started;
    enum service_end end; /* how service_run() will end */
    struct err *err;      /* its reason */

    int lock_fd;
    struct credentials *credentials;
    struct loop *loop;
    struct loop_signal *signals[SIGNALS_COUNT];

    struct observers *observers;
    struct store_events *store_events;
    struct store *store;
    char *store_path; /* path of the open database: a reload does not change it */
    struct market *market;
    struct store_observer *store_observer;
    struct recent_events *recent;
    struct events *events;
    struct alerter *alerter;
    struct recorder *recorder;
    struct source_table *sources;
    struct coverage_log *coverage;

    struct instrument_list *reference;     /* what is known of all instruments; NULL = nothing */
    int64_t reference_ns;                  /* when the broker last sent all of it; 0 = never */
    char reference_broker[MASK_URL_BYTES]; /* which broker that was */

    struct lease_part *lease; /* NULL: lease.name is empty */
    struct nats_sink *sink;   /* NULL: sink.nats is empty */
    struct thread_events *sink_events;
    struct intake *intake; /* of a replica; NULL: this is a recorder */
    struct thread_events *intake_events;
    struct loop_timer *intake_look;
    int64_t refused_told; /* changes of the replica that the store refused; reported */
    struct daily_export *daily_export;
    struct notify *notify;
    int notify_observer;                    /* its number in `observers` */
    struct status_socket *status, *refresh; /* NULL: it could not be created */
    struct demand *demand;                  /* what clients of the local API want */
    struct loop_timer *demand_apply, *demand_look;
    struct recording_list registering;
    struct loop_timer *next_step; /* of a new selection */
    int32_t *selection;           /* instruments that the configuration selects */
    int32_t selected_count;
    bool *selected; /* by instrument: it is one of them */
    int32_t selected_size;
    int64_t demand_day;    /* of Argentina; refused products are remembered for it */
    bool full_told;        /* that clients want more than serve.on_demand */
    struct local_api *api; /* NULL: none is configured, or it waits for `api_retry` */
    struct loop_timer *api_retry;
    struct loop_timer *api_look; /* at the file of its Unix socket */
    bool api_lost;               /* that file cannot be made; reported */

    bool asking;                 /* the replaced parts run */
    struct token_keeper *keeper; /* these five are replaced on SIGHUP */
    struct reference_data *reference_data;
    struct terminal_session *terminal; /* NULL: no dialect of the stream needs it */
    struct tape_requests *tape;        /* NULL: poll.trades_every is 0 */
    struct catalog *catalog;
    struct feed *feed; /* NULL: the instruments are not known yet */

    bool backfill;                /* service_backfill() */
    struct loop_timer *no_answer; /* of it: the broker does not answer */
    int64_t stuck_at;         /* tapes_merged at the last look, when a list waited; -1 = none did */
    bool segments_told;       /* which segments of the configuration do not exist */
    bool listed;              /* a list of instruments was in effect before */
    bool patient;             /* a refused login does not end the service: it has been recording */
    enum event_kind leaving;  /* why the feed is stopped */
    struct digest password;   /* of the one that the token keeper was started with */
    struct plan_feed learned; /* what the last feed learned of the broker */
    struct request_budget budget; /* of all requests to the broker */
    char refused[160];            /* why the last reload was refused; "" = it was not */
};

#endif
