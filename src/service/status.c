#include "service/status.h"

#include "api/local_api.h"
#include "base/json_write.h"
#include "base/mask.h"
#include "broker/reference_data.h"
#include "market/demand.h"
#include "record/recent_events.h"
#include "replica/replica.h"
#include "service/disk_use.h"
#include "service/lease_view.h"
#include "sink/sink.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#define CENTURY_DAYS 36500
#define SYMBOLS_MAX  1000

char *status_socket_path(char *out, size_t out_bytes, const char *state_dir)
{
    snprintf(out, out_bytes, "%s/status.sock", state_dir);
    return out;
}

char *refresh_socket_path(char *out, size_t out_bytes, const char *state_dir)
{
    snprintf(out, out_bytes, "%s/refresh.sock", state_dir);
    return out;
}

/* --- members of objects ----------------------------------------------------------------------- */

/* With a comma before it, unless it is the first member of its object. */
static void put_key(struct buf *out, const char *key)
{
    char last = out->len_bytes ? out->data[out->len_bytes - 1] : '{';
    buf_printf(out, "%s\"%s\":", last == '{' ? "" : ",", key);
}

static void put_text(struct buf *out, const char *key, const char *text)
{
    put_key(out, key);
    json_put_string(out, text);
}

static void put_url(struct buf *out, const char *key, const char *url)
{
    char shown[MASK_URL_BYTES];
    put_text(out, key, mask_url(shown, sizeof(shown), url));
}

static void put_number(struct buf *out, const char *key, double value)
{
    put_key(out, key);
    json_put_number(out, value);
}

static void put_flag(struct buf *out, const char *key, bool value)
{
    put_key(out, key);
    buf_puts(out, value ? "true" : "false");
}

static void put_none(struct buf *out, const char *key)
{
    put_key(out, key);
    buf_puts(out, "null");
}

static void put_seconds(struct buf *out, const char *key, int64_t ms, bool known)
{
    if (known)
        put_number(out, key, (double)ms / 1000);
    else
        put_none(out, key);
}

/* An age; 0 = it never happened. */
static void put_age(struct buf *out, const char *key, int64_t then_ms, struct now now)
{
    put_seconds(out, key, now.mono_ms - then_ms, then_ms > 0);
}

static void put_moment(struct buf *out, const char *key, int64_t wall_ns)
{
    char text[CLOCK_TEXT];
    if (wall_ns == INT64_MAX)
        put_none(out, key);
    else
        put_text(out, key, clock_text(text, wall_ns));
}

static void begin(struct buf *out, const char *key)
{
    put_key(out, key);
    buf_puts(out, "{");
}

static void end(struct buf *out)
{
    buf_puts(out, "}");
}

/* When the disk will be full at the present growth; null if that is more than a century away. */
static void put_room(struct buf *out, const struct status_facts *f, double room)
{
    double per_day = f->store->bytes_per_day;
    double days = (room + (double)f->store->free_bytes) / per_day;
    put_number(out, "used_bytes", f->store->used_bytes ? (double)f->store->used_bytes : NAN);
    put_number(out, "growth_bytes_per_day", per_day);
    put_number(out, "disk_free_bytes", room);
    if (per_day > 0 && days < CENTURY_DAYS) /* neither is NAN */
        put_moment(out, "disk_full", f->now.wall_ns + (int64_t)(days * (double)NS_PER_DAY));
    else
        put_none(out, "disk_full");
}

/* --- sections of the document ----------------------------------------------------------------- */

/* The first one is the general calendar. */
static void put_segments(struct buf *out, const struct feed_report *r)
{
    put_key(out, "segments");
    buf_puts(out, "[");
    for (int i = 0; i < r->segments_count; i++) {
        const struct feed_segment *segment = &r->segments[i];
        buf_puts(out, i ? ",{" : "{");
        put_text(out, "segment", segment->name);
        put_text(out, "phase", calendar_phase_key(segment->phase));
        put_moment(out, "changes", segment->changes_ns);
        put_number(out, "instruments", segment->instruments);
        end(out);
    }
    buf_puts(out, "]");
}

