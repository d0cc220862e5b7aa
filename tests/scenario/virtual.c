#include "virtual.h"

#include "net/http.h"
#include "net/ws.h"
#include "store/read/reader.h"
#include "store/write/store.h"
#include "support/t.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define BLIND_MS   5000 /* a polled change may be recorded so late; later is a gap */
#define LATENCY_MS 40
#define SPIN_MAX   10000 /* timers in one millisecond: more is an endless loop */
#define FRAME_MAX  512

struct world world;

/* --- time ------------------------------------------------------------------------------------- */

struct loop_timer {
    struct loop_timer *next;
    struct loop *loop;
    loop_fn *fn;
    void *arg;
    int64_t due_ms; /* INT64_MAX = not armed */
    uint64_t order; /* timers due at the same time fire in the order of arming */
};

struct loop {
    struct loop_timer *timers;
    uint64_t orders;
};

struct now __wrap_clock_now(void);
struct now __wrap_clock_now(void)
{
    return (struct now){world.now_ms,
                        world.wall_offset_ns + world.set_ns + world.now_ms * NS_PER_MS};
}

struct loop *loop_create(void)
{
    return calloc(1, sizeof(struct loop));
}

void loop_destroy(struct loop *loop)
{
    t_true(loop->timers == NULL); /* all were destroyed */
    free(loop);
}

int64_t loop_boot_ms(const struct loop *loop)
{
    (void)loop;
    return world.now_ms + world.slept_ms;
}

struct now loop_now(const struct loop *loop)
{
    (void)loop;
    return __wrap_clock_now();
}

struct loop_timer *loop_timer_create(struct loop *loop, loop_fn *fn, void *arg)
{
    struct loop_timer *t = calloc(1, sizeof(*t));
    *t = (struct loop_timer){
        .next = loop->timers, .loop = loop, .fn = fn, .arg = arg, .due_ms = INT64_MAX};
    loop->timers = t;
    return t;
}

void loop_timer_set(struct loop_timer *timer, int64_t after_ms)
{
    timer->due_ms = world.now_ms + (after_ms > 0 ? after_ms : 0);
    timer->order = timer->loop->orders++;
}

void loop_timer_stop(struct loop_timer *timer)
{
    timer->due_ms = INT64_MAX;
}

void loop_timer_destroy(struct loop_timer *timer)
{
    if (!timer)
        return;
    struct loop_timer **at = &timer->loop->timers;
    while (*at != timer)
        at = &(*at)->next;
    *at = timer->next;
    free(timer);
}

static struct loop_timer *earliest(const struct loop *loop)
{
    struct loop_timer *best = loop->timers;
    for (struct loop_timer *t = loop->timers; t; t = t->next) {
        if (t->due_ms < best->due_ms || (t->due_ms == best->due_ms && t->order < best->order))
            best = t;
    }
    return best;
}

/* --- the market ------------------------------------------------------------------------------- */

static void push_change(int i);

const char *world_symbol(int i)
{
    static char names[WORLD_INSTRUMENTS][16];
    snprintf(names[i], sizeof(names[i]), "SIM/%02d", i);
    return names[i];
}

static int index_of(const char *symbol)
{
    const char *digits = symbol ? strstr(symbol, "SIM") : NULL;
    int i = digits ? atoi(digits + (strncmp(digits, "SIM%2F", 6) == 0 ? 6 : 4)) : -1;
    t_true(i >= 0 && i < WORLD_INSTRUMENTS);
    return i;
}

static void note_lag(int i)
{
    int64_t lag_ms = world.now_ms - world.changed_ms[i];
    if (world.recorded[i] != world.price[i] && lag_ms > world.lag_max_ms)
        world.lag_max_ms = lag_ms;
}

/* Called when a change is recorded: notes the interval, if it is recorded late. */
static void note_blind(int i)
{
    int64_t lag_ms = world.now_ms - world.changed_ms[i];
    if (world.recorded[i] == world.price[i] || lag_ms < BLIND_MS)
        return;
    t_true(world.blind_count < WORLD_STRETCHES);
    int64_t now_ns = world.wall_offset_ns + world.set_ns + world.now_ms * NS_PER_MS;
    world.blind[world.blind_count++] =
        (struct world_stretch){i, now_ns - lag_ms * NS_PER_MS, now_ns, EVENT_UNSEEN};
}

static void note_span(const struct store_span *span)
{
    t_true(world.covered_count < WORLD_STRETCHES);
    world.covered[world.covered_count++] =
        (struct world_stretch){span->instrument, span->ts_from, span->ts_to, span->reason};
}

