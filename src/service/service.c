#include "service/service.h"

#include "base/log.h"
#include "base/mask.h"
#include "broker/credentials.h"
#include "broker/token_keeper.h"
#include "feed/feed.h"
#include "files/run_lock.h"
#include "files/state_folder.h"
#include "market/source_table.h"
#include "net/loop.h"
#include "primary/request.h"
#include "record/coverage_log.h"
#include "record/event_log.h"
#include "record/events.h"
#include "record/observers.h"
#include "record/recent_events.h"
#include "record/recorder.h"
#include "record/store_events.h"
#include "record/store_observer.h"
#include "service/daily_export.h"
#include "service/notify.h"
#include "service/status.h"
#include "service/status_socket.h"
#include "store/write/store.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG_ROWS  65536 /* about 30 MB when full: a minute at a thousand changes a second */
#define DRAIN_MS      30000
#define SIGNALS_COUNT 4

struct service {
    struct config *config;
    int lock_fd;
    struct loop *loop;
    struct loop_signal *signals[SIGNALS_COUNT];
    struct observers *observers;
    struct recent_events *recent;
    struct store_events *news;
    struct store *store;
    struct market *market;
    struct store_observer *store_observer;
    char *store_path; /* path of the open database: a reload does not change it */
    struct events *events;
    struct recorder *recorder;
    struct source_table *sources;
    bool listed; /* the table has a list of instruments */
    struct coverage_log *coverage;
    struct credentials *credentials;
    struct notify *notify;
    struct daily_export *exporter;
    struct status_socket *status; /* NULL: it could not be created */
    struct now started;

    char refused[160]; /* why the last reload was refused; "" = it was not */

    struct token_keeper *keeper; /* these three are created again on SIGHUP */
    struct catalog *catalog;
    struct feed *feed;
    struct plan_feed learned; /* what the last feed learned of the broker */

    enum service_end end;
    struct err *err;
};

/* --- the feed --------------------------------------------------------------------------------- */

static void stop_feed(struct service *s, enum event_kind why)
{
    if (s->feed)
        s->learned = feed_learned(s->feed);
    feed_destroy(s->feed);
    if (s->coverage)
        coverage_log_streams_gone(s->coverage, why);
    if (s->sources)
        source_table_release(s->sources, loop_now(s->loop).mono_ms);
    catalog_destroy(s->catalog);
    token_keeper_destroy(s->keeper);
    s->feed = NULL;
    s->catalog = NULL;
    s->keeper = NULL;
}

static void on_keeper(void *arg, enum token_keeper_news news, const char *words)
{
    struct service *s = arg;
    switch (news) {
    case KEEPER_TOKEN:
        if (s->catalog)
            catalog_wake(s->catalog);
        if (s->feed)
            feed_wake(s->feed);
        return;
    case KEEPER_HOPELESS:
        err_set(s->err, -EACCES, "%s", words);
        s->end = SERVICE_REFUSED;
        loop_stop(s->loop);
    }
}

/* The source table, the database and the coverage get the new list of instruments. */
static void list_instruments(struct service *s, const struct config_strings *symbols)
{
    int32_t *instruments = calloc(symbols->count + 1, sizeof(*instruments));
    int32_t count = 0;
    for (size_t i = 0; instruments && i < symbols->count; i++) {
        int32_t at = recorder_instrument(s->recorder, REQUEST_MARKET_ROFX, symbols->item[i]);
        if (at >= 0)
            instruments[count++] = at;
    }
    struct source_listing change = {0};
    if (instruments &&
        source_table_list(s->sources, instruments, count, loop_now(s->loop).mono_ms, &change) == 0)
        coverage_log_relisted(s->coverage);
    if (s->listed && (change.added || change.removed))
        events_report(s->events, LOG_LEVEL_INFO, EVENT_INSTRUMENTS_CHANGED, NULL,
                      "%d instruments recorded from now on: %d added, %d removed", (int)count,
                      (int)change.added, (int)change.removed);
    s->listed = true;
    free(instruments);
}

static void on_event(void *arg, const struct observed_event *event)
{
    const struct service *s = arg;
    (void)event;
    if (s->notify)
        notify_changed(s->notify);
}

static void on_mode(void *arg, const struct observed_mode *mode)
{
    const struct service *s = arg;
    (void)mode;
    if (s->notify)
        notify_changed(s->notify);
}

