#include "app/feed.h"

#include "app/events.h"
#include "app/keeper.h"
#include "app/recorder.h"
#include "base/utf8.h"
#include "base/words.h"
#include "market/blindness.h"
#include "market/prober.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOSED_INTERVAL_MS 60000 /* outside the session nobody is in a hurry */
#define CLOSED_PROBE_MS    60000
#define PROBE_MIN_MS       250
#define PROBE_QUIET_MS     10000 /* what was heard so recently needs no probe */
#define CONFIRM_MS         2000  /* for the stream to say what REST said, beside its own pace */
#define STEP_MS            100   /* data need not move the machine more often */
#define UNPARK_SPREAD_MS   1000
#define WORDS_BYTES        512
#define RESUBSCRIBE_MS     10000 /* for frames that cannot be read, all anew so often at most */

struct feed {
    struct loop *loop;
    const struct config *config;
    struct keeper *keeper;
    struct recorder *recorder;
    struct events *events;

    struct poller *poller;
    struct streamer *streamer;
    struct prober *prober;
    struct blindness *blindness;
    int32_t count;
    bool *parked; /* by slot: streamed, so not polled */

    struct feed_limits limits;
    struct feed_state state;
    int generation;           /* of the token last told to the machine */
    struct loop_timer *timer; /* the machine's next TICK */
    int64_t armed_ms;
    int64_t stepped_ms;
    char why[WORDS_BYTES];  /* it is in this mode */
    char told[WORDS_BYTES]; /* of failures in a row; "" = none */

    struct loop_timer *calendar_timer;
    bool in_session, calendar_known;
    int64_t day;

    struct loop_timer *probe_timer;
    struct quote probed; /* what the stream had said of the one that is asked */
    int32_t diverged;    /* the last one that did */
    int64_t spoilt_ms;   /* all were subscribed anew because of a frame nobody could read */

    int64_t connections, losses, asked_ms;
    int64_t agreed, differed, divergences;
};

static void step(struct feed *f, enum feed_event_kind kind, int64_t retry_after_ms,
                 const char *words);

static int64_t now_ms_of(const struct feed *f)
{
    return loop_now(f->loop).mono_ms;
}

/* Seconds for people: whole ones when there are many. */
static const char *seconds(char out[32], int64_t ms)
{
    snprintf(out, 32, ms < 60000 ? "%.1f s" : "%.0f s", (double)ms / 1000);
    return out;
}

/* --- who is streamed, who is polled ----------------------------------------------------------- */

static void tell_seen(struct feed *f, const struct blindness_summary *s)
{
    char shortest[32], longest[32];
    events_report(f->events, LOG_LEVEL_INFO, "filled_in", NULL,
                  "all that the stream had is known again: %d by polling, %d by the stream; nobody "
                  "looked for %s to %s",
                  (int)s->by_poll, (int)s->by_stream, seconds(shortest, s->shortest_ms),
                  seconds(longest, s->longest_ms));
}

static void seen(struct feed *f, int32_t slot, bool by_stream, int64_t now_ms)
{
    struct blindness_summary summary;
    if (blindness_seen(f->blindness, slot, by_stream, now_ms, &summary))
        tell_seen(f, &summary);
}

static void park(struct feed *f, int32_t slot)
{
    if (f->parked[slot])
        return;
    f->parked[slot] = true;
    poller_park(f->poller, slot);
}

static void unpark(struct feed *f, int32_t slot, int64_t delay_ms, int64_t proof_ms)
{
    if (!f->parked[slot])
        return;
    f->parked[slot] = false;
    prober_lost(f->prober, slot);
    blindness_lost(f->blindness, slot, proof_ms);
    poller_unpark(f->poller, slot, delay_ms);
}

/* Due at once, spread a little, so that they do not come in one bunch for ever after. */
static int32_t unpark_all(struct feed *f, int64_t proof_ms)
{
    int64_t spread_ms = f->config->poll.interval_ms;
    int32_t n = 0;
    if (spread_ms > UNPARK_SPREAD_MS)
        spread_ms = UNPARK_SPREAD_MS;
    for (int32_t i = 0; i < f->count; i++) {
        n += f->parked[i];
        unpark(f, i, spread_ms * i / f->count, proof_ms);
    }
    return n;
}

