#include "serve/websocket.h"

#include "net/tcp_state.h"
#include "serve/client_queue.h"
#include "serve/disconnect.h"
#include "serve/shared_frame.h"
#include "serve/ws_input.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DRIP_MS     2
#define CLOSE_MS    2000 /* to send the queue and the close frame; then it disconnects */
#define PIECE       7    /* bytes per fragment */
#define REASON_MAX  120
#define TURN_STEPS  4 /* parts or batches sent in one turn of the loop; then others get theirs */
#define BATCH_BYTES 16384 /* of frames that are sent in one system call */
#define LOOKS       4     /* at the progress of a client during the time that it has */

enum kind { WHOLE, BINARY, FRAGMENTED, RAW, DRIP, GOODBYE }; /* WHOLE: a shared_frame */

struct websocket {
    struct loop *loop;
    struct lws *wsi;
    const struct websocket_handlers *handlers;
    void *user;
    struct client_queue *queue;
    struct loop_timer *drip, *close_by, *look;
    int64_t stall_ms;
    int64_t progress; /* tcp_progress() at the last look */
    bool looking;     /* `look` is set */
    struct ws_input input;
    bool crowded;    /* room() is to be called */
    bool deaf, gone; /* gone: disconnect at the next callback, no close frame */
};

/* --- queue ------------------------------------------------------------------------------------ */

static int64_t now_ms(const struct websocket *s)
{
    return loop_now(s->loop).mono_ms;
}

static void look_later(struct websocket *s)
{
    int64_t patience_ms = client_queue_patience_ms(s->queue, now_ms(s));
    int64_t interval_ms = s->stall_ms / LOOKS;
    s->looking = true;
    loop_timer_set(s->look, patience_ms < interval_ms ? patience_ms : interval_ms);
}

