#include "serve/http_connection.h"

#include "serve/disconnect.h"
#include "serve/http_in.h"
#include "serve/http_out.h"

#include <libwebsockets.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define KEEP_BYTES  65536 /* a larger buffer is freed after the answer */
#define LOOK_MS     50    /* first check whether a waiting client disconnected; then ever rarer */
#define LOOK_MAX_MS 1000
#define BODY_BYTES  65536 /* of a request; more ends the connection */
#define STALL_MS    30000 /* a client that takes nothing of its answer for so long is given up */

struct http_connection {
    struct http_service *service;
    struct lws *wsi;
    struct loop_timer *look; /* while waiting */
    int64_t look_ms;
    struct web_answer answer;
    enum web_action action;
    struct deferred *deferred;  /* NULL: not deferred, or completed */
    bool was_deferred;          /* the present request */
    bool head_only;             /* it is HEAD */
    bool last;                  /* the connection is closed after the present one */
    struct http_stream *stream; /* NULL: the answer is not a stream */
    size_t sent_bytes;
    char uri[HTTP_IN_PATH_BYTES]; /* of the request whose body is being received */
    struct buf body;
    enum {
        CONNECTION_IDLE,
        CONNECTION_RECEIVING, /* the body of a request */
        CONNECTION_HANDLING,
        CONNECTION_WAITING, /* for a deferred answer, or for ever: also while a stream is sent */
        CONNECTION_READY,   /* completed, to be sent when writable */
        CONNECTION_SENDING,
    } state;
    enum { CALM_NOT_YET, CALM_STEP_1, CALM_STEP_2, CALM_REACHED } calm; /* while waiting */
};

/* --- sending an answer ------------------------------------------------------------------------ */

static void settle(struct http_connection *c)
{
    if (c->state > CONNECTION_RECEIVING)
        c->service->stats.in_flight--;
    c->state = CONNECTION_IDLE;
    loop_timer_stop(c->look);
    buf_finish(&c->body);
    if (c->answer.body.cap_bytes > KEEP_BYTES)
        buf_finish(&c->answer.body);
}