static void change_one(void)
{
    int i = (int)rng_below(&world.rng, WORLD_INSTRUMENTS);
    note_lag(i);
    if (world.recorded[i] == world.price[i])
        world.changed_ms[i] = world.now_ms;
    world.price[i] += 1;
    push_change(i);
}

static int put_data(char *out, size_t size, int i)
{
    return snprintf(out, size, "{\"LA\":{\"price\":%.0f,\"size\":1,\"date\":%lld}}", world.price[i],
                    (long long)(world.wall_offset_ns / NS_PER_MS + world.changed_ms[i]));
}

/* --- REST ------------------------------------------------------------------------------------- */

struct request {
    struct request *next;
    struct http *http;
    http_done *done;
    void *arg;
    struct loop_timer *timer;
    bool login;
    int token, instrument;
};

struct http {
    struct loop *loop;
    struct request *first;
    int in_flight;
};

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err)
{
    struct http *http = calloc(1, sizeof(*http));
    (void)config;
    (void)err;
    http->loop = loop;
    return http;
}

static void finish(struct request *r, const struct http_reply *reply)
{
    struct request **at = &r->http->first;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->http->in_flight--;
    r->done(r->arg, reply);
    loop_timer_destroy(r->timer);
    free(r);
}

static struct http_reply empty_reply(enum http_outcome outcome, int status)
{
    return (struct http_reply){.outcome = outcome,
                               .reason = "no connection: simulated",
                               .status = status,
                               .content_type = "application/json",
                               .location = "",
                               .auth_token = "",
                               .retry_after_ms = -1,
                               .body = ""};
}

static struct http_reply scripted(const struct world_answer *script)
{
    struct http_reply reply = empty_reply(HTTP_OK, script->status);
    reply.body = script->body ? script->body : "";
    reply.body_len_bytes = strlen(reply.body);
    reply.location = script->location ? script->location : "";
    reply.retry_after_ms = script->retry_after_ms ? script->retry_after_ms : -1;
    return reply;
}

static void answer(void *arg)
{
    struct request *r = arg;
    char body[FRAME_MAX], data[FRAME_MAX], token[32];
    struct http_reply reply = empty_reply(HTTP_OK, 200);
    if (world.down) {
        reply = empty_reply(HTTP_CONNECT, 0);
    } else if (r->login && world.login.status) {
        reply = scripted(&world.login);
    } else if (!r->login && world.rest.status) {
        reply = scripted(&world.rest);
    } else if (r->login) {
        world.logins++;
        world.token = world.logins;
        snprintf(token, sizeof(token), "token-%d", world.token);
        reply.auth_token = token;
    } else if (r->token != world.token) {
        reply = world.dead_token.status ? scripted(&world.dead_token) : empty_reply(HTTP_OK, 401);
    } else {
        put_data(data, sizeof(data), r->instrument);
        reply.body_len_bytes = (size_t)snprintf(
            body, sizeof(body), "{\"status\":\"OK\",\"marketData\":%s,\"depth\":1}", data);
        reply.body = body;
    }
    finish(r, &reply);
}

/* The number of the token in a request. */
static int token_of(const struct http_headers *headers)
{
    struct line {
        char *data;
        struct line *next;
    };
    for (const struct line *l = headers ? http_headers_native(headers) : NULL; l; l = l->next) {
        int token;
        if (sscanf(l->data, "X-Auth-Token: token-%d", &token) == 1)
            return token;
    }
    return -1;
}

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg)
{
    struct request *r = calloc(1, sizeof(*r));
    *r = (struct request){.next = http->first, .http = http, .done = done, .arg = arg};
    r->login = request->post;
    r->token = token_of(request->headers);
    if (!r->login)
        r->instrument = index_of(request->url);
    world.polls += !r->login;
    world.login_tries += r->login;
    http->first = r;
    http->in_flight++;
    r->timer = loop_timer_create(http->loop, answer, r);
    loop_timer_set(r->timer, LATENCY_MS);
}

void http_cancel_all(struct http *http)
{
    struct http_reply reply = empty_reply(HTTP_CANCELLED, 0);
    while (http->first)
        finish(http->first, &reply);
}

int http_in_flight(const struct http *http)
{
    return http->in_flight;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    http_cancel_all(http);
    free(http);
}

/* --- the stream ------------------------------------------------------------------------------- */

enum ws_task { TASK_OPEN, TASK_PING, TASK_SILENCE, TASK_RESET, TASK_CLOSE };

