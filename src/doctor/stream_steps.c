#include "doctor/checkup.h"

#include "base/clock.h"
#include "base/percent.h"
#include "base/rng.h"
#include "doctor/candidates.h"
#include "doctor/stream_result.h"
#include "net/ws.h"
#include "primary/brokers.h"
#include "primary/request.h"
#include "primary/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FRAME_MS      5000 /* for the first frame (protocol section 15) */
#define PONG_MS       10000
#define TICK_MS       50
#define QUIET_PING_MS 60000
#define MESSAGE_BYTES (1024 * 1024)
#define URL_BYTES     2048
#define BASE_BYTES    512

/* One connection, from its handshake to what it delivered. */
struct attempt {
    struct checkup *checkup;
    struct ws *ws;
    bool handshake_only;
    struct loop_timer *tick;
    int64_t began_ms, opened_ms, asked_ms;
    bool open, ended, second;
    struct ws_end end; /* copied, with its texts below */
    struct ws_answer answer;
    char end_words[STEP_TEXT];
    enum first_frame frame;
    char words[STEP_TEXT]; /* of the first frame that is not data */
    int64_t frame_ms;      /* until the first frame; -1 = none yet */
};

static int64_t now_ms(void)
{
    return clock_now().mono_ms;
}

/* --- what arrives ----------------------------------------------------------------------------- */

static void subscribe(struct attempt *a, const char *symbol)
{
    const struct config *config = a->checkup->config;
    const struct stream_terms terms = {config->poll.entries, config->stream.depth,
                                       config->stream.level};
    struct buf message;
    buf_init(&message, MESSAGE_BYTES);
    stream_smd_begin(&message, &terms);
    stream_smd_product(&message, true, REQUEST_MARKET_ROFX, symbol);
    stream_smd_end(&message);
    ws_send(a->ws, buf_text(&message), message.len_bytes);
    buf_finish(&message);
    a->asked_ms = now_ms();
}

static void on_opened(void *arg)
{
    struct attempt *a = arg;
    a->open = true;
    a->opened_ms = now_ms();
    if (a->handshake_only) {
        loop_stop(a->checkup->loop);
        return;
    }
    subscribe(a, a->checkup->symbol[0]);
    ws_ping(a->ws);
}

