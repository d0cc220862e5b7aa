#include "api/quote_events.h"

#include "api/quote_match.h"
#include "base/json_write.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS          1000 /* between two `seen` events at least */
#define KEEP_ALIVE_TICKS 15
#define SEEN_BYTES_PER_S 32768 /* of `seen` events, per client */
#define PORTION          250   /* of the list, in a turn of the loop, for all clients together */
#define PORTION_BYTES    (1024 * 1024) /* waiting: the client gets no further portion */
#define BLOCKED_MS       20            /* until the next look at such a client */
#define EVENT_BYTES      (16 * 1024 * 1024)
#define RETRY_LINE       "retry: 2000\n\n"
#define KEEP_ALIVE_LINE  ":\n\n"

/* Of pieces that replace each other, beside those of the instruments. */
enum { KEY_FEED = INT32_MAX, KEY_SEEN = INT32_MAX - 1, KEY_ALIVE = INT32_MAX - 2 };

struct client {
    struct quote_events *events;
    struct client *next, **from; /* `from` points to the pointer to this one */
    struct http_stream *stream;
    struct quote_match match;
    bool *wants; /* by instrument: it matches, and its turn has come; see `place` */
    int32_t wants_size;
    int32_t place;    /* in the list; quotes from here on are still to be sent */
    int32_t matches;  /* of the places before */
    int32_t quotes;   /* of them, instruments that have a quote */
    bool incomplete;  /* it is still to be told that it has all quotes */
    bool seen;        /* it wants to know of confirmations */
    int64_t seen_ms;  /* when it was last told; monotonic */
    int64_t pause_ms; /* until it is told again */
};

struct quote_events {
    struct quote_events_parts parts;
    struct loop_timer *flush, *tick;
    int64_t flush_ms; /* when `flush` runs; INT64_MAX: it is not set */
    int64_t order;    /* number of the order that the clients' places refer to */
    int ticks;
    struct client *first;
    struct client *turn; /* gets the next portion; NULL: the first */
    struct quote_events_stats stats;
    struct buf event, feed; /* feed: the last one that was sent */
    bool feed_due;
    /* Changed instruments whose events are not sent yet: a list without duplicates. */
    int32_t *changed;
    int64_t *changed_ms; /* by instrument; when it last changed */
    bool *waits;         /* by instrument; it is in the list */
    int32_t changed_count, size;
};

static int64_t now_ms(const struct quote_events *e)
{
    return loop_now(e->parts.loop).mono_ms;
}

static void flush_in(struct quote_events *e, int64_t after_ms)
{
    int64_t at_ms = now_ms(e) + after_ms;
    if (at_ms >= e->flush_ms)
        return;
    e->flush_ms = at_ms;
    loop_timer_set(e->flush, after_ms);
}

/* --- events ----------------------------------------------------------------------------------- */

static void begin_event(struct quote_events *e, const char *name)
{
    buf_clear(&e->event);
    buf_printf(&e->event, "event: %s\ndata: ", name);
}

static void send_event(struct client *c, int32_t key)
{
    const struct buf *event = &c->events->event;
    if (!buf_failed(event))
        http_stream_send(c->stream, key, buf_text(event), event->len_bytes);
}

static void make_quote(struct quote_events *e, int32_t instrument)
{
    begin_event(e, "quote");
    quote_list_put_json(e->parts.list, instrument, &e->event);
    buf_puts(&e->event, "\n\n");
}

static void send_quote(struct client *c, int32_t instrument)
{
    send_event(c, instrument);
    c->events->stats.sent++;
}

static void make_feed(struct quote_events *e)
{
    begin_event(e, "feed");
    e->parts.feed(e->parts.arg, &e->event);
    buf_puts(&e->event, "\n\n");
}

/* To all, if it is another state than the last one. */
static void send_feed(struct quote_events *e)
{
    e->feed_due = false;
    make_feed(e);
    if (strcmp(buf_text(&e->event), buf_text(&e->feed)) == 0)
        return;
    buf_clear(&e->feed);
    buf_append(&e->feed, buf_text(&e->event), e->event.len_bytes);
    for (struct client *c = e->first; c; c = c->next)
        send_event(c, KEY_FEED);
}

