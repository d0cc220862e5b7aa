#include "feed/streamer.h"

#include "base/rate_meter.h"
#include "base/utf8.h"
#include "market/shortfall.h"
#include "market/source_table.h"
#include "market/stream_clock.h"
#include "record/events.h"
#include "record/recorder.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PONG_MS        10000
#define OUT_BYTES      (512 * 1024) /* a subscription message, at most */
#define BATCH_PACE_MS  50           /* between two batches */
#define BATCH_QUIET_MS 5000         /* without data: the broker has ignored the batch */
#define LOOK_MS        5000         /* interval of checking for instruments without data */
#define PRESSED_MS     10           /* pause of reading while the store's queue is long */

struct streamer {
    struct loop *loop;
    const struct config *config;
    const struct dialect *dialect;
    struct recorder *recorder;
    struct events *events;
    struct store *store;
    struct source_table *sources;
    struct streamer_handler handler;

    struct ws *ws; /* NULL = none */
    bool open;
    struct subscription *subscription;
    struct loop_timer *timer; /* the next batch */
    struct loop_timer *look;  /* the next check for a shortfall */
    struct loop_timer *alive; /* the dialect's next keep-alive message */
    struct shortfall shortfall;
    int32_t outdated_before; /* the instrument of the last outdated message */
    bool denied_told;        /* that most instruments are refused; not yet that they are allowed */
    struct dialect_instrument *batch; /* room for the largest */
    struct buf out;
    struct stream_clock clock;

    struct stream_stamp *stamps; /* by instrument */

    int64_t messages, changes, outdated, malformed, other, heard_ms;
    struct rate_meter meter;
};

/* --- subscribing ------------------------------------------------------------------------------ */

static const char *symbol_of(const struct streamer *s, int32_t instrument)
{
    return market_symbol(recorder_market(s->recorder), instrument);
}

/* If a message cannot be sent, the batch gets no data, as if the broker had ignored it. */
static void send_batch(struct streamer *s, const struct subscription_next *next)
{
    const struct market *market = recorder_market(s->recorder);
    const struct dialect_batch batch = {s->batch, next->count};
    for (int32_t i = 0; i < next->count; i++) {
        int32_t instrument = next->instruments[i];
        s->batch[i] = (struct dialect_instrument){market_id(market, instrument),
                                                  market_symbol(market, instrument)};
    }
    buf_clear(&s->out);
    for (int part = 0; s->dialect->subscribe(s->dialect->arg, &batch, part, &s->out); part++) {
        if (!buf_failed(&s->out))
            ws_send(s->ws, buf_text(&s->out), s->out.len_bytes);
        buf_clear(&s->out);
    }
}

static void pump(struct streamer *s)
{
    if (!s->open)
        return;
    int64_t now_ms = loop_now(s->loop).mono_ms;
    struct subscription_next next = subscription_next(s->subscription, now_ms);
    while (next.count) {
        send_batch(s, &next);
        next = subscription_next(s->subscription, now_ms);
    }
    if (next.wake_ms == INT64_MAX)
        loop_timer_stop(s->timer);
    else
        loop_timer_set(s->timer, next.wake_ms - now_ms);
}

static void on_timer(void *arg)
{
    pump(arg);
}

void streamer_subscribe(struct streamer *s)
{
    subscription_begin(s->subscription, loop_now(s->loop).mono_ms);
    pump(s);
}

void streamer_subscribe_one(struct streamer *s, int32_t instrument)
{
    subscription_again(s->subscription, instrument);
    pump(s);
}

void streamer_forgive(struct streamer *s)
{
    subscription_forgive(s->subscription);
    pump(s);
}

/* --- the end of the connection ---------------------------------------------------------------- */

static void hang_up(struct streamer *s)
{
    ws_destroy(s->ws);
    s->ws = NULL;
    s->open = false;
    loop_timer_stop(s->timer);
    loop_timer_stop(s->look);
    loop_timer_stop(s->alive);
    subscription_end(s->subscription);
    shortfall_closed(&s->shortfall);
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct streamer *s = arg;
    struct ws *ws = s->ws;
    s->ws = NULL; /* the ended() handler may connect again */
    hang_up(s);
    s->handler.ended(s->handler.arg, end);
    ws_destroy(ws);
}

