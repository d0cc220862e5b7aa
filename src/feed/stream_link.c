#include "feed/stream_link.h"

#include "market/market.h"

#include <stdlib.h>
#include <string.h>

#define PONG_MS        10000
#define OUT_BYTES      (512 * 1024) /* a subscription message, at most */
#define BATCH_PACE_MS  50           /* between two batches */
#define BATCH_QUIET_MS 5000         /* without data: the broker has ignored the batch */

struct stream_link {
    struct stream_link_parts parts;
    struct ws *ws; /* NULL = none */
    int64_t connection, connections;
    bool open;
    struct subscription *subscription;
    struct loop_timer *timer;         /* the next batch */
    struct loop_timer *alive;         /* the dialect's next keep-alive message */
    struct dialect_instrument *batch; /* room for the largest */
    struct buf out;
};

/* --- subscribing ------------------------------------------------------------------------------ */

/* If a message cannot be sent, the batch gets no data, as if the broker had ignored it. */
static void send_batch(struct stream_link *l, const struct subscription_next *next)
{
    const struct market *market = l->parts.market;
    const struct dialect *dialect = l->parts.dialect;
    const struct dialect_batch batch = {l->batch, next->count};
    for (int32_t i = 0; i < next->count; i++) {
        int32_t instrument = next->instruments[i];
        l->batch[i] = (struct dialect_instrument){market_id(market, instrument),
                                                  market_symbol(market, instrument)};
    }
    buf_clear(&l->out);
    for (int part = 0; dialect->subscribe(dialect->arg, &batch, part, &l->out); part++) {
        if (!buf_failed(&l->out) && l->out.len_bytes)
            ws_send(l->ws, buf_text(&l->out), l->out.len_bytes);
        buf_clear(&l->out);
    }
}

void stream_link_pump(struct stream_link *l)
{
    if (!l->open)
        return;
    int64_t now_ms = loop_now(l->parts.loop).mono_ms;
    struct subscription_next next = subscription_next(l->subscription, now_ms);
    while (next.count) {
        send_batch(l, &next);
        next = subscription_next(l->subscription, now_ms);
    }
    if (next.wake_ms == INT64_MAX)
        loop_timer_stop(l->timer);
    else
        loop_timer_set(l->timer, next.wake_ms - now_ms);
}

static void on_timer(void *arg)
{
    stream_link_pump(arg);
}

void stream_link_subscribe(struct stream_link *l)
{
    subscription_begin(l->subscription, loop_now(l->parts.loop).mono_ms);
    stream_link_pump(l);
}

void stream_link_subscribe_one(struct stream_link *l, int32_t instrument)
{
    subscription_again(l->subscription, instrument);
    stream_link_pump(l);
}

void stream_link_forgive(struct stream_link *l)
{
    subscription_forgive(l->subscription);
    stream_link_pump(l);
}

struct subscription *stream_link_subscription(struct stream_link *l)
{
    return l->subscription;
}

/* --- the connection --------------------------------------------------------------------------- */

static void forget(struct stream_link *l)
{
    l->ws = NULL;
    l->connection = 0;
    l->open = false;
    loop_timer_stop(l->timer);
    loop_timer_stop(l->alive);
    subscription_end(l->subscription);
}

void stream_link_close(struct stream_link *l)
{
    ws_destroy(l->ws);
    forget(l);
}

/* The handler may connect again. */
static void on_ended(void *arg, const struct ws_end *end)
{
    struct stream_link *l = arg;
    struct ws *ws = l->ws;
    forget(l);
    l->parts.ended(l->parts.arg, l, end);
    ws_destroy(ws);
}

void stream_link_end(struct stream_link *l, const struct ws_end *end)
{
    on_ended(l, end);
}

static void on_keep_alive(void *arg)
{
    struct stream_link *l = arg;
    const struct dialect *d = l->parts.dialect;
    ws_send(l->ws, d->keep_alive, strlen(d->keep_alive));
    loop_timer_set(l->alive, d->keep_alive_ms);
}

static void on_opened(void *arg)
{
    struct stream_link *l = arg;
    l->open = true;
    subscription_begin(l->subscription, loop_now(l->parts.loop).mono_ms);
    if (l->parts.dialect->keep_alive)
        loop_timer_set(l->alive, l->parts.dialect->keep_alive_ms);
    l->parts.opened(l->parts.arg, l);
    stream_link_pump(l);
}

static void on_text(void *arg, const char *text, size_t len_bytes)
{
    struct stream_link *l = arg;
    l->parts.text(l->parts.arg, l, text, len_bytes);
}

int stream_link_connect(struct stream_link *l, struct err *err)
{
    const struct config *c = l->parts.config;
    const struct dialect *d = l->parts.dialect;
    const struct ws_config config = {
        .url = d->url(d->arg),
        .ca_file = c->broker.ca_file,
        .headers = d->headers(d->arg),
        .open_ms = c->broker.timeout_ms,
        .ping_ms = c->stream.ping_ms,
        .pong_ms = PONG_MS,
        .message_max_bytes = d->message_max_bytes,
    };
    const struct ws_handler handler = {l, on_opened, on_text, on_ended};
    stream_link_close(l);
    int rc = ws_create(&l->ws, l->parts.loop, &config, &handler, err);
    if (rc == 0)
        l->connection = ++l->connections;
    return rc;
}

void stream_link_send(struct stream_link *l, const char *text, size_t len_bytes)
{
    if (l->ws)
        ws_send(l->ws, text, len_bytes);
}

void stream_link_pause(struct stream_link *l, int64_t pause_ms)
{
    if (l->ws)
        ws_pause(l->ws, pause_ms);
}

int64_t stream_link_connection(const struct stream_link *l)
{
    return l->connection;
}

bool stream_link_open(const struct stream_link *l)
{
    return l->open;
}

struct now stream_link_received(const struct stream_link *l)
{
    return ws_received(l->ws);
}

struct ws_stats stream_link_stats(const struct stream_link *l)
{
    return l->ws ? ws_stats(l->ws) : (struct ws_stats){0};
}

/* --- life ------------------------------------------------------------------------------------- */

struct stream_link *stream_link_create(const struct stream_link_parts *parts)
{
    const struct config_stream *config = &parts->config->stream;
    const struct subscription_limits limits = {config->batch, BATCH_PACE_MS, BATCH_QUIET_MS};
    struct stream_link *l = calloc(1, sizeof(*l));
    if (!l)
        return NULL;
    l->parts = *parts;
    buf_init(&l->out, OUT_BYTES);
    l->timer = loop_timer_create(parts->loop, on_timer, l);
    l->alive = loop_timer_create(parts->loop, on_keep_alive, l);
    l->batch = calloc((size_t)config->batch, sizeof(*l->batch));
    l->subscription = subscription_create(&limits, parts->sources);
    if (l->timer && l->alive && l->batch && l->subscription)
        return l;
    stream_link_destroy(l);
    return NULL;
}

void stream_link_destroy(struct stream_link *l)
{
    if (!l)
        return;
    ws_destroy(l->ws);
    loop_timer_destroy(l->timer);
    loop_timer_destroy(l->alive);
    subscription_destroy(l->subscription);
    buf_finish(&l->out);
    free(l->batch);
    free(l);
}
