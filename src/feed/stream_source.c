#include "feed/stream_source.h"

#include "base/log.h"
#include "broker/throttle.h"
#include "feed/feed_messages.h"
#include "feed/handover.h"
#include "feed/probes.h"
#include "market/request_budget.h"
#include "market/source_table.h"
#include "record/coverage_log.h"
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS        100 /* the state machine is told of data this often at most */
#define LOST_SPREAD_MS 1000
#define WORDS_BYTES    512
#define LONG_WAIT_MS   5000  /* a connection that waits so long for the budget says so */
#define RESUBSCRIBE_MS 10000 /* between two resubscriptions because of unreadable messages */

struct stream_source {
    struct stream_source_parts parts;
    struct dialect dialect; /* of the streamer */
    struct feed_messages messages;
    struct streamer *streamer;

    struct feed_limits limits;
    struct feed_state state;
    int login_number;         /* the login last passed to the state machine */
    struct loop_timer *timer; /* the state machine's next TICK */
    int64_t armed_ms;
    struct loop_timer *turn;         /* a connection that waits for the request budget */
    struct loop_timer *replace_turn; /* the same, of one that is to replace the open one */
    int64_t stepped_ms;
    int64_t alive_ms;      /* the last message that was recorded as a proof */
    char why[WORDS_BYTES]; /* reason of the mode */

    int32_t diverged; /* instrument of the last divergence */
    /* When all, and when one, were last resubscribed because of an unreadable message. */
    int64_t spoilt_ms, spoilt_one_ms;

    int64_t connections, losses, refusals, silences, asked_ms;
};

static void step(struct stream_source *s, enum feed_event_kind kind, int64_t retry_after_ms,
                 const char *words);

static int64_t now_ms_of(const struct stream_source *s)
{
    return loop_now(s->parts.loop).mono_ms;
}

/* --- instruments that the stream loses -------------------------------------------------------- */

static struct handover_loss loss_of(const struct stream_source *s, int64_t proof_ms,
                                    enum event_kind why)
{
    return (struct handover_loss){
        .stream = s->dialect.source, .now_ms = now_ms_of(s), .proof_ms = proof_ms, .why = why};
}

static void lose(struct stream_source *s, int32_t instrument, int64_t proof_ms, enum event_kind why)
{
    const struct handover_loss loss = loss_of(s, proof_ms, why);
    handover_lost(s->parts.handover, instrument, &loss);
}

/* Due at once, but spread over up to a second, so that their later polls are spread too. */
static int32_t lose_all(struct stream_source *s, int64_t proof_ms, enum event_kind why)
{
    struct handover_loss loss = loss_of(s, proof_ms, why);
    int64_t interval_ms = s->parts.config->poll.interval_ms;
    loss.delay_ms = interval_ms < LOST_SPREAD_MS ? interval_ms : LOST_SPREAD_MS;
    return handover_lost_all(s->parts.handover, loss);
}

static void stream_alive(struct stream_source *s)
{
    coverage_log_stream_alive(s->parts.coverage, s->dialect.source, s->limits.stale_ms);
}

/* --- reasons and events ----------------------------------------------------------------------- */

static void set_why(struct stream_source *s, const char *why, const char *words)
{
    snprintf(s->why, sizeof(s->why), "%s%s%.400s", why, *words ? ": " : "", words);
}

static bool is_refusal(enum feed_event_kind kind)
{
    return kind == FEED_EV_REFUSED || kind == FEED_EV_LOGIN_PAGE;
}

