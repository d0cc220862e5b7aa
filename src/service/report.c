#include "service/report.h"

#include "api/local_api.h"
#include "base/log.h"
#include "base/mask.h"
#include "broker/catalog.h"
#include "broker/reference_data.h"
#include "broker/token_keeper.h"
#include "replica/intake.h"
#include "service/alerter.h"
#include "service/daily_export.h"
#include "service/lease_part.h"
#include "service/metrics.h"
#include "service/readiness.h"
#include "service/running.h"
#include "service/status.h"
#include "sink/sink.h"
#include "store/write/store.h"

#include <string.h>

#define WHY_BYTES 4096

/* Replaces secrets, which a text of the broker may contain. */
static void mask(struct buf *text)
{
    if (buf_failed(text) || text->len_bytes == 0)
        return;
    log_mask(text->data);
    text->len_bytes = strlen(text->data);
}

/* What the facts of a status point to. */
struct state {
    struct store_stats store;
    struct feed_report feed;
    struct local_api_state api;
    struct reference_data_state reference;
    struct sink_state sink;
    struct lease_facts lease;
    struct replica_state replica;
};

static struct status_facts facts_of(const struct service *s, struct state *state)
{
    state->store = store_stats(s->store);
    if (s->feed)
        feed_report(s->feed, &state->feed);
    if (s->api)
        state->api = local_api_state(s->api);
    if (s->reference_data)
        state->reference = reference_data_state(s->reference_data);
    if (s->sink)
        state->sink = sink_state(s->sink);
    if (s->intake)
        state->replica = intake_state(s->intake);
    return (struct status_facts){
        .now = loop_now(s->loop),
        .started = s->started,
        .broker_url = s->config->broker.url,
        .store_path = s->store_path,
        .token_state = s->keeper ? token_keeper_state(s->keeper) : "none",
        .token_ns = s->keeper ? token_keeper_token_ns(s->keeper) : 0,
        .feed = s->feed ? &state->feed : NULL,
        .budget = &s->budget,
        .store = &state->store,
        .export = daily_export_state(s->daily_export),
        .alerts = alerter_state(s->alerter),
        .api = s->api ? &state->api : NULL,
        .sink = s->sink ? &state->sink : NULL,
        .lease = lease_part_facts(s, &state->lease) ? &state->lease : NULL,
        .replica = s->intake ? &state->replica : NULL,
        .reference = s->reference_data ? &state->reference : NULL,
        .demand = s->demand,
        .stalls = loop_stalls(s->loop),
        .recent = s->recent,
        .events = s->events,
    };
}

void report_status(const struct service *s, struct buf *text)
{
    struct state state;
    const struct status_facts facts = facts_of(s, &state);
    status_put(text, &facts);
    mask(text);
}

/* Without a token there is no list either. */
static const char *trouble_of(const struct service *s)
{
    const char *login = s->keeper ? token_keeper_trouble(s->keeper) : "";
    return *login || !s->catalog ? login : catalog_trouble(s->catalog);
}

/* What the facts of the readiness point to. */
struct readiness_state {
    struct feed_report feed;
    char rest[LEASE_WORDS_BYTES];
    struct replica_state replica;
};

static const char *rest_of(const struct service *s, char out[LEASE_WORDS_BYTES])
{
    struct lease_facts lease;
    return lease_rest(out, lease_part_facts(s, &lease) ? &lease : NULL);
}

static struct readiness_facts readiness_of(const struct service *s, struct readiness_state *state)
{
    if (s->feed)
        feed_report(s->feed, &state->feed);
    if (s->intake)
        state->replica = intake_state(s->intake);
    return (struct readiness_facts){
        .feed = s->feed ? &state->feed : NULL,
        .rest = rest_of(s, state->rest),
        .replica = s->intake ? &state->replica : NULL,
        .now_ns = loop_now(s->loop).wall_ns,
        .store_failing = store_stats(s->store).failing,
        .stale_ms = s->config->stream.stale_ms,
        .trouble = trouble_of(s),
    };
}

void report_feed(const struct service *s, struct buf *out)
{
    struct readiness_state state;
    const struct readiness_facts facts = readiness_of(s, &state);
    readiness_put_feed(&facts, out);
    mask(out);
}

bool report_ready(const struct service *s, struct buf *why)
{
    struct readiness_state state;
    const struct readiness_facts facts = readiness_of(s, &state);
    bool ready = readiness_check(&facts, why);
    mask(why);
    return ready;
}

void report_metrics(const struct service *s, struct buf *out)
{
    struct state state;
    struct buf why;
    const struct status_facts facts = facts_of(s, &state);
    buf_init(&why, WHY_BYTES);
    metrics_put(out, &facts, report_ready(s, &why));
    buf_finish(&why);
}

static void put_replica(const struct service *s, struct notify_facts *facts)
{
    const struct replica_state state = intake_state(s->intake);
    facts->replica = true;
    facts->reading = state.phase == REPLICA_READING;
    facts->behind = state.behind;
}

void report_facts(const struct service *s, struct notify_facts *facts)
{
    struct store_stats stats = store_stats(s->store);
    facts->refused = s->refused;
    rest_of(s, facts->rest);
    facts->store_failing = stats.failing;
    facts->step_since_ms = stats.step_since_ms;
    if (s->intake)
        put_replica(s, facts);
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

static void log_replica(const struct service *s)
{
    const struct replica_state r = intake_state(s->intake);
    log_info("state: replica", LOG_TEXT("state", replica_phase_name(r.phase)),
             LOG_TEXT("why", r.why), LOG_TEXT("server", r.server), LOG_TEXT("stream", r.stream),
             LOG_NUMBER("number", r.number), LOG_NUMBER("behind", r.behind),
             LOG_NUMBER("read", r.read), LOG_NUMBER("failures", r.failures));
}

static void log_feed(const struct service *s)
{
    char broker[MASK_URL_BYTES];
    log_info("state: feed",
             LOG_TEXT("broker", mask_url(broker, sizeof(broker), s->config->broker.url)),
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
             LOG_TEXT("session", calendar_phase_name(r.phase)),
             LOG_NUMBER("filling", r.sources.lost), LOG_NUMBER("unreadable", r.unreadable));
    log_info("state: stream", LOG_TEXT("dialect", r.streams.main.dialect),
             LOG_TEXT("dialect_why", r.streams.main_why), LOG_NUMBER("live", st->subscription.live),
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

void report_log(const struct service *s)
{
    struct store_stats st = store_stats(s->store);
    log_dump();
    if (s->intake)
        log_replica(s);
    else
        log_feed(s);
    log_info("state: store", LOG_TEXT("path", s->store_path),
             LOG_NUMBER("snapshots", st.snapshots_written), LOG_NUMBER("events", st.events_written),
             LOG_NUMBER("commits", st.commits), LOG_NUMBER("backlog", st.backlog_rows),
             LOG_NUMBER("dropped", st.dropped), LOG_TEXT("failing", st.failing ? "yes" : "no"));
}