/* Returns nonzero to make libwebsockets close the connection. */
static int complete(struct http_connection *c)
{
    settle(c);
    if (c->last)
        return -1;
    return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

static int send_piece(struct http_connection *c)
{
    size_t limit = c->answer.body.len_bytes;
    if (c->action == WEB_TRUNCATE)
        limit /= 2;
    if (http_out_piece(c->wsi, &c->answer.body, limit, &c->sent_bytes))
        return -1;
    if (c->sent_bytes < limit) {
        loop_timer_set(c->look, STALL_MS);
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    return c->action == WEB_TRUNCATE ? -1 : complete(c);
}

static int begin_answer(struct http_connection *c)
{
    c->state = CONNECTION_SENDING;
    c->sent_bytes = 0;
    switch (c->action) {
    case WEB_RESET:
        disconnect_with_reset(c->wsi);
        return -1;
    case WEB_CLOSE:
        return -1;
    case WEB_SEND:
    case WEB_TRUNCATE:
    case WEB_HANG:
        break;
    }
    if (http_out_head(c->wsi, &c->answer, c->last))
        return -1;
    return c->head_only ? complete(c) : send_piece(c);
}

/* --- waiting for a deferred answer ------------------------------------------------------------ */

/*
 * While it waits, the connection is not read: libwebsockets polls for input that it does not take
 * then, so the loop would never rest. Flow control stops that, but when it is switched on while
 * bytes of the next request are buffered, libwebsockets asks to be called when the socket is
 * writable, and as long as flow control is on it ignores that call and is called again at once.
 *
 * calm_down() leads out of this in three steps. Flow control is taken off, so that the call comes
 * through and the request for it ends. In that call flow control is switched on at once, which ends
 * polling for input, then off again; a positive result prevents that from being applied. The next
 * call clears the second request, and flow control is switched on, again without being applied.
 */
static bool socket_has(const struct http_connection *c, short events)
{
    struct pollfd fd = {.fd = lws_get_socket_fd(c->wsi), .events = events};
    return poll(&fd, 1, 0) > 0 && fd.revents;
}

static void begin_to_calm_down(struct http_connection *c)
{
    if (c->calm != CALM_NOT_YET || !socket_has(c, POLLOUT))
        return; /* if it is not writable, there is no such call */
    c->calm = CALM_STEP_1;
    lws_rx_flow_control(c->wsi, 1);
    lws_callback_on_writable(c->wsi);
}

static int calm_down(struct http_connection *c)
{
    const int off_at_once = LWS_RXFLOW_REASON_USER_BOOL | LWS_RXFLOW_REASON_APPLIES_DISABLE |
                            LWS_RXFLOW_REASON_FLAG_PROCESS_NOW;
    if (c->calm == CALM_STEP_1) {
        lws_rx_flow_control(c->wsi, off_at_once);
        lws_rx_flow_control(c->wsi, 1);
        lws_callback_on_writable(c->wsi);
        c->calm = CALM_STEP_2;
    } else {
        lws_rx_flow_control(c->wsi, 0);
        c->calm = CALM_REACHED;
    }
    return 1;
}

/*
 * Without reading, libwebsockets does not notice that the client has disconnected. While a body is
 * received or an answer is sent, the timer means that this takes too long.
 */
static void on_look(void *arg)
{
    struct http_connection *c = arg;
    if (c->state == CONNECTION_SENDING)
        disconnect_soon(c->wsi);
    if (c->state != CONNECTION_WAITING)
        return;
    if (socket_has(c, POLLRDHUP) || (c->stream && http_stream_stalled(c->stream)))
        disconnect_soon(c->wsi);
    begin_to_calm_down(c); /* also then: disconnect_soon() has an effect only when the loop rests */
    loop_timer_set(c->look, c->look_ms);
    c->look_ms = c->look_ms * 2 < LOOK_MAX_MS ? c->look_ms * 2 : LOOK_MAX_MS;
}

static int begin_wait(struct http_connection *c)
{
    c->state = CONNECTION_WAITING;
    c->calm = CALM_NOT_YET;
    c->look_ms = LOOK_MS;
    lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0); /* else it would end after some seconds */
    lws_rx_flow_control(c->wsi, 0);
    loop_timer_set(c->look, 0);
    return 0;
}

static void end_wait(struct http_connection *c)
{
    c->state = CONNECTION_READY;
    loop_timer_stop(c->look);
    lws_rx_flow_control(c->wsi, 1);
    lws_callback_on_writable(c->wsi);
}

static void on_completed(void *arg, struct web_answer *answer, enum web_action action)
{
    struct http_connection *c = arg;
    c->deferred = NULL;
    web_answer_finish(&c->answer);
    c->answer = *answer;
    web_answer_init(answer);
    c->action = action;
    if (c->state == CONNECTION_WAITING && action != WEB_HANG)
        end_wait(c);
}

struct deferred *http_connection_defer(struct http_connection *c)
{
    c->deferred = deferred_create(&c->answer, on_completed, c);
    c->was_deferred = c->deferred != NULL;
    return c->deferred;
}

struct http_stream *http_connection_stream(struct http_connection *c,
                                           const struct http_stream_handler *handler)
{
    const struct http_stream_parts parts = {c->service->loop, c->wsi, *handler};
    c->stream = http_stream_create(&parts);
    return c->stream;
}

static int begin_stream(struct http_connection *c)
{
    http_stream_begin(c->stream, &c->answer);
    return begin_wait(c);
}

/* --- requests --------------------------------------------------------------------------------- */

static int handle(struct http_connection *c, const char *uri)
{
    struct http_service *service = c->service;
    struct http_in in;
    struct web_request request;

    http_in_read(&in, c->wsi, uri, &request);
    if (c->body.len_bytes) {
        request.body = buf_text(&c->body);
        request.body_bytes = c->body.len_bytes;
    }
    c->answer.kept_bytes = 0;
    web_put(&c->answer, 200, "text/plain", "");
    service->stats.requests++;
    if (++service->stats.in_flight > service->stats.max_in_flight)
        service->stats.max_in_flight = service->stats.in_flight;
    c->state = CONNECTION_HANDLING;
    c->was_deferred = false;
    c->head_only = request.head;
    if (request.post || request.preflight || request.head ||
        lws_hdr_total_length(c->wsi, WSI_TOKEN_GET_URI) > 0) {
        enum web_action action = service->handler(service->arg, c, &request, &c->answer);
        if (!c->was_deferred)
            c->action = action;
    } else {
        web_put(&c->answer, 405, "text/plain", "");
        web_add_header(&c->answer, "allow", "GET, HEAD, POST, OPTIONS");
        c->action = WEB_SEND;
    }
    if (c->stream)
        return begin_stream(c);
    return c->deferred || c->action == WEB_HANG ? begin_wait(c) : begin_answer(c);
}

int http_connection_request(struct http_connection *c, void *lws, const char *uri, bool first)
{
    size_t body_bytes = http_in_body_bytes(lws);
    c->wsi = lws;
    if (body_bytes > BODY_BYTES)
        return -1;
    c->last = !first && !c->service->reads_bodies && http_in_announces_body(lws);
    if (!c->service->reads_bodies || body_bytes == 0)
        return handle(c, uri);
    snprintf(c->uri, sizeof(c->uri), "%s", uri); /* libwebsockets does not give it again */
    c->state = CONNECTION_RECEIVING;
    return 0;
}

int http_connection_body(struct http_connection *c, const void *data, size_t len_bytes)
{
    return c->state == CONNECTION_RECEIVING && buf_append(&c->body, data, len_bytes) ? -1 : 0;
}

/* libwebsockets may say so again while the answer is awaited. */
int http_connection_body_complete(struct http_connection *c)
{
    return c->state == CONNECTION_RECEIVING ? handle(c, c->uri) : 0;
}

int http_connection_writable(struct http_connection *c)
{
    switch (c->state) {
    case CONNECTION_WAITING:
        return c->calm == CALM_STEP_1 || c->calm == CALM_STEP_2 ? calm_down(c) : 0;
    case CONNECTION_READY:
        return begin_answer(c);
    case CONNECTION_SENDING:
        return send_piece(c);
    case CONNECTION_IDLE:
    case CONNECTION_RECEIVING:
    case CONNECTION_HANDLING:
        break;
    }
    return 0;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct http_connection *http_connection_create(struct http_service *service)
{
    struct http_connection *c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->service = service;
    c->look = loop_timer_create(service->loop, on_look, c);
    if (!c->look) {
        free(c);
        return NULL;
    }
    web_answer_init(&c->answer);
    buf_init(&c->body, BODY_BYTES);
    return c;
}

void http_connection_destroy(struct http_connection *c)
{
    if (!c)
        return;
    settle(c);
    if (c->deferred)
        deferred_cut(c->deferred);
    http_stream_destroy(c->stream);
    loop_timer_destroy(c->look);
    web_answer_finish(&c->answer);
    buf_finish(&c->body);
    free(c);
}
