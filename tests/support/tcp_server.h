/*
 * tcp_server: a scripted HTTP server on 127.0.0.1, in its own thread.
 *
 * A request for /N is answered with the bytes of step N, then the connection is kept, closed, reset
 * or left open without an answer. The requests, with their bodies, are kept so that the test can
 * read them after the answer.
 * Steps must be static, because after a failed test the thread continues to read them.
 */
#ifndef TCP_SERVER_H
#define TCP_SERVER_H

#include "support/t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_CLIENTS     64
#define SERVER_SEEN_BYTES  65536
#define SERVER_BLOCK_BYTES 65536

enum server_then { THEN_KEEP, THEN_CLOSE, THEN_RESET, THEN_HANG };

struct server_step {
    const char *bytes;
    size_t len;    /* 0: strlen() */
    size_t repeat; /* number of spaces sent afterwards */
    enum server_then then;
};

struct tcp_server {
    int listener, stop[2], port;
    const struct server_step *steps;
    pthread_t thread;
    pthread_mutex_t lock;
    int connections, requests;
    char seen[SERVER_SEEN_BYTES]; /* all requests received, in order */
};

static void server_send(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

static void server_reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* True: the connection stays open. */
static bool server_answer(int fd, const struct server_step *step)
{
    static const char blanks[SERVER_BLOCK_BYTES] = "";
    server_send(fd, step->bytes, step->len ? step->len : strlen(step->bytes));
    for (size_t left = step->repeat; left;) {
        size_t n = left < sizeof(blanks) ? left : sizeof(blanks);
        server_send(fd, blanks, n);
        left -= n;
    }
    if (step->then == THEN_RESET)
        server_reset(fd);
    return step->then == THEN_KEEP || step->then == THEN_HANG;
}

/* The whole request has arrived: its headers, and as many bytes as its Content-Length. */
static bool server_is_whole(const char *text, size_t len)
{
    const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
    size_t body = end && length && length < end ? (size_t)atol(length + 16) : 0;
    return end && len >= (size_t)(end - text) + 4 + body;
}

static bool server_read(struct tcp_server *s, int fd)
{
    char text[8192];
    size_t len = 0;
    while (len < sizeof(text) - 1) {
        ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        if (server_is_whole(text, len))
            break;
    }
    const char *path = strchr(text, '/');
    pthread_mutex_lock(&s->lock);
    s->requests++;
    strncat(s->seen, text, sizeof(s->seen) - strlen(s->seen) - 1);
    pthread_mutex_unlock(&s->lock);
    return server_answer(fd, &s->steps[path ? atoi(path + 1) : 0]);
}

static void server_accept(struct tcp_server *s, struct pollfd *fds, int *count)
{
    int fd = accept(s->listener, NULL, NULL);
    pthread_mutex_lock(&s->lock);
    s->connections++;
    pthread_mutex_unlock(&s->lock);
    fds[(*count)++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

static void *server_run(void *arg)
{
    struct tcp_server *s = arg;
    struct pollfd fds[SERVER_CLIENTS + 2] = {{.fd = s->stop[0], .events = POLLIN},
                                             {.fd = s->listener, .events = POLLIN}};
    int count = 2;
    while (poll(fds, (nfds_t)count, -1) >= 0 && !fds[0].revents) {
        for (int i = count - 1; i >= 2; i--) {
            if (!fds[i].revents || server_read(s, fds[i].fd))
                continue;
            close(fds[i].fd);
            fds[i] = fds[--count];
        }
        if (fds[1].revents && count < SERVER_CLIENTS)
            server_accept(s, fds, &count);
    }
    for (int i = 2; i < count; i++)
        close(fds[i].fd);
    return NULL;
}

__attribute__((unused)) static struct tcp_server *server_start(const struct server_step *steps)
{
    struct tcp_server *s = calloc(1, sizeof(*s));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    s->steps = steps;
    pthread_mutex_init(&s->lock, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(s->listener, 64), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &len), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(pipe(s->stop), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
    return s;
}

__attribute__((unused)) static void server_stop(struct tcp_server *s)
{
    close(s->stop[1]);
    pthread_join(s->thread, NULL);
    close(s->stop[0]);
    close(s->listener);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

__attribute__((unused)) static int server_connections(struct tcp_server *s)
{
    pthread_mutex_lock(&s->lock);
    int count = s->connections;
    pthread_mutex_unlock(&s->lock);
    return count;
}

/* A copy of the requests so far; valid until the next call. */
__attribute__((unused)) static const char *server_seen(struct tcp_server *s)
{
    static char seen[SERVER_SEEN_BYTES];
    pthread_mutex_lock(&s->lock);
    memcpy(seen, s->seen, sizeof(seen));
    pthread_mutex_unlock(&s->lock);
    return seen;
}

#endif
