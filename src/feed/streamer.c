#include "feed/streamer.h"

#include "base/rate_meter.h"
#include "base/utf8.h"
#include "broker/token_keeper.h"
#include "feed/poll_outcome.h"
#include "market/shortfall.h"
#include "market/source_table.h"
#include "market/stream_clock.h"
#include "primary/request.h"
#include "primary/stream.h"
#include "record/events.h"
#include "record/recorder.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MESSAGE_BYTES (1024 * 1024) /* a full update has about 2,000 */
#define PONG_MS       10000
#define SMD_BYTES     (512 * 1024)
#define SMD_PACE_MS   50
#define SMD_QUIET_MS  5000
#define LOOK_MS       5000 /* interval of checking for instruments without data */
#define PRESSED_MS    10   /* pause of reading while the store's queue is long */

struct streamer {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    struct store *store;
    struct source_table *sources;
    struct streamer_handler handler;

    char *url;
    struct ws *ws; /* NULL = none */
    bool open;
    struct subscription *subscription;
    struct loop_timer *timer; /* the next smd (subscription message) */
    struct loop_timer *look;  /* the next check for a shortfall */
    struct shortfall shortfall;
    struct json_parser *parser;
    bool denied_told; /* that most instruments are refused; not yet that they are allowed */
    struct buf smd;
    struct stream_terms terms;
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

static void send_smd(struct streamer *s, const struct subscription_next *next)
{
    buf_clear(&s->smd);
    stream_smd_begin(&s->smd, &s->terms);
    for (int32_t i = 0; i < next->count; i++)
        stream_smd_product(&s->smd, i == 0, REQUEST_MARKET_ROFX,
                           symbol_of(s, next->instruments[i]));
    stream_smd_end(&s->smd);
    if (!buf_failed(&s->smd))
        ws_send(s->ws, buf_text(&s->smd),
                s->smd.len_bytes); /* on failure the batch gets no data, as if ignored */
}

static void pump(struct streamer *s)
{
    if (!s->open)
        return;
    int64_t now_ms = loop_now(s->loop).mono_ms;
    struct subscription_next next = subscription_next(s->subscription, now_ms);
    while (next.count) {
        send_smd(s, &next);
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

static void take_market_data(struct streamer *s, const struct stream_frame *frame, struct now now)
{
    int32_t instrument = find(s, frame->market_id, frame->symbol);
    if (instrument < 0) {
        s->other++;
        return;
    }
    if (frame->unreadable.entries)
        recorder_unreadable(s->recorder, instrument, "stream", &frame->unreadable);
    if (!stream_clock_take(&s->clock, &s->stamps[instrument], frame->ts_event, now.wall_ns)) {
        if (s->outdated++ == 0)
            events_report(s->events, LOG_LEVEL_WARN, EVENT_OUTDATED, symbol_of(s, instrument),
                          "the stream repeats old messages; they are dropped and counted");
        return;
    }
    const struct market_stamp stamp = {
        .source = STREAMER_SOURCE, .ts_recv = now.wall_ns, .recv_ms = now.mono_ms};
    struct market_result result = recorder_update(s->recorder, instrument, &frame->update, &stamp);
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

static void take_error(struct streamer *s, const struct stream_frame *frame, const struct err *why)
{
    int32_t named = *frame->named ? find(s, REQUEST_MARKET_ROFX, frame->named) : -1;
    bool all = frame->class == REPLY_ACCESS || frame->class == REPLY_AUTH;
    struct subscription_error error = subscription_error(s->subscription, named, all);
    if (error.refused >= 0)
        events_report(s->events, LOG_LEVEL_WARN, poll_outcome_event(frame->class),
                      symbol_of(s, error.refused),
                      "stream: %s; not subscribed again today, polled instead", why->text);
    else if (named < 0 && !subscription_denied(s->subscription))
        events_report(s->events, LOG_LEVEL_WARN, EVENT_STREAM_ERROR, NULL, "%s", why->text);
    if (error.denied) {
        if (!s->denied_told)
            tell_denied(s, why);
        s->denied_told = true;
        s->handler.denied(s->handler.arg);
    }
    pump(s);
}

/* The message may have contained a change; often its symbol can still be read. */
static void take_malformed(struct streamer *s, const struct stream_frame *frame, const char *text,
                           size_t len_bytes, const struct err *why)
{
    char begins[80];
    int32_t instrument =
        frame->symbol ? find(s, frame->market_id ? frame->market_id : "", frame->symbol) : -1;
    s->malformed++;
    utf8_clean(begins, sizeof(begins), text, len_bytes);
    events_report(s->events, LOG_LEVEL_WARN, EVENT_MALFORMED,
                  instrument < 0 ? NULL : symbol_of(s, instrument),
                  "stream: %s, in %s; requesting the present state again", why->text, begins);
    s->handler.spoilt(s->handler.arg, instrument);
}

/* A proxy or web server answers instead of the broker's API, so the connection is closed. */
static void take_page(struct streamer *s, const char *text, size_t len_bytes)
{
    static const struct ws_answer none = {.retry_after_ms = -1};
    char begins[160], words[256];
    utf8_clean(begins, sizeof(begins), text, len_bytes);
    snprintf(words, sizeof(words), "a page instead of market data: %s", begins);
    on_ended(s, &(struct ws_end){.kind = WS_VIOLATION, .words = words, .answer = &none});
}

static void on_text(void *arg, const char *text, size_t len_bytes)
{
    struct streamer *s = arg;
    struct stream_frame frame = {.symbol = NULL};
    struct err why = {0};
    struct now now = loop_now(s->loop);

    s->messages++;
    rate_meter_count(&s->meter, now.mono_ms);
    if (len_bytes && text[0] == '<') {
        take_page(s, text, len_bytes);
        return;
    }
    if (stream_decode(s->parser, text, len_bytes, s->terms.entries, &frame, &why)) {
        take_malformed(s, &frame, text, len_bytes, &why);
        return;
    }
    switch (frame.kind) {
    case STREAM_MARKET_DATA:
        take_market_data(s, &frame, now);
        return;
    case STREAM_ERROR:
        if (frame.class == REPLY_PAGE)
            take_page(s, text, len_bytes);
        else
            take_error(s, &frame, &why);
        return;
    case STREAM_OTHER:
        s->other++;
        return;
    }
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

static void on_opened(void *arg)
{
    struct streamer *s = arg;
    s->open = true;
    subscription_begin(s->subscription, loop_now(s->loop).mono_ms);
    loop_timer_set(s->look, LOOK_MS);
    s->handler.opened(s->handler.arg);
    pump(s);
}

int streamer_connect(struct streamer *s, struct err *err)
{
    const struct config *c = s->config;
    const struct ws_config config = {
        .url = s->url,
        .ca_file = c->broker.ca_file,
        .headers = token_keeper_headers(s->keeper),
        .open_ms = c->broker.timeout_ms,
        .ping_ms = c->stream.ping_ms,
        .pong_ms = PONG_MS,
        .message_max_bytes = MESSAGE_BYTES,
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

/* The REST base URL with wss instead of https (protocol section 2). */
static char *stream_url(const struct config_broker *broker)
{
    char *url = NULL;
    bool plain = strncasecmp(broker->url, "http://", 7) == 0;
    if (*broker->stream_url)
        return strdup(broker->stream_url);
    if (asprintf(&url, "%s%s", plain ? "ws" : "wss", broker->url + (plain ? 4 : 5)) < 0)
        return NULL;
    return url;
}

static int open_parts(struct streamer *s)
{
    const struct config_stream *config = &s->config->stream;
    const struct subscription_limits limits = {config->batch, SMD_PACE_MS, SMD_QUIET_MS};
    s->terms = (struct stream_terms){s->config->poll.entries, config->depth, config->level};
    s->clock = stream_clock_init();
    buf_init(&s->smd, SMD_BYTES);
    s->url = stream_url(&s->config->broker);
    s->timer = loop_timer_create(s->loop, on_timer, s);
    s->look = loop_timer_create(s->loop, on_look, s);
    s->parser = json_parser_create();
    s->subscription = subscription_create(&limits, s->sources);
    s->stamps = calloc((size_t)source_table_size(s->sources) + 1, sizeof(*s->stamps));
    bool made = s->url && s->timer && s->look && s->parser && s->subscription && s->stamps;
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
    s->keeper = parts->keeper;
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
    subscription_destroy(s->subscription);
    json_parser_destroy(s->parser);
    buf_finish(&s->smd);
    free(s->stamps);
    free(s->url);
    free(s);
}

const char *streamer_url(const struct streamer *s)
{
    return s->url;
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
