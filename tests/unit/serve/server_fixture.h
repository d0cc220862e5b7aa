/*
 * server_fixture: a server on its own thread and a raw TCP client.
 *
 * The client sends bytes over a blocking socket with a deadline; the path of the request selects
 * the answer of the handler.
 */
#ifndef SERVER_FIXTURE_H
#define SERVER_FIXTURE_H

#include "serve/server.h"

#include "support/t.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 20
#define MIB        (1024 * 1024)

/* --- server ----------------------------------------------------------------------------------- */

/* The n-th byte of every large body, so that a missing or repeated piece is detected. */
__attribute__((unused)) static char pattern(size_t n)
{
    return (char)('a' + (n ^ n >> 8 ^ n >> 16) % 26);
}

__attribute__((unused)) static void put_pattern(struct buf *body, size_t len)
{
    char piece[1000];
    for (size_t n = 0; n < len;) {
        size_t some = len - n < sizeof(piece) ? len - n : sizeof(piece);
        for (size_t i = 0; i < some; i++)
            piece[i] = pattern(n + i);
        buf_append(body, piece, some);
        n += some;
    }
}

__attribute__((unused)) static void put_request(struct buf *body, const struct api_request *request)
{
    buf_printf(body, "%s %s|%s|%s|%s", request->post ? "POST" : "GET", request->path, request->user,
               request->password, request->token);
    for (int i = 0; i < request->params_count; i++)
        buf_printf(body, "|%s=%s", request->params[i].name, request->params[i].value);
}

__attribute__((unused)) static void put_headers(struct api_answer *answer)
{
    answer->status = 302;
    answer->content_type = "text/html";
    strcpy(answer->token, "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=");
    strcpy(answer->location, "/login?error");
    answer->retry_after_s = 17;
}

/* "slow/50/3000": 3000 bytes after 50 ms; "hang", "reset", "close", "truncate/N", "bytes/N". */
__attribute__((unused)) static struct server_manner
on_request(void *arg, const struct api_request *request, struct api_answer *answer)
{
    struct server_manner manner = {.kind = MANNER_SEND};
    long long delay_ms = 0;
    size_t len = 0;
    (void)arg;
    answer->content_type = "text/plain";
    if (sscanf(request->path, "slow/%lld/%zu", &delay_ms, &len) == 2)
        manner.delay_ms = delay_ms;
    else if (sscanf(request->path, "truncate/%zu", &len) == 1)
        manner.kind = MANNER_TRUNCATE;
    else if (strncmp(request->path, "hang", 4) == 0)
        manner.kind = MANNER_HANG;
    else if (strncmp(request->path, "reset", 5) == 0)
        manner.kind = MANNER_RESET;
    else if (strncmp(request->path, "close", 5) == 0)
        manner.kind = MANNER_CLOSE;
    else if (strcmp(request->path, "headers") == 0)
        put_headers(answer);
    else if (sscanf(request->path, "status/%d", &answer->status) == 1)
        buf_puts(&answer->body, "{}");
    else if (sscanf(request->path, "bytes/%zu", &len) != 1)
        put_request(&answer->body, request);
    put_pattern(&answer->body, len);
    return manner;
}

struct running {
    struct loop *loop;
    struct server *server;
    ev_async stop, ask; /* sent to the loop by the test's thread */
    struct server_stats stats;
    sem_t told;
    pthread_t thread;
    bool stopped;
};

__attribute__((unused)) static void on_stop(struct ev_loop *ev, ev_async *w, int revents)
{
    struct running *r = w->data;
    (void)ev;
    (void)revents;
    loop_stop(r->loop);
}

__attribute__((unused)) static void on_ask(struct ev_loop *ev, ev_async *w, int revents)
{
    struct running *r = w->data;
    (void)ev;
    (void)revents;
    r->stats = server_stats(r->server);
    sem_post(&r->told);
}

__attribute__((unused)) static void listen_to_us(struct running *r)
{
    ev_async_init(&r->stop, on_stop);
    ev_async_init(&r->ask, on_ask);
    r->stop.data = r->ask.data = r;
    ev_async_start(loop_native(r->loop), &r->stop);
    ev_async_start(loop_native(r->loop), &r->ask);
}

__attribute__((unused)) static void *run(void *arg)
{
    loop_run(((struct running *)arg)->loop);
    return NULL;
}

