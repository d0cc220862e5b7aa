#include "serve/stream_server.h"

#include "base/clock.h"
#include "base/json.h"
#include "serve/shared_frame.h"
#include "serve/subscriptions.h"

#include <stdlib.h>
#include <string.h>

#define PAUSE_MS        10   /* frames whose pauses end within it are sent together */
#define FRAMES_MAX      1000 /* sent in one turn of the loop; then others get theirs */
#define FRAMES_MADE     8    /* forms in which different clients want one instrument */
#define NEWS_BYTES      4096
#define IDLE_CHECKS     8    /* during the idle time of a client */
#define CODE_GOING_AWAY 1001 /* RFC 6455 section 7.4.1 */

struct stream_client {
    struct stream_server *server;
    struct stream_client *next, **from; /* `from` points to the pointer to this one */
    struct stream_client *next_unsent;
    struct websocket *socket;
    struct subscriber *subscriber;
    void *user;
    bool mute, extras;
    bool unsent; /* in the list of those with frames to be sent at the end of this turn */
};

/* A frame and what it was made of. */
struct made_frame {
    struct buf text;
    struct shared_frame *frame; /* NULL: not made yet, or no memory */
    int32_t instrument;         /* -1: none */
    uint32_t entries;
    int depth;
};

struct stream_server {
    struct stream_server_parts parts;
    struct subscriptions *subscriptions;
    struct loop_timer *due, *idle;
    bool due_now; /* `due` is set to fire in the next turn */
    int credit;   /* frames that may be sent before `due` fires */
    struct json_parser *parser;
    int32_t *asked; /* scratch: instruments of one message */
    struct stream_client *first, *unsent;
    struct stream_stats stats;
    /* The last frames: clients that want the same get the same text. */
    struct made_frame made[FRAMES_MADE];
    int next_made;    /* the oldest */
    int64_t stamp_ms; /* the last time stamp */
    struct buf news;  /* the last one, for clients that ask for extras */
};

/* --- frames ----------------------------------------------------------------------------------- */

/* Time stamps never go back, whatever happens to the clock. */
static int64_t stamp_ms(struct stream_server *s, int64_t wall_ns)
{
    int64_t now_ms = wall_ns / NS_PER_MS;
    if (now_ms > s->stamp_ms)
        s->stamp_ms = now_ms;
    return s->stamp_ms;
}

static struct made_frame *find_frame(struct stream_server *s, const struct due_frame *due)
{
    for (int n = 0; n < FRAMES_MADE; n++) {
        struct made_frame *made = &s->made[n];
        if (made->instrument == due->instrument && made->entries == due->terms.entries &&
            made->depth == due->terms.depth)
            return made;
    }
    return NULL;
}

static void forget_frame(struct made_frame *made)
{
    shared_frame_unref(made->frame);
    made->frame = NULL;
    made->instrument = -1;
}

static struct made_frame *make_frame(struct stream_server *s, const struct due_frame *due,
                                     int64_t wall_ns)
{
    const struct stream_frame content = {due->instrument, due->terms.entries, due->terms.depth,
                                         stamp_ms(s, wall_ns)};
    struct made_frame *made = &s->made[s->next_made];
    s->next_made = (s->next_made + 1) % FRAMES_MADE;
    forget_frame(made);
    buf_clear(&made->text);
    stream_put_market_data(&made->text, s->parts.source, &content);
    made->instrument = due->instrument;
    made->entries = content.entries;
    made->depth = content.depth;
    return made;
}

static void finish_frame(struct made_frame *made)
{
    forget_frame(made);
    buf_finish(&made->text);
}

/* The quotes may have changed. */
static void forget_frames(struct stream_server *s)
{
    for (int n = 0; n < FRAMES_MADE; n++)
        forget_frame(&s->made[n]);
}

static void put_frame(struct stream_server *s, struct stream_client *c, struct made_frame *made)
{
    if (!made->frame)
        made->frame = shared_frame_create(buf_text(&made->text), made->text.len_bytes);
    if (!made->frame) {
        websocket_drop(c->socket); /* no memory: it connects again */
        return;
    }
    websocket_put_newest(c->socket, made->instrument, made->frame);
    if (websocket_crowded(c->socket))
        subscriptions_hold(c->subscriber, true);
    if (c->unsent)
        return;
    c->unsent = true;
    c->next_unsent = s->unsent;
    s->unsent = c;
}

/* An instrument without its first data is due again when they have arrived. */
static void take_due(struct stream_server *s, const struct due_frame *due, int64_t wall_ns)
{
    if (!source_ready(s->parts.source, due->instrument))
        return;
    const struct stream_hooks *hooks = &s->parts.hooks;
    struct stream_client *c = due->user;
    struct made_frame *made = find_frame(s, due);
    if (!made)
        made = make_frame(s, due, wall_ns);
    s->stats.frames++;
    if (!hooks->before_send || !hooks->before_send(hooks->arg, c, due->instrument, &made->text))
        put_frame(s, c, made);
}