static void tell_mode(struct stream_source *s, const struct feed_state *before,
                      enum feed_event_kind kind, int32_t polled)
{
    struct feed_messages *messages = &s->messages;
    int64_t now_ms = now_ms_of(s);
    if (s->state.mode == before->mode)
        return;
    switch (s->state.mode) {
    case FEED_SUBSCRIBING:
        s->connections++;
        feed_messages_open(messages, streamer_url(s->streamer), now_ms - s->asked_ms);
        return;
    case FEED_STREAMING:
        feed_messages_streaming(messages, before->mode == FEED_STALE);
        return;
    case FEED_STALE:
        s->silences++;
        feed_messages_stale(messages, s->why, now_ms - before->heard_ms, polled);
        return;
    case FEED_NO_TOKEN:
    case FEED_POLLING:
        if (before->mode < FEED_CONNECTING || kind == FEED_EV_UNWANTED)
            return;
        s->losses++;
        s->refusals += is_refusal(kind);
        feed_messages_lost(messages, s->why, is_refusal(kind), polled, s->state.retry_ms - now_ms);
        return;
    case FEED_CONNECTING:
        return;
    }
}

/* --- the state machine ------------------------------------------------------------------------ */

static void arm(struct stream_source *s, int64_t wake_ms, int64_t now_ms)
{
    /* The deadline moves with every message; a later one is set when the armed one is reached. */
    if (wake_ms >= s->armed_ms)
        return;
    s->armed_ms = wake_ms;
    loop_timer_set(s->timer, wake_ms - now_ms);
}

static bool is_mute(enum feed_event_kind kind, unsigned act)
{
    return kind != FEED_EV_UNWANTED && (act & (FEED_ACT_RESUBSCRIBE | FEED_ACT_DISCONNECT));
}

/* When the stream was last known to be alive: for a closed one the last pong counts too. */
static int64_t proof_ms(const struct stream_source *s, const struct feed_state *before, bool mute)
{
    int64_t pong_ms = streamer_state(s->streamer).ws.pong_ms;
    return mute || pong_ms < before->heard_ms ? before->heard_ms : pong_ms;
}

static enum event_kind why_lost(enum feed_event_kind kind, bool mute)
{
    if (mute)
        return EVENT_STALE;
    if (kind == FEED_EV_UNWANTED)
        return EVENT_DIALECT_CHANGED;
    return is_refusal(kind) ? EVENT_STREAM_REFUSED : EVENT_STREAM_CLOSED;
}

static void connect_now(struct stream_source *s)
{
    struct err err;
    s->asked_ms = now_ms_of(s);
    budget_spend(s->parts.budget, BUDGET_STREAM, s->asked_ms);
    if (streamer_connect(s->streamer, &err))
        step(s, FEED_EV_CLOSED, 0, err.text);
}

/* For the state machine the stream is connecting also while this waits for its turn. */
static void connect_when_allowed(void *arg)
{
    struct stream_source *s = arg;
    int64_t now_ms = now_ms_of(s);
    int64_t wait_ms = budget_from_ms(s->parts.budget, BUDGET_STREAM, now_ms) - now_ms;
    if (wait_ms > LONG_WAIT_MS)
        set_why(s, "the request budget allows no connection now", "");
    if (wait_ms > 0)
        loop_timer_set(s->turn, wait_ms);
    else if (s->dialect.has_login(s->dialect.arg))
        connect_now(s);
    else
        step(s, FEED_EV_CLOSED, 0, "there was no token any more");
}

/* If it fails, the open connection stays. */
static void replace_when_allowed(void *arg)
{
    struct stream_source *s = arg;
    struct err err;
    int64_t now_ms = now_ms_of(s);
    int64_t wait_ms = budget_from_ms(s->parts.budget, BUDGET_STREAM, now_ms) - now_ms;
    if (wait_ms > 0) {
        loop_timer_set(s->replace_turn, wait_ms);
        return;
    }
    budget_spend(s->parts.budget, BUDGET_STREAM, now_ms);
    if (streamer_replace(s->streamer, &err))
        log_debug("the connection is not replaced", LOG_TEXT("why", err.text));
}

static void disconnect(struct stream_source *s)
{
    loop_timer_stop(s->turn);
    loop_timer_stop(s->replace_turn);
    streamer_disconnect(s->streamer);
}