/* --- words ------------------------------------------------------------------------------------ */

static void set_why(struct feed *f, const char *why, const char *words)
{
    snprintf(f->why, sizeof(f->why), "%s%s%.400s", why, *words ? ": " : "", words);
}

/* A connection that came to nothing: told when it begins, and when its reason changes. */
static void tell_lost(struct feed *f, enum feed_event_kind kind, int32_t instruments)
{
    char wait[32];
    int64_t wait_ms = f->state.retry_ms - now_ms_of(f);
    bool again = instruments == 0 && words_alike(f->why, f->told);
    const char *name = kind == FEED_EV_REFUSED ? "stream_refused" : "stream_closed";
    f->losses++;
    snprintf(f->told, sizeof(f->told), "%s", f->why);
    seconds(wait, wait_ms > 0 ? wait_ms : 0);
    if (again)
        log_debug("no stream again", LOG_TEXT("why", f->why), LOG_TEXT("next_try_in", wait));
    else if (instruments)
        events_report(f->events, LOG_LEVEL_WARN, name, NULL,
                      "%s; polling its %d instruments; next try in %s", f->why, (int)instruments,
                      wait);
    else
        events_report(f->events, LOG_LEVEL_WARN, name, NULL, "%s; polling; next try in %s", f->why,
                      wait);
}

static void tell_open(struct feed *f)
{
    char took[32];
    struct streamer_state s = streamer_state(f->streamer);
    f->connections++;
    events_report(f->events, LOG_LEVEL_INFO, "stream_open", NULL,
                  "connected to %s in %s, asking for %d instruments", s.url,
                  seconds(took, now_ms_of(f) - f->asked_ms), (int)f->count);
}

static void tell_streaming(struct feed *f, enum feed_mode from)
{
    f->told[0] = '\0';
    if (from == FEED_STALE)
        events_report(f->events, LOG_LEVEL_INFO, "stream_recovered", NULL,
                      "the stream delivers again, subscribed anew");
    else
        events_report(f->events, LOG_LEVEL_INFO, "streaming", NULL,
                      "the stream delivers; an instrument is polled until it is heard");
}

static void tell_stale(struct feed *f, int64_t heard_ms, int32_t instruments)
{
    char silence[32];
    events_report(
        f->events, LOG_LEVEL_WARN, "stale", NULL,
        "connected but mute: %s; the last datum was %s ago; asking for all %d instruments "
        "anew, polling %d meanwhile",
        f->why, seconds(silence, now_ms_of(f) - heard_ms), (int)f->count, (int)instruments);
}

static void tell_mode(struct feed *f, const struct feed_state *before, enum feed_event_kind kind,
                      int32_t instruments)
{
    if (f->state.mode == before->mode)
        return;
    switch (f->state.mode) {
    case FEED_SUBSCRIBING:
        tell_open(f);
        return;
    case FEED_STREAMING:
        tell_streaming(f, before->mode);
        return;
    case FEED_STALE:
        tell_stale(f, before->heard_ms, instruments);
        return;
    case FEED_NO_TOKEN:
    case FEED_POLLING:
        if (before->mode >= FEED_CONNECTING)
            tell_lost(f, kind, instruments);
        return;
    case FEED_CONNECTING:
        return;
    }
}

/* --- the machine ------------------------------------------------------------------------------ */

static void arm(struct feed *f, int64_t wake_ms, int64_t now_ms)
{
    /* A deadline that moves away with every datum is looked at when the old one is reached. */
    if (wake_ms >= f->armed_ms)
        return;
    f->armed_ms = wake_ms;
    loop_timer_set(f->timer, wake_ms - now_ms);
}

static void arm_probes(struct feed *f)
{
    int64_t every_ms = (int64_t)(1000 / f->config->poll.rate);
    if (every_ms < PROBE_MIN_MS)
        every_ms = PROBE_MIN_MS;
    if (!f->in_session)
        every_ms = CLOSED_PROBE_MS;
    if (f->state.mode == FEED_STREAMING)
        loop_timer_set(f->probe_timer, every_ms);
    else
        loop_timer_stop(f->probe_timer);
}