static void put_feed(struct buf *out, const struct feed_report *r, struct now now)
{
    put_text(out, "mode", feed_mode_name(r->mode));
    put_number(out, "mode_for_s", (double)r->mode_for_ms / 1000);
    put_moment(out, "mode_since", now.wall_ns - r->mode_for_ms * NS_PER_MS);
    put_text(out, "why", r->why);
    put_number(out, "unreadable", (double)r->unreadable);
    begin(out, "session");
    put_flag(out, "open", r->phase == PHASE_OPEN);
    put_text(out, "phase", calendar_phase_key(r->phase));
    put_moment(out, "changes", r->phase_changes_ns);
    put_segments(out, r);
    end(out);
}

/* Each of stream.dialects, in order of preference. */
static void put_dialects(struct buf *out, const struct stream_set_state *streams)
{
    put_key(out, "dialects");
    buf_puts(out, "[");
    for (int i = 0; i < streams->count; i++) {
        const struct stream_source_state *s = &streams->each[i];
        buf_puts(out, i ? ",{" : "{");
        put_text(out, "name", s->dialect);
        put_text(out, "mode", feed_mode_name(s->mode));
        put_text(out, "why", s->why);
        put_flag(out, "wanted", s->wanted);
        end(out);
    }
    buf_puts(out, "]");
}

static void put_stream(struct buf *out, const struct feed_report *r, struct now now)
{
    const struct streamer_state *s = &r->stream;
    begin(out, "stream");
    put_flag(out, "enabled", r->streaming_enabled);
    put_text(out, "dialect", r->streams.main.dialect);
    put_text(out, "dialect_why", r->streams.main_why);
    put_dialects(out, &r->streams);
    put_flag(out, "connected", s->connected);
    put_url(out, "url", r->stream_url);
    put_seconds(out, "connected_for_s", r->connected_for_ms, r->connected_for_ms >= 0);
    put_seconds(out, "next_try_in_s", r->retry_in_ms, r->retry_in_ms >= 0);
    put_number(out, "live", s->subscription.live);
    put_number(out, "asked", s->subscription.asked);
    put_number(out, "waiting", s->subscription.waiting);
    put_number(out, "refused", s->subscription.refused);
    put_flag(out, "denied", s->subscription.denied);
    put_number(out, "messages", (double)s->messages);
    put_number(out, "messages_per_s", s->per_second);
    put_number(out, "changes", (double)s->changes);
    put_number(out, "outdated", (double)s->outdated);
    put_number(out, "malformed", (double)s->malformed);
    put_number(out, "other", (double)s->other);
    put_age(out, "last_datum_age_s", s->heard_ms, now);
    put_age(out, "last_pong_age_s", s->connected ? s->ws.pong_ms : 0, now);
    put_seconds(out, "round_trip_s", s->ws.round_trip_ms, s->connected && s->ws.round_trip_ms >= 0);
    put_seconds(out, "clock_ahead_s", s->clock_ahead_ns / NS_PER_MS, s->clock_known);
    put_number(out, "connections", (double)r->connections);
    put_number(out, "losses", (double)r->losses);
    end(out);
}

