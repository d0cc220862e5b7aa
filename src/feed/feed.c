#include "feed/feed.h"

#include "feed/feed_messages.h"
#include "feed/handover.h"
#include "market/session_clock.h"
#include "record/coverage_log.h"
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct feed {
    struct feed_parts parts;
    struct feed_messages messages;
    struct poller *poller;
    struct probes *probes;
    struct handover handover;
    struct stream_set *streams;

    struct session_clock session;
    struct loop_timer *session_timer;
};

static const struct source_counts *counts(const struct feed *f)
{
    return source_table_counts(f->parts.sources);
}

void feed_wake(struct feed *f)
{
    poller_wake(f->poller);
    stream_set_login(f->streams);
}

/* --- callbacks of poller and probes ----------------------------------------------------------- */

static void on_agreed(void *arg)
{
    struct feed *f = arg;
    stream_set_agreed(f->streams);
}

static void on_diverged(void *arg, int32_t instrument, const struct quote *before)
{
    struct feed *f = arg;
    const struct market *market = recorder_market(f->parts.recorder);
    feed_messages_diverged(&f->messages, market_symbol(market, instrument), before,
                           market_quote(market, instrument), loop_now(f->parts.loop).mono_ms);
    stream_set_diverged(f->streams, instrument);
}

static void on_polled(void *arg, const struct poll_told *told)
{
    struct feed *f = arg;
    handover_polled(&f->handover, told);
    probes_polled(f->probes, told);
}

/* Only what REST knows is subscribed. */
static void on_tried(void *arg, int32_t instrument, bool has_data)
{
    struct feed *f = arg;
    if (has_data)
        stream_set_relisted(f->streams);
    f->parts.tried(f->parts.arg, instrument, has_data);
}

/* --- sessions --------------------------------------------------------------------------------- */

static const struct calendar_set *sessions(const struct feed *f)
{
    return &f->parts.config->sessions;
}

static int64_t refresh_ms(void *arg, int32_t instrument)
{
    const struct feed *f = arg;
    return poller_refresh_ms(f->poller, instrument);
}

/* The instruments of some calendars may expect other things than before. */
static void take_levels(struct feed *f)
{
    for (int i = 0; i < sessions(f)->count; i++)
        source_table_set_level(f->parts.sources, i, f->session.level[i]);
    poller_session(f->poller);
    coverage_log_pace(f->parts.coverage, refresh_ms, f);
}

static const char *whose(const struct feed *f, int calendar, char out[SEGMENT_BYTES + 16])
{
    const char *segment = sessions(f)->each[calendar].segment;
    bool alone = source_table_calendars(f->parts.sources) == 1;
    if (*segment)
        snprintf(out, SEGMENT_BYTES + 16, "segment %s", segment);
    else
        snprintf(out, SEGMENT_BYTES + 16, alone ? "the market" : "every other segment");
    return out;
}

static void tell_calendar(struct feed *f, int calendar, const struct session_look *look)
{
    char words[SEGMENT_BYTES + 16];
    const struct calendar *c = &sessions(f)->each[calendar].calendar;
    int64_t until_ns = calendar_next_ns(c, loop_now(f->parts.loop).wall_ns);
    if (look->phases >> calendar & 1 && !c->always)
        feed_messages_session(&f->messages, whose(f, calendar, words), f->session.phase[calendar],
                              until_ns);
    if (look->woken >> calendar & 1)
        feed_messages_waking(&f->messages, whose(f, calendar, words), until_ns);
}

/* Of the calendars that no instrument has, nothing is told. */
static void tell_sessions(struct feed *f, const struct session_look *look)
{
    uint32_t used = source_table_calendars(f->parts.sources);
    for (int i = 0; i < sessions(f)->count; i++) {
        if (used >> i & 1)
            tell_calendar(f, i, look);
    }
    if (look->woken & used)
        f->parts.waking(f->parts.arg);
}

static void warn_of_holidays(struct feed *f)
{
    int year = calendar_missing_year(&sessions(f)->each[0].calendar, f->session.day);
    if (year)
        feed_messages_holidays(&f->messages, year);
}

static void on_session_timer(void *arg)
{
    struct feed *f = arg;
    bool first = !f->session.known;
    struct session_look look =
        session_clock_look(&f->session, sessions(f), loop_now(f->parts.loop).wall_ns);
    if (first || look.new_day)
        warn_of_holidays(f);
    if (look.levels)
        take_levels(f);
    tell_sessions(f, &look);
    if (look.levels)
        stream_set_session(f->streams);
    if (look.new_day)
        stream_set_new_day(f->streams);
    loop_timer_set(f->session_timer, look.wait_ms);
}

void feed_resegmented(struct feed *f)
{
    take_levels(f);
    stream_set_session(f->streams);
}

/* --- life ------------------------------------------------------------------------------------- */

/* No stream is open yet, and what REST refused is requested again. */
static void prepare_sources(struct source_table *sources, int64_t now_ms)
{
    struct source_list list = source_table_listed(sources);
    const struct source_event event = {.kind = SOURCE_EV_RESTORED, .now_ms = now_ms};
    source_table_release(sources, now_ms);
    for (int32_t k = 0; k < list.count; k++)
        source_table_step(sources, list.item[k], &event);
}