/* Until when the stream was surely alive: for a closed one its last pong counts too. */
static int64_t proof_ms(const struct feed *f, const struct feed_state *before, unsigned act)
{
    bool mute = act & (FEED_ACT_RESUBSCRIBE | FEED_ACT_DISCONNECT);
    int64_t pong_ms = streamer_state(f->streamer).ws.pong_ms;
    return mute || pong_ms < before->heard_ms ? before->heard_ms : pong_ms;
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
        unpark(f, f->diverged, 0, f->state.heard_ms);
        streamer_subscribe_one(f->streamer, f->diverged);
    }
    if (act & FEED_ACT_RENEW_TOKEN)
        keeper_renew(f->keeper);
    if (act & FEED_ACT_CONNECT)
        connect_stream(f);
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
    int32_t instruments = s.act & FEED_ACT_POLL_ALL ? unpark_all(f, proof) : 0;
    tell_mode(f, &before, kind, instruments);
    if (s.next.mode != before.mode)
        arm_probes(f);
    arm(f, s.wake_ms, now_ms);
    act_on(f, s.act);
}

static void step(struct feed *f, enum feed_event_kind kind, int64_t retry_after_ms,
                 const char *words)
{
    bool usable = keeper_headers(f->keeper) != NULL;
    if (f->state.has_token && !usable)
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
    if (keeper_headers(f->keeper) &&
        (!f->state.has_token || keeper_generation(f->keeper) != f->generation)) {
        f->generation = keeper_generation(f->keeper);
        step(f, FEED_EV_TOKEN, 0, "");
    }
}

/* --- what the stream says --------------------------------------------------------------------- */

static void on_opened(void *arg)
{
    step(arg, FEED_EV_OPENED, 0, "");
}

static void on_heard(void *arg, const struct stream_heard *heard)
{
    struct feed *f = arg;
    bool change = heard->live && heard->changed && !heard->first;
    if (heard->live) {
        park(f, heard->slot);
        prober_heard(f->prober, heard->slot, change, heard->now_ms);
    }
    seen(f, heard->slot, true, heard->now_ms);
    if (f->state.mode != FEED_STREAMING || (change && !f->state.active) ||
        heard->now_ms - f->stepped_ms >= STEP_MS)
        step(f, change ? FEED_EV_CHANGE : FEED_EV_DATUM, 0, "");
}

/* A frame that nobody could read may have held the last change of the day. */
static void on_spoilt(void *arg, int32_t slot)
{
    struct feed *f = arg;
    int64_t now_ms = now_ms_of(f);
    if (slot >= 0) {
        unpark(f, slot, 0, now_ms);
        streamer_subscribe_one(f->streamer, slot);
    } else if (now_ms - f->spoilt_ms >= RESUBSCRIBE_MS) {
        f->spoilt_ms = now_ms;
        unpark_all(f, now_ms);
        streamer_subscribe(f->streamer);
    }
}

/* Statuses that mean "not now" are no refusal. */
static enum feed_event_kind event_of(const struct ws_end *end)
{
    int status = end->answer->status;
    bool later = status == 408 || status == 429 || status >= 500;
    return end->kind == WS_REFUSED && !later ? FEED_EV_REFUSED : FEED_EV_CLOSED;
}

static void on_ended(void *arg, const struct ws_end *end)
{
    char words[WORDS_BYTES], body[160];
    const struct ws_answer *answer = end->answer;
    utf8_clean(body, sizeof(body), answer->body, answer->body_len_bytes);
    snprintf(words, sizeof(words), "%s%s%s", end->words, *body ? ": " : "", body);
    if (end->kind == WS_REFUSED)
        log_debug("the handshake's answer", LOG_TEXT("head", answer->head), LOG_TEXT("body", body));
    step(arg, event_of(end), answer->retry_after_ms > 0 ? answer->retry_after_ms : 0, words);
}