struct ws {
    struct ws *next;
    struct loop *loop;
    struct ws_config config;
    struct ws_handler handler;
    struct loop_timer *timer; /* the handshake's answer, then pings, then the end */
    enum ws_task task;
    int token, code;
    bool open, subscribed[WORLD_INSTRUMENTS], owed[WORLD_INSTRUMENTS];
    bool changed[WORLD_INSTRUMENTS]; /* owed because of a change */
    struct loop_timer *frames;
    bool dead, busy;
    struct ws_stats stats;
};

static struct ws *sockets;

static void free_ws(struct ws *ws)
{
    struct ws **at = &sockets;
    while (*at != ws)
        at = &(*at)->next;
    *at = ws->next;
    loop_timer_destroy(ws->timer);
    loop_timer_destroy(ws->frames);
    free(ws);
}

static void end_ws(struct ws *ws, enum ws_end_kind kind, int code, int status, const char *words)
{
    static const char refusal[] = "{\"status\":\"ERROR\",\"message\":\"Access denied\"}";
    struct ws_answer reply = {.status = status, .retry_after_ms = -1};
    const char *body = world.handshake.status ? world.handshake.body : refusal;
    if (kind == WS_REFUSED)
        reply.body_len_bytes = (size_t)snprintf(reply.body, sizeof(reply.body), "%s", body);
    const struct ws_end end = {kind, code, words, &reply};
    ws->open = false;
    loop_timer_stop(ws->timer);
    loop_timer_stop(ws->frames);
    ws->handler.ended(ws->handler.arg, &end);
}

static void shake_hands(struct ws *ws)
{
    int status = ws->token == world.token ? world.stream_status : 401;
    if (world.handshake.status)
        status = world.handshake.status;
    if (world.down) {
        end_ws(ws, WS_UNREACHABLE, 0, 0, "no connection: simulated");
    } else if (status != 101) {
        end_ws(ws, WS_REFUSED, 0, status, "the handshake was refused");
    } else {
        ws->open = true;
        ws->stats.pong_ms = world.now_ms;
        ws->task = TASK_PING;
        loop_timer_set(ws->timer, ws->config.ping_ms);
        ws->handler.opened(ws->handler.arg);
    }
}

static void ping(struct ws *ws)
{
    if (world.deaf || world.down) {
        ws->task = TASK_SILENCE;
        loop_timer_set(ws->timer, ws->config.pong_ms);
        return;
    }
    ws->stats.pong_ms = world.now_ms;
    loop_timer_set(ws->timer, ws->config.ping_ms);
}

static void on_ws_timer(void *arg)
{
    struct ws *ws = arg;
    ws->busy = true;
    switch (ws->task) {
    case TASK_OPEN:
        shake_hands(ws);
        break;
    case TASK_PING:
        ping(ws);
        break;
    case TASK_SILENCE:
        end_ws(ws, WS_NO_PONG, 0, 101, "no pong within 10 s: the connection is dead");
        break;
    case TASK_RESET:
        end_ws(ws, WS_LOST, 0, 101, "connection reset");
        break;
    case TASK_CLOSE:
        end_ws(ws, WS_CLOSED, ws->code, 101, "the server closed the connection");
        break;
    }
    ws->busy = false;
    if (ws->dead)
        free_ws(ws);
}

static void send_frame(struct ws *ws, int i)
{
    char text[FRAME_MAX], data[FRAME_MAX];
    put_data(data, sizeof(data), i);
    if (world.changed_wrong && ws->changed[i])
        snprintf(data, sizeof(data), "[0]");
    ws->changed[i] = false;
    int len = snprintf(text, sizeof(text),
                       "{\"type\":\"Md\",\"timestamp\":%lld,\"instrumentId\":{\"marketId\":"
                       "\"ROFX\",\"symbol\":\"%s\"},\"marketData\":%s}%s",
                       (long long)(world.wall_offset_ns / NS_PER_MS + world.now_ms),
                       world_symbol(i), data, world.streamed_wrong ? "," : "");
    ws->stats.messages++;
    ws->handler.text(ws->handler.arg, text, (size_t)len);
}

static void on_frames(void *arg)
{
    struct ws *ws = arg;
    ws->busy = true;
    for (int i = 0; i < WORLD_INSTRUMENTS && ws->open && !ws->dead; i++) {
        bool mute = world.mute || world.deaf || world.down || i == world.mute_instrument;
        if (!ws->owed[i])
            continue;
        ws->owed[i] = false;
        if (!mute)
            send_frame(ws, i);
    }
    ws->busy = false;
    if (ws->dead)
        free_ws(ws);
}