static void put_polling(struct buf *out, const struct feed_report *r, struct now now)
{
    const struct poller_state *p = &r->poller;
    const struct source_counts *n = &r->sources;
    begin(out, "polling");
    put_number(out, "instruments", n->listed);
    put_number(out, "polled", n->state[SOURCE_POLLED]);
    put_number(out, "failing", p->failing);
    put_number(out, "dropped", n->state[SOURCE_DROPPED]);
    put_number(out, "overdue", p->plan.overdue);
    put_number(out, "in_flight", p->plan.in_flight);
    put_number(out, "requests", (double)p->requests);
    put_number(out, "answers", (double)p->answers);
    put_number(out, "unchanged", (double)p->unchanged);
    put_number(out, "outdated", (double)p->outdated);
    put_number(out, "requests_per_s", p->per_second);
    put_number(out, "rate", p->plan.rate);
    put_age(out, "last_answer_age_s", p->answered_ms, now);
    put_seconds(out, "hold_s", p->plan.hold_ms, true);
    put_seconds(out, "broker_down_for_s", p->plan.down_ms, p->plan.down_ms > 0);
    put_text(out, "outage", outage_name(p->plan.outage));
    put_text(out, "outage_why", p->plan.outage == OUTAGE_NONE ? NULL : p->outage);
    end(out);
    begin(out, "unobserved");
    put_number(out, "instruments", n->unobserved);
    put_number(out, "dropped", n->state[SOURCE_DROPPED]);
    put_seconds(out, "longest_s", r->blind_longest_ms, true);
    end(out);
    begin(out, "probes");
    put_number(out, "agreed", (double)r->probes.agreed);
    put_number(out, "differed", (double)r->probes.differed);
    put_number(out, "divergences", (double)r->probes.divergences);
    end(out);
}

/* How many requests of each kind the broker got. */
static void put_budget(struct buf *out, const struct request_budget *budget, int64_t now_ms)
{
    begin(out, "budget");
    put_number(out, "rate", budget_rate(budget));
    put_seconds(out, "hold_s", budget_hold_ms(budget, now_ms), true);
    for (int k = 0; k < BUDGET_KINDS; k++) {
        struct budget_usage usage = budget_usage(budget, (enum budget_kind)k, now_ms);
        begin(out, budget_kind_name((enum budget_kind)k));
        put_number(out, "used", usage.used);
        put_number(out, "allowed", usage.allowed);
        put_number(out, "period_s", (double)usage.period_ms / 1000);
        put_seconds(out, "wait_s", usage.wait_ms, true);
        end(out);
    }
    end(out);
}

static void put_store(struct buf *out, const struct status_facts *f)
{
    const struct disk_use use = disk_use_read(f->store_path);
    begin(out, "store");
    put_text(out, "path", f->store_path);
    put_number(out, "bytes", use.database);
    put_number(out, "wal_bytes", use.wal);
    put_room(out, f, use.free);
    put_number(out, "snapshots", (double)f->store->snapshots_written);
    put_number(out, "commits", (double)f->store->commits);
    put_number(out, "moved", (double)f->store->snapshots_moved);
    put_number(out, "trimmed", (double)f->store->snapshots_trimmed);
    put_number(out, "queue", (double)f->store->backlog_rows);
    put_number(out, "dropped", (double)f->store->dropped);
    put_flag(out, "failing", f->store->failing);
    end(out);
}

/* The broker's lists of trades. */
static void put_tape(struct buf *out, const struct store_stats *store)
{
    begin(out, "tape");
    put_number(out, "lists", (double)store->tapes_merged);
    put_number(out, "added", (double)store->trades_listed);
    put_number(out, "waiting", (double)store->tapes_waiting);
    end(out);
}

static void put_export(struct buf *out, const struct daily_export_state *export)
{
    begin(out, "export");
    put_moment(out, "next", export->wanted ? export->due_ns : INT64_MAX);
    put_flag(out, "running", export->running);
    put_number(out, "failures", export->failures);
    end(out);
}

static void put_alerts(struct buf *out, const struct alerter_state *alerts)
{
    begin(out, "alerts");
    put_flag(out, "wanted", alerts->wanted);
    put_flag(out, "running", alerts->running);
    put_number(out, "sent", (double)alerts->sent);
    put_number(out, "failures", alerts->failures);
    end(out);
}

