#include "sim/sim_streams.h"

#include "base/clock.h"
#include "serve/stream_api.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS         10
#define OVERSIZED_BYTES (5 * 1024 * 1024)
#define LEVELS          5

static const int64_t rate_limit_ms[LEVELS] = {100, 500, 1000, 3000, 6000};

/* One product of one client. */
struct product {
    uint32_t entries; /* 0 = not subscribed */
    int depth, level;
    bool snapshot; /* send even if unchanged */
    int64_t version;
    int64_t next_ms;
    char *last; /* previous frame, for FAULT_OLD; NULL = none */
};

struct stream {
    struct stream *next;
    struct websocket *socket;
    struct product *products; /* by instrument */
    int32_t *wanted;          /* subscribed instruments in the order of subscription */
    int32_t wanted_count;
    bool mute;
};

struct sim_streams {
    struct sim_streams_config config;
    const struct market_source *source;
    int32_t count;
    struct loop_timer *tick;
    struct json_parser *parser;
    struct buf frame;
    int32_t *asked; /* scratch: instruments of one message */
    const char **symbols;
    struct stream *first;
    struct sim_streams_stats stats;
};

/* --- frames ----------------------------------------------------------------------------------- */

static const char *symbol_of(const struct sim_streams *s, int32_t i)
{
    return s->source->instrument(s->source->self, i)->symbol;
}

/* Uses the shortest of the three length encodings, as RFC 6455 section 5.2 requires. */
static void put_head(struct buf *raw, unsigned first, bool masked, size_t len)
{
    int more = len < 126 ? 0 : len < 65536 ? 2 : 8;
    unsigned char head[10] = {(unsigned char)first, masked ? 0x80 : 0};
    head[1] |= (unsigned char)(more == 0 ? len : more == 2 ? 126 : 127);
    for (int i = 0; i < more; i++)
        head[2 + i] = (unsigned char)((uint64_t)len >> 8 * (more - 1 - i));
    buf_append(raw, head, 2 + (size_t)more);
}

/* Builds a frame here, because libwebsockets does not send invalid ones. */
static void send_by_hand(struct websocket *socket, const char *text, size_t len, unsigned first,
                         bool masked, enum websocket_oddity oddity)
{
    struct buf raw;
    buf_init(&raw, len + 32);
    put_head(&raw, first, masked, len);
    if (masked)
        buf_append(&raw, "\0\0\0\0", 4); /* a mask of zeros changes nothing */
    buf_append(&raw, text, len);
    if (!buf_failed(&raw))
        websocket_send_odd(socket, oddity, raw.data, raw.len_bytes);
    buf_finish(&raw);
}

static void send_oversized(struct websocket *socket)
{
    char *text = malloc(OVERSIZED_BYTES);
    if (!text)
        return;
    memset(text, ' ', OVERSIZED_BYTES);
    websocket_send(socket, text, OVERSIZED_BYTES);
    free(text);
}

static void send_text(struct websocket *socket, const char *text)
{
    websocket_send(socket, text, strlen(text));
}

/* Faults that end or mute a connection; false: `kind` is another one. */
static bool spoil_connection(struct stream *c, enum fault_kind kind, int code)
{
    switch (kind) {
    case FAULT_MUTE:
        c->mute = true;
        return true;
    case FAULT_DEAF:
    case FAULT_HALF_OPEN:
        c->mute = true;
        websocket_deafen(c->socket);
        return true;
    case FAULT_RESET:
        websocket_reset(c->socket);
        return true;
    case FAULT_CLOSE:
        websocket_drop(c->socket);
        return true;
    case FAULT_GOODBYE:
        c->mute = true;
        websocket_close(c->socket, code, "simulated");
        return true;
    default:
        return false;
    }
}

