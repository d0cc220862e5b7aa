#include "net/ws.h"

#include "base/buf.h"
#include "net/tunnel.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>

#define INPUT_BYTES    65536
#define TURN_BYTES     (1024 * 1024) /* read in one turn of the loop: others want theirs */
#define CONTROLS_MAX   64            /* pongs and the like that wait to be sent */
#define KEEP_BYTES     65536         /* a buffer does not sit on one huge message for months */
#define BODY_WAIT_MS   2000          /* for the words of a refusal */
#define HEADER_LINES   16
#define CODE_NO_STATUS 1005

enum phase { CONNECTING, ASKING, REFUSED, OPEN, ENDED };

struct ws {
    struct loop *loop;
    struct link link;
    struct ws_address address;
    struct ws_handler handler;
    struct http_headers *headers;
    struct tunnel *tunnel;
    struct loop_timer *timer;
    wslay_event_context_ptr frames;
    enum phase phase;
    int busy;  /* depth of calls below which a destroy must wait */
    bool dead; /* destroyed meanwhile */

    char key[WS_KEY_TEXT];
    struct buf request;
    size_t sent_bytes;
    struct ws_answer answer;

    char *input; /* INPUT_BYTES: received, not yet taken */
    size_t input_from, input_to;
    size_t turn_bytes;
    struct buf message;
    size_t message_max_bytes;
    bool control; /* the frame under way is one */
    bool lost;

    int64_t open_by_ms, ping_ms, pong_wait_ms, pinged_ms;
    bool awaiting_pong;
    uint64_t pings;
    struct ws_stats stats;
};

/* --- ends ------------------------------------------------------------------------------------- */

static void finish(struct ws *ws)
{
    if (ws->frames)
        wslay_event_context_free(ws->frames);
    tunnel_destroy(ws->tunnel);
    loop_timer_destroy(ws->timer);
    http_headers_destroy(ws->headers);
    link_finish(&ws->link);
    ws_address_finish(&ws->address);
    buf_finish(&ws->request);
    buf_finish(&ws->message);
    free(ws->input);
    free(ws);
}

static void leave(struct ws *ws)
{
    if (--ws->busy == 0 && ws->dead)
        finish(ws);
}

/* The one place where it ends. The caller returns to its leave(). */
static void end(struct ws *ws, enum ws_end_kind kind, int code, const char *words)
{
    if (ws->phase == ENDED || ws->dead)
        return;
    struct ws_end e = {kind, code, words, &ws->answer};
    ws->phase = ENDED;
    loop_timer_stop(ws->timer);
    ws->handler.ended(ws->handler.arg, &e);
}

static void end_refused(struct ws *ws)
{
    char words[WS_BODY_KEPT];
    const char *location = ws->answer.location;
    snprintf(words, sizeof(words), "the handshake was answered with %d%s%.*s", ws->answer.status,
             *location ? ", a redirect to " : "", (int)strcspn(location, "?#;"), location);
    end(ws, WS_REFUSED, 0, words);
}

static void end_lost(struct ws *ws)
{
    const char *words = tunnel_words(ws->tunnel);
    if (ws->phase == ASKING)
        end(ws, WS_LOST, 0, *words ? words : "closed before the handshake was answered");
    else if (ws->phase == REFUSED)
        end_refused(ws);
    else
        end(ws, WS_LOST, 0, *words ? words : "the connection ended without a close frame");
}

/* --- wslay's callbacks ------------------------------------------------------------------------ */