/* --- probes ----------------------------------------------------------------------------------- */

static const struct market_quote *quote_of(const struct feed *f, int32_t slot)
{
    return market_quote(recorder_market(f->recorder), poller_instrument(f->poller, slot));
}

static const char *symbol_of(const struct feed *f, int32_t slot)
{
    return market_symbol(recorder_market(f->recorder), poller_instrument(f->poller, slot));
}

static void on_probe_timer(void *arg)
{
    struct feed *f = arg;
    int64_t now_ms = now_ms_of(f);
    int32_t slot = prober_pick(f->prober, now_ms);
    if (slot >= 0 && poller_probe(f->poller, slot)) {
        /* For the second look at a suspect, what the stream had said is kept from the first. */
        if (prober_suspect(f->prober) != slot)
            f->probed = quote_of(f, slot)->quote;
        prober_asked(f->prober, slot, now_ms);
    }
    arm_probes(f);
}

static void diverged(struct feed *f, int32_t slot)
{
    char entries[ENTRY_LIST_TEXT], ago[32];
    const struct market_quote *now = quote_of(f, slot);
    f->divergences++;
    f->diverged = slot;
    events_report(
        f->events, LOG_LEVEL_WARN, "divergence", symbol_of(f, slot),
        "REST has newer values than the stream, twice (%s; the stream last spoke of it %s "
        "ago); the values of REST are taken",
        entry_list_text(entries, quote_diff(&f->probed, &now->quote, ENTRY_ALL)),
        seconds(ago, now_ms_of(f) - now->streamed_ms));
    step(f, FEED_EV_DIVERGED, 0, symbol_of(f, slot));
}

static void judge_probe(struct feed *f, const struct poll_told *told)
{
    if (!told->answered || told->outdated) {
        prober_failed(f->prober, told->slot);
        return;
    }
    bool differs =
        quote_diff(&f->probed, &quote_of(f, told->slot)->quote, f->config->poll.entries) != 0;
    switch (prober_answer(f->prober, told->slot, differs, now_ms_of(f))) {
    case PROBE_NOTHING:
        return;
    case PROBE_VOUCHED:
        f->agreed++;
        step(f, FEED_EV_AGREED, 0, "");
        return;
    case PROBE_AGREED:
        f->agreed++;
        return;
    case PROBE_DIFFERED:
        f->differed++;
        return;
    case PROBE_DIVERGED:
        diverged(f, told->slot);
        return;
    }
}

static void on_polled(void *arg, const struct poll_told *told)
{
    struct feed *f = arg;
    if (told->answered)
        seen(f, told->slot, false, now_ms_of(f));
    judge_probe(f, told);
}

/* --- the calendar ----------------------------------------------------------------------------- */

static void tell_session(struct feed *f, int64_t next_ns)
{
    char until[CLOCK_TEXT] = "";
    if (next_ns != INT64_MAX)
        clock_text(until, next_ns);
    const char *word = *until ? " until " : "";
    if (f->in_session)
        events_report(f->events, LOG_LEVEL_INFO, "session_open", NULL, "the market is open%s%s",
                      word, until);
    else
        events_report(f->events, LOG_LEVEL_INFO, "session_closed", NULL,
                      "the market is closed%s%s: each instrument is polled once a minute at most",
                      word, until);
}

