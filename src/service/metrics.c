#include "service/metrics.h"

#include "market/demand.h"
#include "record/events.h"
#include "record/recent_events.h"
#include "replica/replica.h"
#include "serve/metrics_text.h"
#include "service/disk_use.h"
#include "service/lease_view.h"
#include "service/status.h"
#include "sink/sink.h"

#include <math.h>

static void put_counter(struct buf *out, const char *name, const char *help, double value)
{
    metrics_family(out, name, METRIC_COUNTER, help);
    metrics_sample(out, name, value);
}

static void put_gauge(struct buf *out, const char *name, const char *help, double value)
{
    metrics_family(out, name, METRIC_GAUGE, help);
    metrics_sample(out, name, value);
}

static void put_labelled(struct buf *out, const char *name, const char *label, const char *value,
                         double number)
{
    const struct metric_label labels[] = {{label, value}};
    metrics_labelled(out, name, labels, 1, number);
}

/* --- the service ------------------------------------------------------------------------------ */

static void put_process(struct buf *out, const struct status_facts *f, bool ready)
{
    metrics_family(out, "cinta_build_info", METRIC_GAUGE, "Version of the program; always 1.");
    put_labelled(out, "cinta_build_info", "version", CINTA_VERSION, 1);
    put_gauge(out, "cinta_process_start_time_seconds", "When the service started, in Unix time.",
              (double)f->started.wall_ns / NS_PER_S);
    put_gauge(out, "cinta_ready",
              "1: the recorded data are current, or the session is closed (see /readyz).", ready);
    put_gauge(out, "cinta_loop_stall_seconds",
              "Longest time in recent minutes that the event loop was busy.",
              (double)f->stalls.recent_ms / 1000);
}

static void put_events(struct buf *out, const struct status_facts *f)
{
    metrics_family(out, "cinta_events_total", METRIC_COUNTER,
                   "Events of feed_log by kind, also those suppressed by its limit.");
    for (int n = 0; n < EVENT_OVERDUE; n++) {
        enum event_kind kind = (enum event_kind)n;
        int64_t count = recent_events_count(f->recent, kind) + events_suppressed(f->events, kind);
        put_labelled(out, "cinta_events_total", "kind", event_kind_name(kind), (double)count);
    }
}

/* --- the feed --------------------------------------------------------------------------------- */

static void put_mode(struct buf *out, const struct feed_report *r)
{
    metrics_family(out, "cinta_feed_mode", METRIC_GAUGE, "1 for the present mode of the feed.");
    for (int mode = 0; mode < FEED_MODES; mode++)
        put_labelled(out, "cinta_feed_mode", "mode", feed_mode_key((enum feed_mode)mode),
                     (int)r->mode == mode);
    put_gauge(out, "cinta_session_open", "1 in session hours.", r->phase == PHASE_OPEN);
    metrics_family(out, "cinta_segment_open", METRIC_GAUGE,
                   "1 in the session hours of this segment; \"\": of those not configured.");
    for (int i = 0; i < r->segments_count; i++)
        put_labelled(out, "cinta_segment_open", "segment", r->segments[i].name,
                     r->segments[i].phase == PHASE_OPEN);
}

static void put_instruments(struct buf *out, const struct source_counts *n)
{
    static const char name[] = "cinta_instruments";
    metrics_family(out, name, METRIC_GAUGE, "Recorded instruments by where their data come from.");
    put_labelled(out, name, "source", "stream", n->streamed_by[SOURCE_STREAM]);
    put_labelled(out, name, "source", "matriz", n->streamed_by[SOURCE_MATRIZ]);
    put_labelled(out, name, "source", "rest", n->state[SOURCE_POLLED]);
    put_labelled(out, name, "source", "none", n->state[SOURCE_DROPPED]);
    put_gauge(out, "cinta_unobserved_instruments",
              "Instruments that were lost by the stream and not read by REST since, or refused.",
              n->unobserved);
}

/* Not counted by events: equal reasons one after the other are one event. */
static void put_reconnects(struct buf *out, const struct stream_set_state *s)
{
    static const char name[] = "cinta_stream_reconnects_total";
    metrics_family(out, name, METRIC_COUNTER,
                   "Times that the stream was lost and connected or subscribed again, by reason.");
    put_labelled(out, name, "reason", "closed", (double)(s->losses - s->refusals));
    put_labelled(out, name, "reason", "refused", (double)s->refusals);
    put_labelled(out, name, "reason", "stale", (double)s->silences);
}