__attribute__((unused)) static int start(void **state)
{
    static struct running r;
    struct err err = {0};
    t_row("");
    r = (struct running){.loop = loop_create()};
    sem_init(&r.told, 0, 0);
    if (server_create(&r.server, r.loop, "127.0.0.1", 0, on_request, NULL, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    listen_to_us(&r);
    *state = &r;
    return pthread_create(&r.thread, NULL, run, &r);
}

__attribute__((unused)) static void stop_loop(struct running *r)
{
    if (!r->stopped) {
        ev_async_send(loop_native(r->loop), &r->stop);
        pthread_join(r->thread, NULL);
    }
    r->stopped = true;
}

__attribute__((unused)) static int finish(void **state)
{
    struct running *r = *state;
    stop_loop(r);
    server_destroy(r->server);
    ev_async_stop(loop_native(r->loop), &r->stop);
    ev_async_stop(loop_native(r->loop), &r->ask);
    loop_destroy(r->loop);
    sem_destroy(&r->told);
    return 0;
}

__attribute__((unused)) static struct server_stats stats(struct running *r)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    ev_async_send(loop_native(r->loop), &r->ask);
    if (sem_timedwait(&r->told, &until))
        fail_msg("%s: the loop does not run", t_row_name);
    return r->stats;
}

/* Waits until the server has noticed closed connections, which may take some loop iterations. */
__attribute__((unused)) static void wait_in_flight(struct running *r, int in_flight)
{
    int64_t until_ms = clock_now().mono_ms + PATIENCE_S * 1000;
    while (stats(r).in_flight != in_flight) {
        if (clock_now().mono_ms > until_ms)
            fail_msg("%s: %d in flight, expected %d", t_row_name, r->stats.in_flight, in_flight);
    }
}

/* --- client ----------------------------------------------------------------------------------- */

__attribute__((unused)) static int dial(const struct running *r)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)server_port(r->server)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr *)&to, sizeof(to)))
        fail_msg("%s: cannot connect: %s", t_row_name, strerror(errno));
    return fd;
}

__attribute__((unused)) static void say_bytes(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server closed the connection; its answer is checked */
        text += n;
        len -= (size_t)n;
    }
}

__attribute__((unused)) static void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

__attribute__((unused)) static void get(int fd, const char *path)
{
    char text[9000];
    snprintf(text, sizeof(text), "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    say(fd, text);
}

struct answer {
    int status;
    char head[4096];
    struct buf body;
    size_t announced;
};

__attribute__((unused)) static bool read_head(int fd, struct answer *a)
{
    size_t used = 0;
    while (used + 1 < sizeof(a->head) && recv(fd, a->head + used, 1, 0) == 1) {
        a->head[++used] = '\0';
        if (used >= 4 && memcmp(a->head + used - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

/* False: the connection ended, or nothing was received, before the answer was complete. */
__attribute__((unused)) static bool read_answer(int fd, struct answer *a)
{
    char piece[16384];
    buf_clear(&a->body);
    if (!read_head(fd, a) || sscanf(a->head, "HTTP/1.1 %d", &a->status) != 1)
        return false;
    const char *length = strcasestr(a->head, "content-length:");
    a->announced = length ? strtoul(length + 15, NULL, 10) : 0;
    while (a->body.len_bytes < a->announced) {
        size_t left = a->announced - a->body.len_bytes;
        ssize_t n = recv(fd, piece, left < sizeof(piece) ? left : sizeof(piece), 0);
        if (n <= 0)
            return false;
        buf_append(&a->body, piece, (size_t)n);
    }
    return true;
}

__attribute__((unused)) static void make_answer(struct answer *a)
{
    *a = (struct answer){0};
    buf_init(&a->body, 8u * MIB);
}

/* How the connection ended, before any further byte. */
__attribute__((unused)) static const char *ending(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, 0);
    if (n == 0)
        return "closed";
    if (n > 0)
        return "more bytes";
    return errno == ECONNRESET ? "reset" : "silence";
}

__attribute__((unused)) static void check_body(int fd, const char *path, const char *body)
{
    struct answer a;
    make_answer(&a);
    get(fd, path);
    t_true(read_answer(fd, &a));
    t_int(a.status, 200);
    t_str(buf_text(&a.body), body);
    buf_finish(&a.body);
}

__attribute__((unused)) static void check_pattern(const struct buf *body, size_t len)
{
    t_int(body->len_bytes, len);
    for (size_t n = 0; n < len; n++) {
        if (body->data[n] != pattern(n))
            fail_msg("%s: byte %zu is wrong", t_row_name, n);
    }
}

__attribute__((unused)) static void still_serves(struct running *r)
{
    int fd = dial(r);
    check_body(fd, "alive", "GET alive|||");
    close(fd);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, start, finish)

#endif