/* --- messages --------------------------------------------------------------------------------- */

/* -1: not one of the listed instruments. */
static int32_t find(const struct streamer *s, const char *market_id, const char *symbol)
{
    int32_t i = market_find(recorder_market(s->recorder), market_id, symbol);
    return i >= 0 && source_table_row(s->sources, i)->state != SOURCE_UNLISTED ? i : -1;
}

/* The first message of an instrument, on the connection that was denied or on a later one. */
static void look_for_allowed(struct streamer *s, int32_t instrument, bool was_denied)
{
    int32_t count = source_table_listed(s->sources).count;
    bool allowed = was_denied && !subscription_denied(s->subscription);
    if (allowed)
        events_report(s->events, LOG_LEVEL_INFO, EVENT_STREAM_ALLOWED, symbol_of(s, instrument),
                      "the stream delivers an instrument that it had refused: all are subscribed "
                      "again");
    else if (subscription_state(s->subscription).live == count)
        events_report(s->events, LOG_LEVEL_INFO, EVENT_STREAM_ALLOWED, NULL,
                      "the stream delivers all %d instruments", (int)count);
    else
        return;
    s->denied_told = false;
}

/* A single old message arrived out of order. Several in a row, of this instrument or of all, may be
 * new ones, if the broker's clock was set back: the instrument is not observed then. */
static void take_outdated(struct streamer *s, int32_t instrument)
{
    if (s->outdated++ == 0)
        events_report(s->events, LOG_LEVEL_WARN, EVENT_OUTDATED, symbol_of(s, instrument),
                      "the stream repeats old messages; they are dropped and counted");
    if (s->stamps[instrument].old_in_row > 1 || s->clock.old_in_row > 1)
        s->handler.spoilt(s->handler.arg, instrument, EVENT_OUTDATED);
    if (s->clock.old_in_row == 2)
        s->handler.spoilt(s->handler.arg, s->outdated_before, EVENT_OUTDATED);
    s->outdated_before = instrument;
}

static void take_data(struct streamer *s, const struct stream_item *item, struct now now)
{
    int32_t instrument = find(s, item->market_id, item->symbol);
    if (instrument < 0) {
        s->other++;
        return;
    }
    if (item->unreadable.entries)
        recorder_unreadable(s->recorder, instrument, "stream", &item->unreadable);
    if (!stream_clock_take(&s->clock, &s->stamps[instrument], item->ts_event, now.wall_ns)) {
        take_outdated(s, instrument);
        return;
    }
    const struct market_stamp stamp = {
        .source = s->dialect->source, .ts_recv = now.wall_ns, .recv_ms = now.mono_ms};
    struct market_result result = recorder_update(s->recorder, instrument, &item->update, &stamp);
    struct stream_heard heard = {
        .instrument = instrument, .changed = result.changed != 0, .now_ms = now.mono_ms};
    bool waited = !subscription_live(s->subscription, instrument);
    bool denied = subscription_denied(s->subscription);
    heard.first = subscription_heard(s->subscription, instrument);
    heard.live = !waited || heard.first;
    if (heard.changed && s->ws && store_pressed(s->store))
        ws_pause(s->ws, PRESSED_MS);
    s->changes += heard.changed;
    s->heard_ms = now.mono_ms;
    s->handler.heard(s->handler.arg, &heard);
    if (heard.first && s->denied_told)
        look_for_allowed(s, instrument, denied);
    if (waited)
        pump(s); /* it may have confirmed its batch, so that the next one can be sent */
}

static void tell_denied(struct streamer *s, const struct err *why)
{
    int32_t refused = subscription_state(s->subscription).refused;
    int32_t count = source_table_listed(s->sources).count;
    if (!refused) /* one error concerned all of them */
        refused = count;
    events_report(s->events, LOG_LEVEL_ERROR, EVENT_STREAM_DENIED, NULL,
                  "%d of %d instruments refused by the stream (%s): this account lacks the "
                  "permission for market data, or the session is broken; they are polled, and one "
                  "is retried every 5 to 60 min. If it continues, ask the broker",
                  (int)refused, (int)count, why->text);
}