/* The address has a key of its own, for scripts. */
static void put_api(struct buf *out, const struct local_api_state *api)
{
    put_text(out, "local_api", api ? api->address : NULL);
    if (!api)
        return;
    begin(out, "api");
    put_number(out, "connections", api->connections);
    put_number(out, "websockets", api->websockets);
    put_number(out, "event_streams", api->event_streams);
    put_number(out, "products", (double)api->products);
    put_number(out, "frames", (double)api->frames);
    put_number(out, "events", (double)api->events);
    put_number(out, "requests", (double)api->requests);
    put_number(out, "refused", (double)api->refused);
    end(out);
}

/* Names of instruments that are recorded because clients want them, at most SYMBOLS_MAX. */
static void put_symbols(struct buf *out, const struct demand *demand)
{
    int count = 0;
    put_key(out, "symbols");
    buf_puts(out, "[");
    for (int32_t i = 0; i < demand_count(demand) && count < SYMBOLS_MAX; i++) {
        const struct demand_item *item = demand_item(demand, i);
        if (item->configured || item->stage != DEMAND_PROVED)
            continue;
        buf_puts(out, count++ ? "," : "");
        json_put_string(out, item->symbol);
    }
    buf_puts(out, "]");
}

static void put_demand(struct buf *out, const struct demand *demand)
{
    const struct demand_counts counts = demand_counts(demand);
    begin(out, "on_demand");
    put_number(out, "allowed", counts.max);
    put_number(out, "recorded", counts.taken - counts.waiting);
    put_number(out, "waiting", counts.waiting);
    put_number(out, "refused_full", (double)counts.full);
    put_number(out, "refused_unknown", (double)counts.unknown);
    put_symbols(out, demand);
    end(out);
}

static void put_sink(struct buf *out, const struct sink_state *s)
{
    if (!s)
        return;
    begin(out, "sink");
    put_text(out, "state", sink_phase_name(s->phase));
    put_moment(out, "since", s->since_ns);
    put_text(out, "why", *s->why ? s->why : NULL);
    put_text(out, "server", *s->server ? s->server : NULL);
    put_text(out, "stream", s->stream);
    put_text(out, "recorder", *s->recorder ? s->recorder : NULL);
    put_number(out, "seq", (double)s->seq);
    put_number(out, "behind", s->behind < 0 ? NAN : (double)s->behind);
    put_number(out, "published", (double)s->published);
    put_number(out, "lost", (double)s->lost);
    put_number(out, "failures", (double)s->failures);
    put_text(out, "differs", *s->differs ? s->differs : NULL);
    end(out);
}

/* `host`: of the other recorder that has it. */
static void put_lease(struct buf *out, const struct lease_facts *l)
{
    if (!l)
        return;
    begin(out, "lease");
    put_text(out, "name", l->name);
    put_text(out, "state", lease_role_name(l->role));
    put_moment(out, "since", l->since_ns);
    put_flag(out, "asks", l->asks);
    put_text(out, "host", *l->state.host ? l->state.host : NULL);
    put_number(out, "term", (double)l->state.term);
    put_text(out, "why", *l->state.why ? l->state.why : NULL);
    put_number(out, "takeovers", (double)l->takeovers);
    put_number(out, "withheld", (double)l->withheld);
    put_number(out, "failures", (double)l->state.failures);
    end(out);
}

static void put_replica(struct buf *out, const struct replica_state *r, struct now now)
{
    if (!r)
        return;
    begin(out, "replica");
    put_text(out, "state", replica_phase_name(r->phase));
    put_moment(out, "since", r->since_ns);
    put_text(out, "why", *r->why ? r->why : NULL);
    put_text(out, "server", *r->server ? r->server : NULL);
    put_text(out, "stream", r->stream);
    put_text(out, "recorder", *r->recorder ? r->recorder : NULL);
    put_number(out, "number", (double)r->number);
    put_moment(out, "stored", r->stored_ns ? r->stored_ns : INT64_MAX);
    put_number(out, "behind", r->behind < 0 ? NAN : (double)r->behind);
    put_seconds(out, "behind_s", replica_lag_ms(r, now.wall_ns), r->behind >= 0);
    put_number(out, "read", (double)r->read);
    put_number(out, "missing", (double)r->missing);
    put_number(out, "unreadable", (double)r->unreadable);
    put_number(out, "failures", (double)r->failures);
    end(out);
}