/* --- changes ---------------------------------------------------------------------------------- */

static bool wants(const struct client *c, int32_t instrument, int32_t place)
{
    return place >= 0 && place < c->place && instrument < c->wants_size && c->wants[instrument];
}

bool quote_events_wanted(const struct quote_events *e, int32_t instrument)
{
    int32_t place = quote_list_place(e->parts.list, instrument);
    for (const struct client *c = e->first; c; c = c->next) {
        if (wants(c, instrument, place))
            return true;
    }
    return false;
}

static void send_change(struct quote_events *e, int32_t instrument)
{
    int32_t place = quote_list_place(e->parts.list, instrument);
    bool made = false;
    for (struct client *c = e->first; c; c = c->next) {
        if (!wants(c, instrument, place))
            continue;
        if (!made)
            make_quote(e, instrument);
        made = true;
        send_quote(c, instrument);
    }
    if (made)
        api_metrics_sent(e->parts.metrics, instrument, loop_now(e->parts.loop).wall_ns);
}

static void send_changes(struct quote_events *e)
{
    for (int32_t i = 0; i < e->changed_count; i++) {
        e->waits[e->changed[i]] = false;
        send_change(e, e->changed[i]);
    }
    e->changed_count = 0;
}

/* Memory for one more instrument of the market in each of the arrays. */
static bool make_room(struct quote_events *e, int32_t size)
{
    size_t count = (size_t)size + (size_t)size / 2 + 64;
    int32_t *changed = realloc(e->changed, count * sizeof(*changed));
    e->changed = changed ? changed : e->changed;
    int64_t *changed_ms = realloc(e->changed_ms, count * sizeof(*changed_ms));
    e->changed_ms = changed_ms ? changed_ms : e->changed_ms;
    bool *waits = realloc(e->waits, count * sizeof(*waits));
    e->waits = waits ? waits : e->waits;
    if (!changed || !changed_ms || !waits)
        return false;
    for (size_t i = (size_t)e->size; i < count; i++) {
        e->changed_ms[i] = 0;
        e->waits[i] = false;
    }
    e->size = (int32_t)count;
    return true;
}

void quote_events_changed(struct quote_events *e, int32_t instrument)
{
    if (!e->first)
        return;
    if (instrument >= e->size && !make_room(e, instrument + 1)) {
        quote_events_relisted(e);
        return;
    }
    e->changed_ms[instrument] = now_ms(e);
    if (!e->waits[instrument])
        e->changed[e->changed_count++] = instrument;
    e->waits[instrument] = true;
    flush_in(e, 0);
}

void quote_events_feed(struct quote_events *e)
{
    if (!e->first)
        return;
    e->feed_due = true;
    flush_in(e, 0);
}

/* --- the quotes at the start ------------------------------------------------------------------ */

/* Without memory it gets no quotes of instruments beyond `wants_size`. */
static void begin_quotes(struct client *c)
{
    int32_t size = market_count(c->events->parts.market);
    bool *again = size > c->wants_size ? realloc(c->wants, (size_t)size) : NULL;
    for (; again && c->wants_size < size; c->wants_size++)
        again[c->wants_size] = false;
    c->wants = again ? again : c->wants;
    c->place = c->matches = c->quotes = 0;
    c->incomplete = true;
}

static void send_place(struct client *c)
{
    struct quote_events *e = c->events;
    int32_t instrument = quote_list_at(e->parts.list, c->place++);
    if (instrument >= c->wants_size)
        return;
    c->wants[instrument] = quote_match_has(&c->match, market_symbol(e->parts.market, instrument));
    if (!c->wants[instrument])
        return;
    c->matches++;
    if (!quote_list_known(e->parts.list, instrument))
        return;
    c->quotes++;
    make_quote(e, instrument);
    send_quote(c, instrument);
}

static bool is_complete(const struct client *c)
{
    return c->place >= quote_list_count(c->events->parts.list);
}

static void send_complete(struct client *c)
{
    struct quote_events *e = c->events;
    c->incomplete = false;
    begin_event(e, "complete");
    buf_printf(&e->event, "{\"instruments\":%d,\"quotes\":%d}\n\n", (int)c->matches,
               (int)c->quotes);
    send_event(c, CLIENT_QUEUE_NO_KEY);
}