static void owe(struct ws *ws, int i)
{
    ws->owed[i] = true;
    loop_timer_set(ws->frames, 5);
}

static void push_change(int i)
{
    for (struct ws *ws = sockets; ws; ws = ws->next) {
        if (!ws->open || !ws->subscribed[i])
            continue;
        ws->changed[i] = true;
        owe(ws, i);
    }
}

int ws_create(struct ws **out, struct loop *loop, const struct ws_config *config,
              const struct ws_handler *handler, struct err *err)
{
    struct ws *ws = calloc(1, sizeof(*ws));
    (void)err;
    *ws = (struct ws){.next = sockets, .loop = loop, .config = *config, .handler = *handler};
    ws->token = token_of(config->headers);
    ws->stats.round_trip_ms = -1;
    ws->timer = loop_timer_create(loop, on_ws_timer, ws);
    ws->frames = loop_timer_create(loop, on_frames, ws);
    loop_timer_set(ws->timer, 3 * LATENCY_MS);
    sockets = ws;
    world.connections++;
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

int ws_send(struct ws *ws, const char *text, size_t len_bytes)
{
    (void)len_bytes;
    world.smd++;
    for (const char *at = text; (at = strstr(at, "\"symbol\":\"SIM/")); at++) {
        int i = index_of(at + 10);
        ws->subscribed[i] = true;
        ws->changed[i] = false;
        owe(ws, i);
    }
    return 0;
}

void ws_pause(struct ws *ws, int64_t pause_ms)
{
    (void)ws;
    (void)pause_ms;
}

struct ws_stats ws_stats(const struct ws *ws)
{
    return ws->stats;
}

static void end_all(enum ws_task task, int code)
{
    for (struct ws *ws = sockets; ws; ws = ws->next) {
        ws->task = task;
        ws->code = code;
        loop_timer_set(ws->timer, 1);
    }
}

void world_reset_streams(void)
{
    end_all(TASK_RESET, 0);
}

void world_close_streams(int code)
{
    end_all(TASK_CLOSE, code);
}

/* --- the store -------------------------------------------------------------------------------- */

void store_instrument(struct store *store, int32_t index, const char *market_id, const char *symbol)
{
    (void)store;
    t_str(market_id, "ROFX");
    t_str(symbol, world_symbol(index));
}

bool store_snapshot(struct store *store, const struct store_snapshot *s)
{
    (void)store;
    t_int(s->seq, world.seq + 1);
    world.seq = s->seq;
    world.rows++;
    note_lag(s->instrument);
    note_blind(s->instrument);
    world.twice += world.recorded[s->instrument] == s->quote.last_price;
    world.recorded[s->instrument] = s->quote.last_price;
    return false;
}

void store_known(struct store *store, const struct store_known *known)
{
    (void)store;
    (void)known;
}

void store_seen(struct store *store, const int32_t *index, const int64_t *ts_seen, size_t count)
{
    (void)store;
    (void)index;
    (void)ts_seen;
    (void)count;
}

void store_spans_open(struct store *store, const struct store_span *spans, size_t count)
{
    (void)store;
    (void)spans;
    (void)count;
}

void store_spans_closed(struct store *store, const struct store_span *spans, size_t count)
{
    (void)store;
    for (size_t i = 0; i < count; i++)
        note_span(&spans[i]);
}

void store_session(struct store *store, const struct store_session *session)
{
    (void)store;
    (void)session;
}

void store_watch(struct store *store, const int32_t *instruments, size_t count, int64_t ts)
{
    (void)store;
    (void)instruments;
    (void)ts;
    world.watched = (int)count;
}

void store_event(struct store *store, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail)
{
    struct world_event *e = &world.journal[world.journal_count % WORLD_JOURNAL];
    (void)store;
    (void)ts;
    world.journal_count++;
    e->at_ms = world.now_ms;
    snprintf(e->kind, sizeof(e->kind), "%s", event_kind_name(kind));
    snprintf(e->detail, sizeof(e->detail), "%s%s%.150s", symbol ? symbol : "", symbol ? ": " : "",
             detail);
}

int reader_select(struct reader *reader, const char *sql, const char *const *params,
                  int params_count, reader_row_fn *fn, void *arg, struct err *err)
{
    (void)reader;
    (void)sql;
    (void)params;
    (void)params_count;
    (void)fn;
    (void)arg;
    (void)err;
    return 0;
}

struct reader {
    int unused;
};

int reader_open(struct reader **out, const char *path, struct err *err)
{
    static struct reader reader;
    (void)path;
    (void)err;
    *out = &reader;
    return 0;
}

void reader_close(struct reader *reader)
{
    (void)reader;
}

int reader_quotes(struct reader *reader, reader_quote_fn *fn, void *arg, struct err *err)
{
    (void)reader;
    (void)fn;
    (void)arg;
    (void)err;
    return 0;
}

int reader_last_seq(struct reader *reader, int64_t *seq, struct err *err)
{
    (void)reader;
    (void)err;
    *seq = 0;
    return 0;
}

/* --- running the simulation ------------------------------------------------------------------- */

void world_begin(int64_t wall_ns, uint64_t seed)
{
    world = (struct world){.now_ms = 1000000,
                           .stream_status = 101,
                           .mute_instrument = -1,
                           .change_every_ms = 200,
                           .rng = {seed}};
    world.wall_offset_ns = wall_ns - world.now_ms * NS_PER_MS;
    for (int i = 0; i < WORLD_INSTRUMENTS; i++) {
        world.price[i] = 1000 * (i + 1);
        world.changed_ms[i] = world.now_ms;
    }
    world.token = -2; /* none was issued */
}

void world_end(void)
{
    t_true(sockets == NULL);
}

void world_pass(struct loop *loop, int64_t ms)
{
    int64_t until_ms = world.now_ms + ms, change_ms = world.now_ms;
    int spins = 0;
    for (;;) {
        struct loop_timer *t = earliest(loop);
        int64_t next_ms = t ? t->due_ms : INT64_MAX;
        int64_t market_ms = world.change_every_ms ? change_ms + world.change_every_ms : INT64_MAX;
        int64_t at_ms = next_ms < market_ms ? next_ms : market_ms;
        if (at_ms > until_ms)
            break;
        spins = at_ms > world.now_ms ? 0 : spins + 1;
        t_true(spins < SPIN_MAX);
        if (at_ms > world.now_ms)
            world.now_ms = at_ms;
        if (market_ms <= next_ms) {
            change_ms = market_ms;
            change_one();
        } else {
            t->due_ms = INT64_MAX;
            t->fn(t->arg);
        }
    }
    world.now_ms = until_ms;
}

int world_told(const char *kind)
{
    int times = 0;
    t_true(world.journal_count < WORLD_JOURNAL);
    for (int i = 0; i < world.journal_count; i++)
        times += strcmp(world.journal[i].kind, kind) == 0;
    return times;
}

const char *world_words(const char *kind)
{
    for (int i = world.journal_count; i-- > 0;) {
        if (strcmp(world.journal[i].kind, kind) == 0)
            return world.journal[i].detail;
    }
    return "";
}

/* --- coverage --------------------------------------------------------------------------------- */

static void check_overlaps(int instrument)
{
    int64_t ts = 0;
    for (int i = 0; i < world.covered_count; i++) {
        const struct world_stretch *c = &world.covered[i];
        if (c->instrument != instrument)
            continue;
        t_true(c->ts_from >= ts);
        t_true(c->ts_to >= c->ts_from);
        ts = c->reason == EVENT_CLOCK_JUMPED ? 0 : c->ts_to; /* it may have been set back */
    }
}

void world_check_coverage(void)
{
    for (int i = 0; i < WORLD_INSTRUMENTS; i++)
        check_overlaps(i);
    for (int b = 0; b < world.blind_count; b++) {
        const struct world_stretch *blind = &world.blind[b];
        for (int i = 0; i < world.covered_count; i++) {
            const struct world_stretch *c = &world.covered[i];
            if (c->instrument == blind->instrument && c->ts_from <= blind->ts_from &&
                c->ts_to >= blind->ts_to)
                fail_msg("instrument %d is covered for %lld ms, ended by %s; %lld ms after its "
                         "start a change was not recorded for %lld ms",
                         c->instrument, (long long)((c->ts_to - c->ts_from) / NS_PER_MS),
                         event_kind_name(c->reason),
                         (long long)((blind->ts_from - c->ts_from) / NS_PER_MS),
                         (long long)((blind->ts_to - blind->ts_from) / NS_PER_MS));
        }
    }
}

int64_t world_covered_ms(int instrument)
{
    int64_t sum_ns = 0;
    for (int i = 0; i < world.covered_count; i++) {
        if (world.covered[i].instrument == instrument)
            sum_ns += world.covered[i].ts_to - world.covered[i].ts_from;
    }
    return sum_ns / NS_PER_MS;
}

int world_ended(int instrument, enum event_kind reason)
{
    int times = 0;
    for (int i = 0; i < world.covered_count; i++)
        times += world.covered[i].instrument == instrument && world.covered[i].reason == reason;
    return times;
}