static void put_loop(struct buf *out, const struct loop_stalls *stalls)
{
    bool known = stalls->longest_at_ns > 0;
    begin(out, "loop");
    put_seconds(out, "longest_stall_s", stalls->longest_ms, known);
    put_moment(out, "longest_stall", known ? stalls->longest_at_ns : INT64_MAX);
    put_seconds(out, "recent_stall_s", stalls->recent_ms, known);
    end(out);
}

static void put_token(struct buf *out, const struct status_facts *f)
{
    int64_t age_ns = f->now.wall_ns - f->token_ns; /* negative if the clock was set back */
    begin(out, "token");
    put_text(out, "state", f->token_state);
    put_seconds(out, "age_s", age_ns > 0 ? age_ns / NS_PER_MS : 0, f->token_ns > 0);
    end(out);
}

static void put_event(void *arg, const struct recent_event *event)
{
    struct buf *out = arg;
    bool first = out->data[out->len_bytes - 1] == '[';
    buf_puts(out, first ? "{" : ",{");
    put_moment(out, "time", event->ts);
    put_text(out, "kind", event->kind);
    put_text(out, "symbol", *event->symbol ? event->symbol : NULL);
    put_text(out, "detail", event->detail);
    end(out);
}

static void put_reference(struct buf *out, const struct reference_data_state *r)
{
    if (!r)
        return;
    begin(out, "reference");
    put_number(out, "instruments", (double)r->listed);
    put_moment(out, "read", r->ts_read ? r->ts_read : INT64_MAX);
    put_number(out, "attempts", r->attempts);
    put_text(out, "failed", *r->failed ? r->failed : NULL);
    end(out);
}

/* Without a feed. */
static void put_rest(struct buf *out, const struct status_facts *f)
{
    char words[LEASE_WORDS_BYTES];
    if (!f->lease || f->lease->asks) {
        put_text(out, "mode", "starting");
        return;
    }
    put_text(out, "mode", lease_role_name(f->lease->role));
    put_number(out, "mode_for_s", (double)(f->now.wall_ns - f->lease->since_ns) / (double)NS_PER_S);
    put_moment(out, "mode_since", f->lease->since_ns);
    put_text(out, "why", lease_words(words, f->lease));
}

/* What only a recorder has. */
static void put_broker(struct buf *out, const struct status_facts *f)
{
    put_url(out, "broker", f->broker_url);
    if (f->feed)
        put_feed(out, f->feed, f->now);
    else
        put_rest(out, f);
    put_token(out, f);
    if (f->feed) {
        put_stream(out, f->feed, f->now);
        put_polling(out, f->feed, f->now);
    }
    put_budget(out, f->budget, f->now.mono_ms);
}

void status_put(struct buf *out, const struct status_facts *f)
{
    buf_puts(out, "{");
    put_flag(out, "running", true);
    put_text(out, "version", CINTA_VERSION);
    put_number(out, "pid", (double)getpid());
    put_moment(out, "started", f->started.wall_ns);
    put_number(out, "uptime_s", (double)(f->now.mono_ms - f->started.mono_ms) / 1000);
    if (f->replica) {
        put_text(out, "mode", "replica");
        put_replica(out, f->replica, f->now);
    } else {
        put_broker(out, f);
    }
    put_reference(out, f->reference);
    put_store(out, f);
    put_tape(out, f->store);
    put_export(out, &f->export);
    put_alerts(out, &f->alerts);
    put_lease(out, f->lease);
    put_sink(out, f->sink);
    put_api(out, f->api);
    put_demand(out, f->demand);
    put_loop(out, &f->stalls);
    put_key(out, "events");
    buf_puts(out, "[");
    recent_events_each(f->recent, put_event, out);
    buf_puts(out, "]}\n");
}