static int open_polling(struct feed *f, const struct plan_feed *learned, struct err *err)
{
    const struct feed_parts *p = &f->parts;
    const struct poller_parts poller = {
        p->loop, p->config, p->keeper, p->recorder, p->events, p->sources, p->budget, on_polled, f};
    int rc = poller_create(&f->poller, &poller, learned, err);
    if (rc)
        return rc;
    const struct probes_parts probes = {p->loop,    p->config, f->poller, p->recorder,
                                        p->sources, f,         on_agreed, on_diverged};
    f->probes = probes_create(&probes);
    f->session_timer = loop_timer_create(p->loop, on_session_timer, f);
    return f->probes && f->session_timer ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static int open_streams(struct feed *f, struct err *err)
{
    const struct feed_parts *p = &f->parts;
    const struct stream_set_parts parts = {
        .loop = p->loop,
        .config = p->config,
        .keeper = p->keeper,
        .terminal = p->terminal,
        .recorder = p->recorder,
        .events = p->events,
        .sources = p->sources,
        .budget = p->budget,
        .coverage = p->coverage,
        .store = p->store,
        .observers = p->observers,
        .handover = &f->handover,
        .probes = f->probes,
    };
    return stream_set_create(&f->streams, &parts, err);
}

int feed_create(struct feed **out, const struct feed_parts *parts, const struct plan_feed *learned,
                struct err *err)
{
    struct feed *f = calloc(1, sizeof(*f));
    if (!f)
        return err_set(err, -ENOMEM, "out of memory");
    f->parts = *parts;
    f->messages = (struct feed_messages){.events = parts->events, .instruments = counts(f)->listed};
    f->session = session_clock_init((uint64_t)loop_now(parts->loop).wall_ns);
    prepare_sources(parts->sources, loop_now(parts->loop).mono_ms);
    int rc = open_polling(f, learned, err);
    f->handover = (struct handover){.sources = parts->sources,
                                    .poller = f->poller,
                                    .probes = f->probes,
                                    .coverage = parts->coverage,
                                    .messages = &f->messages,
                                    .unobserved = unobserved_init(),
                                    .tried = on_tried,
                                    .arg = f};
    if (rc == 0)
        rc = open_streams(f, err);
    if (rc) {
        feed_destroy(f);
        return rc;
    }
    on_session_timer(f);
    feed_wake(f);
    *out = f;
    return 0;
}

void feed_destroy(struct feed *f)
{
    if (!f)
        return;
    stream_set_destroy(f->streams);
    poller_destroy(f->poller);
    probes_destroy(f->probes);
    loop_timer_destroy(f->session_timer);
    free(f);
}

int feed_reserve(struct feed *f, int32_t size)
{
    int rc = poller_reserve(f->poller, size);
    if (rc == 0)
        rc = probes_reserve(f->probes, size);
    return rc ? rc : stream_set_reserve(f->streams, size);
}

void feed_relisted(struct feed *f)
{
    f->messages.instruments = counts(f)->listed;
    probes_relisted(f->probes);
    poller_relisted(f->poller);
    stream_set_relisted(f->streams);
    feed_resegmented(f);
}

void feed_watch(struct feed *f, bool (*watched)(void *arg, int32_t instrument), void *arg)
{
    poller_watch(f->poller, watched, arg);
}

struct plan_feed feed_learned(const struct feed *f)
{
    return poller_feed(f->poller);
}

/* The counts are of all streams, the rest of the one in use. */
static void add_counts(struct streamer_state *sum, const struct stream_source_state *main,
                       const struct stream_source_state *other)
{
    if (other->source == main->source)
        return;
    sum->messages += other->stream.messages;
    sum->changes += other->stream.changes;
    sum->outdated += other->stream.outdated;
    sum->malformed += other->stream.malformed;
    sum->other += other->stream.other;
    sum->per_second += other->stream.per_second;
}

static void report_sessions(const struct feed *f, struct feed_report *out)
{
    int64_t now_ns = loop_now(f->parts.loop).wall_ns;
    uint32_t used = source_table_calendars(f->parts.sources);
    out->phase = calendar_set_phase(sessions(f), used, now_ns);
    out->phase_changes_ns = calendar_set_next_ns(sessions(f), used, now_ns);
    out->segments_count = sessions(f)->count;
    for (int i = 0; i < sessions(f)->count; i++) {
        const struct segment_calendar *of = &sessions(f)->each[i];
        out->segments[i] =
            (struct feed_segment){.name = of->segment,
                                  .phase = calendar_phase(&of->calendar, now_ns),
                                  .changes_ns = calendar_next_ns(&of->calendar, now_ns),
                                  .instruments = counts(f)->listed_in[i]};
    }
}

void feed_report(const struct feed *f, struct feed_report *out)
{
    out->streams = stream_set_state(f->streams);
    const struct stream_source_state *s = &out->streams.main;
    *out = (struct feed_report){
        .mode = s->mode,
        .mode_for_ms = s->mode_for_ms,
        .streams = out->streams,
        .stream_url = s->url,
        .streaming_enabled = out->streams.enabled,
        .connections = out->streams.connections,
        .losses = out->streams.losses,
        .connected_for_ms = s->connected_for_ms,
        .retry_in_ms = s->retry_in_ms,
        .unreadable = recorder_unreadable_count(f->parts.recorder),
        .sources = *counts(f),
        .blind_longest_ms = f->handover.unobserved.longest_ms,
        .probes = probes_stats(f->probes),
        .poller = poller_state(f->poller),
        .stream = s->stream,
    };
    report_sessions(f, out);
    for (int i = 0; i < out->streams.count; i++)
        add_counts(&out->stream, s, &out->streams.each[i]);
    snprintf(out->why, sizeof(out->why), "%.*s", (int)sizeof(out->why) - 1, out->streams.main.why);
}
