#include "feed/feed.h"

#include "base/log.h"
#include "feed/dialect_primary.h"
#include "feed/feed_messages.h"
#include "feed/handover.h"
#include "feed/probes.h"
#include "record/coverage_log.h"
#include "record/observers.h"
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSED_INTERVAL_MS 60000 /* poll interval outside the session, at least */
#define STEP_MS            100   /* the state machine is told of data this often at most */
#define LOST_SPREAD_MS     1000
#define WORDS_BYTES        512
#define RESUBSCRIBE_MS     10000 /* between two resubscriptions because of unreadable messages */

struct feed {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct source_table *sources;
    struct coverage_log *coverage;
    struct feed_messages messages;

    struct poller *poller;
    struct dialect dialect; /* of the streamer */
    struct streamer *streamer;
    struct probes *probes;
    struct handover handover;
    int64_t interval_ms; /* present interval of polls */

    struct feed_limits limits;
    struct feed_state state;
    int generation;           /* of the login last passed to the state machine */
    struct loop_timer *timer; /* the state machine's next TICK */
    int64_t armed_ms;
    int64_t stepped_ms;
    char why[WORDS_BYTES]; /* reason of the mode */

    struct loop_timer *calendar_timer;
    bool in_session, calendar_known;
    int64_t day;

    int32_t diverged; /* instrument of the last divergence */
    /* When all, and when one, were last resubscribed because of an unreadable message. */
    int64_t spoilt_ms, spoilt_one_ms;

    int64_t connections, losses, asked_ms;

    struct store *store;
    struct observers *observers;
};

static void step(struct feed *f, enum feed_event_kind kind, int64_t retry_after_ms,
                 const char *words);

static int64_t now_ms_of(const struct feed *f)
{
    return loop_now(f->loop).mono_ms;
}

/* --- which instruments are streamed, which are polled ----------------------------------------- */

static const struct source_counts *counts(const struct feed *f)
{
    return source_table_counts(f->sources);
}

static struct handover_loss loss_of(const struct feed *f, int64_t proof_ms, enum event_kind why)
{
    return (struct handover_loss){
        .stream = f->dialect.source, .now_ms = now_ms_of(f), .proof_ms = proof_ms, .why = why};
}

static void lose(struct feed *f, int32_t instrument, int64_t proof_ms, enum event_kind why)
{
    const struct handover_loss loss = loss_of(f, proof_ms, why);
    handover_lost(&f->handover, instrument, &loss);
}

/* Due at once, but spread over up to a second, so that their later polls are spread too. */
static int32_t lose_all(struct feed *f, int64_t proof_ms, enum event_kind why)
{
    struct handover_loss loss = loss_of(f, proof_ms, why);
    int64_t interval_ms = f->config->poll.interval_ms;
    loss.delay_ms = interval_ms < LOST_SPREAD_MS ? interval_ms : LOST_SPREAD_MS;
    return handover_lost_all(&f->handover, loss);
}

/* --- reasons and events ----------------------------------------------------------------------- */

static void set_why(struct feed *f, const char *why, const char *words)
{
    snprintf(f->why, sizeof(f->why), "%s%s%.400s", why, *words ? ": " : "", words);
}

static bool is_refusal(enum feed_event_kind kind)
{
    return kind == FEED_EV_REFUSED || kind == FEED_EV_LOGIN_PAGE;
}

static void tell_mode(struct feed *f, const struct feed_state *before, enum feed_event_kind kind,
                      int32_t polled)
{
    int64_t now_ms = now_ms_of(f);
    if (f->state.mode == before->mode)
        return;
    switch (f->state.mode) {
    case FEED_SUBSCRIBING:
        f->connections++;
        feed_messages_open(&f->messages, streamer_url(f->streamer), now_ms - f->asked_ms);
        return;
    case FEED_STREAMING:
        feed_messages_streaming(&f->messages, before->mode == FEED_STALE);
        return;
    case FEED_STALE:
        feed_messages_stale(&f->messages, f->why, now_ms - before->heard_ms, polled);
        return;
    case FEED_NO_TOKEN:
    case FEED_POLLING:
        if (before->mode < FEED_CONNECTING)
            return;
        f->losses++;
        feed_messages_lost(&f->messages, f->why, is_refusal(kind), polled,
                           f->state.retry_ms - now_ms);
        return;
    case FEED_CONNECTING:
        return;
    }
}