static void take_error(struct streamer *s, const struct stream_item *item)
{
    int32_t named = item->symbol ? find(s, item->market_id, item->symbol) : -1;
    struct subscription_error error = subscription_error(s->subscription, named, item->whole);
    if (error.refused >= 0)
        events_report(s->events, LOG_LEVEL_WARN, item->event, symbol_of(s, error.refused),
                      "stream: %s; not subscribed again today, polled instead", item->why.text);
    else if (named < 0 && !subscription_denied(s->subscription))
        events_report(s->events, LOG_LEVEL_WARN, EVENT_STREAM_ERROR, NULL, "%s", item->why.text);
    if (error.denied) {
        if (!s->denied_told)
            tell_denied(s, &item->why);
        s->denied_told = true;
        s->handler.denied(s->handler.arg);
    }
    pump(s);
}

/* The message may have contained a change; often its symbol can still be read. */
static void take_malformed(struct streamer *s, const struct stream_item *item)
{
    char begins[80];
    int32_t instrument = item->symbol ? find(s, item->market_id, item->symbol) : -1;
    s->malformed++;
    utf8_clean(begins, sizeof(begins), item->text, item->len_bytes);
    events_report(s->events, LOG_LEVEL_WARN, EVENT_MALFORMED,
                  instrument < 0 ? NULL : symbol_of(s, instrument),
                  "stream: %s, in %s; requesting the present state again", item->why.text, begins);
    s->handler.spoilt(s->handler.arg, instrument, EVENT_MALFORMED);
}

/* A proxy or web server answers instead of the broker's API, so the connection is closed. */
static void take_page(struct streamer *s, const struct stream_item *item)
{
    static const struct ws_answer none = {.retry_after_ms = -1};
    char begins[160], words[256];
    utf8_clean(begins, sizeof(begins), item->text, item->len_bytes);
    snprintf(words, sizeof(words), "a page instead of market data: %s", begins);
    on_ended(s, &(struct ws_end){.kind = WS_VIOLATION, .words = words, .answer = &none});
}

static void take(struct streamer *s, const struct stream_item *item, struct now now)
{
    switch (item->kind) {
    case STREAM_DATA:
        take_data(s, item, now);
        return;
    case STREAM_ERROR:
        take_error(s, item);
        return;
    case STREAM_MALFORMED:
        take_malformed(s, item);
        return;
    case STREAM_PAGE:
        take_page(s, item);
        return;
    case STREAM_REPLY:
        ws_send(s->ws, item->text, item->len_bytes);
        return;
    case STREAM_OTHER:
        s->other++;
        return;
    }
}

/* Each item may end the connection, or replace it. */
static void on_text(void *arg, const char *text, size_t len_bytes)
{
    struct streamer *s = arg;
    const struct ws *ws = s->ws;
    struct stream_message message = {text, len_bytes, 0};
    struct stream_item item;
    struct now now = loop_now(s->loop);

    s->messages++;
    rate_meter_count(&s->meter, now.mono_ms);
    while (s->ws == ws && s->dialect->decode(s->dialect->arg, &message, &item))
        take(s, &item, now);
}

/* --- the connection --------------------------------------------------------------------------- */

static void on_look(void *arg)
{
    struct streamer *s = arg;
    struct subscription_state state = subscription_state(s->subscription);
    int silent = shortfall_silent(&state);
    switch (shortfall_look(&s->shortfall, &state, loop_now(s->loop).mono_ms)) {
    case SHORTFALL_NO_NEWS:
        break;
    case SHORTFALL_BEGAN:
        events_report(s->events, LOG_LEVEL_WARN, EVENT_STREAM_SHORT, NULL,
                      "the stream delivers %d of the %d subscribed instruments, without an error; "
                      "%d have had no data for 30 s and are polled",
                      (int)state.live, (int)state.live + silent, silent);
        break;
    case SHORTFALL_ENDED:
        events_report(s->events, LOG_LEVEL_INFO, EVENT_STREAM_COMPLETE, NULL,
                      "the stream delivers all %d subscribed instruments", (int)state.live);
        break;
    }
    loop_timer_set(s->look, LOOK_MS);
}

