#include "serve/head_reader.h"

#include "base/buf.h"
#include "serve/http_head.h"

#include <errno.h>
#include <ev.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGAIN_MS     5 /* between two looks at an incomplete head; doubled each time */
#define AGAIN_MAX_MS 200

struct pending {
    struct head_reader *reader;
    struct pending *next, **from; /* `from` points to the pointer to this one */
    struct loop_timer *by, *again;
    int64_t again_ms;
    ev_io io;
    void *guest;
};

struct head_reader {
    struct head_reader_parts parts;
    struct pending *first;
    int count;
};

/* --- the end of a pending connection ---------------------------------------------------------- */

/* Its socket, which is the caller's from now on. */
static int release(struct pending *p)
{
    int fd = p->io.fd;
    ev_io_stop(loop_native(p->reader->parts.loop), &p->io);
    *p->from = p->next;
    if (p->next)
        p->next->from = p->from;
    p->reader->count--;
    loop_timer_destroy(p->by);
    loop_timer_destroy(p->again);
    free(p);
    return fd;
}

static void end(struct pending *p, int status, const char *words)
{
    const struct head_reader_parts *parts = &p->reader->parts;
    void *guest = p->guest;
    int fd = release(p);
    if (status)
        head_reader_refuse(fd, status, words);
    else
        close(fd);
    parts->ended(parts->arg, guest);
}

void head_reader_refuse(int fd, int status, const char *words)
{
    char text[256];
    int len = snprintf(text, sizeof(text),
                       "HTTP/1.1 %d \r\ncontent-type: text/plain\r\ncontent-length: %zu\r\n"
                       "connection: close\r\n\r\n%s\n",
                       status, strlen(words) + 1, words);
    (void)!send(fd, text, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(fd, SHUT_WR);
    close(fd);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void hand_over(struct pending *p, const char *rewritten, size_t len)
{
    const struct head_reader_parts *parts = &p->reader->parts;
    void *guest = p->guest;
    parts->complete(parts->arg, guest, release(p), rewritten, len);
}

/*
 * Only a head that must be rewritten is taken out of the socket: libwebsockets never ends its work
 * on a head that it is given by its caller if a body follows.
 */
static void take_head(struct pending *p, const char *data, size_t len)
{
    char taken[HTTP_HEAD_BYTES];
    struct buf head;
    buf_init(&head, HTTP_HEAD_BYTES + 1);
    if (!http_head_rewrite(&head, data, len))
        hand_over(p, NULL, 0);
    else if (http_head_has_body(data, len))
        end(p, 400, "A request with this target must not have a body.");
    else if (buf_failed(&head) || recv(p->io.fd, taken, len, MSG_DONTWAIT) != (ssize_t)len)
        end(p, 0, NULL);
    else
        hand_over(p, buf_text(&head), head.len_bytes);
    buf_finish(&head);
}

/* What was looked at stays in the socket and would wake the loop for ever. */
static void look_later(struct pending *p)
{
    ev_io_stop(loop_native(p->reader->parts.loop), &p->io);
    loop_timer_set(p->again, p->again_ms);
    p->again_ms = p->again_ms * 2 < AGAIN_MAX_MS ? p->again_ms * 2 : AGAIN_MAX_MS;
}

/* The end of what it sends comes after the bytes that are only looked at, so recv() hides it. */
static bool has_ended(const struct pending *p)
{
    struct pollfd fd = {.fd = p->io.fd, .events = POLLRDHUP};
    return poll(&fd, 1, 0) > 0 && fd.revents;
}

static void judge(struct pending *p, const char *data, size_t len)
{
    struct http_head head = http_head_scan(data, len);
    switch (head.state) {
    case HTTP_HEAD_INCOMPLETE:
        if (has_ended(p))
            end(p, 0, NULL);
        else
            look_later(p);
        return;
    case HTTP_HEAD_COMPLETE:
        take_head(p, data, head.len_bytes);
        return;
    case HTTP_HEAD_INVALID:
        end(p, 400, "This is not an HTTP request. The port speaks HTTP, without TLS.");
        return;
    case HTTP_HEAD_TOO_LONG:
        end(p, 431, "The request line or the headers are too long.");
        return;
    }
}

static void look(struct pending *p)
{
    char data[HTTP_HEAD_BYTES];
    ssize_t n = recv(p->io.fd, data, sizeof(data), MSG_DONTWAIT | MSG_PEEK);
    if (n > 0)
        judge(p, data, (size_t)n);
    else if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    else
        end(p, 0, NULL);
}

static void on_readable(struct ev_loop *ev, ev_io *w, int revents)
{
    (void)ev;
    (void)revents;
    look(w->data);
}

static void on_again(void *arg)
{
    struct pending *p = arg;
    ev_io_start(loop_native(p->reader->parts.loop), &p->io);
}

static void on_late(void *arg)
{
    end(arg, 408, "The request did not arrive in time.");
}

/* --- create and destroy ----------------------------------------------------------------------- */

int head_reader_take(struct head_reader *reader, int fd, void *guest)
{
    struct pending *p = calloc(1, sizeof(*p));
    if (!p)
        return -ENOMEM;
    p->by = loop_timer_create(reader->parts.loop, on_late, p);
    p->again = loop_timer_create(reader->parts.loop, on_again, p);
    if (!p->by || !p->again) {
        loop_timer_destroy(p->by);
        loop_timer_destroy(p->again);
        free(p);
        return -ENOMEM;
    }
    p->reader = reader;
    p->guest = guest;
    p->again_ms = AGAIN_MS;
    p->next = reader->first;
    p->from = &reader->first;
    if (p->next)
        p->next->from = &p->next;
    reader->first = p;
    reader->count++;
    ev_io_init(&p->io, on_readable, fd, EV_READ);
    p->io.data = p;
    ev_io_start(loop_native(reader->parts.loop), &p->io);
    loop_timer_set(p->by, reader->parts.timeout_ms);
    return 0;
}

struct head_reader *head_reader_create(const struct head_reader_parts *parts)
{
    struct head_reader *reader = calloc(1, sizeof(*reader));
    if (reader)
        reader->parts = *parts;
    return reader;
}

void head_reader_destroy(struct head_reader *reader)
{
    if (!reader)
        return;
    while (reader->first)
        end(reader->first, 0, NULL);
    free(reader);
}

int head_reader_count(const struct head_reader *reader)
{
    return reader->count;
}