/* --- the state machine ------------------------------------------------------------------------ */

static void arm(struct feed *f, int64_t wake_ms, int64_t now_ms)
{
    /* The deadline moves with every message; a later one is set when the armed one is reached. */
    if (wake_ms >= f->armed_ms)
        return;
    f->armed_ms = wake_ms;
    loop_timer_set(f->timer, wake_ms - now_ms);
}

/* When the stream was last known to be alive: for a closed one the last pong counts too. */
static int64_t proof_ms(const struct feed *f, const struct feed_state *before, unsigned act)
{
    bool mute = act & (FEED_ACT_RESUBSCRIBE | FEED_ACT_DISCONNECT);
    int64_t pong_ms = streamer_state(f->streamer).ws.pong_ms;
    return mute || pong_ms < before->heard_ms ? before->heard_ms : pong_ms;
}

static enum event_kind why_lost(enum feed_event_kind kind, unsigned act)
{
    if (act & (FEED_ACT_RESUBSCRIBE | FEED_ACT_DISCONNECT))
        return EVENT_STALE;
    return is_refusal(kind) ? EVENT_STREAM_REFUSED : EVENT_STREAM_CLOSED;
}

static void connect_stream(struct feed *f)
{
    struct err err;
    f->asked_ms = now_ms_of(f);
    if (streamer_connect(f->streamer, &err))
        step(f, FEED_EV_CLOSED, 0, err.text);
}

static void act_on(struct feed *f, unsigned act)
{
    if (act & FEED_ACT_DISCONNECT)
        streamer_disconnect(f->streamer);
    if (act & FEED_ACT_RESUBSCRIBE)
        streamer_subscribe(f->streamer);
    if (act & FEED_ACT_RESUBSCRIBE_ONE) {
        lose(f, f->diverged, source_row_known_ms(source_table_row(f->sources, f->diverged)),
             EVENT_DIVERGENCE);
        streamer_subscribe_one(f->streamer, f->diverged);
    }
    if (act & FEED_ACT_RENEW_TOKEN)
        f->dialect.renew_login(f->dialect.arg);
    if (act & FEED_ACT_CONNECT)
        connect_stream(f);
}

static void announce(const struct feed *f, enum feed_mode previous)
{
    observers_mode(f->observers, &(struct observed_mode){f->state.mode, previous, f->why});
}

static void take_step(struct feed *f, enum feed_event_kind kind, int64_t retry_after_ms,
                      const char *words)
{
    int64_t now_ms = now_ms_of(f);
    const struct feed_event event = {kind, f->in_session, retry_after_ms};
    const struct feed_state before = f->state;
    struct feed_step s = feed_step(f->state, event, now_ms, &f->limits);
    int64_t proof = s.act & FEED_ACT_POLL_ALL ? proof_ms(f, &before, s.act) : 0;

    f->state = s.next;
    f->stepped_ms = now_ms;
    if (s.why)
        set_why(f, s.why, words);
    int32_t polled = s.act & FEED_ACT_POLL_ALL ? lose_all(f, proof, why_lost(kind, s.act)) : 0;
    tell_mode(f, &before, kind, polled);
    if (s.next.mode != before.mode) {
        probes_run(f->probes, s.next.mode == FEED_STREAMING, f->in_session);
        announce(f, before.mode);
    }
    arm(f, s.wake_ms, now_ms);
    act_on(f, s.act);
}

static void step(struct feed *f, enum feed_event_kind kind, int64_t retry_after_ms,
                 const char *words)
{
    if (f->state.has_token && !f->dialect.has_login(f->dialect.arg))
        take_step(f, FEED_EV_NO_TOKEN, 0, "");
    take_step(f, kind, retry_after_ms, words);
}

static void on_timer(void *arg)
{
    struct feed *f = arg;
    f->armed_ms = INT64_MAX;
    step(f, FEED_EV_TICK, 0, "");
}

