#include "virtual_stream.h"

#include "net/ws.h"
#include "place.h"
#include "tally.h"
#include "virtual_broker.h"
#include "virtual_exchange.h"
#include "virtual_terminal.h"
#include "virtual_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDSHAKE_MS 120
#define DELAY_MS     5 /* of messages */
#define FRAME_BYTES  1024
#define QUEUED       8 /* texts waiting to be sent */

enum task { TASK_OPEN, TASK_PING, TASK_SILENCE, TASK_RESET, TASK_CLOSE, TASK_VIOLATE };

struct ws {
    struct ws *next;
    struct loop *loop;
    struct ws_config config;
    struct ws_handler handler;
    struct loop_timer *timer; /* the handshake's answer, then pings, then the end */
    struct loop_timer *frames;
    bool sending; /* `frames` is armed */
    enum task task;
    enum stream_kind kind;
    bool login_valid, open, dead, busy;
    int code;
    int64_t paused_until_ms;
    bool subscribed[EXCHANGE_MAX], owed[EXCHANGE_MAX];
    bool changed[EXCHANGE_MAX]; /* owed because of a change */
    char *queue[QUEUED];
    struct ws_stats stats;
};

static struct ws *sockets;

static struct {
    bool silent[STREAM_KINDS], dead[STREAM_KINDS], silent_of[EXCHANGE_MAX], refused[EXCHANGE_MAX];
    const char *denied;
    enum spoilt spoilt;
    int64_t back_ms;
} stream;

/* --- behaviour -------------------------------------------------------------------------------- */

void stream_set_silent(enum stream_kind kind, bool silent)
{
    stream.silent[kind] = silent;
}

void stream_set_silent_of(int instrument, bool silent)
{
    stream.silent_of[instrument] = silent;
}

void stream_set_dead(enum stream_kind kind, bool dead)
{
    stream.dead[kind] = dead;
}

void stream_set_spoilt(enum spoilt spoilt)
{
    stream.spoilt = spoilt;
}

void stream_set_refused(int instrument, bool refused)
{
    stream.refused[instrument] = refused;
}

void stream_set_denied(const char *words)
{
    stream.denied = words;
}

void stream_set_back(int64_t ms)
{
    stream.back_ms = ms;
}

void stream_check_closed(void)
{
    if (sockets)
        place_fail("a stream was left open");
}

/* --- the connection --------------------------------------------------------------------------- */

static void free_ws(struct ws *ws)
{
    struct ws **at = &sockets;
    while (*at != ws)
        at = &(*at)->next;
    *at = ws->next;
    loop_timer_destroy(ws->timer);
    loop_timer_destroy(ws->frames);
    for (int i = 0; i < QUEUED; i++)
        free(ws->queue[i]);
    free(ws);
}

static void end_ws(struct ws *ws, enum ws_end_kind kind, const char *words,
                   const struct ws_answer *answer)
{
    const struct ws_answer opened = {.status = 101, .retry_after_ms = -1};
    const struct ws_end end = {kind, ws->code, words, answer ? answer : &opened};
    ws->open = false;
    loop_timer_stop(ws->timer);
    loop_timer_stop(ws->frames);
    ws->handler.ended(ws->handler.arg, &end);
}

static void refuse(struct ws *ws, const struct answer *answer)
{
    struct ws_answer reply = {.status = answer->status, .retry_after_ms = answer->retry_after_ms};
    reply.body_len_bytes =
        (size_t)snprintf(reply.body, sizeof(reply.body), "%s", answer->body ? answer->body : "");
    if (answer->location)
        snprintf(reply.location, sizeof(reply.location), "%s", answer->location);
    end_ws(ws, WS_REFUSED, "the handshake was refused", &reply);
}

static void shake_hands(struct ws *ws)
{
    static const struct ws_answer none = {.retry_after_ms = -1};
    static const struct answer unauthorized = {
        .status = 401,
        .retry_after_ms = -1,
        .body = "{\"status\":\"ERROR\",\"message\":\"Access denied\"}"};
    static const struct answer to_the_login = {
        .status = 302, .retry_after_ms = -1, .location = "https://terminal.test/auth/login"};
    const struct answer *answer =
        broker_answer_of(ws->kind == STREAM_API ? ENDPOINT_HANDSHAKE : ENDPOINT_TERMINAL_HANDSHAKE);
    if (broker_down() || (answer && answer->outcome == HTTP_CONNECT)) {
        end_ws(ws, WS_UNREACHABLE, "no connection: simulated", &none);
    } else if (answer && answer->outcome != HTTP_OK) {
        end_ws(ws, WS_NO_ANSWER, "no answer to the handshake: simulated", &none);
    } else if (answer || !ws->login_valid) {
        refuse(ws, answer ? answer : ws->kind == STREAM_API ? &unauthorized : &to_the_login);
    } else {
        ws->open = true;
        ws->stats.pong_ms = time_ms();
        ws->task = TASK_PING;
        loop_timer_set(ws->timer, ws->config.ping_ms);
        ws->handler.opened(ws->handler.arg);
    }
}