/* All frames of one client in one system call, if the socket takes them. */
static void send_unsent(struct stream_server *s)
{
    struct stream_client *c = s->unsent;
    s->unsent = NULL;
    for (; c; c = c->next_unsent) {
        c->unsent = false;
        websocket_flush(c->socket);
    }
}

static int64_t now_ms_of(const struct stream_server *s)
{
    return loop_now(s->parts.loop).mono_ms;
}

static void set_due_timer(struct stream_server *s)
{
    int64_t wait_ms = subscriptions_wait_ms(s->subscriptions, now_ms_of(s));
    s->due_now = wait_ms == 0;
    if (wait_ms >= 0)
        loop_timer_set(s->due, wait_ms > 0 && wait_ms < PAUSE_MS ? PAUSE_MS : wait_ms);
}

static void send_due(struct stream_server *s)
{
    struct now now = loop_now(s->parts.loop);
    struct due_frame due;
    forget_frames(s);
    for (; s->credit > 0 && subscriptions_next(s->subscriptions, now.mono_ms, &due); s->credit--)
        take_due(s, &due, now.wall_ns);
    send_unsent(s);
    set_due_timer(s);
}

static void on_due(void *arg)
{
    struct stream_server *s = arg;
    s->credit = FRAMES_MAX;
    send_due(s);
}

static void send_soon(struct stream_server *s)
{
    if (!s->due_now && subscriptions_wait_ms(s->subscriptions, now_ms_of(s)) == 0) {
        s->due_now = true;
        loop_timer_set(s->due, 0);
    }
}

void stream_server_changed(struct stream_server *s, int32_t instrument)
{
    subscriptions_changed(s->subscriptions, instrument);
    send_soon(s);
}

void stream_server_ready(struct stream_server *s, int32_t instrument)
{
    for (struct stream_client *c = s->first; c; c = c->next)
        subscriptions_renew(c->subscriber, instrument);
    send_soon(s);
}

/* With the part of its subscription that concerns the instrument. */
static void send_unknown(struct stream_client *c, int32_t instrument,
                         const struct subscription_terms *terms)
{
    const struct market_source *source = c->server->parts.source;
    const struct instrument *i = source->instrument(source->self, instrument);
    const struct stream_request request = {terms->entries, terms->depth, terms->level, &instrument,
                                           1};
    char words[STREAM_WORDS];
    struct buf text, error;
    stream_put_unknown(words, i->market_id, i->symbol);
    buf_init(&text, STREAM_ERROR_BYTES);
    buf_init(&error, STREAM_ERROR_BYTES);
    stream_put_request(&text, source, &request);
    stream_put_error(&error, buf_text(&text), words);
    websocket_send(c->socket, buf_text(&error), error.len_bytes);
    buf_finish(&text);
    buf_finish(&error);
}

void stream_server_unknown(struct stream_server *s, int32_t instrument)
{
    for (struct stream_client *c = s->first; c; c = c->next) {
        const struct subscription_terms *terms = subscriptions_terms(c->subscriber, instrument);
        if (!terms)
            continue;
        send_unknown(c, instrument, terms);
        subscriptions_unwant(c->subscriber, instrument);
    }
}

bool stream_server_wanted(const struct stream_server *s, int32_t instrument)
{
    return subscriptions_wanted(s->subscriptions, instrument);
}

/* --- news ------------------------------------------------------------------------------------- */

void stream_server_tell(struct stream_server *s, const char *text)
{
    buf_clear(&s->news);
    buf_puts(&s->news, text);
    for (struct stream_client *c = s->first; c; c = c->next) {
        if (c->extras && !c->mute)
            websocket_send(c->socket, text, strlen(text));
    }
}

/* The client has asked for extras, perhaps for the first time. */
static void begin_extras(const struct stream_server *s, struct stream_client *c)
{
    if (!c->extras && s->news.len_bytes)
        websocket_send(c->socket, buf_text(&s->news), s->news.len_bytes);
    c->extras = true;
}

/* --- messages of clients ---------------------------------------------------------------------- */

static void subscribe(struct stream_server *s, struct stream_client *c,
                      const struct stream_request *request)
{
    const struct subscription_terms terms = {request->entries, request->depth, request->level};
    if (request->entries & STREAM_EXTRAS)
        begin_extras(s, c);
    for (int32_t n = 0; n < request->count; n++) {
        if (subscriptions_want(c->subscriber, request->instruments[n], &terms)) {
            websocket_drop(c->socket); /* no memory: it connects again */
            return;
        }
    }
    s->stats.products += request->count;
    send_due(s);
}