/* Returns how many places of the list it took of those allowed. */
static int send_portion(struct client *c, int allowed)
{
    int taken = 0;
    while (taken < allowed && !is_complete(c)) {
        if (http_stream_waiting_bytes(c->stream) > PORTION_BYTES) {
            flush_in(c->events, BLOCKED_MS);
            return taken;
        }
        send_place(c);
        taken++;
    }
    if (!is_complete(c))
        flush_in(c->events, 0);
    else if (c->incomplete)
        send_complete(c);
    return taken;
}

/* From the client at which the last turn ended, so that each of them gets its portions. */
static void send_portions(struct quote_events *e)
{
    struct client *from = e->turn ? e->turn : e->first, *c = from;
    int left = PORTION;
    if (!from)
        return;
    do {
        left -= send_portion(c, left);
        c = c->next ? c->next : e->first;
    } while (left > 0 && c != from);
    e->turn = c;
    if (left == 0)
        flush_in(e, 0);
}

/* An event with the key of the quote, which it replaces if it still waits, and the reverse. */
static void send_gone(struct quote_events *e, int32_t instrument)
{
    bool made = false;
    for (struct client *c = e->first; c; c = c->next) {
        if (instrument >= c->wants_size || !c->wants[instrument])
            continue;
        c->wants[instrument] = false;
        if (!made) {
            begin_event(e, "gone");
            buf_puts(&e->event, "{\"market\":");
            json_put_string(&e->event, market_id(e->parts.market, instrument));
            buf_puts(&e->event, ",\"symbol\":");
            json_put_string(&e->event, market_symbol(e->parts.market, instrument));
            buf_puts(&e->event, "}\n\n");
        }
        made = true;
        send_event(c, instrument);
    }
}

static void send_all_gone(struct quote_events *e)
{
    for (int32_t i = 0; i < market_count(e->parts.market); i++) {
        if (quote_list_place(e->parts.list, i) < 0 && quote_list_known(e->parts.list, i))
            send_gone(e, i);
    }
}

/* After a change of the order, all places are numbered anew. */
static void take_order(struct quote_events *e)
{
    int64_t order = quote_list_renew(e->parts.list);
    if (order == e->order)
        return;
    e->order = order;
    send_all_gone(e);
    for (struct client *c = e->first; c; c = c->next)
        begin_quotes(c);
    flush_in(e, 0);
}

static void on_flush(void *arg)
{
    struct quote_events *e = arg;
    e->flush_ms = INT64_MAX;
    take_order(e);
    if (e->feed_due)
        send_feed(e);
    send_changes(e);
    send_portions(e);
}

void quote_events_relisted(struct quote_events *e)
{
    quote_list_stale(e->parts.list);
    if (e->first)
        flush_in(e, 0);
}

/* --- confirmations and keep-alive ------------------------------------------------------------- */

/* Whether a source confirmed it, without a change, since the client was last told. */
static bool was_confirmed(const struct client *c, int32_t instrument, int64_t at_ms)
{
    const struct quote_events *e = c->events;
    int64_t changed_ms = instrument < e->size ? e->changed_ms[instrument] : 0;
    return changed_ms < c->seen_ms && quote_list_known(e->parts.list, instrument) &&
           at_ms - quote_list_age_ms(e->parts.list, instrument) >= c->seen_ms;
}

/* `alive`: also without symbols, as a sign of life that programs in a browser can see. */
static void send_seen(struct client *c, int64_t at_ms, bool alive)
{
    struct quote_events *e = c->events;
    int count = 0;
    begin_event(e, "seen");
    buf_puts(&e->event, "{\"symbols\":[");
    for (int32_t place = 0; place < c->place; place++) {
        int32_t instrument = quote_list_at(e->parts.list, place);
        if (!wants(c, instrument, place) || !was_confirmed(c, instrument, at_ms))
            continue;
        buf_puts(&e->event, count++ ? "," : "");
        json_put_string(&e->event, market_symbol(e->parts.market, instrument));
    }
    buf_puts(&e->event, "]}\n\n");
    c->seen_ms = at_ms;
    c->pause_ms = (int64_t)e->event.len_bytes * 1000 / SEEN_BYTES_PER_S;
    if (count || alive)
        send_event(c, KEY_SEEN);
}

