#include "net/responder.h"

#include "net/listener.h"
#include "net/unix_socket.h"

#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TEXT_BYTES  (1024 * 1024)
#define PATIENCE_MS 2000
#define CLIENTS_MAX 16

struct client {
    struct responder *responder;
    struct client *next;
    ev_io io;
    struct loop_timer *patience;
    struct buf text;
    size_t sent_bytes;
};

struct responder {
    struct loop *loop;
    responder_fn *fn;
    void *arg;
    struct listener *listener;
    struct client *clients;
    int clients_count;
};

/* --- clients ---------------------------------------------------------------------------------- */

static void drop(struct client *c)
{
    struct responder *r = c->responder;
    struct client **at = &r->clients;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    r->clients_count--;
    ev_io_stop(loop_native(r->loop), &c->io);
    loop_timer_destroy(c->patience);
    close(c->io.fd);
    buf_finish(&c->text);
    free(c);
}

static void on_writable(struct ev_loop *ev, ev_io *w, int revents)
{
    struct client *c = w->data;
    (void)ev;
    (void)revents;
    ssize_t n = send(w->fd, buf_text(&c->text) + c->sent_bytes, c->text.len_bytes - c->sent_bytes,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN)
        return;
    c->sent_bytes += n > 0 ? (size_t)n : 0;
    if (n < 0 || c->sent_bytes == c->text.len_bytes)
        drop(c);
}

static void on_impatient(void *arg)
{
    drop(arg);
}

static void greet(void *arg, int fd)
{
    struct responder *r = arg;
    struct client *c = r->clients_count < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
    if (c)
        c->patience = loop_timer_create(r->loop, on_impatient, c);
    if (!c || !c->patience) {
        free(c);
        close(fd);
        return;
    }
    c->responder = r;
    c->next = r->clients;
    r->clients = c;
    r->clients_count++;
    buf_init(&c->text, TEXT_BYTES);
    r->fn(r->arg, &c->text);
    ev_io_init(&c->io, on_writable, fd, EV_WRITE);
    c->io.data = c;
    ev_io_start(loop_native(r->loop), &c->io);
    loop_timer_set(c->patience, PATIENCE_MS);
}

/* --- create and destroy ----------------------------------------------------------------------- */

bool responder_reachable(const struct responder *r)
{
    return listener_reachable(r->listener);
}

int responder_create(struct responder **out, const struct responder_parts *parts, struct err *err)
{
    struct responder *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    *r = (struct responder){.loop = parts->loop, .fn = parts->fn, .arg = parts->arg};
    const struct listener_parts listener = {
        parts->loop, {.path = parts->path, .mode = 0600}, greet, r};
    int rc = listener_create(&r->listener, &listener, err);
    if (rc) {
        free(r);
        return rc;
    }
    *out = r;
    return 0;
}

void responder_destroy(struct responder *r)
{
    if (!r)
        return;
    while (r->clients)
        drop(r->clients);
    listener_destroy(r->listener);
    free(r);
}

/* --- client side ------------------------------------------------------------------------------ */

static int read_all(int fd, int64_t deadline_ms, struct buf *text)
{
    char piece[16384];
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left_ms = deadline_ms - clock_now().mono_ms;
        if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) == 0)
            return -ETIMEDOUT;
        ssize_t n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (n > 0 && buf_append(text, piece, (size_t)n))
            return -EMSGSIZE;
    }
}

int responder_ask(const char *path, int64_t timeout_ms, struct buf *text)
{
    int fd = unix_socket_connect(path);
    if (fd < 0)
        return fd;
    int rc = read_all(fd, clock_now().mono_ms + timeout_ms, text);
    close(fd);
    return rc;
}