void stream_server_text(struct stream_server *s, struct websocket *socket, const char *text,
                        size_t len_bytes)
{
    const struct stream_hooks *hooks = &s->parts.hooks;
    struct stream_client *c = websocket_user(socket);
    const struct stream_reader reader = {s->parser, s->parts.source};
    struct stream_request request = {.instruments = s->asked};
    struct buf answer;
    if (!c || c->mute)
        return;
    buf_init(&answer, 4 * WEBSOCKET_TEXT_MAX);
    switch (stream_request_read(&reader, text, len_bytes, &request, &answer)) {
    case STREAM_SUBSCRIBE:
        s->stats.smd++;
        if (!hooks->before_subscribe || !hooks->before_subscribe(hooks->arg, c, &request, text))
            subscribe(s, c, &request);
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

/* --- clients ---------------------------------------------------------------------------------- */

static void set_idle_timer(struct stream_server *s)
{
    if (s->parts.idle_ms > 0 && s->first)
        loop_timer_set(s->idle, s->parts.idle_ms / IDLE_CHECKS + 1);
}

static void on_idle(void *arg)
{
    struct stream_server *s = arg;
    for (struct stream_client *c = s->first; c; c = c->next) {
        if (!c->mute && websocket_idle_ms(c->socket) >= s->parts.idle_ms) {
            stream_client_mute(c);
            websocket_close(c->socket, CODE_GOING_AWAY, "idle");
        }
    }
    set_idle_timer(s);
}

static void link_client(struct stream_server *s, struct stream_client *c)
{
    c->next = s->first;
    c->from = &s->first;
    if (c->next)
        c->next->from = &c->next;
    s->first = c;
    s->stats.open++;
}

void stream_server_opened(struct stream_server *s, struct websocket *socket)
{
    struct stream_client *c = calloc(1, sizeof(*c));
    s->stats.opened++;
    if (c)
        c->subscriber = subscriptions_add(s->subscriptions, c);
    if (!c || !c->subscriber) {
        free(c);
        websocket_drop(socket);
        return;
    }
    c->server = s;
    c->socket = socket;
    websocket_set_user(socket, c);
    bool first = s->first == NULL;
    link_client(s, c);
    if (first)
        set_idle_timer(s);
    if (s->parts.hooks.opened)
        s->parts.hooks.opened(s->parts.hooks.arg, c);
}

void stream_server_closed(struct stream_server *s, struct websocket *socket)
{
    struct stream_client *c = websocket_user(socket);
    if (!c)
        return;
    if (s->parts.hooks.closed)
        s->parts.hooks.closed(s->parts.hooks.arg, c);
    *c->from = c->next;
    if (c->next)
        c->next->from = c->from;
    s->stats.open--;
    subscriptions_remove(c->subscriber);
    free(c);
}

void stream_server_room(struct stream_server *s, struct websocket *socket)
{
    struct stream_client *c = websocket_user(socket);
    if (!c)
        return;
    subscriptions_hold(c->subscriber, false);
    if (!s->due_now)
        set_due_timer(s);
}

/* --- for the hooks ---------------------------------------------------------------------------- */

struct websocket *stream_client_socket(const struct stream_client *c)
{
    return c->socket;
}

void stream_client_set_user(struct stream_client *c, void *user)
{
    c->user = user;
}

void *stream_client_user(const struct stream_client *c)
{
    return c->user;
}

void stream_client_mute(struct stream_client *c)
{
    c->mute = true;
    subscriptions_drop(c->subscriber);
}

void stream_server_each(struct stream_server *s,
                        void (*fn)(void *arg, struct stream_client *client), void *arg)
{
    for (struct stream_client *c = s->first; c; c = c->next)
        fn(arg, c);
}

struct stream_stats stream_server_stats(const struct stream_server *s)
{
    struct stream_stats stats = s->stats;
    stats.subscribed = subscriptions_count(s->subscriptions);
    return stats;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct stream_server *stream_server_create(const struct stream_server_parts *parts)
{
    struct stream_server *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->parts = *parts;
    s->credit = FRAMES_MAX;
    s->subscriptions = subscriptions_create();
    s->due = loop_timer_create(parts->loop, on_due, s);
    s->idle = loop_timer_create(parts->loop, on_idle, s);
    s->parser = json_parser_create();
    s->asked = calloc(STREAM_PRODUCTS_MAX, sizeof(*s->asked));
    for (int n = 0; n < FRAMES_MADE; n++)
        buf_init(&s->made[n].text, 4 * WEBSOCKET_TEXT_MAX);
    buf_init(&s->news, NEWS_BYTES);
    if (!s->subscriptions || !s->due || !s->idle || !s->parser || !s->asked) {
        stream_server_destroy(s);
        return NULL;
    }
    return s;
}

void stream_server_destroy(struct stream_server *s)
{
    if (!s)
        return;
    loop_timer_destroy(s->due);
    loop_timer_destroy(s->idle);
    json_parser_destroy(s->parser);
    for (int n = 0; n < FRAMES_MADE; n++)
        finish_frame(&s->made[n]);
    buf_finish(&s->news);
    free(s->asked);
    subscriptions_destroy(s->subscriptions);
    free(s);
}