static void on_selection(void *arg, const struct config_strings *symbols)
{
    struct service *s = arg;
    const struct feed_parts parts = {s->loop,    s->config,   s->keeper, s->recorder, s->events,
                                     s->sources, s->coverage, s->store,  s->observers};
    struct feed *previous = s->feed;
    struct err err;
    list_instruments(s, symbols);
    if (previous)
        s->learned = feed_learned(previous);
    s->feed = NULL;
    if (feed_create(&s->feed, &parts, &s->learned, previous, &err))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                      "cannot start the feed: %s", err.text);
    feed_destroy(previous);
    if (previous)
        coverage_log_streams_gone(s->coverage, EVENT_INSTRUMENTS_CHANGED);
}

static int start_feed(struct service *s, bool patient, struct err *err)
{
    struct secret password;
    int rc = credentials_password(s->credentials, s->config, &password, err);
    if (rc)
        return rc;
    const char *doubt = credentials_doubt(&password);
    if (doubt)
        log_warn("the password may be mistyped", LOG_TEXT("why", doubt));
    secret_wipe(&password);
    rc = token_keeper_create(&s->keeper, s->loop, s->config, s->credentials, s->events, patient,
                             on_keeper, s, err);
    if (rc == 0)
        rc = catalog_create(&s->catalog, s->loop, s->config, s->keeper, s->events, on_selection, s,
                            err);
    if (rc)
        stop_feed(s, EVENT_FEED_FAILED);
    return rc;
}

/* --- signals ---------------------------------------------------------------------------------- */

static void on_terminate(void *arg)
{
    struct service *s = arg;
    log_line(LOG_LEVEL_INFO, "stop signal received: writing pending data", NULL);
    loop_stop(s->loop);
}

static void warn_fixed(const struct service *s, const struct config *next)
{
    if (strcmp(next->store.path, s->store_path) != 0 ||
        next->store.full_sync != s->config->store.full_sync ||
        next->store.commit_every_ms != s->config->store.commit_every_ms ||
        next->store.wal_limit_mb != s->config->store.wal_limit_mb)
        log_line(LOG_LEVEL_WARN,
                 "section store has changed: all keys except keep_days need a restart", NULL);
    if (strcmp(next->state_dir, s->config->state_dir) != 0)
        log_warn("state_dir has changed: the lock stays in the old one until a restart",
                 LOG_TEXT("state_dir", s->config->state_dir));
}

static int load_again(const struct config *previous, struct config **next, struct err *err)
{
    int rc = config_load(previous->file, next, err);
    if (rc)
        return rc;
    rc = state_folder_check((*next)->state_dir, err);
    if (rc)
        config_free(*next);
    return rc;
}

static void refuse(struct service *s, const struct err *why)
{
    utf8_clean(s->refused, sizeof(s->refused), why->text, strlen(why->text));
    events_report(s->events, LOG_LEVEL_ERROR, EVENT_CONFIG_REFUSED, NULL,
                  "%s; the previous configuration stays in effect", why->text);
}

static void reload(struct service *s)
{
    struct config *next, *previous = s->config;
    struct err err;

    if (load_again(previous, &next, &err)) {
        refuse(s, &err);
        return;
    }
    warn_fixed(s, next);
    stop_feed(s, EVENT_CONFIG_RELOADED);
    if (strcmp(next->broker.url, previous->broker.url) != 0)
        s->learned = (struct plan_feed){0};
    s->learned = plan_feed_try_now(s->learned);
    s->config = next;
    if (start_feed(s, true, &err)) {
        refuse(s, &err);
        s->config = previous;
        config_free(next);
        if (start_feed(s, true, &err))
            events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                          "cannot start the feed: %s", err.text);
        return;
    }
    config_free(previous);
    *s->refused = '\0';
    coverage_log_calendar(s->coverage, &next->session);
    store_keep_days(s->store, next->store.keep_days);
    daily_export_configure(s->exporter, next);
    events_report(s->events, LOG_LEVEL_INFO, EVENT_CONFIG_RELOADED, NULL, "configuration reloaded");
}

static void on_reload(void *arg)
{
    struct service *s = arg;
    notify_reloading(s->notify);
    reload(s);
    notify_reloaded(s->notify);
}