void feed_wake(struct feed *f)
{
    poller_wake(f->poller);
    int number = f->dialect.login_number(f->dialect.arg);
    if (f->dialect.has_login(f->dialect.arg) && (!f->state.has_token || number != f->generation)) {
        f->generation = number;
        step(f, FEED_EV_TOKEN, 0, "");
    }
}

/* --- callbacks of the streamer ---------------------------------------------------------------- */

static void on_opened(void *arg)
{
    step(arg, FEED_EV_OPENED, 0, "");
}

static void on_heard(void *arg, const struct stream_heard *heard)
{
    struct feed *f = arg;
    bool change = heard->live && heard->changed && !heard->first;
    coverage_log_stream_alive(f->coverage, f->dialect.source, f->limits.stale_ms);
    if (heard->live) {
        handover_delivered(&f->handover, heard->instrument, f->dialect.source, heard->now_ms);
        probes_heard(f->probes, heard->instrument, change, heard->now_ms);
    } else {
        handover_observed(&f->handover, heard->instrument, true, heard->now_ms);
    }
    if (f->state.mode != FEED_STREAMING || (change && !f->state.active) ||
        heard->now_ms - f->stepped_ms >= STEP_MS)
        step(f, change ? FEED_EV_CHANGE : FEED_EV_DATUM, 0, "");
}

static void on_denied(void *arg)
{
    step(arg, FEED_EV_DENIED, 0, "");
}

/* True: `*last_ms` is long enough ago, and is now. */
static bool may_resubscribe(int64_t *last_ms, int64_t now_ms)
{
    bool may = now_ms - *last_ms >= RESUBSCRIBE_MS;
    if (may)
        *last_ms = now_ms;
    return may;
}

/*
 * An unreadable message may have contained the last change of the day. Its instrument is polled at
 * once; it is also subscribed again, but not for each of many such messages.
 */
static void on_spoilt(void *arg, int32_t instrument)
{
    struct feed *f = arg;
    int64_t now_ms = now_ms_of(f);
    if (instrument >= 0) {
        lose(f, instrument, now_ms, EVENT_MALFORMED);
        if (may_resubscribe(&f->spoilt_one_ms, now_ms))
            streamer_subscribe_one(f->streamer, instrument);
    } else if (may_resubscribe(&f->spoilt_ms, now_ms)) {
        lose_all(f, now_ms, EVENT_MALFORMED);
        streamer_subscribe(f->streamer);
    }
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct feed *f = arg;
    char words[DIALECT_END_WORDS];
    const struct ws_answer *answer = end->answer;
    enum feed_event_kind kind = f->dialect.ended(f->dialect.arg, end, words);
    if (end->kind == WS_REFUSED)
        log_debug("answer to the handshake", LOG_TEXT("head", answer->head),
                  LOG_TEXT("words", words));
    step(f, kind, answer->retry_after_ms > 0 ? answer->retry_after_ms : 0, words);
}

/* --- callbacks of poller and probes ----------------------------------------------------------- */

static void on_agreed(void *arg)
{
    struct feed *f = arg;
    coverage_log_stream_alive(f->coverage, f->dialect.source, f->limits.stale_ms);
    step(arg, FEED_EV_AGREED, 0, "");
}

static void on_diverged(void *arg, int32_t instrument, const struct quote *before)
{
    struct feed *f = arg;
    const struct market *market = recorder_market(f->recorder);
    const char *symbol = market_symbol(market, instrument);
    f->diverged = instrument;
    feed_messages_diverged(&f->messages, symbol, before, market_quote(market, instrument),
                           now_ms_of(f));
    step(f, FEED_EV_DIVERGED, 0, symbol);
}

/* The interval at which each instrument that is not streamed is polled. */
static int64_t refresh_ms(const struct feed *f)
{
    const struct plan_limits limits = {.interval_ms = f->interval_ms, .rate = f->config->poll.rate};
    return plan_refresh_ms(&limits, counts(f)->listed - counts(f)->state[SOURCE_STREAMED]);
}