static void act_on(struct stream_source *s, unsigned act)
{
    if (act & FEED_ACT_DISCONNECT)
        disconnect(s);
    if (act & FEED_ACT_RESUBSCRIBE)
        streamer_subscribe(s->streamer);
    if (act & FEED_ACT_RESUBSCRIBE_ONE) {
        const struct source_row *row = source_table_row(s->parts.sources, s->diverged);
        lose(s, s->diverged, source_row_known_ms(row), EVENT_DIVERGENCE);
        streamer_subscribe_one(s->streamer, s->diverged);
    }
    if (act & FEED_ACT_RENEW_TOKEN)
        s->dialect.renew_login(s->dialect.arg);
    if (act & FEED_ACT_CONNECT)
        connect_when_allowed(s);
    if (act & FEED_ACT_REPLACE)
        replace_when_allowed(s);
}

/* Asks for a login only while the stream needs one to connect. */
static void tell_need(struct stream_source *s)
{
    if (s->dialect.need_login)
        s->dialect.need_login(s->dialect.arg, s->limits.enabled && s->state.mode == FEED_NO_TOKEN);
}

static void take_step(struct stream_source *s, enum feed_event_kind kind, int64_t retry_after_ms,
                      const char *words)
{
    int64_t now_ms = now_ms_of(s);
    const struct feed_event event = {
        kind, source_table_stream_level(s->parts.sources, s->dialect.source), retry_after_ms};
    const struct feed_state before = s->state;
    struct feed_step taken = feed_step(s->state, event, now_ms, &s->limits);
    bool poll_all = taken.act & FEED_ACT_POLL_ALL, mute = is_mute(kind, taken.act);
    int64_t proof = poll_all ? proof_ms(s, &before, mute) : 0;

    s->state = taken.next;
    s->stepped_ms = now_ms;
    if (taken.why)
        set_why(s, taken.why, words);
    tell_mode(s, &before, kind, poll_all ? lose_all(s, proof, why_lost(kind, mute)) : 0);
    arm(s, taken.wake_ms, now_ms);
    act_on(s, taken.act);
    if (s->state.mode != before.mode || s->state.denied != before.denied) {
        tell_need(s);
        s->parts.changed(s->parts.arg);
    }
}

static void step(struct stream_source *s, enum feed_event_kind kind, int64_t retry_after_ms,
                 const char *words)
{
    if (s->state.has_token && !s->dialect.has_login(s->dialect.arg))
        take_step(s, FEED_EV_NO_TOKEN, 0, "");
    take_step(s, kind, retry_after_ms, words);
}

static void on_timer(void *arg)
{
    struct stream_source *s = arg;
    s->armed_ms = INT64_MAX;
    step(s, FEED_EV_TICK, 0, "");
}

/* --- what its owner reports ------------------------------------------------------------------- */

void stream_source_login(struct stream_source *s)
{
    int number = s->dialect.login_number(s->dialect.arg);
    if (!s->dialect.has_login(s->dialect.arg) || (s->state.has_token && number == s->login_number))
        return;
    s->login_number = number;
    step(s, FEED_EV_TOKEN, 0, "");
}

void stream_source_session(struct stream_source *s)
{
    step(s, FEED_EV_TICK, 0, "");
}

void stream_source_want(struct stream_source *s, bool wanted)
{
    if (wanted == s->limits.enabled)
        return;
    s->limits.enabled = wanted;
    step(s, wanted ? FEED_EV_TICK : FEED_EV_UNWANTED, 0, "");
    tell_need(s);
}

void stream_source_subscribe(struct stream_source *s)
{
    streamer_subscribe(s->streamer);
}

bool stream_source_delivers(const struct stream_source *s)
{
    return s->state.mode == FEED_STREAMING && !s->state.denied;
}

int stream_source_reserve(struct stream_source *s, int32_t size)
{
    return streamer_reserve(s->streamer, size);
}