static void dump_feed(struct service *s)
{
    log_info("state: feed", LOG_TEXT("broker", s->config->broker.url),
             LOG_TEXT("token", s->keeper ? token_keeper_state(s->keeper) : "none"),
             LOG_NUMBER("generation", s->keeper ? token_keeper_generation(s->keeper) : 0));
    if (!s->feed)
        return;
    struct feed_report r;
    feed_report(s->feed, &r);
    const struct poller_state *p = &r.poller;
    const struct streamer_state *st = &r.stream;
    log_info("state: mode", LOG_TEXT("mode", feed_mode_name(r.mode)), LOG_TEXT("why", r.why),
             LOG_NUMBER("for_s", (double)r.mode_for_ms / 1000),
             LOG_TEXT("session", r.in_session ? "open" : "closed"),
             LOG_NUMBER("filling", r.sources.lost), LOG_NUMBER("unreadable", r.unreadable));
    log_info("state: stream", LOG_NUMBER("live", st->subscription.live),
             LOG_NUMBER("asked", st->subscription.asked),
             LOG_NUMBER("refused", st->subscription.refused), LOG_NUMBER("messages", st->messages),
             LOG_NUMBER("changes", st->changes), LOG_NUMBER("outdated", st->outdated),
             LOG_NUMBER("malformed", st->malformed), LOG_NUMBER("connections", r.connections));
    log_info("state: poller", LOG_NUMBER("instruments", r.sources.listed),
             LOG_NUMBER("failing", p->failing),
             LOG_NUMBER("dropped", r.sources.state[SOURCE_DROPPED]),
             LOG_NUMBER("requests", p->requests), LOG_NUMBER("answers", p->answers),
             LOG_NUMBER("unchanged", p->unchanged), LOG_NUMBER("in_flight", p->plan.in_flight),
             LOG_NUMBER("overdue", p->plan.overdue), LOG_NUMBER("rate", p->plan.rate),
             LOG_NUMBER("hold_s", (double)p->plan.hold_ms / 1000),
             LOG_NUMBER("down_s", (double)p->plan.down_ms / 1000));
}

static void on_dump(void *arg)
{
    struct service *s = arg;
    struct store_stats st = store_stats(s->store);
    log_dump();
    dump_feed(s);
    log_info("state: store", LOG_TEXT("path", s->store_path),
             LOG_NUMBER("snapshots", st.snapshots_written), LOG_NUMBER("events", st.events_written),
             LOG_NUMBER("commits", st.commits), LOG_NUMBER("backlog", st.backlog_rows),
             LOG_NUMBER("dropped", st.dropped), LOG_TEXT("failing", st.failing ? "yes" : "no"));
}

static void on_status(void *arg, struct buf *text)
{
    struct service *s = arg;
    struct store_stats stats = store_stats(s->store);
    struct feed_report report;
    if (s->feed)
        feed_report(s->feed, &report);
    const struct status_facts facts = {
        .now = loop_now(s->loop),
        .started = s->started,
        .broker_url = s->config->broker.url,
        .store_path = s->store_path,
        .token_state = s->keeper ? token_keeper_state(s->keeper) : "none",
        .token_ns = s->keeper ? token_keeper_token_ns(s->keeper) : 0,
        .feed = s->feed ? &report : NULL,
        .store = &stats,
        .export = daily_export_state(s->exporter),
        .stalls = loop_stalls(s->loop),
        .recent = s->recent,
    };
    status_put(text, &facts);
    if (buf_failed(text))
        return;
    log_mask(text->data);
    text->len_bytes = strlen(text->data);
}

static void on_look(void *arg, struct notify_facts *facts)
{
    const struct service *s = arg;
    struct store_stats stats = store_stats(s->store);
    facts->refused = s->refused;
    facts->store_failing = stats.failing;
    facts->step_since_ms = stats.step_since_ms;
    if (!s->feed)
        return;
    struct feed_report report;
    feed_report(s->feed, &report);
    facts->asking = true;
    facts->mode = report.mode;
    facts->live = report.stream.subscription.live;
    facts->polled = report.sources.state[SOURCE_POLLED];
    facts->unobserved = report.sources.unobserved;
    facts->outage = report.poller.plan.outage;
}

