#include "net/ws.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mask.h"
#include "net/tunnel.h"
#include "net/ws_frames.h"
#include "net/ws_opening.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TURN_BYTES   (1024 * 1024) /* read in one loop iteration */
#define BODY_WAIT_MS 2000          /* for the body of a refusal */
#define CODE_NORMAL  1000

enum phase { CONNECTING, ASKING, REFUSED, OPEN, ENDED };

struct ws {
    struct loop *loop;
    struct link link;
    struct ws_address address;
    struct ws_handler handler;
    struct tunnel *tunnel;
    struct loop_timer *timer;
    struct loop_timer *resume; /* the end of a pause */
    bool paused;
    struct ws_frames *frames;
    enum phase phase;
    int busy;  /* nested calls; ws_destroy frees only at 0 */
    bool dead; /* ws_destroy was called */

    struct ws_opening opening;
    size_t turn_bytes;

    int64_t ping_ms, pong_wait_ms, pinged_ms;
    bool awaiting_pong;
    uint64_t pings;
    struct ws_stats stats;
    struct now received; /* of the newest bytes */
};

/* --- end -------------------------------------------------------------------------------------- */

static void finish(struct ws *ws)
{
    ws_frames_destroy(ws->frames);
    tunnel_destroy(ws->tunnel);
    loop_timer_destroy(ws->timer);
    loop_timer_destroy(ws->resume);
    link_finish(&ws->link);
    ws_address_finish(&ws->address);
    ws_opening_finish(&ws->opening);
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
    struct ws_end e = {kind, code, words, &ws->opening.answer};
    ws->phase = ENDED;
    loop_timer_stop(ws->timer);
    loop_timer_stop(ws->resume);
    ws->handler.ended(ws->handler.arg, &e);
}

static void end_refused(struct ws *ws)
{
    char words[WS_BODY_KEPT], location[MASK_URL_BYTES];
    mask_url(location, sizeof(location), ws->opening.answer.location);
    snprintf(words, sizeof(words), "the handshake was answered with %d%s%s",
             ws->opening.answer.status, *location ? ", a redirect to " : "", location);
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
    size_t some = ws_opening_rest(&ws->opening, data, len_bytes);
    if (some) { /* received together with the answer to the handshake */
        ws->received = loop_now(ws->loop);
        return (ssize_t)some;
    }
    if (ws->paused)
        return -EAGAIN;
    if (ws->turn_bytes >= TURN_BYTES) {
        tunnel_again(ws->tunnel);
        return -EAGAIN;
    }
    ssize_t n = tunnel_recv(ws->tunnel, data, len_bytes);
    if (n > 0) {
        ws->turn_bytes += (size_t)n;
        ws->received = loop_now(ws->loop);
    }
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
        end(ws, WS_VIOLATION, code, ws_frames_words(code));
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

static int open_handshake(struct ws *ws, const struct http_headers *headers)
{
    unsigned char nonce[WS_NONCE_BYTES];
    if (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
        return -EIO;
    return ws_opening_begin(&ws->opening, &ws->address, headers, nonce);
}

static void send_request(struct ws *ws)
{
    size_t left;
    const char *text = ws_opening_to_send(&ws->opening, &left);
    while (left) {
        ssize_t n = tunnel_send(ws->tunnel, text, left);
        if (n <= 0) { /* an error is reported when the answer is read */
            tunnel_want_room(ws->tunnel, n == -EAGAIN);
            return;
        }
        ws_opening_sent(&ws->opening, (size_t)n);
        text = ws_opening_to_send(&ws->opening, &left);
    }
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

static void take_opening(struct ws *ws, enum ws_opening_state state, const struct err *err)
{
    switch (state) {
    case WS_OPENING_WAITS:
        return;
    case WS_OPENING_OPEN:
        become_open(ws);
        return;
    case WS_OPENING_REFUSED:
        if (ws->phase == ASKING)
            loop_timer_set(ws->timer, BODY_WAIT_MS);
        ws->phase = REFUSED;
        return;
    case WS_OPENING_ENDED:
        end_refused(ws);
        return;
    case WS_OPENING_INVALID:
        end(ws, WS_VIOLATION, 0, err->text);
        return;
    }
}

static void read_answer(struct ws *ws)
{
    while ((ws->phase == ASKING || ws->phase == REFUSED) && !ws->dead) {
        struct err err;
        size_t room;
        char *at = ws_opening_room(&ws->opening, &room);
        ssize_t n = tunnel_recv(ws->tunnel, at, room);
        if (n == -EAGAIN)
            return;
        if (n <= 0) {
            end_lost(ws);
            return;
        }
        take_opening(ws, ws_opening_received(&ws->opening, (size_t)n, clock_now().wall_ns, &err),
                     &err);
    }
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_ready(struct ws *ws)
{
    if (ws->phase == ASKING)
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
    if (!ws->frames || !ws->timer || !ws->resume || open_handshake(ws, config->headers))
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
    ws_opening_forget(&ws->opening);
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

void ws_ping(struct ws *ws)
{
    if (ws->phase == OPEN && !ws->awaiting_pong)
        loop_timer_set(ws->timer, 0);
}

struct now ws_received(const struct ws *ws)
{
    return ws->received;
}

struct ws_stats ws_stats(const struct ws *ws)
{
    return ws->stats;
}
