#include "net/ws.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mask.h"
#include "net/tunnel.h"
#include "net/ws_frames.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TURN_BYTES   (1024 * 1024) /* read in one loop iteration */
#define BODY_WAIT_MS 2000          /* for the body of a refusal */
#define HEADER_LINES 16
#define CODE_NORMAL  1000

enum phase { CONNECTING, ASKING, REFUSED, OPEN, ENDED };

struct ws {
    struct loop *loop;
    struct link link;
    struct ws_address address;
    struct ws_handler handler;
    struct http_headers *headers;
    struct tunnel *tunnel;
    struct loop_timer *timer;
    struct loop_timer *resume; /* the end of a pause */
    bool paused;
    struct ws_frames *frames;
    enum phase phase;
    int busy;  /* nested calls; ws_destroy frees only at 0 */
    bool dead; /* ws_destroy was called */

    char key[WS_KEY_TEXT];
    struct buf request;
    size_t sent_bytes;
    struct ws_answer answer;

    char head[WS_HEAD_MAX]; /* of the answer, and the bytes received after it */
    size_t head_from, head_to;
    size_t turn_bytes;

    int64_t ping_ms, pong_wait_ms, pinged_ms;
    bool awaiting_pong;
    uint64_t pings;
    struct ws_stats stats;
};

/* --- end -------------------------------------------------------------------------------------- */

static void finish(struct ws *ws)
{
    ws_frames_destroy(ws->frames);
    tunnel_destroy(ws->tunnel);
    loop_timer_destroy(ws->timer);
    loop_timer_destroy(ws->resume);
    http_headers_destroy(ws->headers);
    link_finish(&ws->link);
    ws_address_finish(&ws->address);
    buf_finish(&ws->request);
    free(ws);
}

static void leave(struct ws *ws)
{
    if (--ws->busy == 0 && ws->dead)
        finish(ws);
}

/* The only place where a ws ends. The caller must call leave() afterwards. */
static void end(struct ws *ws, enum ws_end_kind kind, int code, const char *words)
{
    if (ws->phase == ENDED || ws->dead)
        return;
    struct ws_end e = {kind, code, words, &ws->answer};
    ws->phase = ENDED;
    loop_timer_stop(ws->timer);
    loop_timer_stop(ws->resume);
    ws->handler.ended(ws->handler.arg, &e);
}