static void ping(struct ws *ws)
{
    if (stream.dead[ws->kind] || broker_down()) {
        ws->task = TASK_SILENCE;
        loop_timer_set(ws->timer, ws->config.pong_ms);
        return;
    }
    ws->stats.pong_ms = time_ms();
    loop_timer_set(ws->timer, ws->config.ping_ms);
}

static void run_task(struct ws *ws)
{
    switch (ws->task) {
    case TASK_OPEN:
        shake_hands(ws);
        break;
    case TASK_PING:
        ping(ws);
        break;
    case TASK_SILENCE:
        end_ws(ws, WS_NO_PONG, "no pong within 10 s: the connection is dead", NULL);
        break;
    case TASK_RESET:
        end_ws(ws, WS_LOST, "connection reset", NULL);
        break;
    case TASK_CLOSE:
        end_ws(ws, WS_CLOSED, "the server closed the connection", NULL);
        break;
    case TASK_VIOLATE:
        end_ws(ws, WS_VIOLATION, "the server sent a masked frame: simulated", NULL);
        break;
    }
}

static void on_timer(void *arg)
{
    struct ws *ws = arg;
    ws->busy = true;
    run_task(ws);
    ws->busy = false;
    if (ws->dead)
        free_ws(ws);
}

static void end_all(enum stream_kind kind, enum task task, int code)
{
    for (struct ws *ws = sockets; ws; ws = ws->next) {
        if (ws->kind != kind)
            continue;
        ws->task = task;
        ws->code = code;
        loop_timer_set(ws->timer, 1);
    }
}

void stream_reset(enum stream_kind kind)
{
    end_all(kind, TASK_RESET, 0);
}

void stream_close(enum stream_kind kind, int code)
{
    end_all(kind, TASK_CLOSE, code);
}

void stream_violate(void)
{
    end_all(STREAM_API, TASK_VIOLATE, 1002);
}

/* --- messages --------------------------------------------------------------------------------- */

static void deliver(struct ws *ws, const char *text)
{
    ws->stats.messages++;
    ws->handler.text(ws->handler.arg, text, strlen(text));
}

static void put_frame(char *out, size_t size, int i, int64_t back_ms, const char *data)
{
    int64_t stamp_ms = time_broker_ns(time_ms()) / NS_PER_MS - back_ms;
    snprintf(out, size,
             "{\"type\":\"Md\",\"timestamp\":%lld,\"instrumentId\":{\"marketId\":"
             "\"ROFX\",\"symbol\":\"%s\"},\"marketData\":%s}",
             (long long)stamp_ms, exchange_symbol(i), data);
}

static void send_line(struct ws *ws, int i)
{
    char line[FRAME_BYTES / 2], text[FRAME_BYTES];
    terminal_put_line(line, sizeof(line), i);
    snprintf(text, sizeof(text), "[\"%s\"]", line);
    deliver(ws, ws->changed[i] ? line : text); /* the initial ones arrive in lists */
    ws->changed[i] = false;
}

static void send_data(struct ws *ws, int i)
{
    char text[FRAME_BYTES], data[FRAME_BYTES / 2];
    exchange_put(data, sizeof(data), i);
    if (stream.spoilt == SPOILT_CHANGES && ws->changed[i])
        snprintf(data, sizeof(data), "[0]");
    ws->changed[i] = false;
    put_frame(text, sizeof(text) - 1, i, stream.back_ms, data);
    if (stream.spoilt == SPOILT_ALL)
        strcat(text, ",");
    deliver(ws, text);
}

static void send_queue(struct ws *ws)
{
    for (int i = 0; i < QUEUED && ws->queue[i] && ws->open && !ws->dead; i++) {
        char *text = ws->queue[i];
        ws->queue[i] = NULL;
        deliver(ws, text);
        free(text);
    }
}

static void send_owed(struct ws *ws)
{
    for (int i = 0; i < exchange_count() && ws->open && !ws->dead; i++) {
        bool silent = stream.silent[ws->kind] || stream.dead[ws->kind] || broker_down() ||
                      (ws->kind == STREAM_API && stream.silent_of[i]);
        if (!ws->owed[i])
            continue;
        ws->owed[i] = false;
        if (!silent && ws->kind == STREAM_API)
            send_data(ws, i);
        else if (!silent)
            send_line(ws, i);
    }
}

static void on_frames(void *arg)
{
    struct ws *ws = arg;
    if (time_ms() < ws->paused_until_ms) {
        loop_timer_set(ws->frames, ws->paused_until_ms - time_ms());
        return;
    }
    ws->sending = false;
    ws->busy = true;
    send_queue(ws);
    send_owed(ws);
    ws->busy = false;
    if (ws->dead)
        free_ws(ws);
}