static void coverage_log_for(struct feed *f, const struct poll_told *told)
{
    int32_t i = told->instrument;
    int64_t usual_ms = refresh_ms(f);
    if (told->no_data && usual_ms < PLAN_NO_DATA_MS)
        usual_ms = PLAN_NO_DATA_MS;
    if (told->answered)
        coverage_log_polled(f->coverage, i, usual_ms);
    else if (told->dropped)
        coverage_log_gave_up(f->coverage, i, told->trouble);
    else
        coverage_log_unanswered(f->coverage, i, told->trouble);
}

static void on_polled(void *arg, const struct poll_told *told)
{
    struct feed *f = arg;
    if (source_table_row(f->sources, told->instrument)->state != SOURCE_STREAMED)
        coverage_log_for(f, told);
    if (told->answered)
        handover_observed(&f->handover, told->instrument, false, now_ms_of(f));
    probes_polled(f->probes, told);
}

/* --- the calendar ----------------------------------------------------------------------------- */

static void set_interval(struct feed *f)
{
    int64_t interval_ms = f->config->poll.interval_ms;
    if (!f->in_session && interval_ms < CLOSED_INTERVAL_MS)
        interval_ms = CLOSED_INTERVAL_MS;
    f->interval_ms = interval_ms;
    poller_set_interval(f->poller, interval_ms);
    coverage_log_pace(f->coverage, refresh_ms(f));
}

static void look_at_calendar(void *arg)
{
    struct feed *f = arg;
    struct now now = loop_now(f->loop);
    const struct calendar *calendar = &f->config->session;
    int64_t next_ns = calendar_next_ns(calendar, now.wall_ns);
    bool open = calendar_open(calendar, now.wall_ns);
    if (!f->calendar_known || open != f->in_session) {
        f->calendar_known = true;
        f->in_session = open;
        set_interval(f);
        if (!calendar->always)
            feed_messages_session(&f->messages, open, next_ns);
        step(f, FEED_EV_TICK, 0, "");
        probes_run(f->probes, f->state.mode == FEED_STREAMING, open);
    }
    if (f->day != art_day(now.wall_ns) && f->day)
        streamer_forgive(f->streamer);
    f->day = art_day(now.wall_ns);
    int64_t day_ns = art_next_day_ns(now.wall_ns);
    int64_t wait_ms = ((next_ns < day_ns ? next_ns : day_ns) - now.wall_ns) / NS_PER_MS + 1;
    /* The wall clock may be set while we wait. */
    loop_timer_set(f->calendar_timer, wait_ms < 60000 ? wait_ms : 60000);
}

/* --- life ------------------------------------------------------------------------------------- */

static bool speaks_primary(const struct config_stream *stream)
{
    bool primary = false;
    for (size_t i = 0; i < stream->dialects.count; i++)
        primary |= strcmp(stream->dialects.item[i], "primary") == 0;
    return stream->enable && primary;
}

/* No stream is open yet. What REST refused is kept only if the list has changed. */
static void prepare_sources(struct feed *f, bool restore)
{
    struct source_list list = source_table_listed(f->sources);
    const struct source_event event = {.kind = SOURCE_EV_RESTORED, .now_ms = now_ms_of(f)};
    source_table_release(f->sources, event.now_ms);
    for (int32_t k = 0; restore && k < list.count; k++)
        source_table_step(f->sources, list.item[k], &event);
}