static void on_text(void *arg, const char *text, size_t len_bytes)
{
    struct attempt *a = arg;
    struct stream_decoder decoder = {a->checkup->parser, a->checkup->config->poll.entries, ""};
    const struct stream_message message = {text, len_bytes, 0};
    struct stream_item *item = malloc(sizeof(*item));
    if (!item)
        return;
    stream_decode(&decoder, &message, item);
    enum first_frame frame = first_frame_of(item);
    if (a->frame == FRAME_NONE || a->frame == FRAME_OTHER) {
        a->frame = frame;
        a->frame_ms = now_ms() - a->asked_ms;
        snprintf(a->words, sizeof(a->words), "%s",
                 item->why.code ? item->why.text : "a frame of another type");
    }
    free(item);
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct attempt *a = arg;
    a->ended = true;
    a->end = *end;
    a->answer = *end->answer;
    snprintf(a->end_words, sizeof(a->end_words), "%s", end->words);
    a->end.answer = &a->answer;
    a->end.words = a->end_words;
    loop_stop(a->checkup->loop);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static bool is_answered(const struct attempt *a)
{
    return a->frame != FRAME_NONE && a->frame != FRAME_OTHER;
}

static bool is_silent(const struct attempt *a)
{
    return !is_answered(a) && now_ms() - a->asked_ms >= FRAME_MS;
}

static bool has_pong(const struct attempt *a)
{
    return a->ws && ws_stats(a->ws).round_trip_ms >= 0;
}

static void on_tick(void *arg)
{
    struct attempt *a = arg;
    struct checkup *c = a->checkup;
    if (a->open && is_silent(a) && !a->second && c->symbol[1]) {
        a->second = true;
        subscribe(a, c->symbol[1]);
    }
    if (a->open && (is_answered(a) || is_silent(a)) && has_pong(a))
        loop_stop(c->loop);
    else
        loop_timer_set(a->tick, TICK_MS);
}

/* Returns when it is open (handshake_only), answered and ponged, or ended. */
static void run_attempt(struct attempt *a, const char *url, const char *token)
{
    struct checkup *c = a->checkup;
    struct err err = {0};
    int64_t open_ms = checkup_timeout_ms(c, CHECKUP_TIMEOUT_MS);
    struct http_headers *headers =
        token ? http_headers_create((const char *const[]){"X-Auth-Token", token, NULL}, NULL)
              : NULL;
    const struct ws_config config = {
        url, c->config->broker.ca_file, headers, open_ms, QUIET_PING_MS, PONG_MS, MESSAGE_BYTES};
    const struct ws_handler handler = {a, on_opened, on_text, on_ended};
    checkup_take_turn(c, BUDGET_STREAM);
    a->began_ms = now_ms();
    a->frame_ms = -1;
    a->tick = loop_timer_create(c->loop, on_tick, a);
    if (a->tick && ws_create(&a->ws, c->loop, &config, &handler, &err) == 0) {
        loop_timer_set(a->tick, TICK_MS);
        loop_run(c->loop);
    } else {
        snprintf(a->end_words, sizeof(a->end_words), "%s", a->tick ? err.text : "out of memory");
        a->end = (struct ws_end){WS_UNREACHABLE, 0, a->end_words, &a->answer};
        a->ended = true;
    }
    http_headers_destroy(headers);
}

static void end_attempt(struct attempt *a)
{
    ws_destroy(a->ws);
    loop_timer_destroy(a->tick);
}

/* --- the stream ------------------------------------------------------------------------------- */

static struct handshake_facts handshake_of(const struct attempt *a, const char *url)
{
    return (struct handshake_facts){.url = url,
                                    .open = a->open,
                                    .end = a->open ? NULL : &a->end,
                                    .ms = (a->open ? a->opened_ms : now_ms()) - a->began_ms};
}

/* That no pong came is said by the next step. */
static const struct ws_end *end_of(const struct attempt *a)
{
    return a->ended && a->end.kind != WS_NO_PONG ? &a->end : NULL;
}

static void judge_delivery(struct attempt *a)
{
    struct checkup *c = a->checkup;
    const struct broker_host *known = broker_host_of_url(c->config->broker.url);
    const struct subscription_facts facts = {
        .symbol = c->symbol[0],
        .second = a->second ? c->symbol[1] : "",
        .frame = a->frame,
        .words = a->words,
        .end = end_of(a),
        .listed = c->list.len_bytes > 0,
        .quoted = c->quoted,
        .market_open = calendar_open(&c->config->session, clock_now().wall_ns),
        .index = candidate_is_index(c->symbol[0]),
        .asks_iv = c->config->poll.entries & ENTRY_BIT(ENTRY_IV),
        .sandbox = known && known->always,
        .pong = has_pong(a),
        .ms = a->frame_ms >= 0 ? a->frame_ms : now_ms() - a->opened_ms,
    };
    struct step step = subscription_result(&facts);
    checkup_add(c, &step);
    step = pong_result(has_pong(a) ? ws_stats(a->ws).round_trip_ms : -1, now_ms() - a->opened_ms,
                       a->ended ? &a->end : NULL);
    checkup_add(c, &step);
}

/* True: the handshake failed, by an answer that controls can explain. */
static bool try_stream(struct checkup *c, const char *url)
{
    struct attempt *a = calloc(1, sizeof(*a));
    if (!a)
        return false;
    a->checkup = c;
    a->handshake_only = !c->symbol[0];
    run_attempt(a, url, c->token.token);
    struct handshake_facts facts = handshake_of(a, url);
    struct step step = handshake_result(&facts);
    checkup_add(c, &step);
    if (a->open && c->symbol[0])
        judge_delivery(a);
    bool explainable =
        !a->open && a->end.kind == WS_REFUSED && a->answer.status != 429 && a->answer.status < 500;
    end_attempt(a);
    free(a);
    return explainable;
}

/* --- controls --------------------------------------------------------------------------------- */

static void control(struct checkup *c, enum step_id id, const char *url, bool header)
{
    struct attempt *a = calloc(1, sizeof(*a));
    if (!a)
        return;
    a->checkup = c;
    a->handshake_only = true;
    run_attempt(a, url, header ? c->token.token : NULL);
    struct handshake_facts facts = handshake_of(a, url);
    struct step step = control_result(id, header ? "the header X-Auth-Token" : "no header", &facts);
    checkup_add(c, &step);
    end_attempt(a);
    free(a);
}

/* ws://host:port of broker.url. */
static void put_base(char out[BASE_BYTES], const struct checkup *c)
{
    bool v6 = strchr(c->place.host, ':') != NULL;
    snprintf(out, BASE_BYTES, "%s://%s%s%s:%d",
             strcasecmp(c->place.scheme, "https") == 0 ? "wss" : "ws", v6 ? "[" : "", c->place.host,
             v6 ? "]" : "", c->place.port);
}

static void control_query(struct checkup *c, enum step_id id, const char *base, const char *conn_id)
{
    struct buf url;
    buf_init(&url, URL_BYTES);
    buf_printf(&url, "%s/ws?session_id=", base);
    percent_encode(&url, c->token.token);
    buf_printf(&url, "&conn_id=%s", conn_id);
    control(c, id, buf_text(&url), false);
    if (url.data)
        explicit_bzero(url.data, url.len_bytes);
    buf_finish(&url);
}

static void run_controls(struct checkup *c, const char *tried)
{
    char base[BASE_BYTES], url[URL_BYTES];
    struct rng rng = {.state = (uint64_t)clock_now().wall_ns};
    put_base(base, c);
    snprintf(url, sizeof(url), "%s/", base);
    control(c, STEP_CONTROL_NO_HEADER, url, false);
    size_t path =
        strcspn(strstr(tried, "://") + 3, "/") + (size_t)(strstr(tried, "://") + 3 - tried);
    if (strcmp(tried + path, "/") != 0)
        control(c, STEP_CONTROL_ROOT, url, true);
    snprintf(url, sizeof(url), "%s/ws", base);
    control(c, STEP_CONTROL_WS, url, true);
    control_query(c, STEP_CONTROL_SESSION_ID, base, "");
    snprintf(url, sizeof(url), "%016llx", (unsigned long long)rng_next(&rng));
    control_query(c, STEP_CONTROL_CONN_ID, base, url);
}

/* --- all -------------------------------------------------------------------------------------- */

/* NULL: it is to be tried. */
static const char *reason_to_skip(const struct checkup *c)
{
    if (!c->config->stream.enable)
        return "the stream is switched off by stream.enable = false";
    if (c->service.running && strcmp(c->service.mode, "streaming") == 0)
        return "the running service has the stream of this user";
    return NULL;
}

void stream_steps(struct checkup *c)
{
    const char *reason = reason_to_skip(c);
    char *url = reason ? NULL : config_stream_url(&c->config->broker);
    if (reason)
        checkup_skip(c, STEP_HANDSHAKE, reason);
    if (url && try_stream(c, url))
        run_controls(c, url);
    free(url);
}