/* Disconnects a client that has taken nothing for too long while frames wait for it. */
static void on_look(void *arg)
{
    struct websocket *s = arg;
    int64_t progress = tcp_progress(lws_get_socket_fd(s->wsi));
    s->looking = false;
    if (s->deaf || s->gone || client_queue_count(s->queue) == 0)
        return;
    if (progress != s->progress)
        client_queue_progress(s->queue, now_ms(s));
    s->progress = progress;
    if (client_queue_patience_ms(s->queue, now_ms(s)) <= 0)
        websocket_drop(s);
    else
        look_later(s);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* libwebsockets itself decides to send a close frame after an invalid one. It does that in a later
 * turn, then waits for the client's, and would send frames after it (RFC 6455 section 5.5.1: none).
 */
static bool is_closing(const struct websocket *s)
{
    return s->gone || lws_get_close_length(s->wsi) > 0;
}

static int send_fragment(struct websocket *s, struct waiting_frame *f)
{
    unsigned char ping[LWS_PRE];
    size_t left = f->len_bytes - f->sent_bytes, some = left < PIECE ? left : PIECE;
    int flags = f->sent_bytes ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT;
    if (some < left)
        flags |= LWS_WRITE_NO_FIN;
    if (f->sent_bytes == PIECE && lws_write(s->wsi, ping + LWS_PRE, 0, LWS_WRITE_PING) < 0)
        return -1;
    /* libwebsockets writes the header before the data: over sent bytes or the LWS_PRE bytes. */
    int rc = lws_write(s->wsi, f->data + f->sent_bytes, some, (enum lws_write_protocol)flags);
    f->sent_bytes += some;
    return rc < 0 ? -1 : 0;
}

static int send_raw(struct websocket *s, struct waiting_frame *f, size_t most)
{
    size_t left = f->len_bytes - f->sent_bytes;
    ssize_t n = send(lws_get_socket_fd(s->wsi), f->data + f->sent_bytes, left < most ? left : most,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        return -1;
    f->sent_bytes += n > 0 ? (size_t)n : 0;
    return 0;
}

static int say_goodbye(struct websocket *s, const struct waiting_frame *f)
{
    unsigned char reason[REASON_MAX];
    size_t len = f->len_bytes < sizeof(reason) ? f->len_bytes : sizeof(reason);
    memcpy(reason, f->data, len);
    lws_close_reason(s->wsi, (enum lws_close_status)f->code, reason, len);
    return -1;
}

/* Sends the next part of the first message. */
static int advance(struct websocket *s)
{
    struct waiting_frame *f = client_queue_first(s->queue);
    switch (f->kind) {
    case GOODBYE:
        return say_goodbye(s, f);
    case BINARY:
        f->sent_bytes = f->len_bytes;
        return lws_write(s->wsi, f->data, f->len_bytes, LWS_WRITE_BINARY) < 0 ? -1 : 0;
    case FRAGMENTED:
        return send_fragment(s, f);
    case RAW:
        return send_raw(s, f, f->len_bytes);
    case DRIP:
        return send_raw(s, f, 1);
    }
    return -1;
}

static void on_drip(void *arg)
{
    struct websocket *s = arg;
    lws_callback_on_writable(s->wsi);
}

static void on_close_by(void *arg)
{
    websocket_drop(arg);
}

static bool is_whole(const struct waiting_frame *f)
{
    return f && f->kind == WHOLE;
}

/* With LWS_WRITE_RAW libwebsockets sends the bytes as they are; what the socket does not take it
 * keeps, and sends it before anything else (a pong, a close frame). */
static int send_bytes(struct websocket *s, unsigned char *data, size_t len_bytes)
{
    return lws_write(s->wsi, data, len_bytes, LWS_WRITE_RAW) < 0 ? -1 : 0;
}

/* Sends the first frames, which are whole, in one system call. */
static int send_whole(struct websocket *s, int64_t at_ms)
{
    unsigned char batch[BATCH_BYTES];
    size_t used = 0;
    struct waiting_frame *f = client_queue_first(s->queue);
    if (client_queue_count(s->queue) == 1 || f->len_bytes > sizeof(batch)) {
        int rc = send_bytes(s, f->data, f->len_bytes);
        client_queue_pop(s->queue, at_ms);
        return rc;
    }
    for (; is_whole(f) && f->len_bytes <= sizeof(batch) - used; f = client_queue_first(s->queue)) {
        memcpy(batch + used, f->data, f->len_bytes);
        used += f->len_bytes;
        client_queue_pop(s->queue, at_ms);
    }
    return send_bytes(s, batch, used);
}

/* Sends the next part of the first frame. 0: more may follow at once; 1: not now; -1: disconnect.
 */
static int send_part(struct websocket *s, int64_t at_ms)
{
    struct waiting_frame *f = client_queue_first(s->queue);
    bool drip = f->kind == DRIP;
    if (advance(s))
        return -1;
    bool done = f->sent_bytes >= f->len_bytes;
    if (drip) /* prevents libwebsockets from sending a pong between the bytes */
        lws_rx_flow_control(s->wsi, done);
    if (done)
        client_queue_pop(s->queue, at_ms);
    if (drip)
        loop_timer_set(s->drip, DRIP_MS);
    return drip;
}

static void tell_room(struct websocket *s)
{
    bool was_crowded = s->crowded;
    s->crowded = false;
    if (was_crowded)
        s->handlers->room(s->handlers->arg, s);
}

bool websocket_crowded(struct websocket *s)
{
    if (client_queue_bytes(s->queue) > WEBSOCKET_CROWDED_BYTES)
        s->crowded = s->handlers->room != NULL;
    return s->crowded;
}

/*
 * Sends what waits, as far as the socket takes it. 0; -1: disconnect. Not `asked`: libwebsockets
 * has not asked for it, and only whole frames are sent: with a close frame its answer ends the
 * connection, which is lost elsewhere.
 */
static int send_waiting(struct websocket *s, bool asked)
{
    int64_t at_ms = now_ms(s);
    const struct waiting_frame *f;
    int rc = 0;
    for (int n = 0; rc == 0 && n < TURN_STEPS && (f = client_queue_first(s->queue)); n++) {
        if (lws_partial_buffered(s->wsi)) /* of the step before; costs no system call */
            break;
        if (!asked && !is_whole(f))
            break;
        rc = is_whole(f) ? send_whole(s, at_ms) : send_part(s, at_ms);
    }
    if (rc == 0 && client_queue_count(s->queue) > 0)
        lws_callback_on_writable(s->wsi);
    else if (rc == 0)
        tell_room(s);
    return rc < 0 ? -1 : 0;
}

int websocket_writable(struct websocket *s)
{
    if (s->gone)
        return -1;
    return s->deaf || is_closing(s) ? 0 : send_waiting(s, true);
}

/* Does not wait until the socket is said to take something, which would cost two system calls and a
 * turn of the loop. Simulated faults wait. */
void websocket_flush(struct websocket *s)
{
    if (s->deaf || is_closing(s) || client_queue_count(s->queue) == 0)
        return;
    if (send_waiting(s, false))
        websocket_drop(s);
    if (!s->looking && client_queue_count(s->queue) > 0)
        look_later(s);
}

static void put(struct websocket *s, const struct client_frame *frame)
{
    if (s->deaf || is_closing(s))
        return;
    if (client_queue_put(s->queue, frame, now_ms(s))) /* full as it does not read, or no memory */
        websocket_drop(s);
}

static void push(struct websocket *s, const struct client_frame *frame)
{
    put(s, frame);
    websocket_flush(s);
}

static int end_with(struct websocket *s, int code)
{
    lws_close_reason(s->wsi, (enum lws_close_status)code, NULL, 0);
    return -1;
}

int websocket_receive(struct websocket *s, const void *data, size_t len_bytes)
{
    const struct ws_piece piece = {
        .data = data,
        .len_bytes = len_bytes,
        .rest_bytes = lws_remaining_packet_payload(s->wsi),
        .binary = lws_frame_is_binary(s->wsi),
        .final = lws_is_final_fragment(s->wsi),
    };
    if (s->gone)
        return -1;
    int rc = ws_input_take(&s->input, &piece);
    if (rc >= WS_INPUT_VIOLATION)
        return end_with(s, rc);
    if (rc == WS_INPUT_PARTIAL)
        return 0;
    s->handlers->text(s->handlers->arg, s, buf_text(&s->input.text), s->input.text.len_bytes);
    ws_input_finish(&s->input);
    return s->gone ? -1 : 0;
}

int websocket_peer_closes(struct websocket *s, const void *data, size_t len_bytes)
{
    int code = ws_input_close_code(data, len_bytes);
    return code ? end_with(s, code) : 0;
}

/* --- for the handlers ------------------------------------------------------------------------- */

void websocket_set_user(struct websocket *s, void *user)
{
    s->user = user;
}

void *websocket_user(const struct websocket *s)
{
    return s->user;
}

void websocket_send(struct websocket *s, const char *text, size_t len_bytes)
{
    struct shared_frame *frame = shared_frame_create(text, len_bytes);
    if (!frame) {
        websocket_drop(s);
        return;
    }
    push(s, &(struct client_frame){.key = CLIENT_QUEUE_NO_KEY, .kind = WHOLE, .shared = frame});
    shared_frame_unref(frame);
}

void websocket_put_newest(struct websocket *s, int32_t key, struct shared_frame *frame)
{
    put(s, &(struct client_frame){.key = key, .kind = WHOLE, .shared = frame});
}

void websocket_pin(struct websocket *s, int32_t key)
{
    client_queue_pin(s->queue, key);
}

void websocket_close(struct websocket *s, int code, const char *reason)
{
    push(s,
         &(struct client_frame){CLIENT_QUEUE_NO_KEY, GOODBYE, code, reason, strlen(reason), NULL});
    loop_timer_set(s->close_by, CLOSE_MS);
}

/* The header of a frame, of which nothing may follow on a frame that is half sent. */
void websocket_leave(struct websocket *s, int code)
{
    const unsigned char frame[] = {0x88, 2, (unsigned char)(code >> 8), (unsigned char)code};
    if (!s->deaf && !s->gone && !lws_partial_buffered(s->wsi))
        (void)!send(lws_get_socket_fd(s->wsi), frame, sizeof(frame), MSG_DONTWAIT | MSG_NOSIGNAL);
}

int64_t websocket_idle_ms(const struct websocket *s)
{
    return tcp_idle_ms(lws_get_socket_fd(s->wsi));
}

void websocket_send_odd(struct websocket *s, enum websocket_oddity oddity, const char *data,
                        size_t len_bytes)
{
    static const enum kind kinds[] = {BINARY, FRAGMENTED, RAW, DRIP};
    push(s,
         &(struct client_frame){CLIENT_QUEUE_NO_KEY, (int)kinds[oddity], 0, data, len_bytes, NULL});
}

void websocket_deafen(struct websocket *s)
{
    s->deaf = true;
    lws_rx_flow_control(s->wsi, 0);
}

void websocket_drop(struct websocket *s)
{
    s->gone = true; /* not from a write callback: none comes if the client stopped reading */
    disconnect_soon(s->wsi);
}

void websocket_reset(struct websocket *s)
{
    disconnect_with_reset(s->wsi);
    websocket_drop(s);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void free_parts(struct websocket *s)
{
    client_queue_destroy(s->queue);
    loop_timer_destroy(s->drip);
    loop_timer_destroy(s->close_by);
    loop_timer_destroy(s->look);
    ws_input_finish(&s->input);
    free(s);
}

static struct client_queue_limits limits_of(const struct websocket_handlers *handlers)
{
    struct client_queue_limits limits = {WEBSOCKET_QUEUE_BYTES, WEBSOCKET_QUEUE_FRAMES,
                                         WEBSOCKET_STALL_MS, LWS_PRE};
    if (handlers->queue_bytes)
        limits.bytes_max = handlers->queue_bytes;
    if (handlers->stall_ms)
        limits.stall_ms = handlers->stall_ms;
    return limits;
}

struct websocket *websocket_create(struct loop *loop, void *lws,
                                   const struct websocket_handlers *handlers)
{
    const struct client_queue_limits limits = limits_of(handlers);
    struct websocket *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->loop = loop;
    s->wsi = lws;
    s->handlers = handlers;
    s->stall_ms = limits.stall_ms;
    ws_input_init(&s->input, WEBSOCKET_TEXT_MAX);
    s->queue = client_queue_create(&limits);
    s->drip = loop_timer_create(loop, on_drip, s);
    s->close_by = loop_timer_create(loop, on_close_by, s);
    s->look = loop_timer_create(loop, on_look, s);
    if (!s->queue || !s->drip || !s->close_by || !s->look) {
        free_parts(s);
        return NULL;
    }
    handlers->opened(handlers->arg, s);
    return s;
}

void websocket_destroy(struct websocket *s)
{
    if (!s)
        return;
    s->handlers->closed(s->handlers->arg, s);
    free_parts(s);
}