static int open_sources(struct feed *f, const struct plan_feed *learned, struct feed *previous,
                        struct err *err)
{
    struct events *events = f->messages.events;
    const struct poller_parts poller = {f->loop, f->config,  f->keeper, f->recorder,
                                        events,  f->sources, on_polled, f};
    const struct streamer_parts streamer = {f->loop, f->config, &f->dialect, f->recorder,
                                            events,  f->store,  f->sources};
    const struct streamer_handler handler = {f,         on_opened, on_heard,
                                             on_denied, on_spoilt, on_ended};
    if (dialect_primary_create(&f->dialect, f->config, f->keeper))
        return err_set(err, -ENOMEM, "out of memory");
    int rc = poller_create(&f->poller, &poller, learned, previous ? previous->poller : NULL, err);
    if (rc == 0)
        rc = streamer_create(&f->streamer, &streamer, &handler, err);
    if (rc)
        return rc;
    const struct probes_parts probes = {f->loop,    f->config, f->poller, f->recorder,
                                        f->sources, f,         on_agreed, on_diverged};
    f->probes = probes_create(&probes);
    f->handover = (struct handover){f->sources,  f->poller,    f->probes,
                                    f->coverage, &f->messages, unobserved_init()};
    return f->probes ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static int open_parts(struct feed *f, struct err *err)
{
    f->timer = loop_timer_create(f->loop, on_timer, f);
    f->calendar_timer = loop_timer_create(f->loop, look_at_calendar, f);
    if (!f->timer || !f->calendar_timer)
        return err_set(err, -ENOMEM, "out of memory");
    return 0;
}

/* The retry state is kept when the list of instruments changes, so that the broker does not get
 * more connections. */
static void take_over(struct feed *f, const struct feed *previous)
{
    f->state.failures = previous->state.failures;
    f->state.renewed_ms = previous->state.renewed_ms;
    if (previous->state.mode == FEED_POLLING)
        f->state.retry_ms = previous->state.retry_ms;
    f->connections = previous->connections;
    f->losses = previous->losses;
}

int feed_create(struct feed **out, const struct feed_parts *parts, const struct plan_feed *learned,
                struct feed *previous, struct err *err)
{
    struct feed *f = calloc(1, sizeof(*f));
    if (!f)
        return err_set(err, -ENOMEM, "out of memory");
    struct now now = loop_now(parts->loop);
    f->loop = parts->loop;
    f->config = parts->config;
    f->keeper = parts->keeper;
    f->recorder = parts->recorder;
    f->sources = parts->sources;
    f->coverage = parts->coverage;
    f->store = parts->store;
    f->observers = parts->observers;
    f->messages = (struct feed_messages){.events = parts->events, .instruments = counts(f)->listed};
    f->armed_ms = INT64_MAX;
    f->spoilt_ms = f->spoilt_one_ms = now.mono_ms - RESUBSCRIBE_MS;
    f->limits =
        (struct feed_limits){speaks_primary(&f->config->stream), f->config->stream.stale_ms};
    f->state = feed_state_init(now.mono_ms, (uint64_t)now.wall_ns);
    prepare_sources(f, previous == NULL);
    int rc = open_parts(f, err);
    if (rc == 0)
        rc = open_sources(f, learned, previous, err);
    if (rc) {
        feed_destroy(f);
        return rc;
    }
    if (previous)
        take_over(f, previous);
    announce(f, f->state.mode);
    look_at_calendar(f);
    feed_wake(f);
    *out = f;
    return 0;
}

void feed_destroy(struct feed *f)
{
    if (!f)
        return;
    streamer_destroy(f->streamer);
    if (f->dialect.destroy)
        f->dialect.destroy(f->dialect.arg);
    poller_destroy(f->poller);
    probes_destroy(f->probes);
    loop_timer_destroy(f->timer);
    loop_timer_destroy(f->calendar_timer);
    free(f);
}

struct plan_feed feed_learned(const struct feed *f)
{
    return poller_feed(f->poller);
}

void feed_report(const struct feed *f, struct feed_report *out)
{
    struct now now = loop_now(f->loop);
    *out = (struct feed_report){
        .mode = f->state.mode,
        .mode_for_ms = now.mono_ms - f->state.since_ms,
        .stream_url = streamer_url(f->streamer),
        .streaming_enabled = f->limits.enabled,
        .in_session = f->in_session,
        .session_changes_ns = calendar_next_ns(&f->config->session, now.wall_ns),
        .connections = f->connections,
        .losses = f->losses,
        .connected_for_ms =
            f->state.mode >= FEED_SUBSCRIBING ? now.mono_ms - f->state.opened_ms : -1,
        .retry_in_ms = f->state.mode == FEED_POLLING && f->armed_ms != INT64_MAX
                           ? f->armed_ms - now.mono_ms
                           : -1,
        .unreadable = recorder_unreadable_count(f->recorder),
        .sources = *counts(f),
        .blind_longest_ms = f->handover.unobserved.longest_ms,
        .probes = probes_stats(f->probes),
        .poller = poller_state(f->poller),
        .stream = streamer_state(f->streamer),
    };
    snprintf(out->why, sizeof(out->why), "%.*s", (int)sizeof(out->why) - 1, f->why);
}