/* Sends the frame in `s->frame` changed by `fault`. */
static void send_spoilt(struct sim_streams *s, struct stream *c, const struct fault *fault,
                        const struct product *p)
{
    const char *text = buf_text(&s->frame);
    size_t len = s->frame.len_bytes;
    struct websocket *to = c->socket;
    switch (fault->kind) {
    case FAULT_FRAGMENTED:
        websocket_send_odd(to, WEBSOCKET_FRAGMENTED, text, len);
        return;
    case FAULT_BINARY:
        websocket_send_odd(to, WEBSOCKET_BINARY, text, len);
        return;
    case FAULT_MASKED:
        send_by_hand(to, text, len, 0x81, true, WEBSOCKET_RAW);
        return;
    case FAULT_RSV:
        send_by_hand(to, text, len, 0xc1, false, WEBSOCKET_RAW);
        return;
    case FAULT_DRIP:
        send_by_hand(to, text, len, 0x81, false, WEBSOCKET_DRIP);
        return;
    case FAULT_OVERSIZED:
        send_oversized(to);
        return;
    case FAULT_UTF8:
        send_text(to, "{\"type\":\"Md\",\"x\":\"\xc3\x28\"}");
        return;
    case FAULT_GARBAGE:
        send_text(to, "{\"type\":\"Md\",\"marketData\":{\"BI\":[{\"price\":1601.,,");
        return;
    case FAULT_SHAPE:
        send_text(to, "{\"type\":\"Md\",\"instrumentId\":\"none today\",\"marketData\":7}");
        return;
    case FAULT_BODY:
        send_text(to, fault->body);
        return;
    case FAULT_DUPLICATE:
        websocket_send(to, text, len);
        websocket_send(to, text, len);
        return;
    case FAULT_OLD:
        websocket_send(to, text, len);
        if (p->last)
            send_text(to, p->last);
        return;
    case FAULT_UNKNOWN:
        send_text(to, "{\"type\":\"hb\"}");
        websocket_send(to, text, len);
        return;
    default:
        spoil_connection(c, fault->kind, fault->code);
    }
}

static void send_product(struct sim_streams *s, struct stream *c, int32_t i, struct now now)
{
    struct product *p = &c->products[i];
    p->snapshot = false;
    p->version = sim_market_version(s->config.market, i);
    p->next_ms = now.mono_ms + rate_limit_ms[p->level - 1];
    buf_clear(&s->frame);
    stream_put_market_data(&s->frame, s->source, i, p->entries, p->depth, now.wall_ns / NS_PER_MS);
    const char *symbol = symbol_of(s, i);
    const struct fault_target target = {FAULT_AT_MD, "stream/md", &symbol, 1};
    const struct fault *fault = s->config.fault(s->config.arg, &target);
    if (fault)
        send_spoilt(s, c, fault, p);
    else
        websocket_send(c->socket, buf_text(&s->frame), s->frame.len_bytes);
    s->stats.frames++;
    free(p->last);
    p->last = strdup(buf_text(&s->frame));
}

/* --- timer ------------------------------------------------------------------------------------ */

static void send_due(struct sim_streams *s, struct stream *c, struct now now)
{
    for (int32_t w = 0; w < c->wanted_count && !c->mute; w++) {
        int32_t i = c->wanted[w];
        const struct product *p = &c->products[i];
        if (p->snapshot ||
            (now.mono_ms >= p->next_ms && p->version != sim_market_version(s->config.market, i)))
            send_product(s, c, i, now);
    }
}

static void look_for_idle(const struct sim_streams *s, struct stream *c)
{
    if (s->config.idle_ms && !c->mute && websocket_idle_ms(c->socket) >= s->config.idle_ms)
        spoil_connection(c, FAULT_GOODBYE, 1001);
}

static void on_tick(void *arg)
{
    struct sim_streams *s = arg;
    struct now now = loop_now(s->config.loop);
    sim_market_advance(s->config.market, now.wall_ns);
    for (struct stream *c = s->first; c; c = c->next) {
        look_for_idle(s, c);
        send_due(s, c, now);
    }
    if (s->first)
        loop_timer_set(s->tick, TICK_MS);
}

/* --- subscriptions ---------------------------------------------------------------------------- */

static void subscribe(struct sim_streams *s, struct stream *c, const struct stream_request *request)
{
    for (int32_t n = 0; n < request->count; n++) {
        int32_t i = request->instruments[n];
        struct product *p = &c->products[i];
        if (!p->entries)
            c->wanted[c->wanted_count++] = i;
        p->entries = request->entries;
        p->depth = request->depth;
        p->level = request->level;
        p->snapshot = true;
    }
    s->stats.products += request->count;
}

/* A fault of any product applies to the whole message and counts once. */
static const struct fault *smd_fault(struct sim_streams *s, const struct stream_request *request)
{
    for (int32_t n = 0; n < request->count; n++)
        s->symbols[n] = symbol_of(s, request->instruments[n]);
    const struct fault_target target = {FAULT_AT_SMD, "stream/smd", s->symbols,
                                        (size_t)request->count};
    return s->config.fault(s->config.arg, &target);
}

