#include "net/multi.h"

#include "net/wipe.h"

#include <curl/curl.h>
#include <errno.h>
#include <ev.h>
#include <stdlib.h>

/* A watcher is kept while its socket is idle, so that watching the same events again needs no
 * system call. */
struct socket {
    struct multi *multi;
    ev_io ev;
    struct socket *next;
};

struct multi {
    struct ev_loop *ev;
    CURLM *curl;
    ev_timer timer;
    ev_prepare begin; /* active after a transfer was added */
    multi_done *done;
    void *arg;
    struct socket *sockets, *free_sockets;
};

static void collect(struct multi *m)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(m->curl, &left))) {
        char *private = NULL;
        CURLcode code = msg->data.result; /* `msg` is invalid after the handle is removed */
        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
        m->done(m->arg, private, (int)code);
    }
}

static void on_socket_ready(struct ev_loop *ev, ev_io *w, int revents)
{
    struct socket *s = w->data;
    struct multi *m = s->multi;
    int running;
    int mask =
        (revents & EV_READ ? CURL_CSELECT_IN : 0) | (revents & EV_WRITE ? CURL_CSELECT_OUT : 0);
    (void)ev;
    curl_multi_socket_action(m->curl, w->fd, mask, &running);
    collect(m);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
    struct multi *m = w->data;
    int running;
    (void)ev;
    (void)revents;
    curl_multi_socket_action(m->curl, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(m);
}

/* Transfers that were added begin before the loop waits for events. The timer that libcurl sets for
 * them would begin them too, but after a wait of no time: a system call more. */
static void on_begin(struct ev_loop *ev, ev_prepare *w, int revents)
{
    struct multi *m = w->data;
    ev_prepare_stop(ev, w);
    ev_timer_stop(ev, &m->timer); /* as if it had fired: libcurl sets it again */
    on_timer(ev, &m->timer, revents);
}

static int timer_wanted(CURLM *curl, long after_ms, void *arg)
{
    struct multi *m = arg;
    (void)curl;
    ev_timer_stop(m->ev, &m->timer);
    if (after_ms >= 0) {
        ev_timer_set(&m->timer, (double)after_ms / 1000.0, 0);
        ev_timer_start(m->ev, &m->timer);
    }
    return 0;
}

static struct socket *watch(struct multi *m, curl_socket_t fd)
{
    struct socket *s = m->free_sockets;
    if (s)
        m->free_sockets = s->next;
    else
        s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    s->multi = m;
    s->next = m->sockets;
    m->sockets = s;
    ev_init(&s->ev, on_socket_ready);
    s->ev.data = s;
    s->ev.fd = fd;
    curl_multi_assign(m->curl, fd, s);
    return s;
}

static void unwatch(struct multi *m, struct socket *s)
{
    struct socket **at = &m->sockets;
    ev_io_stop(m->ev, &s->ev);
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    s->next = m->free_sockets;
    m->free_sockets = s;
}

static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct multi *m = arg;
    struct socket *s = known;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            unwatch(m, s);
        return 0;
    }
    if (!s && !(s = watch(m, fd)))
        return -1;
    int events = (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0);
    ev_io_stop(m->ev, &s->ev);
    ev_io_set(&s->ev, fd, events);
    ev_io_start(m->ev, &s->ev);
    return 0;
}

int multi_add(struct multi *m, void *easy)
{
    if (curl_multi_add_handle(m->curl, easy) != CURLM_OK)
        return -ENOMEM;
    ev_prepare_start(m->ev, &m->begin);
    return 0;
}

void multi_remove(struct multi *m, void *easy)
{
    curl_multi_remove_handle(m->curl, easy);
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct multi *multi_create(struct loop *loop, int connections, multi_done *done, void *arg)
{
    struct multi *m = calloc(1, sizeof(*m));
    if (!m)
        return NULL;
    m->ev = loop_native(loop);
    m->done = done;
    m->arg = arg;
    ev_init(&m->timer, on_timer);
    m->timer.data = m;
    ev_prepare_init(&m->begin, on_begin);
    m->begin.data = m;
    m->curl = wipe_setup() ? NULL : curl_multi_init();
    if (!m->curl) {
        multi_destroy(m);
        return NULL;
    }
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt(m->curl, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt(m->curl, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(m->curl, CURLMOPT_MAXCONNECTS, (long)connections);
    curl_multi_setopt(m->curl, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    return m;
}

void multi_destroy(struct multi *m)
{
    if (!m)
        return;
    if (m->curl)
        curl_multi_cleanup(m->curl); /* calls socket_wanted for each socket it closes */
    while (m->sockets)
        unwatch(m, m->sockets);
    while (m->free_sockets) {
        struct socket *s = m->free_sockets;
        m->free_sockets = s->next;
        free(s);
    }
    ev_prepare_stop(m->ev, &m->begin);
    ev_timer_stop(m->ev, &m->timer);
    free(m);
}
