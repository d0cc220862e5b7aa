#include "sim/terminal_streams.h"

#include "base/clock.h"
#include "base/json.h"
#include "market/market.h"
#include "sim/terminal_client.h"
#include "sim/terminal_lines.h"
#include "sim/terminal_topics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS     10
#define TOPICS_MAX  12000
#define BEATS       15   /* in the idle time */
#define EMPTY_BEATS 3    /* between two arrays without lines */
#define PING_BEATS  6    /* between two pings */
#define CODE_NORMAL 1000 /* RFC 6455 section 7.4.1 */

struct terminal_streams {
    struct terminal_streams_parts parts;
    const struct market_source *source;
    struct market *ids; /* to find instruments by id: the same indices */
    struct subscriptions *quotes, *books;
    struct loop_timer *tick, *due, *beat;
    int64_t beats;
    struct json_parser *parser;
    int32_t *asked;       /* scratch: instruments of one message */
    const char **symbols; /* likewise */
    struct terminal_client *first;
    struct terminal_streams_stats stats;
};

/* --- messages with lines ---------------------------------------------------------------------- */

static const struct instrument *instrument_of(const struct terminal_streams *s, int32_t at)
{
    return s->source->instrument(s->source->self, at);
}

static const struct fault *find_fault(const struct terminal_streams *s, struct fault_target target,
                                      const int32_t *instruments, int32_t count)
{
    s->symbols[0] = ""; /* when there are none */
    for (int32_t n = 0; n < count; n++)
        s->symbols[n] = instrument_of(s, instruments[n])->symbol;
    target.symbols = s->symbols;
    target.count = count ? (size_t)count : 1;
    return s->parts.fault(s->parts.arg, &target);
}

static void flush(struct terminal_streams *s, struct terminal_client *c, bool books)
{
    const struct terminal_batch *batch = &c->batch;
    const struct fault_target target = {.place = FAULT_AT_LINES,
                                        .path = books ? "matriz/book" : "matriz/md"};
    if (batch->count == 0)
        return;
    s->stats.messages++;
    s->stats.lines += batch->count;
    terminal_client_send_batch(c, find_fault(s, target, batch->instruments, batch->count));
}

static void put_line(struct terminal_streams *s, struct terminal_client *c, int32_t at, bool book)
{
    const struct instrument *i = instrument_of(s, at);
    const struct terminal_line_parts line = {
        .id = market_symbol(s->ids, at),
        .quote = s->source->quote(s->source->self, at),
        .seq = sim_market_version(s->parts.market, at) + 1,
        .now_ns = loop_now(s->parts.loop).wall_ns,
        .multiplier = i->multiplier,
        .tick = i->price_tick,
        .money = sim_market_money(s->parts.market, at),
        .closed = sim_market_closed(s->parts.market),
        .brief = strcmp(i->segment, "DDA") == 0,
    };
    if (book)
        terminal_lines_put_book(&c->batch.lines, &line);
    else
        terminal_lines_put_quote(&c->batch.lines, &line);
    terminal_batch_end_line(&c->batch, at);
}

/* `fresh`: the client that has just subscribed, to which all is sent as arrays; NULL: none. */
static void send_kind(struct terminal_streams *s, bool books, const struct terminal_client *fresh)
{
    struct subscriptions *all = books ? s->books : s->quotes;
    int64_t now_ms = loop_now(s->parts.loop).mono_ms;
    struct due_frame due;
    while (subscriptions_next(all, now_ms, &due)) {
        struct terminal_client *c = due.user;
        put_line(s, c, due.instrument, books);
        c->batch.array = c == fresh;
        if (c->batch.count == TERMINAL_BATCH_MAX)
            flush(s, c, books);
    }
    for (struct terminal_client *c = s->first; c; c = c->next)
        flush(s, c, books);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms < 0 || (b_ms >= 0 && b_ms < a_ms) ? b_ms : a_ms;
}

static void send_due(struct terminal_streams *s, const struct terminal_client *fresh)
{
    int64_t now_ms = loop_now(s->parts.loop).mono_ms;
    send_kind(s, false, fresh);
    send_kind(s, true, fresh);
    int64_t wait_ms =
        sooner(subscriptions_wait_ms(s->quotes, now_ms), subscriptions_wait_ms(s->books, now_ms));
    if (wait_ms >= 0)
        loop_timer_set(s->due, wait_ms);
}

static void on_due(void *arg)
{
    send_due(arg, NULL);
}

