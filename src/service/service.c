#include "service/service.h"

#include "base/log.h"
#include "base/mask.h"
#include "broker/credentials.h"
#include "config/config_changes.h"
#include "files/run_lock.h"
#include "files/state_folder.h"
#include "record/events.h"
#include "record/observers.h"
#include "service/alert_part.h"
#include "service/api_part.h"
#include "service/asking.h"
#include "service/broker_parts.h"
#include "service/daily_export.h"
#include "service/lease_part.h"
#include "service/notify.h"
#include "service/record_parts.h"
#include "service/recording.h"
#include "service/reference_parts.h"
#include "service/report.h"
#include "service/running.h"
#include "service/signals.h"
#include "service/sink_part.h"
#include "service/source_part.h"
#include "service/status.h"
#include "service/status_socket.h"
#include "service/tape_part.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* --- what everything else needs --------------------------------------------------------------- */

static int state_folder_start(struct service *s, struct err *err)
{
    return state_folder_check(s->config->state_dir, err);
}

static int lock_start(struct service *s, struct err *err)
{
    s->lock_fd = run_lock_take(s->config->state_dir, err);
    return s->lock_fd < 0 ? s->lock_fd : 0;
}

static void lock_stop(struct service *s)
{
    close(s->lock_fd);
}

static int credentials_start(struct service *s, struct err *err)
{
    s->credentials = credentials_create();
    return s->credentials ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static void credentials_stop(struct service *s)
{
    credentials_destroy(s->credentials);
}

static int loop_start(struct service *s, struct err *err)
{
    s->loop = loop_create();
    return s->loop ? 0 : err_set(err, -ENOMEM, "cannot create the event loop: out of memory");
}

static void loop_end(struct service *s)
{
    loop_destroy(s->loop);
}

/* --- what shows and uses the recorded data ---------------------------------------------------- */

static int export_start(struct service *s, struct err *err)
{
    int rc = daily_export_create(&s->daily_export, s->loop, s->events, s->store_path, err);
    if (rc == 0)
        daily_export_configure(s->daily_export, s->config);
    return rc;
}

static void export_stop(struct service *s)
{
    daily_export_destroy(s->daily_export);
}

static void export_change(struct service *s)
{
    daily_export_configure(s->daily_export, s->config);
}

static void on_look(void *arg, struct notify_facts *facts)
{
    report_facts(arg, facts);
}

static void on_event(void *arg, const struct observed_event *event)
{
    const struct service *s = arg;
    (void)event;
    notify_changed(s->notify);
}

static void on_mode(void *arg, const struct observed_mode *mode)
{
    const struct service *s = arg;
    (void)mode;
    notify_changed(s->notify);
}

static void notify_stop(struct service *s)
{
    observers_remove(s->observers, s->notify_observer);
    notify_destroy(s->notify);
}

static int notify_start(struct service *s, struct err *err)
{
    const struct observer observer = {.arg = s, .on_event = on_event, .on_mode = on_mode};
    int rc = notify_create(&s->notify, s->loop, on_look, s, err);
    if (rc)
        return rc;
    s->notify_observer = observers_add(s->observers, &observer);
    if (s->notify_observer > 0)
        return 0;
    notify_destroy(s->notify);
    return err_set(err, -ENOMEM, "out of memory");
}

static void on_status(void *arg, struct buf *text)
{
    report_status(arg, text);
}

static void on_refresh(void *arg, struct buf *text)
{
    reference_refresh(arg, text);
}

/* A failure is only logged: the service records also without its sockets. */
static int status_start(struct service *s, struct err *err)
{
    char path[PATH_MAX];
    (void)err;
    s->started = clock_now();
    status_socket_path(path, sizeof(path), s->config->state_dir);
    s->status = status_socket_create(s->loop, path, on_status, s);
    refresh_socket_path(path, sizeof(path), s->config->state_dir);
    s->refresh = status_socket_create(s->loop, path, on_refresh, s);
    if (!s->status || !s->refresh)
        log_warn("sockets for commands unavailable", LOG_TEXT("why", "out of memory"));
    return 0;
}

static void status_stop(struct service *s)
{
    status_socket_destroy(s->status);
    status_socket_destroy(s->refresh);
}

/* --- the table -------------------------------------------------------------------------------- */

#define FEED_READS                                                                                 \
    (CONFIG_BROKER | CONFIG_POLL | CONFIG_STREAM | CONFIG_INSTRUMENTS | CONFIG_SESSION)

/*
 * In the order of starting: each part uses only parts above it. The stop is the same list from its
 * end: first what brings data, then what records it, the database last, so that everything is
 * written. Only the parts marked `replaced` are stopped and started by a reload.
 */
// clang-format off
static const struct part parts[] = {
    {"state folder",   state_folder_start,   NULL,                SERVICE_CONFIG, 0, NULL, false},
    {"lock",           lock_start,           lock_stop,           SERVICE_FAILED, 0, NULL, false},
    {"credentials",    credentials_start,    credentials_stop,    SERVICE_FAILED, 0, NULL, false},
    {"loop",           loop_start,           loop_end,            SERVICE_FAILED, 0, NULL, false},
    {"signals",        signals_start,        signals_stop,        SERVICE_FAILED, 0, NULL, false},
    {"observers",      observers_start,      observers_stop,      SERVICE_FAILED, 0, NULL, false},
    {"store's events", store_events_start,   store_events_stop,   SERVICE_FAILED, 0, NULL, false},
    {"store",          store_start,          store_stop,          SERVICE_FAILED, CONFIG_STORE, store_reconfigure, false},
    {"event log",      event_log_start,      NULL,                SERVICE_FAILED, 0, NULL, false},
    {"market",         market_start,         market_stop,         SERVICE_FAILED, 0, NULL, false},
    {"store observer", store_observer_start, store_observer_stop, SERVICE_FAILED, 0, NULL, false},
    {"recent events",  recent_events_start,  recent_events_stop,  SERVICE_FAILED, 0, NULL, false},
    {"events",         events_start,         events_stop,         SERVICE_FAILED, 0, NULL, false},
    {"alerts",         alert_start,          alert_stop,          SERVICE_FAILED, CONFIG_ALERT, alert_change, false},
    {"recorder",       recorder_start,       recorder_stop,       SERVICE_FAILED, 0, NULL, false},
    {"sources",        sources_start,        sources_stop,        SERVICE_FAILED, 0, NULL, false},
    {"coverage",       coverage_start,       coverage_stop,       SERVICE_FAILED, CONFIG_SESSION, coverage_reconfigure, false},
    {"reference",      reference_start,      reference_stop,      SERVICE_FAILED, 0, NULL, false},
    {"daily export",   export_start,         export_stop,         SERVICE_FAILED, CONFIG_EXPORT, export_change, false},
    {"lease",          lease_part_start,     lease_part_stop,     SERVICE_CONFIG, CONFIG_LEASE | CONFIG_SINK, lease_part_change, false},
    {"sink",           sink_part_start,      sink_part_stop,      SERVICE_FAILED, CONFIG_SINK | CONFIG_LEASE, sink_part_change, false},
    {"notify",         notify_start,         notify_stop,         SERVICE_FAILED, 0, NULL, false},
    {"status",         status_start,         status_stop,         SERVICE_FAILED, 0, NULL, false},
    {"recording",      recording_start,      recording_stop,      SERVICE_FAILED, CONFIG_SERVE, recording_change, false},
    {"local API",      api_start,            api_stop,            SERVICE_FAILED, CONFIG_SERVE, api_change, false},
    {"token",          token_start,          token_stop,          SERVICE_CONFIG, CONFIG_BROKER | CONFIG_STATE_DIR, NULL, true},
    {"reference data", reference_data_start, reference_data_stop, SERVICE_CONFIG, CONFIG_BROKER | CONFIG_STATE_DIR, NULL, true},
    {"terminal",       terminal_start,       terminal_stop,       SERVICE_CONFIG, CONFIG_BROKER | CONFIG_STREAM | CONFIG_STATE_DIR, NULL, true},
    {"trade tape",     tape_start,           tape_stop,           SERVICE_CONFIG, CONFIG_BROKER | CONFIG_POLL | CONFIG_SESSION | CONFIG_STATE_DIR, NULL, true},
    {"instruments",    catalog_start,        catalog_stop,        SERVICE_CONFIG, CONFIG_BROKER | CONFIG_INSTRUMENTS | CONFIG_STATE_DIR, NULL, true},
    {"feed",           feed_start,           feed_stop,           SERVICE_CONFIG, FEED_READS, NULL, true},
};
// clang-format on
#define PARTS_COUNT (sizeof(parts) / sizeof(parts[0]))

/*
 * Of a replica, which reads what recorders have published instead of asking a broker. It has no
 * coverage: what was observed and when is known to the recorders.
 */
// clang-format off
static const struct part replica_parts[] = {
    {"state folder",   state_folder_start,   NULL,                SERVICE_CONFIG, 0, NULL, false},
    {"lock",           lock_start,           lock_stop,           SERVICE_FAILED, 0, NULL, false},
    {"loop",           loop_start,           loop_end,            SERVICE_FAILED, 0, NULL, false},
    {"signals",        signals_start,        signals_stop,        SERVICE_FAILED, 0, NULL, false},
    {"observers",      observers_start,      observers_stop,      SERVICE_FAILED, 0, NULL, false},
    {"store's events", store_events_start,   store_events_stop,   SERVICE_FAILED, 0, NULL, false},
    {"store",          store_start,          store_stop,          SERVICE_FAILED, CONFIG_STORE, store_reconfigure, false},
    {"event log",      event_log_start,      NULL,                SERVICE_FAILED, 0, NULL, false},
    {"market",         market_start,         market_stop,         SERVICE_FAILED, 0, NULL, false},
    {"store observer", store_observer_start, store_observer_stop, SERVICE_FAILED, 0, NULL, false},
    {"recent events",  recent_events_start,  recent_events_stop,  SERVICE_FAILED, 0, NULL, false},
    {"events",         events_start,         events_stop,         SERVICE_FAILED, 0, NULL, false},
    {"alerts",         alert_start,          alert_stop,          SERVICE_FAILED, CONFIG_ALERT, alert_change, false},
    {"recorder",       recorder_start,       recorder_stop,       SERVICE_FAILED, 0, NULL, false},
    {"sources",        sources_start,        sources_stop,        SERVICE_FAILED, 0, NULL, false},
    {"reference",      reference_start,      reference_stop,      SERVICE_FAILED, 0, NULL, false},
    {"daily export",   export_start,         export_stop,         SERVICE_FAILED, CONFIG_EXPORT, export_change, false},
    {"notify",         notify_start,         notify_stop,         SERVICE_FAILED, 0, NULL, false},
    {"status",         status_start,         status_stop,         SERVICE_FAILED, 0, NULL, false},
    {"recording",      recording_start,      recording_stop,      SERVICE_FAILED, CONFIG_SERVE, recording_change, false},
    {"source",         source_part_start,    source_part_stop,    SERVICE_FAILED, CONFIG_SOURCE, source_part_change, false},
    {"local API",      api_start,            api_stop,            SERVICE_FAILED, CONFIG_SERVE, api_change, false},
};
// clang-format on
#define REPLICA_COUNT (sizeof(replica_parts) / sizeof(replica_parts[0]))

/* Of service_backfill(): what requests lists of trades and stores them, and nothing that records.
 */
// clang-format off
static const struct part backfill_parts[] = {
    {"state folder",   state_folder_start,   NULL,                SERVICE_CONFIG, 0, NULL, false},
    {"lock",           lock_start,           lock_stop,           SERVICE_FAILED, 0, NULL, false},
    {"credentials",    credentials_start,    credentials_stop,    SERVICE_FAILED, 0, NULL, false},
    {"loop",           loop_start,           loop_end,            SERVICE_FAILED, 0, NULL, false},
    {"observers",      observers_start,      observers_stop,      SERVICE_FAILED, 0, NULL, false},
    {"store's events", store_events_start,   store_events_stop,   SERVICE_FAILED, 0, NULL, false},
    {"store",          store_start,          store_stop,          SERVICE_FAILED, 0, NULL, false},
    {"event log",      event_log_start,      NULL,                SERVICE_FAILED, 0, NULL, false},
    {"market",         market_start,         market_stop,         SERVICE_FAILED, 0, NULL, false},
    {"store observer", store_observer_start, store_observer_stop, SERVICE_FAILED, 0, NULL, false},
    {"events",         events_start,         events_stop,         SERVICE_FAILED, 0, NULL, false},
    {"recorder",       recorder_start,       recorder_stop,       SERVICE_FAILED, 0, NULL, false},
    {"token",          token_start,          token_stop,          SERVICE_CONFIG, 0, NULL, false},
    {"patience",       patience_start,       patience_stop,       SERVICE_FAILED, 0, NULL, false},
    {"trade tape",     tape_start,           tape_stop,           SERVICE_FAILED, 0, NULL, false},
};
// clang-format on
#define BACKFILL_COUNT (sizeof(backfill_parts) / sizeof(backfill_parts[0]))

/* --- the run ---------------------------------------------------------------------------------- */

static void run(struct service *s)
{
    char broker[MASK_URL_BYTES];
    const struct config *config = s->config;
    bool replica = *config->source.nats != '\0';
    events_report(s->events, LOG_LEVEL_INFO, EVENT_STARTED, NULL, "cinta %s, process %ld, %s %s",
                  CINTA_VERSION, (long)getpid(), replica ? "replica of" : "broker",
                  replica ? config->source.nats
                          : mask_url(broker, sizeof(broker), config->broker.url));
    notify_ready(s->notify);
    s->end = SERVICE_DONE;
    s->patient |= lease_part_starts_asking(s);
    loop_run(s->loop);
    log_mask(s->err->text);
    const bool done = s->end == SERVICE_DONE;
    notify_stopping(s->notify, done ? "stopping: writing pending data" : s->err->text);
    events_report(s->events, LOG_LEVEL_INFO, EVENT_STOPPED, NULL, "%s",
                  done ? "stopped by a signal" : s->err->text);
}

/* A service that needs a lease asks the broker when it has it. */
static enum service_end start(struct service *s, struct err *err)
{
    const size_t kept = parts_kept(s->parts, s->parts_count);
    enum service_end end = parts_start(s->parts, kept, s, err);
    if (end != SERVICE_DONE || !lease_part_starts_asking(s))
        return end;
    end = asking_start(s, err);
    if (end != SERVICE_DONE)
        parts_stop(s->parts, kept, s);
    return end;
}

enum service_end service_run(struct config *config, struct err *err)
{
    bool replica = *config->source.nats != '\0';
    struct service s = {
        .parts = replica ? replica_parts : parts,
        .parts_count = replica ? REPLICA_COUNT : PARTS_COUNT,
        .config = config,
        .feed_config = config,
        .budget = budget_init(config->poll.rate),
        .end = SERVICE_FAILED,
        .err = err,
        .leaving = EVENT_STOPPED,
    };
    enum service_end end = start(&s, err);
    if (end == SERVICE_DONE) {
        run(&s);
        asking_stop(&s, EVENT_STOPPED);
        parts_stop(s.parts, parts_kept(s.parts, s.parts_count), &s);
        end = s.end;
    }
    if (s.feed_config != s.config)
        config_free(s.feed_config);
    config_free(s.config);
    log_flush();
    return end;
}

enum service_end service_backfill(struct config *config, struct err *err)
{
    struct service s = {
        .parts = backfill_parts,
        .parts_count = BACKFILL_COUNT,
        .config = config,
        .feed_config = config,
        .backfill = true,
        .budget = budget_init(config->poll.rate),
        .end = SERVICE_DONE,
        .err = err,
        .leaving = EVENT_STOPPED,
    };
    enum service_end end = parts_start(backfill_parts, BACKFILL_COUNT, &s, err);
    if (end == SERVICE_DONE) {
        loop_run(s.loop);
        parts_stop(backfill_parts, BACKFILL_COUNT, &s);
        end = s.end;
    }
    config_free(config);
    log_flush();
    return end;
}
