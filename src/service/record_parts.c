#include "service/record_parts.h"

#include "market/source_table.h"
#include "record/coverage_log.h"
#include "record/event_log.h"
#include "record/events.h"
#include "record/observers.h"
#include "record/recent_events.h"
#include "record/recorder.h"
#include "record/store_events.h"
#include "record/store_observer.h"
#include "service/running.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BACKLOG_ROWS      65536 /* about 30 MB when full: a minute at a thousand changes a second */
#define DRAIN_MS          30000
#define BACKFILL_DRAIN_MS 5000 /* its lists can be requested again */

static int no_memory(struct err *err)
{
    return err_set(err, -ENOMEM, "out of memory");
}

/* --- observers and the database --------------------------------------------------------------- */

int observers_start(struct service *s, struct err *err)
{
    s->observers = observers_create();
    return s->observers ? 0 : no_memory(err);
}

void observers_stop(struct service *s)
{
    observers_destroy(s->observers);
}

int store_events_start(struct service *s, struct err *err)
{
    s->store_events = store_events_create(s->loop, s->observers);
    return s->store_events ? 0 : no_memory(err);
}

void store_events_stop(struct service *s)
{
    store_events_destroy(s->store_events);
}

int store_start(struct service *s, struct err *err)
{
    const struct store_config config = {
        .path = s->config->store.path,
        .full_sync = s->config->store.full_sync,
        .commit_every_ms = s->config->store.commit_every_ms,
        .backlog_rows = BACKLOG_ROWS,
        .keep_days = s->config->store.keep_days,
        .wal_bytes = (int64_t)s->config->store.wal_limit_mb * 1000000,
        .replica = *s->config->source.nats != '\0',
    };
    s->store_path = strdup(config.path);
    int rc = s->store_path
                 ? store_create(&s->store, &config, store_events_post, s->store_events, err)
                 : no_memory(err);
    if (rc)
        free(s->store_path);
    return rc;
}

void store_stop(struct service *s)
{
    struct err err;
    int64_t drain_ms = s->backfill ? BACKFILL_DRAIN_MS : DRAIN_MS;
    if (store_close(s->store, drain_ms, &err) && s->end == SERVICE_DONE) {
        *s->err = err;
        s->end = SERVICE_FAILED;
    }
    free(s->store_path);
}

void store_reconfigure(struct service *s)
{
    store_keep_days(s->store, s->config->store.keep_days);
}

int event_log_start(struct service *s, struct err *err)
{
    return event_log_add(s->observers) < 0 ? no_memory(err) : 0;
}

int store_observer_start(struct service *s, struct err *err)
{
    const struct store_observer_parts parts = {
        .loop = s->loop,
        .observers = s->observers,
        .store = s->store,
        .path = s->store_path,
        .market = s->market,
    };
    return store_observer_create(&s->store_observer, &parts, err);
}

void store_observer_stop(struct service *s)
{
    store_observer_destroy(s->store_observer);
}

int recent_events_start(struct service *s, struct err *err)
{
    return recent_events_create(&s->recent, s->observers, err);
}

void recent_events_stop(struct service *s)
{
    recent_events_destroy(s->recent);
}

/* --- what is recorded ------------------------------------------------------------------------- */

int market_start(struct service *s, struct err *err)
{
    s->market = market_create(0);
    return s->market ? 0 : no_memory(err);
}

void market_stop(struct service *s)
{
    market_destroy(s->market);
}

int events_start(struct service *s, struct err *err)
{
    s->events = events_create(s->observers);
    return s->events ? 0 : no_memory(err);
}

void events_stop(struct service *s)
{
    events_destroy(s->events);
}

int recorder_start(struct service *s, struct err *err)
{
    const struct recorder_parts parts = {s->market, s->observers, s->events};
    return recorder_create(&s->recorder, &parts, err);
}

void recorder_stop(struct service *s)
{
    recorder_destroy(s->recorder);
}

int sources_start(struct service *s, struct err *err)
{
    s->sources = source_table_create();
    return s->sources ? 0 : no_memory(err);
}

void sources_stop(struct service *s)
{
    source_table_destroy(s->sources);
}

int coverage_start(struct service *s, struct err *err)
{
    const struct coverage_log_parts parts = {s->loop, s->store, s->events, s->sources,
                                             s->store_path};
    int rc = coverage_log_create(&s->coverage, &parts, err);
    if (rc == 0)
        coverage_reconfigure(s);
    return rc;
}

void coverage_stop(struct service *s)
{
    coverage_log_destroy(s->coverage);
}

void coverage_reconfigure(struct service *s)
{
    coverage_log_calendar(s->coverage, &s->config->sessions);
}