static void end_refused(struct ws *ws)
{
    char words[WS_BODY_KEPT], location[MASK_URL_BYTES];
    mask_url(location, sizeof(location), ws->answer.location);
    snprintf(words, sizeof(words), "the handshake was answered with %d%s%s", ws->answer.status,
             *location ? ", a redirect to " : "", location);
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

/* --- callbacks of ws_frames ------------------------------------------------------------------- */

/* Also -EAGAIN after TURN_BYTES, so that other events of the loop are handled. */
static ssize_t on_recv(void *arg, void *data, size_t len_bytes)
{
    struct ws *ws = arg;
    if (ws->head_from < ws->head_to) { /* received together with the answer to the handshake */
        size_t some =
            ws->head_to - ws->head_from < len_bytes ? ws->head_to - ws->head_from : len_bytes;
        memcpy(data, ws->head + ws->head_from, some);
        ws->head_from += some;
        return (ssize_t)some;
    }
    if (ws->paused)
        return -EAGAIN;
    if (ws->turn_bytes >= TURN_BYTES) {
        tunnel_again(ws->tunnel);
        return -EAGAIN;
    }
    ssize_t n = tunnel_recv(ws->tunnel, data, len_bytes);
    ws->turn_bytes += n > 0 ? (size_t)n : 0;
    return n;
}

static ssize_t on_send(void *arg, const void *data, size_t len_bytes)
{
    return tunnel_send(((struct ws *)arg)->tunnel, data, len_bytes);
}

static bool on_text(void *arg, const char *text, size_t len_bytes)
{
    struct ws *ws = arg;
    if (ws->dead)
        return false;
    ws->stats.messages++;
    ws->stats.bytes += (int64_t)len_bytes;
    ws->handler.text(ws->handler.arg, text, len_bytes);
    return !ws->dead;
}

static void on_pong(void *arg, const void *data, size_t len_bytes)
{
    struct ws *ws = arg;
    if (!ws->awaiting_pong || len_bytes != sizeof(ws->pings) ||
        memcmp(data, &ws->pings, sizeof(ws->pings)) != 0)
        return; /* unsolicited, or the pong of an earlier ping */
    int64_t now_ms = loop_now(ws->loop).mono_ms;
    ws->awaiting_pong = false;
    ws->stats.pong_ms = now_ms;
    ws->stats.round_trip_ms = now_ms - ws->pinged_ms;
    loop_timer_set(ws->timer, ws->pinged_ms + ws->ping_ms - now_ms);
}

/* --- open ------------------------------------------------------------------------------------- */

static const char *violation_words(int code)
{
    switch (code) {
    case 1003:
        return "a binary message; only text is expected";
    case 1007:
        return "text that is not UTF-8";
    case 1009:
        return "a message larger than the maximum";
    default:
        return "a frame that violates the WebSocket protocol";
    }
}

static void pump(struct ws *ws)
{
    char words[96];
    ws->turn_bytes = 0;
    enum ws_frames_state state = ws_frames_pump(ws->frames);
    if (ws->dead)
        return;
    int code = ws_frames_code(ws->frames);
    switch (state) {
    case WS_FRAMES_OPEN:
        tunnel_want_room(ws->tunnel, ws_frames_wants_room(ws->frames));
        return;
    case WS_FRAMES_CLOSED:
        snprintf(words, sizeof(words), "the server closed the connection (%d)", code);
        end(ws, WS_CLOSED, code, words);
        return;
    case WS_FRAMES_LOST:
        end_lost(ws);
        return;
    case WS_FRAMES_VIOLATION:
        end(ws, WS_VIOLATION, code, violation_words(code));
        return;
    }
}

static void send_ping(struct ws *ws, int64_t now_ms)
{
    ws->pings++;
    ws_frames_ping(ws->frames, &ws->pings, sizeof(ws->pings));
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

/* --- handshake -------------------------------------------------------------------------------- */

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

/* It contains the token. */
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
        if (n <= 0) { /* an error is reported when the answer is read */
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

/* Keeps the start of a refusal's body, which is often the only explanation. */
static void take_body(struct ws *ws)
{
    struct ws_answer *a = &ws->answer;
    size_t there = ws->head_to - ws->head_from, room = WS_BODY_KEPT - a->body_len_bytes;
    if (there > room)
        there = room;
    memcpy(a->body + a->body_len_bytes, ws->head + ws->head_from, there);
    a->body_len_bytes += there;
    a->body[a->body_len_bytes] = '\0';
    ws->head_from = ws->head_to = 0;
    bool whole = a->content_length >= 0 && (int64_t)a->body_len_bytes >= a->content_length;
    if (whole || a->body_len_bytes == WS_BODY_KEPT)
        end_refused(ws);
}

static void judge_head(struct ws *ws, size_t head_len)
{
    struct err err;
    const char *head = ws->head;
    ws->head_from = head_len;
    if (ws_answer_read(&ws->answer, head, head_len, clock_now().wall_ns, &err)) {
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
    } else { /* 100, 103: the final answer follows */
        memmove(ws->head, ws->head + head_len, ws->head_to - head_len);
        ws->head_to -= head_len;
        ws->head_from = 0;
        head_len = ws_head_len(ws->head, ws->head_to);
        if (head_len)
            judge_head(ws, head_len);
    }
}

static void read_answer(struct ws *ws)
{
    while ((ws->phase == ASKING || ws->phase == REFUSED) && !ws->dead) {
        ssize_t n = tunnel_recv(ws->tunnel, ws->head + ws->head_to, WS_HEAD_MAX - ws->head_to);
        if (n == -EAGAIN)
            return;
        if (n <= 0) {
            end_lost(ws);
            return;
        }
        ws->head_to += (size_t)n;
        size_t head_len = ws->phase == ASKING ? ws_head_len(ws->head, ws->head_to) : 0;
        if (ws->phase == REFUSED)
            take_body(ws);
        else if (head_len)
            judge_head(ws, head_len);
        else if (ws->head_to == WS_HEAD_MAX)
            end(ws, WS_VIOLATION, 0, "the headers of the answer are too long");
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
        end(ws, WS_UNREACHABLE, 0, tunnel_late(ws->tunnel));
        break;
    case ASKING:
        end(ws, WS_NO_ANSWER, 0, "the handshake timed out without an answer");
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

static void on_resume(void *arg)
{
    struct ws *ws = arg;
    ws->busy++;
    ws->paused = false;
    tunnel_pause(ws->tunnel, false);
    on_ready(ws);
    leave(ws);
}

void ws_pause(struct ws *ws, int64_t pause_ms)
{
    if (ws->phase != OPEN || ws->paused)
        return;
    ws->paused = true;
    tunnel_pause(ws->tunnel, true);
    loop_timer_set(ws->resume, pause_ms);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static int open_parts(struct ws *ws, const struct ws_config *config, struct err *err)
{
    int rc = ws_address_init(&ws->address, config->url, err);
    if (rc == 0)
        rc = link_init(&ws->link, config->ca_file, config->open_ms, err);
    if (rc)
        return rc;
    const struct ws_frames_owner owner = {ws, on_recv, on_send, on_text, on_pong};
    ws->frames = ws_frames_create(&owner, config->message_max_bytes);
    ws->timer = loop_timer_create(ws->loop, on_timer, ws);
    ws->resume = loop_timer_create(ws->loop, on_resume, ws);
    if (!ws->frames || !ws->timer || !ws->resume || write_request(ws))
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
    ws->stats.round_trip_ms = -1;
    ws->headers = config->headers ? http_headers_hold(config->headers) : NULL;
    buf_init(&ws->request, WS_HEAD_MAX);
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
        ws_frames_goodbye(ws->frames, CODE_NORMAL);
        ws->turn_bytes = TURN_BYTES; /* send only, do not receive */
        ws->dead = true;
        ws_frames_pump(ws->frames);
    }
    forget_request(ws);
    ws->dead = true;
    if (!ws->busy)
        finish(ws);
}

int ws_send(struct ws *ws, const char *text, size_t len_bytes)
{
    if (ws->phase != OPEN || ws->dead)
        return -ENOTCONN;
    int rc = ws_frames_text(ws->frames, text, len_bytes);
    if (rc == 0)
        tunnel_again(ws->tunnel);
    return rc;
}

struct ws_stats ws_stats(const struct ws *ws)
{
    return ws->stats;
}