static void on_tick(void *arg)
{
    struct quote_events *e = arg;
    int64_t at_ms = now_ms(e);
    bool alive = ++e->ticks % KEEP_ALIVE_TICKS == 0;
    take_order(e);
    for (struct client *c = e->first; c; c = c->next) {
        if (c->seen && (alive || at_ms - c->seen_ms >= c->pause_ms))
            send_seen(c, at_ms, alive);
        else if (alive)
            http_stream_send(c->stream, KEY_ALIVE, KEEP_ALIVE_LINE, strlen(KEEP_ALIVE_LINE));
    }
    if (e->first)
        loop_timer_set(e->tick, TICK_MS);
}

/* --- clients ---------------------------------------------------------------------------------- */

static void free_client(struct client *c)
{
    quote_match_finish(&c->match);
    free(c->wants);
    free(c);
}

static void on_closed(void *arg)
{
    struct client *c = arg;
    if (c->events->turn == c)
        c->events->turn = c->next;
    *c->from = c->next;
    if (c->next)
        c->next->from = c->from;
    c->events->stats.open--;
    free_client(c);
}

static void link_client(struct quote_events *e, struct client *c)
{
    if (!e->first)
        loop_timer_set(e->tick, TICK_MS);
    c->next = e->first;
    c->from = &e->first;
    if (c->next)
        c->next->from = &c->next;
    e->first = c;
    e->stats.open++;
}

static void welcome(struct quote_events *e, struct client *c)
{
    link_client(e, c);
    c->seen_ms = now_ms(e);
    http_stream_send(c->stream, CLIENT_QUEUE_NO_KEY, RETRY_LINE, strlen(RETRY_LINE));
    make_feed(e);
    send_event(c, KEY_FEED);
    take_order(e);
    begin_quotes(c);
    flush_in(e, 0);
}

static struct client *create_client(struct quote_events *e, const struct web_request *request)
{
    const char *seen = web_param(request, "seen");
    struct client *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->events = e;
    c->seen = seen && strcmp(seen, "1") == 0;
    if (quote_match_read(&c->match, request) == 0)
        return c;
    free(c);
    return NULL;
}

enum web_action quote_events_answer(struct quote_events *e, const struct api_call *call)
{
    struct client *c = call->request->head ? NULL : create_client(e, call->request);
    const struct http_stream_handler handler = {.closed = on_closed, .arg = c};
    web_put(call->answer, 200, "text/event-stream", "");
    web_add_header(call->answer, "cache-control", "no-store");
    web_add_header(call->answer, "x-accel-buffering", "no"); /* nginx passes each event on */
    if (call->request->head)
        return WEB_SEND;
    if (c)
        c->stream = http_connection_stream(call->connection, &handler);
    if (c && c->stream) {
        welcome(e, c);
        return WEB_SEND;
    }
    if (c)
        free_client(c);
    web_put(call->answer, 503, "text/plain", "out of memory\n");
    return WEB_SEND;
}

struct quote_events_stats quote_events_stats(const struct quote_events *e)
{
    return e->stats;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct quote_events *quote_events_create(const struct quote_events_parts *parts)
{
    struct quote_events *e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    e->parts = *parts;
    e->flush_ms = INT64_MAX;
    buf_init(&e->event, EVENT_BYTES);
    buf_init(&e->feed, EVENT_BYTES);
    e->flush = loop_timer_create(parts->loop, on_flush, e);
    e->tick = loop_timer_create(parts->loop, on_tick, e);
    if (!e->flush || !e->tick) {
        quote_events_destroy(e);
        return NULL;
    }
    return e;
}

void quote_events_destroy(struct quote_events *e)
{
    if (!e)
        return;
    loop_timer_destroy(e->flush);
    loop_timer_destroy(e->tick);
    buf_finish(&e->event);
    buf_finish(&e->feed);
    free(e->changed);
    free(e->changed_ms);
    free(e->waits);
    free(e);
}
