#include "sim/sim_streams.h"

#include "base/clock.h"
#include "sim/frame_faults.h"

#include <stdlib.h>
#include <string.h>

#define TICK_MS 10

struct sim_streams {
    struct sim_streams_parts parts;
    const struct market_source *source;
    struct stream_server *server;
    struct loop_timer *tick;
    const char **symbols; /* scratch: of one message */
    struct buf error;
};

/* Of one client: the frame sent last for each instrument; NULL = none. */
struct previous {
    int32_t count;
    char *frames[];
};

/* --- connections ------------------------------------------------------------------------------ */

/* False: `kind` is another one. */
static bool spoil_connection(struct stream_client *c, enum fault_kind kind, int code)
{
    bool mute, disturbed = frame_faults_disturb(stream_client_socket(c), kind, code, &mute);
    if (mute)
        stream_client_mute(c);
    return disturbed;
}

struct spoiling {
    enum fault_kind kind;
    int code;
};

static void spoil_client(void *arg, struct stream_client *c)
{
    const struct spoiling *spoiling = arg;
    spoil_connection(c, spoiling->kind, spoiling->code);
}

void sim_streams_apply(struct sim_streams *s, enum fault_kind kind, int code)
{
    struct spoiling spoiling = {kind, code};
    stream_server_each(s->server, spoil_client, &spoiling);
}

/* --- hooks of the stream_server --------------------------------------------------------------- */

static const char *symbol_of(const struct sim_streams *s, int32_t instrument)
{
    return s->source->instrument(s->source->self, instrument)->symbol;
}

/* A fault of any product applies to the whole message and counts once. */
static const struct fault *find_fault_of_message(struct sim_streams *s,
                                                 const struct stream_request *request)
{
    for (int32_t n = 0; n < request->count; n++)
        s->symbols[n] = symbol_of(s, request->instruments[n]);
    const struct fault_target target = {FAULT_AT_SMD, "stream/smd", s->symbols,
                                        (size_t)request->count};
    return s->parts.fault(s->parts.arg, &target);
}

static bool before_subscribe(void *arg, struct stream_client *c,
                             const struct stream_request *request, const char *text)
{
    struct sim_streams *s = arg;
    const struct fault *fault = find_fault_of_message(s, request);
    if (!fault)
        return false;
    if (fault->kind != FAULT_ERROR) {
        spoil_connection(c, fault->kind, fault->code); /* hang: the message is ignored */
        return true;
    }
    buf_clear(&s->error);
    stream_put_error(&s->error, text, fault->body);
    websocket_send(stream_client_socket(c), buf_text(&s->error), s->error.len_bytes);
    return true;
}

static void keep(const struct sim_streams *s, struct stream_client *c, int32_t instrument,
                 const struct buf *frame)
{
    struct previous *previous = stream_client_user(c);
    if (!s->parts.keep_previous || !previous)
        return;
    free(previous->frames[instrument]);
    previous->frames[instrument] = strdup(buf_text(frame));
}

static bool before_send(void *arg, struct stream_client *c, int32_t instrument,
                        const struct buf *frame)
{
    struct sim_streams *s = arg;
    const struct previous *previous = stream_client_user(c);
    struct websocket *socket = stream_client_socket(c);
    const char *symbol = symbol_of(s, instrument);
    const struct fault_target target = {FAULT_AT_MD, "stream/md", &symbol, 1};
    const struct fault *fault = s->parts.fault(s->parts.arg, &target);
    if (fault) {
        websocket_pin(socket, instrument);
        if (!frame_faults_send(socket, fault, frame,
                               previous ? previous->frames[instrument] : NULL))
            spoil_connection(c, fault->kind, fault->code); /* hang: it is not sent */
    }
    keep(s, c, instrument, frame);
    return fault != NULL;
}

static void remember_previous(const struct sim_streams *s, struct stream_client *c)
{
    int32_t count = s->source->count(s->source->self);
    if (!s->parts.keep_previous)
        return;
    struct previous *previous = calloc(1, sizeof(*previous) + (size_t)count * sizeof(char *));
    if (previous)
        previous->count = count;
    stream_client_set_user(c, previous);
}

static void on_opened(void *arg, struct stream_client *c)
{
    struct sim_streams *s = arg;
    const char *none = "";
    const struct fault_target target = {FAULT_AT_OPEN, "stream/open", &none, 1};
    const struct fault *fault = s->parts.fault(s->parts.arg, &target);
    loop_timer_set(s->tick, TICK_MS);
    remember_previous(s, c);
    if (fault)
        spoil_connection(c, fault->kind, fault->code);
}

static void on_closed(void *arg, struct stream_client *c)
{
    struct previous *previous = stream_client_user(c);
    (void)arg;
    for (int32_t i = 0; previous && i < previous->count; i++)
        free(previous->frames[i]);
    free(previous);
}

/* --- market ----------------------------------------------------------------------------------- */

static void on_tick(void *arg)
{
    struct sim_streams *s = arg;
    sim_market_advance(s->parts.market, loop_now(s->parts.loop).wall_ns);
    if (stream_server_stats(s->server).open > 0)
        loop_timer_set(s->tick, TICK_MS);
}

static void on_change(void *arg, int32_t instrument)
{
    stream_server_changed(((struct sim_streams *)arg)->server, instrument);
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct stream_server *sim_streams_server(const struct sim_streams *s)
{
    return s->server;
}

struct sim_streams *sim_streams_create(const struct sim_streams_parts *parts)
{
    struct sim_streams *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->parts = *parts;
    s->source = sim_market_source(parts->market);
    const struct stream_server_parts server = {
        parts->loop,
        s->source,
        parts->idle_ms,
        {s, on_opened, on_closed, before_subscribe, before_send},
    };
    s->tick = loop_timer_create(parts->loop, on_tick, s);
    s->symbols = calloc(STREAM_PRODUCTS_MAX, sizeof(*s->symbols));
    s->server = stream_server_create(&server);
    buf_init(&s->error, 4 * WEBSOCKET_TEXT_MAX);
    if (!s->tick || !s->symbols || !s->server) {
        sim_streams_destroy(s);
        return NULL;
    }
    sim_market_watch(parts->market, on_change, s);
    return s;
}

void sim_streams_destroy(struct sim_streams *s)
{
    if (!s)
        return;
    sim_market_unwatch(s->parts.market, s);
    stream_server_destroy(s->server);
    loop_timer_destroy(s->tick);
    buf_finish(&s->error);
    free(s->symbols);
    free(s);
}