/* A failure is only logged: the service records also without its status socket. */
static void open_status(struct service *s)
{
    s->started = clock_now();
    s->status = status_socket_create(s->loop, s->config->state_dir, on_status, s);
    if (!s->status)
        log_warn("status socket unavailable", LOG_TEXT("why", "out of memory"));
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_observers(struct service *s)
{
    s->market = market_create(0);
    s->events = events_create(s->observers);
    if (!s->events || !s->market || event_log_add(s->observers) < 0)
        return err_set(s->err, -ENOMEM, "out of memory");
    const struct store_observer_parts parts = {s->loop, s->observers, s->store, s->store_path,
                                               s->market};
    int rc = store_observer_create(&s->store_observer, &parts, s->err);
    if (rc == 0)
        rc = recent_events_create(&s->recent, s->observers, s->err);
    const struct observer manager = {.arg = s, .on_event = on_event, .on_mode = on_mode};
    if (rc == 0 && observers_add(s->observers, &manager) < 0)
        rc = err_set(s->err, -ENOMEM, "out of memory");
    return rc;
}

static int open_store(struct service *s)
{
    struct store_config config = {
        .path = s->config->store.path,
        .full_sync = s->config->store.full_sync,
        .commit_every_ms = s->config->store.commit_every_ms,
        .backlog_rows = BACKLOG_ROWS,
        .keep_days = s->config->store.keep_days,
        .wal_bytes = (int64_t)s->config->store.wal_limit_mb * 1000000,
    };
    s->observers = observers_create();
    if (!s->observers)
        return err_set(s->err, -ENOMEM, "out of memory");
    s->news = store_events_create(s->loop, s->observers);
    s->store_path = strdup(config.path);
    int rc = s->store_path && s->news
                 ? store_create(&s->store, &config, store_events_post, s->news, s->err)
                 : -ENOMEM;
    if (rc)
        return rc;
    rc = open_observers(s);
    if (rc)
        return rc;
    s->sources = source_table_create();
    if (!s->sources)
        return err_set(s->err, -ENOMEM, "out of memory");
    const struct recorder_parts parts = {s->market, s->observers, s->events};
    const struct coverage_log_parts coverage = {s->loop, s->store, s->events, s->sources,
                                                s->store_path};
    rc = recorder_create(&s->recorder, &parts, s->err);
    if (rc == 0)
        rc = coverage_log_create(&s->coverage, &coverage, s->err);
    if (rc == 0)
        rc = daily_export_create(&s->exporter, s->loop, s->events, s->store_path, s->err);
    if (rc)
        return rc;
    coverage_log_calendar(s->coverage, &s->config->session);
    daily_export_configure(s->exporter, s->config);
    return 0;
}

static int open_signals(struct service *s)
{
    static const struct {
        int signum;
        loop_fn *fn;
    } wanted[SIGNALS_COUNT] = {
        {SIGTERM, on_terminate}, {SIGINT, on_terminate}, {SIGHUP, on_reload}, {SIGUSR1, on_dump}};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is handled like a full disk */
    for (int i = 0; i < SIGNALS_COUNT; i++) {
        s->signals[i] = loop_signal_create(s->loop, wanted[i].signum, wanted[i].fn, s);
        if (!s->signals[i])
            return err_set(s->err, -ENOMEM, "cannot install signal handlers: out of memory");
    }
    return 0;
}

static enum service_end start(struct service *s)
{
    char broker[MASK_URL_BYTES];
    events_report(s->events, LOG_LEVEL_INFO, EVENT_STARTED, NULL,
                  "cinta %s, process %ld, broker %s", CINTA_VERSION, (long)getpid(),
                  mask_url(broker, sizeof(broker), s->config->broker.url));
    notify_ready(s->notify);
    s->end = SERVICE_DONE;
    s->patient = true;
    loop_run(s->loop);
    log_mask(s->err->text);
    const bool done = s->end == SERVICE_DONE;
    notify_stopping(s->notify, done ? "stopping: writing pending data" : s->err->text);
    events_report(s->events, LOG_LEVEL_INFO, EVENT_STOPPED, NULL, "%s",
                  done ? "stopped by a signal" : s->err->text);
}

enum service_end service_run(struct config *config, struct err *err)
{
    struct service s = {.config = config, .lock_fd = -1, .err = err};

    s.end = start(&s);
    if (s.end == SERVICE_DONE) {
        events_report(s.events, LOG_LEVEL_INFO, EVENT_STARTED, NULL,
                      "cinta %s, process %ld, broker %s", CINTA_VERSION, (long)getpid(),
                      config->broker.url);
        notify_ready(s.notify);
        loop_run(s.loop);
        log_mask(err->text);
        notify_stopping(s.notify,
                        s.end == SERVICE_DONE ? "stopping: writing pending data" : err->text);
        events_report(s.events, LOG_LEVEL_INFO, EVENT_STOPPED, NULL, "%s",
                      s.end == SERVICE_DONE ? "stopped by a signal" : err->text);
    }
    finish(&s);
    log_flush();
    return s.end;
}