/* Into our own buffer, which is larger than wslay's. -EAGAIN also when this turn has had enough. */
static ssize_t fill(struct ws *ws)
{
    if (ws->turn_bytes >= TURN_BYTES) {
        tunnel_again(ws->tunnel);
        return -EAGAIN;
    }
    ssize_t n = tunnel_recv(ws->tunnel, ws->input, INPUT_BYTES);
    ws->input_from = 0;
    ws->input_to = n > 0 ? (size_t)n : 0;
    ws->turn_bytes += ws->input_to;
    return n;
}

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *out, size_t len, int flags, void *arg)
{
    struct ws *ws = arg;
    (void)flags;
    ssize_t n = ws->input_from < ws->input_to ? 1 : fill(ws);
    if (n <= 0 || ws->dead) {
        ws->lost = n != -EAGAIN;
        wslay_event_set_error(ctx, ws->lost ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    size_t there = ws->input_to - ws->input_from;
    if (there > len)
        there = len;
    memcpy(out, ws->input + ws->input_from, there);
    ws->input_from += there;
    return (ssize_t)there;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
                       void *arg)
{
    struct ws *ws = arg;
    (void)flags;
    ssize_t n = tunnel_send(ws->tunnel, data, len);
    if (n > 0)
        return n;
    ws->lost = n != -EAGAIN;
    wslay_event_set_error(ctx, ws->lost ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static int on_mask(wslay_event_context_ptr ctx, uint8_t *out, size_t len, void *arg)
{
    (void)ctx;
    (void)arg;
    return getrandom(out, len, 0) == (ssize_t)len ? 0 : -1;
}

static void violation(struct ws *ws, uint16_t code)
{
    wslay_event_shutdown_read(ws->frames);
    wslay_event_queue_close(ws->frames, code, NULL, 0);
}

static void on_frame(wslay_event_context_ptr ctx,
                     const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
    struct ws *ws = arg;
    (void)ctx;
    ws->control = wslay_is_ctrl_frame(frame->opcode);
    if (ws->control)
        return;
    if (frame->opcode == WSLAY_TEXT_FRAME)
        buf_clear(&ws->message);
    else if (frame->opcode == WSLAY_BINARY_FRAME)
        violation(ws, WSLAY_CODE_UNSUPPORTED_DATA);
}

static void on_chunk(wslay_event_context_ptr ctx,
                     const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *arg)
{
    struct ws *ws = arg;
    (void)ctx;
    if (!ws->control && buf_append(&ws->message, chunk->data, chunk->data_length))
        violation(ws, WSLAY_CODE_MESSAGE_TOO_BIG);
}

static void on_text(struct ws *ws)
{
    ws->stats.messages++;
    ws->stats.bytes += (int64_t)ws->message.len_bytes;
    ws->handler.text(ws->handler.arg, buf_text(&ws->message), ws->message.len_bytes);
    if (ws->message.cap_bytes > KEEP_BYTES)
        buf_finish(&ws->message);
}

static void on_pong(struct ws *ws, const struct wslay_event_on_msg_recv_arg *msg)
{
    if (!ws->awaiting_pong || msg->msg_length != sizeof(ws->pings) ||
        memcmp(msg->msg, &ws->pings, sizeof(ws->pings)) != 0)
        return; /* an answer to no question, or to an old one */
    int64_t now_ms = loop_now(ws->loop).mono_ms;
    ws->awaiting_pong = false;
    ws->stats.pong_ms = now_ms;
    ws->stats.round_trip_ms = now_ms - ws->pinged_ms;
    loop_timer_set(ws->timer, ws->pinged_ms + ws->ping_ms - now_ms);
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *msg,
                       void *arg)
{
    struct ws *ws = arg;
    (void)ctx;
    if (ws->dead)
        return;
    if (msg->opcode == WSLAY_PONG)
        on_pong(ws, msg);
    else if (msg->opcode == WSLAY_TEXT_FRAME && !buf_failed(&ws->message))
        on_text(ws);
}

static int make_frames(struct ws *ws)
{
    static const struct wslay_event_callbacks callbacks = {on_recv,  on_send, on_mask,   on_frame,
                                                           on_chunk, NULL,    on_message};
    if (wslay_event_context_client_init(&ws->frames, &callbacks, ws))
        return -ENOMEM;
    /* Messages are put together in a buffer of ours, which is used again. */
    wslay_event_config_set_no_buffering(ws->frames, 1);
    wslay_event_config_set_max_recv_msg_length(ws->frames, ws->message_max_bytes);
    return 0;
}

/* --- open: frames ----------------------------------------------------------------------------- */

static const char *violation_words(int code)
{
    switch (code) {
    case WSLAY_CODE_UNSUPPORTED_DATA:
        return "a binary message, where all is text";
    case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA:
        return "text that is not UTF-8";
    case WSLAY_CODE_MESSAGE_TOO_BIG:
        return "a message larger than is allowed";
    default:
        return "a frame that breaks the WebSocket rules";
    }
}

static void end_closed(struct ws *ws)
{
    char words[96];
    int code = wslay_event_get_status_code_received(ws->frames);
    snprintf(words, sizeof(words), "the server closed the connection (%d)", code);
    end(ws, WS_CLOSED, code ? code : CODE_NO_STATUS, words);
}

static void look_for_end(struct ws *ws)
{
    bool ours = wslay_event_get_close_sent(ws->frames);
    if (wslay_event_get_close_received(ws->frames) && (ours || ws->lost)) {
        end_closed(ws);
    } else if (ws->lost) {
        end_lost(ws);
    } else if (ours) {
        int code = wslay_event_get_status_code_sent(ws->frames);
        end(ws, WS_VIOLATION, code, violation_words(code));
    } else if (wslay_event_get_queued_msg_count(ws->frames) > CONTROLS_MAX) {
        end(ws, WS_VIOLATION, 0, "pings come faster than pongs can be sent");
    }
}

static void pump(struct ws *ws)
{
    ws->turn_bytes = 0;
    int rc = wslay_event_recv(ws->frames);
    if (!ws->dead && (rc == 0 || wslay_event_want_write(ws->frames)))
        wslay_event_send(ws->frames);
    if (ws->dead)
        return;
    look_for_end(ws);
    if (ws->phase == OPEN && !ws->dead)
        tunnel_want_room(ws->tunnel, wslay_event_want_write(ws->frames));
}

static void send_ping(struct ws *ws, int64_t now_ms)
{
    ws->pings++;
    const struct wslay_event_msg ping = {WSLAY_PING, (const uint8_t *)&ws->pings,
                                         sizeof(ws->pings)};
    wslay_event_queue_msg(ws->frames, &ping);
    ws->pinged_ms = now_ms;
    ws->awaiting_pong = true;
    loop_timer_set(ws->timer, ws->pong_wait_ms);
    pump(ws);
}

static void end_without_pong(struct ws *ws)
{
    char words[96];
    snprintf(words, sizeof(words), "no pong within %g s: the connection is dead",
             (double)ws->pong_wait_ms / 1000);
    end(ws, WS_NO_PONG, 0, words);
}

/* --- the handshake ---------------------------------------------------------------------------- */

static int write_request(struct ws *ws)
{
    const char *lines[HEADER_LINES + 1] = {NULL};
    unsigned char nonce[WS_NONCE_BYTES];
    const struct curl_slist *item = ws->headers ? http_headers_native(ws->headers) : NULL;
    for (int i = 0; item && i < HEADER_LINES; i++, item = item->next)
        lines[i] = item->data;
    if (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
        return -EIO;
    ws_handshake_key(ws->key, nonce);
    ws_handshake_request(&ws->request, &ws->address, ws->key, lines);
    return buf_failed(&ws->request) ? -ENOMEM : 0;
}

/* The token was in it. */
static void forget_request(struct ws *ws)
{
    if (ws->request.data)
        explicit_bzero(ws->request.data, ws->request.cap_bytes);
    buf_finish(&ws->request);
    http_headers_destroy(ws->headers);
    ws->headers = NULL;
}

static void send_request(struct ws *ws)
{
    while (ws->sent_bytes < ws->request.len_bytes) {
        ssize_t n = tunnel_send(ws->tunnel, ws->request.data + ws->sent_bytes,
                                ws->request.len_bytes - ws->sent_bytes);
        if (n <= 0) {
            ws->lost = n != -EAGAIN;
            tunnel_want_room(ws->tunnel, n == -EAGAIN);
            return;
        }
        ws->sent_bytes += (size_t)n;
    }
    if (ws->request.data)
        forget_request(ws);
    tunnel_want_room(ws->tunnel, false);
}

static void become_open(struct ws *ws)
{
    int64_t now_ms = loop_now(ws->loop).mono_ms;
    ws->phase = OPEN;
    ws->stats.pong_ms = now_ms;
    loop_timer_set(ws->timer, ws->ping_ms);
    ws->handler.opened(ws->handler.arg);
    if (!ws->dead)
        pump(ws);
}

/* What there is of a refusal's body; its words are often the only explanation. */
static void take_body(struct ws *ws)
{
    struct ws_answer *a = &ws->answer;
    size_t there = ws->input_to - ws->input_from, room = WS_BODY_KEPT - a->body_len_bytes;
    if (there > room)
        there = room;
    memcpy(a->body + a->body_len_bytes, ws->input + ws->input_from, there);
    a->body_len_bytes += there;
    a->body[a->body_len_bytes] = '\0';
    ws->input_from = ws->input_to = 0;
    bool whole = a->content_length >= 0 && (int64_t)a->body_len_bytes >= a->content_length;
    if (whole || a->body_len_bytes == WS_BODY_KEPT)
        end_refused(ws);
}

static void judge_head(struct ws *ws, size_t head_len)
{
    struct err err;
    const char *head = ws->input;
    ws->input_from = head_len;
    if (ws_answer_read(&ws->answer, head, head_len, &err)) {
        end(ws, WS_VIOLATION, 0, err.text);
    } else if (ws->answer.status == 101) {
        if (ws_handshake_check(head, head_len, ws->key, &err))
            end(ws, WS_VIOLATION, 0, err.text);
        else
            become_open(ws);
    } else if (ws->answer.status > 199) {
        ws->phase = REFUSED;
        loop_timer_set(ws->timer, BODY_WAIT_MS);
        take_body(ws);
    } else { /* 100, 103: the answer is still to come */
        memmove(ws->input, ws->input + head_len, ws->input_to - head_len);
        ws->input_to -= head_len;
        ws->input_from = 0;
        head_len = ws_head_len(ws->input, ws->input_to);
        if (head_len)
            judge_head(ws, head_len);
    }
}

static void read_answer(struct ws *ws)
{
    while ((ws->phase == ASKING || ws->phase == REFUSED) && !ws->dead) {
        ssize_t n = tunnel_recv(ws->tunnel, ws->input + ws->input_to, WS_HEAD_MAX - ws->input_to);
        if (n == -EAGAIN)
            return;
        if (n <= 0) {
            end_lost(ws);
            return;
        }
        ws->input_to += (size_t)n;
        size_t head_len = ws->phase == ASKING ? ws_head_len(ws->input, ws->input_to) : 0;
        if (ws->phase == REFUSED)
            take_body(ws);
        else if (head_len)
            judge_head(ws, head_len);
        else if (ws->input_to == WS_HEAD_MAX)
            end(ws, WS_VIOLATION, 0, "the answer's headers do not end");
    }
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_ready(struct ws *ws)
{
    if (ws->phase == ASKING && ws->sent_bytes < ws->request.len_bytes)
        send_request(ws);
    if (ws->phase == ASKING || ws->phase == REFUSED)
        read_answer(ws);
    else if (ws->phase == OPEN)
        pump(ws);
}

static void on_tunnel(void *arg, enum tunnel_news news)
{
    struct ws *ws = arg;
    ws->busy++;
    switch (news) {
    case TUNNEL_FAILED:
        end(ws, WS_UNREACHABLE, 0, tunnel_words(ws->tunnel));
        break;
    case TUNNEL_OPEN:
        ws->phase = ASKING;
        on_ready(ws);
        break;
    case TUNNEL_READY:
        on_ready(ws);
        break;
    }
    leave(ws);
}

static void on_timer(void *arg)
{
    struct ws *ws = arg;
    ws->busy++;
    switch (ws->phase) {
    case CONNECTING:
        end(ws, WS_UNREACHABLE, 0, "no connection in time");
        break;
    case ASKING:
        end(ws, WS_NO_ANSWER, 0, "no answer to the handshake in time");
        break;
    case REFUSED:
        end_refused(ws);
        break;
    case OPEN:
        if (ws->awaiting_pong)
            end_without_pong(ws);
        else
            send_ping(ws, loop_now(ws->loop).mono_ms);
        break;
    case ENDED:
        break;
    }
    leave(ws);
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_parts(struct ws *ws, const struct ws_config *config, struct err *err)
{
    int rc = ws_address_init(&ws->address, config->url, err);
    if (rc == 0)
        rc = link_init(&ws->link, config->ca_file, config->open_ms, err);
    if (rc)
        return rc;
    ws->input = malloc(INPUT_BYTES);
    ws->timer = loop_timer_create(ws->loop, on_timer, ws);
    if (!ws->input || !ws->timer || make_frames(ws) || write_request(ws))
        return err_set(err, -ENOMEM, "out of memory");
    ws->tunnel = tunnel_create(ws->loop, &ws->link, ws->address.http_url, on_tunnel, ws);
    if (!ws->tunnel)
        return err_set(err, -ENOMEM, "out of memory");
    loop_timer_set(ws->timer, config->open_ms);
    return 0;
}

int ws_create(struct ws **out, struct loop *loop, const struct ws_config *config,
              const struct ws_handler *handler, struct err *err)
{
    struct ws *ws = calloc(1, sizeof(*ws));
    if (!ws)
        return err_set(err, -ENOMEM, "out of memory");
    ws->loop = loop;
    ws->handler = *handler;
    ws->ping_ms = config->ping_ms;
    ws->pong_wait_ms = config->pong_ms;
    ws->message_max_bytes = config->message_max_bytes;
    ws->stats.round_trip_ms = -1;
    ws->headers = config->headers ? http_headers_hold(config->headers) : NULL;
    buf_init(&ws->request, WS_HEAD_MAX);
    buf_init(&ws->message, config->message_max_bytes);
    int rc = open_parts(ws, config, err);
    if (rc) {
        finish(ws);
        return rc;
    }
    *out = ws;
    return 0;
}

void ws_destroy(struct ws *ws)
{
    if (!ws)
        return;
    if (ws->phase == OPEN && !ws->busy) {
        wslay_event_queue_close(ws->frames, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
        wslay_event_send(ws->frames);
    }
    forget_request(ws);
    ws->dead = true;
    if (!ws->busy)
        finish(ws);
}

int ws_send(struct ws *ws, const char *text, size_t len_bytes)
{
    const struct wslay_event_msg msg = {WSLAY_TEXT_FRAME, (const uint8_t *)text, len_bytes};
    if (ws->phase != OPEN || ws->dead)
        return -ENOTCONN;
    if (wslay_event_get_queued_msg_length(ws->frames) + len_bytes > WS_QUEUE_MAX)
        return -ENOBUFS;
    if (wslay_event_queue_msg(ws->frames, &msg))
        return -ENOMEM;
    tunnel_again(ws->tunnel);
    return 0;
}

struct ws_stats ws_stats(const struct ws *ws)
{
    return ws->stats;
}