static void take_smd(struct sim_streams *s, struct stream *c, const struct stream_request *request,
                     const char *text)
{
    const struct fault *fault = smd_fault(s, request);
    s->stats.smd++;
    if (!fault) {
        subscribe(s, c, request);
        send_due(s, c, loop_now(s->config.loop));
    } else if (fault->kind == FAULT_ERROR) {
        buf_clear(&s->frame);
        stream_put_error(&s->frame, text, fault->body);
        websocket_send(c->socket, buf_text(&s->frame), s->frame.len_bytes);
    } else {
        spoil_connection(c, fault->kind, fault->code); /* hang: the message is ignored */
    }
}

void sim_streams_text(struct sim_streams *s, struct websocket *socket, const char *text,
                      size_t len_bytes)
{
    struct stream *c = websocket_user(socket);
    struct stream_request request = {.instruments = s->asked};
    struct buf answer;
    if (!c || c->mute)
        return;
    buf_init(&answer, 4 * WEBSOCKET_TEXT_MAX);
    switch (stream_request_read(s->parser, s->source, text, len_bytes, &request, &answer)) {
    case STREAM_SUBSCRIBE:
        take_smd(s, c, &request, text);
        break;
    case STREAM_REFUSE:
        s->stats.smd++;
        websocket_send(socket, buf_text(&answer), answer.len_bytes);
        break;
    case STREAM_IGNORE:
        break;
    }
    buf_finish(&answer);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void free_stream(struct sim_streams *s, struct stream *c)
{
    for (int32_t i = 0; c->products && i < s->count; i++)
        free(c->products[i].last);
    free(c->products);
    free(c->wanted);
    free(c);
}

void sim_streams_opened(struct sim_streams *s, struct websocket *socket)
{
    struct stream *c = calloc(1, sizeof(*c));
    s->stats.opened++;
    if (c) {
        c->products = calloc((size_t)s->count, sizeof(*c->products));
        c->wanted = calloc((size_t)s->count, sizeof(*c->wanted));
    }
    if (!c || !c->products || !c->wanted) {
        if (c)
            free_stream(s, c);
        websocket_drop(socket);
        return;
    }
    c->socket = socket;
    c->next = s->first;
    s->first = c;
    s->stats.open++;
    websocket_set_user(socket, c);
    loop_timer_set(s->tick, TICK_MS);
}

void sim_streams_closed(struct sim_streams *s, struct websocket *socket)
{
    struct stream *c = websocket_user(socket), **at = &s->first;
    if (!c)
        return;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    s->stats.open--;
    free_stream(s, c);
}

bool sim_streams_do(struct sim_streams *s, enum fault_kind kind, int code)
{
    bool known = kind == FAULT_MUTE || kind == FAULT_DEAF || kind == FAULT_HALF_OPEN ||
                 kind == FAULT_RESET || kind == FAULT_CLOSE || kind == FAULT_GOODBYE;
    for (struct stream *c = s->first; known && c; c = c->next)
        spoil_connection(c, kind, code);
    return known;
}

struct sim_streams_stats sim_streams_stats(const struct sim_streams *s)
{
    return s->stats;
}

struct sim_streams *sim_streams_create(const struct sim_streams_config *config)
{
    struct sim_streams *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->config = *config;
    s->source = sim_market_source(config->market);
    s->count = s->source->count(s->source->self);
    s->tick = loop_timer_create(config->loop, on_tick, s);
    s->parser = json_parser_create();
    s->asked = calloc(STREAM_PRODUCTS_MAX, sizeof(*s->asked));
    s->symbols = calloc(STREAM_PRODUCTS_MAX, sizeof(*s->symbols));
    buf_init(&s->frame, 4 * WEBSOCKET_TEXT_MAX);
    if (!s->tick || !s->parser || !s->asked || !s->symbols) {
        sim_streams_destroy(s);
        return NULL;
    }
    return s;
}

void sim_streams_destroy(struct sim_streams *s)
{
    if (!s)
        return;
    loop_timer_destroy(s->tick);
    json_parser_destroy(s->parser);
    buf_finish(&s->frame);
    free(s->asked);
    free(s->symbols);
    free(s);
}