static void send_soon(struct ws *ws)
{
    if (!ws->sending)
        loop_timer_set(ws->frames, DELAY_MS);
    ws->sending = true;
}

static void owe(struct ws *ws, int i)
{
    ws->owed[i] = true;
    send_soon(ws);
}

void stream_push(int instrument)
{
    for (struct ws *ws = sockets; ws; ws = ws->next) {
        if (!ws->open || !ws->subscribed[instrument])
            continue;
        ws->changed[instrument] = true;
        owe(ws, instrument);
    }
}

static void queue(struct ws *ws, const char *text)
{
    int i = 0;
    while (i < QUEUED && ws->queue[i])
        i++;
    if (i == QUEUED)
        place_fail("more than %d messages wait to be sent", QUEUED);
    ws->queue[i] = strdup(text);
    send_soon(ws);
}

void stream_send(const char *text)
{
    for (struct ws *ws = sockets; ws; ws = ws->next) {
        if (ws->open && ws->kind == STREAM_API)
            queue(ws, text);
    }
}

void stream_repeat(int instrument)
{
    char text[FRAME_BYTES];
    put_frame(text, sizeof(text), instrument, 60000, "{\"LA\":{\"price\":1,\"size\":1}}");
    stream_send(text);
}

/* --- subscribing ------------------------------------------------------------------------------ */

/* One invalid symbol makes the broker reject the whole message. */
static bool reject(struct ws *ws, int i)
{
    char text[FRAME_BYTES];
    if (!stream.denied && !stream.refused[i])
        return false;
    if (stream.denied)
        snprintf(text, sizeof(text), "{\"status\":\"ERROR\",\"description\":\"%s\"}",
                 stream.denied);
    else
        snprintf(text, sizeof(text),
                 "{\"status\":\"ERROR\",\"description\":\"Product %s:ROFX don't exist\"}",
                 exchange_symbol(i));
    queue(ws, text);
    return true;
}

/* The instruments of a subscription message. */
static int read_products(enum stream_kind kind, const char *text, int out[EXCHANGE_MAX])
{
    const char *before = kind == STREAM_API ? "\"symbol\":\"" : "\"md.";
    int count = 0;
    for (const char *at = text; (at = strstr(at, before)); at++) {
        int i = kind == STREAM_API ? exchange_find(at + 10) : terminal_find(at);
        if (i >= 0 && count < EXCHANGE_MAX)
            out[count++] = i;
    }
    return count;
}

int ws_send(struct ws *ws, const char *text, size_t len_bytes)
{
    int products[EXCHANGE_MAX], count = read_products(ws->kind, text, products);
    (void)len_bytes;
    if (ws->kind == STREAM_TERMINAL && strcmp(text, "ping") == 0) {
        queue(ws, "pong");
        return 0;
    }
    tally_add(TALLY_SUBSCRIPTIONS);
    for (int i = 0; i < count; i++) {
        if (ws->kind == STREAM_API && reject(ws, products[i]))
            return 0;
    }
    for (int i = 0; i < count; i++) {
        ws->subscribed[products[i]] = true;
        ws->changed[products[i]] = false;
        owe(ws, products[i]);
    }
    return 0;
}

/* --- net/ws ----------------------------------------------------------------------------------- */

int ws_create(struct ws **out, struct loop *loop, const struct ws_config *config,
              const struct ws_handler *handler, struct err *err)
{
    struct ws *ws = calloc(1, sizeof(*ws));
    (void)err;
    *ws = (struct ws){.next = sockets, .loop = loop, .config = *config, .handler = *handler};
    ws->kind = terminal_has(config->url) ? STREAM_TERMINAL : STREAM_API;
    ws->login_valid = ws->kind == STREAM_API ? broker_token_valid(config->headers)
                                             : terminal_admits(config->url, config->headers);
    ws->stats.round_trip_ms = -1;
    ws->timer = loop_timer_create(loop, on_timer, ws);
    ws->frames = loop_timer_create(loop, on_frames, ws);
    loop_timer_set(ws->timer, HANDSHAKE_MS);
    sockets = ws;
    tally_add(TALLY_CONNECTIONS);
    *out = ws;
    return 0;
}

void ws_destroy(struct ws *ws)
{
    if (!ws)
        return;
    ws->dead = true;
    ws->open = false;
    loop_timer_stop(ws->timer);
    loop_timer_stop(ws->frames);
    if (!ws->busy)
        free_ws(ws);
}

void ws_pause(struct ws *ws, int64_t pause_ms)
{
    ws->paused_until_ms = time_ms() + pause_ms;
    tally_add(TALLY_PAUSES);
}

struct now ws_received(const struct ws *ws)
{
    (void)ws;
    return clock_now();
}

struct ws_stats ws_stats(const struct ws *ws)
{
    return ws->stats;
}