void stream_source_relisted(struct stream_source *s)
{
    s->messages.instruments = source_table_counts(s->parts.sources)->listed;
    streamer_relisted(s->streamer);
}

void stream_source_new_day(struct stream_source *s)
{
    streamer_forgive(s->streamer);
}

void stream_source_agreed(struct stream_source *s)
{
    stream_alive(s);
    step(s, FEED_EV_AGREED, 0, "");
}

void stream_source_diverged(struct stream_source *s, int32_t instrument)
{
    s->diverged = instrument;
    step(s, FEED_EV_DIVERGED, 0, market_symbol(recorder_market(s->parts.recorder), instrument));
}

/* --- callbacks of the streamer ---------------------------------------------------------------- */

static void on_opened(void *arg)
{
    step(arg, FEED_EV_OPENED, 0, "");
}

static void pass_on(struct stream_source *s, const struct stream_heard *heard, bool change)
{
    const struct handover_delivery delivery = {s->dialect.source, heard->entries, heard->now_ms};
    if (heard->live) {
        handover_delivered(s->parts.handover, heard->instrument, &delivery);
        probes_heard(s->parts.probes, heard->instrument, change, heard->now_ms);
    } else {
        handover_observed(s->parts.handover, heard->instrument, heard->now_ms);
    }
}

/* The messages of one wake-up have the same time: one of them is proof enough. */
static void take_proof(struct stream_source *s, int64_t now_ms)
{
    if (now_ms != s->alive_ms)
        stream_alive(s);
    s->alive_ms = now_ms;
}