static void put_stream(struct buf *out, const struct streamer_state *s)
{
    put_gauge(out, "cinta_stream_connected", "1 while the stream is connected.", s->connected);
    put_counter(out, "cinta_stream_messages_total", "Messages received from the stream.",
                (double)s->messages);
    put_counter(out, "cinta_stream_changes_total", "Changes of quotes received from the stream.",
                (double)s->changes);
    put_counter(out, "cinta_stream_malformed_total", "Messages of the stream that are no data.",
                (double)s->malformed);
    put_gauge(out, "cinta_stream_round_trip_seconds", "Of the last ping; NaN: not known.",
              s->connected && s->ws.round_trip_ms >= 0 ? (double)s->ws.round_trip_ms / 1000 : NAN);
}

static void put_dialects(struct buf *out, const struct stream_set_state *streams)
{
    static const char name[] = "cinta_stream_dialect";
    metrics_family(out, name, METRIC_GAUGE, "1 for the one of stream.dialects that is in use.");
    for (int i = 0; i < streams->count; i++)
        put_labelled(out, name, "dialect", streams->each[i].dialect,
                     streams->each[i].source == streams->main.source);
}

static void put_polling(struct buf *out, const struct poller_state *p)
{
    put_counter(out, "cinta_poll_requests_total", "Requests for market data by REST.",
                (double)p->requests);
    put_counter(out, "cinta_poll_answers_total", "Answers with market data by REST.",
                (double)p->answers);
    put_counter(out, "cinta_poll_unchanged_total", "Answers equal to the one before.",
                (double)p->unchanged);
    put_gauge(out, "cinta_request_budget_allowed",
              "Requests per second that are allowed now (poll.rate, or less if the broker asks).",
              p->plan.rate);
    put_gauge(out, "cinta_request_budget_used", "Requests per second that were sent recently.",
              p->per_second);
    put_gauge(out, "cinta_broker_down_seconds", "How long the broker has not answered by REST.",
              (double)p->plan.down_ms / 1000);
}

static void put_feed(struct buf *out, const struct feed_report *r)
{
    put_mode(out, r);
    put_instruments(out, &r->sources);
    put_stream(out, &r->stream);
    put_dialects(out, &r->streams);
    put_reconnects(out, &r->streams);
    put_polling(out, &r->poller);
    put_counter(out, "cinta_unreadable_entries_total", "Values that could not be read.",
                (double)r->unreadable);
}

static void put_demand(struct buf *out, const struct demand *demand)
{
    static const char name[] = "cinta_on_demand_refusals_total";
    const struct demand_counts counts = demand_counts(demand);
    put_gauge(out, "cinta_on_demand_instruments",
              "Instruments that are recorded because clients of the local API want them.",
              counts.taken - counts.waiting);
    metrics_family(out, name, METRIC_COUNTER,
                   "Instruments that clients wanted and that were not taken up, by reason.");
    put_labelled(out, name, "reason", "full", (double)counts.full);
    put_labelled(out, name, "reason", "unknown", (double)counts.unknown);
}

/* --- the database ----------------------------------------------------------------------------- */

static void put_store(struct buf *out, const struct store_stats *st)
{
    put_counter(out, "cinta_store_changes_total", "Changes written to the database.",
                (double)st->snapshots_written);
    put_counter(out, "cinta_store_commits_total", "Transactions committed.", (double)st->commits);
    put_counter(out, "cinta_store_dropped_total", "Changes lost because the queue was full.",
                (double)st->dropped);
    put_gauge(out, "cinta_store_queue_rows", "Changes that wait to be committed.",
              (double)st->backlog_rows);
    put_gauge(out, "cinta_store_failing", "1 while the database cannot be written.", st->failing);
    metrics_histogram(out, "cinta_store_commit_seconds", "How long the transactions took.",
                      &st->commit_s);
    metrics_histogram(out, "cinta_broker_to_commit_seconds",
                      "From the broker's time stamp to the commit, of changes of the stream.",
                      &st->broker_to_commit_s);
    put_counter(out, "cinta_broker_stamps_ahead_total",
                "Committed changes whose time stamp of the broker was in the future.",
                (double)st->stamps_ahead);
}

