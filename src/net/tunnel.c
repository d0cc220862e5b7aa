#include "net/tunnel.h"

#include "net/http_outcome.h"
#include "net/multi.h"
#include "net/route.h"

#include <curl/curl.h>
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tunnel {
    struct ev_loop *ev;
    struct multi *multi;
    CURL *easy;
    struct route *route;
    bool in_multi, open;
    ev_io io;
    struct loop_timer *turn; /* calls `fn` in the next loop iteration */
    tunnel_fn *fn;
    void *arg;
    char curl_words[CURL_ERROR_SIZE];
    char words[CURL_ERROR_SIZE + 96];
};

static void note_failure(struct tunnel *t, enum http_outcome outcome, int code)
{
    const struct http_failure failure = {.outcome = outcome, .code = code, .words = t->curl_words};
    http_outcome_text(t->words, sizeof(t->words), &failure);
}

/* --- connecting ------------------------------------------------------------------------------- */

static void on_io(struct ev_loop *ev, ev_io *w, int revents)
{
    struct tunnel *t = w->data;
    (void)ev;
    (void)revents;
    t->fn(t->arg, TUNNEL_READY);
}

static bool watch(struct tunnel *t)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd) || fd == CURL_SOCKET_BAD)
        return false;
    ev_io_set(&t->io, fd, EV_READ);
    ev_io_start(t->ev, &t->io);
    return true;
}

/* Reported in the next loop iteration, because `fn` may destroy the tunnel and its curl multi. */
static void on_connected(void *arg, void *private, int code)
{
    struct tunnel *t = arg;
    (void)private;
    if (code == CURLE_OK && watch(t))
        t->open = true;
    else
        note_failure(t, http_outcome_of(code ? code : CURLE_COULDNT_CONNECT, false, false), code);
    loop_timer_set(t->turn, 0);
}

static void on_turn(void *arg)
{
    struct tunnel *t = arg;
    if (!t->open) {
        t->fn(t->arg, TUNNEL_FAILED);
    } else if (t->in_multi) {
        t->in_multi = false; /* report once; the handle stays in the curl multi while it is used */
        t->fn(t->arg, TUNNEL_OPEN);
    } else {
        t->fn(t->arg, TUNNEL_READY);
    }
}

static CURLcode prepare(struct tunnel *t, const struct link *link, const char *url)
{
    CURLcode code = curl_easy_setopt(t->easy, CURLOPT_URL, url);
    if (code)
        return code;
    link_apply(link, t->easy);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->curl_words);
    curl_easy_setopt(t->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(t->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* for ALPN */
    curl_easy_setopt(t->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    return CURLE_OK;
}

static CURLcode begin(struct tunnel *t)
{
    route_apply(t->route, t->easy);
    if (multi_add(t->multi, t->easy))
        return CURLE_OUT_OF_MEMORY;
    t->in_multi = true;
    return CURLE_OK;
}

static void fail(struct tunnel *t, CURLcode code)
{
    note_failure(t, http_outcome_of((int)code, false, false), (int)code);
    loop_timer_set(t->turn, 0);
}

static void on_route(void *arg, const struct err *err)
{
    struct tunnel *t = arg;
    CURLcode code = CURLE_COULDNT_RESOLVE_HOST;
    if (err->code)
        snprintf(t->curl_words, sizeof(t->curl_words), "%.*s", CURL_ERROR_SIZE - 1, err->text);
    else
        code = begin(t);
    if (code)
        fail(t, code);
}

static CURLcode start(struct tunnel *t, struct loop *loop, const struct link *link, const char *url)
{
    CURLcode code = prepare(t, link, url);
    if (code)
        return code;
    const struct route_parts parts = {.loop = loop,
                                      .link = link,
                                      .url = url,
                                      .timeout_ms = link->connect_timeout_ms,
                                      .fn = on_route,
                                      .arg = t};
    int rc = route_find(&t->route, &parts);
    if (rc == -EINPROGRESS)
        return CURLE_OK;
    return rc ? CURLE_OUT_OF_MEMORY : begin(t);
}

struct tunnel *tunnel_create(struct loop *loop, const struct link *link, const char *url,
                             tunnel_fn *fn, void *arg)
{
    struct tunnel *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->ev = loop_native(loop);
    t->fn = fn;
    t->arg = arg;
    ev_init(&t->io, on_io);
    t->io.data = t;
    t->turn = loop_timer_create(loop, on_turn, t);
    t->multi = multi_create(loop, 1, on_connected, t);
    t->easy = t->multi ? curl_easy_init() : NULL;
    if (!t->turn || !t->easy) {
        tunnel_destroy(t);
        return NULL;
    }
    CURLcode code = start(t, loop, link, url);
    if (code)
        fail(t, code);
    return t;
}

void tunnel_destroy(struct tunnel *t)
{
    if (!t)
        return;
    ev_io_stop(t->ev, &t->io);
    loop_timer_destroy(t->turn);
    if (t->easy) {
        multi_remove(t->multi, t->easy);
        curl_easy_cleanup(t->easy);
    }
    route_destroy(t->route); /* after the easy handle, which borrows its addresses */
    multi_destroy(t->multi);
    free(t);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static ssize_t result(struct tunnel *t, CURLcode code, size_t done)
{
    if (code == CURLE_OK)
        return (ssize_t)done;
    if (code == CURLE_AGAIN)
        return -EAGAIN;
    note_failure(t, HTTP_BROKEN, (int)code);
    return -EIO;
}

ssize_t tunnel_recv(struct tunnel *t, void *data, size_t len_bytes)
{
    size_t done = 0;
    CURLcode code = curl_easy_recv(t->easy, data, len_bytes, &done);
    return result(t, code, done);
}

ssize_t tunnel_send(struct tunnel *t, const void *data, size_t len_bytes)
{
    size_t done = 0;
    CURLcode code = curl_easy_send(t->easy, data, len_bytes, &done);
    return result(t, code, done);
}

static void want(struct tunnel *t, int events)
{
    if (!t->open || (t->io.events & (EV_READ | EV_WRITE)) == events)
        return;
    ev_io_stop(t->ev, &t->io);
    ev_io_set(&t->io, t->io.fd, events);
    if (events)
        ev_io_start(t->ev, &t->io);
}

void tunnel_want_room(struct tunnel *t, bool room)
{
    want(t, (t->io.events & EV_READ) | (room ? EV_WRITE : 0));
}

void tunnel_pause(struct tunnel *t, bool pause)
{
    want(t, (t->io.events & EV_WRITE) | (pause ? 0 : EV_READ));
}

void tunnel_again(struct tunnel *t)
{
    loop_timer_set(t->turn, 0);
}

const char *tunnel_words(const struct tunnel *t)
{
    return t->words;
}

const char *tunnel_late(struct tunnel *t)
{
    struct err err;
    if (!*t->words) {
        route_late(t->route, &err);
        snprintf(t->words, sizeof(t->words), "%.*s", CURL_ERROR_SIZE, err.text);
    }
    return t->words;
}