/* --- market ----------------------------------------------------------------------------------- */

static void on_tick(void *arg)
{
    struct terminal_streams *s = arg;
    sim_market_advance(s->parts.market, loop_now(s->parts.loop).wall_ns);
    if (s->first)
        loop_timer_set(s->tick, TICK_MS);
}

static void on_change(void *arg, int32_t instrument)
{
    struct terminal_streams *s = arg;
    int64_t now_ms = loop_now(s->parts.loop).mono_ms;
    subscriptions_changed(s->quotes, instrument);
    subscriptions_changed(s->books, instrument);
    if (subscriptions_wait_ms(s->quotes, now_ms) == 0 ||
        subscriptions_wait_ms(s->books, now_ms) == 0)
        loop_timer_set(s->due, 0);
}

/* --- messages of clients ---------------------------------------------------------------------- */

static int32_t find_id(void *arg, const char *id)
{
    const struct terminal_streams *s = arg;
    int32_t at = market_find(s->ids, "", id);
    return at >= 0 && s->parts.guest && terminal_lines_byma(instrument_of(s, at)->symbol) ? -1 : at;
}

static void subscribe(struct terminal_streams *s, struct terminal_client *c,
                      const struct terminal_topics *topics)
{
    static const struct subscription_terms terms = {.level = 1};
    struct subscriber *subscriber = topics->books ? c->books : c->quotes;
    if (topics->replace)
        subscriptions_drop(subscriber);
    s->stats.topics += topics->count;
    s->stats.unknown_topics += topics->unknown;
    for (int32_t n = 0; n < topics->count; n++) {
        if (subscriptions_want(subscriber, topics->instruments[n], &terms)) {
            websocket_drop(c->socket); /* no memory: it connects again */
            return;
        }
    }
    send_due(s, c);
}

static void unsubscribe(struct terminal_client *c, const struct terminal_topics *topics)
{
    for (int32_t n = 0; n < topics->count; n++)
        subscriptions_unwant(topics->books ? c->books : c->quotes, topics->instruments[n]);
}

/* False: a fault applies to the message, which is ignored. */
static bool accept_topics(struct terminal_streams *s, struct terminal_client *c,
                          const struct terminal_topics *topics)
{
    const struct fault_target target = {.place = FAULT_AT_TOPICS, .path = "matriz/topics"};
    const struct fault *fault = find_fault(s, target, topics->instruments, topics->count);
    if (fault)
        terminal_client_disturb(c, fault->kind, fault->code); /* hang: nothing more */
    return !fault;
}

static void hear(struct terminal_streams *s, struct terminal_client *c)
{
    c->heard_ms = loop_now(s->parts.loop).mono_ms;
}

void terminal_streams_text(void *streams, struct websocket *socket, const char *text,
                           size_t len_bytes)
{
    struct terminal_streams *s = streams;
    struct terminal_client *c = websocket_user(socket);
    const struct terminal_topics_reader reader = {s->parser, find_id, s};
    struct terminal_topics topics = {.instruments = s->asked, .room = TOPICS_MAX};
    if (!c || c->mute)
        return;
    switch (terminal_topics_read(&reader, text, len_bytes, &topics)) {
    case TERMINAL_MESSAGE_PING:
        s->stats.pings++;
        hear(s, c);
        websocket_send(socket, "pong", 4);
        break;
    case TERMINAL_MESSAGE_PONG:
        s->stats.pongs++;
        hear(s, c);
        break;
    case TERMINAL_MESSAGE_SUBSCRIBE:
        if (accept_topics(s, c, &topics))
            subscribe(s, c, &topics);
        break;
    case TERMINAL_MESSAGE_UNSUBSCRIBE:
        if (accept_topics(s, c, &topics))
            unsubscribe(c, &topics);
        break;
    case TERMINAL_MESSAGE_IGNORED:
        break;
    }
}

/* --- keeping alive ---------------------------------------------------------------------------- */

static void beat_client(struct terminal_streams *s, struct terminal_client *c)
{
    if (c->mute)
        return;
    if (loop_now(s->parts.loop).mono_ms - c->heard_ms >= s->parts.idle_ms) {
        terminal_client_disturb(c, FAULT_GOODBYE, CODE_NORMAL);
        return;
    }
    if (s->beats % EMPTY_BEATS == 0)
        websocket_send(c->socket, "[]", 2);
    if (s->beats % PING_BEATS == 0) {
        terminal_client_tell_time(c, loop_now(s->parts.loop).wall_ns);
        websocket_send(c->socket, "ping", 4);
    }
}