static void set_interval(struct feed *f)
{
    int64_t interval_ms = f->config->poll.interval_ms;
    if (!f->in_session && interval_ms < CLOSED_INTERVAL_MS)
        interval_ms = CLOSED_INTERVAL_MS;
    poller_set_interval(f->poller, interval_ms);
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
            tell_session(f, next_ns);
        step(f, FEED_EV_TICK, 0, "");
        arm_probes(f);
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

/* The stream may lag by its pace: about 100, 500, 1000, 3000, 6000 ms (protocol section 10.2). */
static int64_t confirm_ms(const struct config_stream *stream)
{
    static const int64_t pace_ms[] = {100, 500, 1000, 3000, 6000};
    return CONFIRM_MS + 2 * pace_ms[stream->level - 1];
}

static int64_t quiet_ms(const struct config_stream *stream)
{
    return stream->stale_ms / 3 < PROBE_QUIET_MS ? stream->stale_ms / 3 : PROBE_QUIET_MS;
}

static int open_sources(struct feed *f, const struct config_strings *symbols,
                        const struct plan_feed *learned, struct feed *previous, struct err *err)
{
    const struct poller_parts poller = {f->loop,   f->config, f->keeper, f->recorder,
                                        f->events, on_polled, f};
    const struct streamer_parts streamer = {f->loop, f->config, f->keeper, f->recorder, f->events};
    const struct streamer_handler handler = {f, on_opened, on_heard, on_spoilt, on_ended};
    int rc = poller_create(&f->poller, &poller, symbols, learned,
                           previous ? previous->poller : NULL, err);
    return rc ? rc : streamer_create(&f->streamer, &streamer, symbols, &handler, err);
}

static int open_parts(struct feed *f, struct err *err)
{
    const struct prober_limits limits = {quiet_ms(&f->config->stream),
                                         confirm_ms(&f->config->stream)};
    f->prober = prober_create(&limits, f->count);
    f->blindness = blindness_create(f->count);
    f->parked = calloc((size_t)f->count + 1, sizeof(*f->parked));
    f->timer = loop_timer_create(f->loop, on_timer, f);
    f->calendar_timer = loop_timer_create(f->loop, look_at_calendar, f);
    f->probe_timer = loop_timer_create(f->loop, on_probe_timer, f);
    if (!f->prober || !f->blindness || !f->parked || !f->timer || !f->calendar_timer ||
        !f->probe_timer)
        return err_set(err, -ENOMEM, "out of memory");
    return 0;
}

/* The broker remembers how often we came; a new list of instruments is no reason to forget it. */
static void take_over(struct feed *f, const struct feed *previous)
{
    f->state.failures = previous->state.failures;
    f->state.renewed_ms = previous->state.renewed_ms;
    if (previous->state.mode == FEED_POLLING)
        f->state.retry_ms = previous->state.retry_ms;
    f->connections = previous->connections;
    f->losses = previous->losses;
}

int feed_create(struct feed **out, const struct feed_parts *parts,
                const struct config_strings *symbols, const struct plan_feed *learned,
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
    f->events = parts->events;
    f->count = (int32_t)symbols->count;
    f->armed_ms = INT64_MAX;
    f->limits =
        (struct feed_limits){speaks_primary(&f->config->stream), f->config->stream.stale_ms};
    f->state = feed_state_init(now.mono_ms, (uint64_t)now.wall_ns);
    int rc = open_parts(f, err);
    if (rc == 0)
        rc = open_sources(f, symbols, learned, previous, err);
    if (rc) {
        feed_destroy(f);
        return rc;
    }
    if (previous)
        take_over(f, previous);
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
    poller_destroy(f->poller);
    prober_destroy(f->prober);
    blindness_destroy(f->blindness);
    loop_timer_destroy(f->timer);
    loop_timer_destroy(f->calendar_timer);
    loop_timer_destroy(f->probe_timer);
    free(f->parked);
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
        .streaming_enabled = f->limits.enabled,
        .in_session = f->in_session,
        .session_changes_ns = calendar_next_ns(&f->config->session, now.wall_ns),
        .connections = f->connections,
        .losses = f->losses,
        .connected_for_ms =
            f->state.mode >= FEED_SUBSCRIBING ? now.mono_ms - f->state.opened_ms : -1,
        .retry_in_ms = f->state.mode == FEED_POLLING && f->limits.enabled
                           ? f->state.retry_ms - now.mono_ms
                           : -1,
        .filling = blindness_left(f->blindness),
        .blind_longest_ms = blindness_longest_ms(f->blindness),
        .probes_agreed = f->agreed,
        .probes_differed = f->differed,
        .divergences = f->divergences,
        .poller = poller_state(f->poller),
        .stream = streamer_state(f->streamer),
    };
    snprintf(out->why, sizeof(out->why), "%.*s", (int)sizeof(out->why) - 1, f->why);
}