static void on_keep_alive(void *arg)
{
    struct streamer *s = arg;
    const struct dialect *d = s->dialect;
    ws_send(s->ws, d->keep_alive, strlen(d->keep_alive));
    loop_timer_set(s->alive, d->keep_alive_ms);
}

static void on_opened(void *arg)
{
    struct streamer *s = arg;
    s->open = true;
    subscription_begin(s->subscription, loop_now(s->loop).mono_ms);
    loop_timer_set(s->look, LOOK_MS);
    if (s->dialect->keep_alive)
        loop_timer_set(s->alive, s->dialect->keep_alive_ms);
    s->handler.opened(s->handler.arg);
    pump(s);
}

int streamer_connect(struct streamer *s, struct err *err)
{
    const struct config *c = s->config;
    const struct dialect *d = s->dialect;
    const struct ws_config config = {
        .url = d->url(d->arg),
        .ca_file = c->broker.ca_file,
        .headers = d->headers(d->arg),
        .open_ms = c->broker.timeout_ms,
        .ping_ms = c->stream.ping_ms,
        .pong_ms = PONG_MS,
        .message_max_bytes = d->message_max_bytes,
    };
    const struct ws_handler handler = {s, on_opened, on_text, on_ended};
    hang_up(s);
    return ws_create(&s->ws, s->loop, &config, &handler, err);
}

void streamer_disconnect(struct streamer *s)
{
    hang_up(s);
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_parts(struct streamer *s)
{
    const struct config_stream *config = &s->config->stream;
    const struct subscription_limits limits = {config->batch, BATCH_PACE_MS, BATCH_QUIET_MS};
    s->clock = stream_clock_init();
    buf_init(&s->out, OUT_BYTES);
    s->timer = loop_timer_create(s->loop, on_timer, s);
    s->look = loop_timer_create(s->loop, on_look, s);
    s->alive = loop_timer_create(s->loop, on_keep_alive, s);
    s->batch = calloc((size_t)config->batch, sizeof(*s->batch));
    s->subscription = subscription_create(&limits, s->sources);
    s->stamps = calloc((size_t)source_table_size(s->sources) + 1, sizeof(*s->stamps));
    bool made = s->timer && s->look && s->alive && s->batch && s->subscription && s->stamps;
    return made ? 0 : -ENOMEM;
}

int streamer_create(struct streamer **out, const struct streamer_parts *parts,
                    const struct streamer_handler *handler, struct err *err)
{
    struct streamer *s = calloc(1, sizeof(*s));
    if (!s)
        return err_set(err, -ENOMEM, "out of memory");
    s->loop = parts->loop;
    s->config = parts->config;
    s->dialect = parts->dialect;
    s->recorder = parts->recorder;
    s->events = parts->events;
    s->store = parts->store;
    s->sources = parts->sources;
    s->handler = *handler;
    if (open_parts(s)) {
        streamer_destroy(s);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *out = s;
    return 0;
}

void streamer_destroy(struct streamer *s)
{
    if (!s)
        return;
    ws_destroy(s->ws);
    loop_timer_destroy(s->timer);
    loop_timer_destroy(s->look);
    loop_timer_destroy(s->alive);
    subscription_destroy(s->subscription);
    buf_finish(&s->out);
    free(s->batch);
    free(s->stamps);
    free(s);
}

const char *streamer_url(const struct streamer *s)
{
    return s->dialect->url(s->dialect->arg);
}

struct streamer_state streamer_state(const struct streamer *s)
{
    struct streamer_state state = {
        .connected = s->open,
        .messages = s->messages,
        .changes = s->changes,
        .outdated = s->outdated,
        .malformed = s->malformed,
        .other = s->other,
        .heard_ms = s->heard_ms,
        .per_second = rate_meter_per_second(&s->meter, loop_now(s->loop).mono_ms),
        .subscription = subscription_state(s->subscription),
    };
    state.clock_known = stream_clock_offset(&s->clock, &state.clock_ahead_ns);
    if (s->ws)
        state.ws = ws_stats(s->ws);
    return state;
}