static void set_beat(struct terminal_streams *s)
{
    if (s->first)
        loop_timer_set(s->beat, s->parts.idle_ms / BEATS + 1);
}

static void on_beat(void *arg)
{
    struct terminal_streams *s = arg;
    s->beats++;
    for (struct terminal_client *c = s->first, *next; c; c = next) {
        next = c->next;
        beat_client(s, c);
    }
    set_beat(s);
}

/* --- clients ---------------------------------------------------------------------------------- */

static void link_client(struct terminal_streams *s, struct terminal_client *c)
{
    c->next = s->first;
    c->from = &s->first;
    if (c->next)
        c->next->from = &c->next;
    s->first = c;
    s->stats.open++;
}

void terminal_streams_opened(void *streams, struct websocket *socket)
{
    struct terminal_streams *s = streams;
    bool first = !s->first;
    struct terminal_client *c = terminal_client_create(socket, s->quotes, s->books);
    s->stats.opened++;
    if (!c) {
        websocket_drop(socket);
        return;
    }
    c->keep_previous = s->parts.keep_previous;
    websocket_set_user(socket, c);
    link_client(s, c);
    hear(s, c);
    if (first) {
        set_beat(s);
        loop_timer_set(s->tick, TICK_MS);
    }
    const struct fault_target target = {.place = FAULT_AT_OPEN, .path = "matriz/open"};
    const struct fault *fault = find_fault(s, target, NULL, 0);
    if (fault)
        terminal_client_disturb(c, fault->kind, fault->code);
    if (!c->mute)
        terminal_client_greet(c, loop_now(s->parts.loop).wall_ns,
                              sim_market_closed(s->parts.market));
}

void terminal_streams_closed(void *streams, struct websocket *socket)
{
    struct terminal_streams *s = streams;
    struct terminal_client *c = websocket_user(socket);
    if (!c)
        return;
    *c->from = c->next;
    if (c->next)
        c->next->from = c->from;
    s->stats.open--;
    terminal_client_destroy(c);
}

void terminal_streams_apply(struct terminal_streams *s, enum fault_kind kind, int code)
{
    for (struct terminal_client *c = s->first; c; c = c->next)
        terminal_client_disturb(c, kind, code);
}

struct terminal_streams_stats terminal_streams_stats(const struct terminal_streams *s)
{
    return s->stats;
}

/* --- create and destroy ----------------------------------------------------------------------- */

static int name_instruments(struct terminal_streams *s)
{
    char id[TERMINAL_INSTRUMENT_BYTES];
    for (int32_t at = 0; at < s->source->count(s->source->self); at++) {
        const struct instrument *i = instrument_of(s, at);
        terminal_lines_id(id, i->symbol, i->segment);
        if (market_add(s->ids, "", id) != at)
            return -EINVAL; /* two instruments with one id */
    }
    return 0;
}

struct terminal_streams *terminal_streams_create(const struct terminal_streams_parts *parts)
{
    struct terminal_streams *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->parts = *parts;
    s->source = sim_market_source(parts->market);
    s->ids = market_create(0);
    s->quotes = subscriptions_create();
    s->books = subscriptions_create();
    s->tick = loop_timer_create(parts->loop, on_tick, s);
    s->due = loop_timer_create(parts->loop, on_due, s);
    s->beat = loop_timer_create(parts->loop, on_beat, s);
    s->parser = json_parser_create();
    s->asked = calloc(TOPICS_MAX, sizeof(*s->asked));
    s->symbols = calloc(TOPICS_MAX, sizeof(*s->symbols));
    if (!s->ids || !s->quotes || !s->books || !s->tick || !s->due || !s->beat || !s->parser ||
        !s->asked || !s->symbols || name_instruments(s)) {
        terminal_streams_destroy(s);
        return NULL;
    }
    sim_market_watch(parts->market, on_change, s);
    return s;
}

void terminal_streams_destroy(struct terminal_streams *s)
{
    if (!s)
        return;
    sim_market_unwatch(s->parts.market, s);
    loop_timer_destroy(s->tick);
    loop_timer_destroy(s->due);
    loop_timer_destroy(s->beat);
    json_parser_destroy(s->parser);
    subscriptions_destroy(s->quotes);
    subscriptions_destroy(s->books);
    market_destroy(s->ids);
    free(s->asked);
    free(s->symbols);
    free(s);
}