static void put_tape(struct buf *out, const struct store_stats *st)
{
    put_counter(out, "cinta_tape_lists_total", "The broker's lists of trades that were merged.",
                (double)st->tapes_merged);
    put_counter(out, "cinta_tape_trades_added_total",
                "Trades of those lists that market data had not shown.", (double)st->trades_listed);
    put_gauge(out, "cinta_tape_lists_waiting", "Lists that wait to be merged.",
              (double)st->tapes_waiting);
}

static void put_sink(struct buf *out, const struct sink_state *s)
{
    put_gauge(out, "cinta_sink_up", "1 while what is recorded is published to NATS.",
              s->phase == SINK_PUBLISHING);
    put_counter(out, "cinta_sink_messages_total", "Messages that the stream of NATS has taken.",
                (double)s->published);
    put_gauge(out, "cinta_sink_seq", "The seq of the last change that the stream has.",
              (double)s->seq);
    put_gauge(out, "cinta_sink_behind_changes",
              "Changes in the database that the stream has not yet; NaN: not known.",
              s->behind < 0 ? NAN : (double)s->behind);
    put_counter(out, "cinta_sink_failures_total", "Connections to NATS that failed or were lost.",
                (double)s->failures);
    put_counter(out, "cinta_sink_lost_total",
                "Changes that were deleted by store.keep_days before they were published.",
                (double)s->lost);
}

static void put_lease(struct buf *out, const struct lease_facts *l)
{
    static const char name[] = "cinta_lease_state";
    metrics_family(out, name, METRIC_GAUGE, "1 for the present state of the lease.");
    for (int role = 0; role <= LEASE_ROLE_ISOLATED; role++)
        put_labelled(out, name, "state", lease_role_name((enum lease_role)role),
                     (int)l->role == role);
    put_gauge(out, "cinta_lease_term", "Rises with each change of the holder of the lease.",
              (double)l->state.term);
    put_counter(out, "cinta_lease_takeovers_total",
                "Times that this recorder took the lease from another one.", (double)l->takeovers);
    put_counter(out, "cinta_lease_failures_total",
                "Times that the lease could not be read or written.", (double)l->state.failures);
    put_counter(out, "cinta_lease_withheld_changes_total",
                "Changes recorded without the lease, which are never published.",
                (double)l->withheld);
}

static void put_replica(struct buf *out, const struct replica_state *r, int64_t now_ns)
{
    put_gauge(out, "cinta_replica_up", "1 while the stream of NATS is read.",
              r->phase == REPLICA_READING);
    put_counter(out, "cinta_replica_messages_total", "Messages of the stream that were read.",
                (double)r->read);
    put_gauge(out, "cinta_replica_number",
              "The number in the stream of the last one that was read.", (double)r->number);
    put_gauge(out, "cinta_replica_behind_messages",
              "Messages of the stream that are not read yet; NaN: not known.",
              r->behind < 0 ? NAN : (double)r->behind);
    put_gauge(out, "cinta_replica_behind_seconds",
              "Age of the last message that was read, while the stream has later ones.",
              (double)replica_lag_ms(r, now_ns) / 1000);
    put_counter(out, "cinta_replica_failures_total",
                "Connections to NATS that failed or were lost.", (double)r->failures);
    put_counter(out, "cinta_replica_missing_total",
                "Messages that were deleted from the stream before they were read.",
                (double)r->missing);
    put_counter(out, "cinta_replica_unreadable_total",
                "Messages of the stream that are none of a recorder's.", (double)r->unreadable);
}

static void put_disk(struct buf *out, const char *path)
{
    const struct disk_use use = disk_use_read(path);
    put_gauge(out, "cinta_store_database_bytes", "Size of the database file.", use.database);
    put_gauge(out, "cinta_store_wal_bytes", "Size of its write-ahead log.", use.wal);
    put_gauge(out, "cinta_store_disk_free_bytes", "Free space on its disk.", use.free);
}

void metrics_put(struct buf *out, const struct status_facts *f, bool ready)
{
    put_process(out, f, ready);
    if (f->feed)
        put_feed(out, f->feed);
    put_demand(out, f->demand);
    put_store(out, f->store);
    put_tape(out, f->store);
    if (f->lease)
        put_lease(out, f->lease);
    if (f->sink)
        put_sink(out, f->sink);
    if (f->replica)
        put_replica(out, f->replica, f->now.wall_ns);
    put_disk(out, f->store_path);
    put_events(out, f);
}
