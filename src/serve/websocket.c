#include "serve/websocket.h"

#include "base/utf8.h"
#include "serve/disconnect.h"

#include <errno.h>
#include <libwebsockets.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DRIP_MS    2
#define CLOSE_MS   2000 /* to send the queue and the close frame; then it disconnects */
#define PIECE      7    /* bytes per fragment */
#define REASON_MAX 120

enum kind { TEXT, BINARY, FRAGMENTED, RAW, DRIP, GOODBYE };

/* One queued message. */
struct message {
    struct message *next;
    enum kind kind;
    int code; /* of GOODBYE; its data is the reason */
    size_t len, sent;
    unsigned char data[]; /* LWS_PRE free bytes, then the text */
};

struct websocket {
    struct lws *wsi;
    const struct websocket_handlers *handlers;
    void *user;
    struct message *first, **end;
    size_t queued_bytes;
    struct loop_timer *drip, *close_by;
    struct buf received;
    bool deaf, gone; /* gone: disconnect at the next callback, no close frame */
};

/* --- queue ------------------------------------------------------------------------------------ */

static void push(struct websocket *s, enum kind kind, int code, const char *data, size_t len)
{
    if (s->deaf || s->gone)
        return;
    struct message *m = s->queued_bytes + len <= WEBSOCKET_QUEUE_MAX
                            ? malloc(sizeof(*m) + LWS_PRE + len + 1)
                            : NULL;
    if (!m) { /* queue full because it does not read, or no memory */
        websocket_drop(s);
        return;
    }
    *m = (struct message){.kind = kind, .code = code, .len = len};
    memcpy(m->data + LWS_PRE, data, len);
    *s->end = m;
    s->end = &m->next;
    s->queued_bytes += len;
    lws_callback_on_writable(s->wsi);
}

static void pop(struct websocket *s)
{
    struct message *m = s->first;
    s->first = m->next;
    if (!s->first)
        s->end = &s->first;
    s->queued_bytes -= m->len;
    free(m);
}

/* --- sending ---------------------------------------------------------------------------------- */

static int send_fragment(struct websocket *s, struct message *m)
{
    unsigned char ping[LWS_PRE];
    size_t left = m->len - m->sent, some = left < PIECE ? left : PIECE;
    int flags = m->sent ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT;
    if (some < left)
        flags |= LWS_WRITE_NO_FIN;
    if (m->sent == PIECE && lws_write(s->wsi, ping + LWS_PRE, 0, LWS_WRITE_PING) < 0)
        return -1;
    /* libwebsockets writes the header before the data: over sent bytes or the LWS_PRE bytes. */
    int rc = lws_write(s->wsi, m->data + LWS_PRE + m->sent, some, (enum lws_write_protocol)flags);
    m->sent += some;
    return rc < 0 ? -1 : 0;
}

static int send_raw(struct websocket *s, struct message *m, size_t most)
{
    size_t left = m->len - m->sent;
    ssize_t n = send(lws_get_socket_fd(s->wsi), m->data + LWS_PRE + m->sent,
                     left < most ? left : most, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN)
        return -1;
    m->sent += n > 0 ? (size_t)n : 0;
    return 0;
}

static int say_goodbye(struct websocket *s, const struct message *m)
{
    unsigned char reason[REASON_MAX];
    size_t len = m->len < sizeof(reason) ? m->len : sizeof(reason);
    memcpy(reason, m->data + LWS_PRE, len);
    lws_close_reason(s->wsi, (enum lws_close_status)m->code, reason, len);
    return -1;
}

/* Sends the next part of the first message. */
static int advance(struct websocket *s)
{
    struct message *m = s->first;
    switch (m->kind) {
    case GOODBYE:
        return say_goodbye(s, m);
    case TEXT:
    case BINARY:
        m->sent = m->len;
        return lws_write(s->wsi, m->data + LWS_PRE, m->len,
                         m->kind == TEXT ? LWS_WRITE_TEXT : LWS_WRITE_BINARY) < 0
                   ? -1
                   : 0;
    case FRAGMENTED:
        return send_fragment(s, m);
    case RAW:
        return send_raw(s, m, m->len);
    case DRIP:
        return send_raw(s, m, 1);
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

int websocket_writable(struct websocket *s)
{
    if (s->gone)
        return -1;
    while (s->first && !s->deaf && !lws_send_pipe_choked(s->wsi)) {
        bool drip = s->first->kind == DRIP;
        if (advance(s))
            return -1;
        bool done = s->first->sent >= s->first->len;
        if (drip) /* prevents libwebsockets from sending a pong between the bytes */
            lws_rx_flow_control(s->wsi, done);
        if (done)
            pop(s);
        if (drip) {
            loop_timer_set(s->drip, DRIP_MS);
            return 0;
        }
    }
    if (s->first && !s->deaf)
        lws_callback_on_writable(s->wsi);
    return 0;
}

static int end_with(struct websocket *s, enum lws_close_status code)
{
    lws_close_reason(s->wsi, code, NULL, 0);
    return -1;
}

int websocket_receive(struct websocket *s, const void *data, size_t len_bytes)
{
    if (s->gone)
        return -1;
    if (lws_frame_is_binary(s->wsi))
        return end_with(s, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE);
    if (buf_append(&s->received, data, len_bytes))
        return end_with(s, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
    if (!lws_is_final_fragment(s->wsi) || lws_remaining_packet_payload(s->wsi))
        return 0;
    if (!utf8_valid(buf_text(&s->received), s->received.len_bytes))
        return end_with(s, LWS_CLOSE_STATUS_INVALID_PAYLOAD);
    s->handlers->text(s->handlers->arg, s, buf_text(&s->received), s->received.len_bytes);
    buf_finish(&s->received);
    return s->gone ? -1 : 0;
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
    push(s, TEXT, 0, text, len_bytes);
}

void websocket_close(struct websocket *s, int code, const char *reason)
{
    push(s, GOODBYE, code, reason, strlen(reason));
    loop_timer_set(s->close_by, CLOSE_MS);
}

int64_t websocket_idle_ms(const struct websocket *s)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    if (getsockopt(lws_get_socket_fd(s->wsi), IPPROTO_TCP, TCP_INFO, &info, &len))
        return 0;
    return info.tcpi_last_data_recv;
}

void websocket_send_odd(struct websocket *s, enum websocket_oddity oddity, const char *data,
                        size_t len_bytes)
{
    static const enum kind kinds[] = {BINARY, FRAGMENTED, RAW, DRIP};
    push(s, kinds[oddity], 0, data, len_bytes);
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

struct websocket *websocket_create(struct loop *loop, void *lws,
                                   const struct websocket_handlers *handlers)
{
    struct websocket *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->wsi = lws;
    s->handlers = handlers;
    s->end = &s->first;
    buf_init(&s->received, WEBSOCKET_TEXT_MAX);
    s->drip = loop_timer_create(loop, on_drip, s);
    s->close_by = loop_timer_create(loop, on_close_by, s);
    if (!s->drip || !s->close_by) {
        loop_timer_destroy(s->drip);
        loop_timer_destroy(s->close_by);
        free(s);
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
    while (s->first)
        pop(s);
    loop_timer_destroy(s->drip);
    loop_timer_destroy(s->close_by);
    buf_finish(&s->received);
    free(s);
}