static void on_heard(void *arg, const struct stream_heard *heard)
{
    struct stream_source *s = arg;
    bool change = heard->live && heard->changed && !heard->first;
    take_proof(s, heard->now_ms);
    if (heard->source)
        pass_on(s, heard, change);
    if (s->state.mode != FEED_STREAMING || (change && !s->state.active) ||
        heard->now_ms - s->stepped_ms >= STEP_MS)
        step(s, change ? FEED_EV_CHANGE : FEED_EV_DATUM, 0, "");
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
 * A message that cannot be used may have contained the last change of the day. Its instrument is
 * polled at once; it is also subscribed again, but not for each of many such messages. Of outdated
 * messages this is not the first one, so the last one that was used is the proof.
 */
static void on_spoilt(void *arg, int32_t instrument, enum event_kind why)
{
    struct stream_source *s = arg;
    int64_t now_ms = now_ms_of(s);
    if (instrument >= 0) {
        const struct source_row *row = source_table_row(s->parts.sources, instrument);
        lose(s, instrument, why == EVENT_OUTDATED ? source_row_known_ms(row) : now_ms, why);
        if (may_resubscribe(&s->spoilt_one_ms, now_ms))
            streamer_subscribe_one(s->streamer, instrument);
    } else if (may_resubscribe(&s->spoilt_ms, now_ms)) {
        lose_all(s, now_ms, EVENT_MALFORMED);
        streamer_subscribe(s->streamer);
    }
}

/* Classifies and describes the end, and slows down if the broker asks for it. */
static enum feed_event_kind take_end(struct stream_source *s, const struct ws_end *end,
                                     char words[DIALECT_END_WORDS])
{
    const struct ws_answer *answer = end->answer;
    enum feed_event_kind kind = s->dialect.ended(s->dialect.arg, end, words);
    /* Its Retry-After is not for the polls, which replace the stream until it is back. */
    const struct throttle_answer throttled = {answer->status, -1, s->asked_ms, now_ms_of(s),
                                              "the stream's handshake"};
    throttle_take(s->parts.budget, s->parts.events, &throttled);
    if (end->kind == WS_REFUSED)
        log_debug("answer to the handshake", LOG_TEXT("head", answer->head),
                  LOG_TEXT("words", words));
    return kind;
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct stream_source *s = arg;
    char words[DIALECT_END_WORDS];
    enum feed_event_kind kind = take_end(s, end, words);
    loop_timer_stop(s->replace_turn);
    int64_t retry_after_ms = end->answer->retry_after_ms;
    step(s, kind, retry_after_ms > 0 ? retry_after_ms : 0, words);
}

static void on_left(void *arg, int32_t instrument)
{
    struct stream_source *s = arg;
    lose(s, instrument, now_ms_of(s), EVENT_STREAM_SHORT);
}

static void on_not_replaced(void *arg, const struct ws_end *end)
{
    char words[DIALECT_END_WORDS];
    take_end(arg, end, words);
    log_debug("the connection is not replaced", LOG_TEXT("why", words));
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_streamer(struct stream_source *s, struct err *err)
{
    const struct stream_source_parts *p = &s->parts;
    const struct streamer_parts parts = {p->loop,   p->config, &s->dialect, p->recorder,
                                         p->events, p->store,  p->sources};
    const struct streamer_handler handler = {s,         on_opened, on_heard, on_denied,
                                             on_spoilt, on_ended,  on_left,  on_not_replaced};
    s->timer = loop_timer_create(p->loop, on_timer, s);
    s->turn = loop_timer_create(p->loop, connect_when_allowed, s);
    s->replace_turn = loop_timer_create(p->loop, replace_when_allowed, s);
    if (!s->timer || !s->turn || !s->replace_turn)
        return err_set(err, -ENOMEM, "out of memory");
    return streamer_create(&s->streamer, &parts, &handler, err);
}

int stream_source_create(struct stream_source **out, const struct stream_source_parts *parts,
                         struct err *err)
{
    struct stream_source *s = calloc(1, sizeof(*s));
    if (!s) {
        parts->dialect->destroy(parts->dialect->arg);
        return err_set(err, -ENOMEM, "out of memory");
    }
    struct now now = loop_now(parts->loop);
    s->parts = *parts;
    s->dialect = *parts->dialect;
    s->messages = (struct feed_messages){.events = parts->events,
                                         .instruments = source_table_listed(parts->sources).count};
    s->armed_ms = INT64_MAX;
    s->alive_ms = -1;
    s->spoilt_ms = s->spoilt_one_ms = now.mono_ms - RESUBSCRIBE_MS;
    s->limits = (struct feed_limits){.stale_ms = parts->config->stream.stale_ms,
                                     .replace_ms = s->dialect.replace_ms};
    s->state = feed_state_init(now.mono_ms, (uint64_t)now.wall_ns);
    int rc = open_streamer(s, err);
    if (rc) {
        stream_source_destroy(s);
        return rc;
    }
    *out = s;
    return 0;
}

void stream_source_destroy(struct stream_source *s)
{
    if (!s)
        return;
    streamer_destroy(s->streamer);
    s->dialect.destroy(s->dialect.arg);
    loop_timer_destroy(s->timer);
    loop_timer_destroy(s->turn);
    loop_timer_destroy(s->replace_turn);
    free(s);
}

struct stream_source_state stream_source_state(const struct stream_source *s)
{
    int64_t now_ms = now_ms_of(s);
    bool open = s->state.mode >= FEED_SUBSCRIBING;
    bool retries = s->state.mode == FEED_POLLING && s->armed_ms != INT64_MAX;
    return (struct stream_source_state){
        .dialect = s->dialect.name,
        .source = s->dialect.source,
        .mode = s->state.mode,
        .mode_for_ms = now_ms - s->state.since_ms,
        .why = s->why,
        .url = streamer_url(s->streamer),
        .wanted = s->limits.enabled,
        .connections = s->connections,
        .losses = s->losses,
        .refusals = s->refusals,
        .silences = s->silences,
        .connected_for_ms = open ? now_ms - s->state.opened_ms : -1,
        .retry_in_ms = retries ? s->armed_ms - now_ms : -1,
        .stream = streamer_state(s->streamer),
    };
}
