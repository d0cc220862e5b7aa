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
#include <libwebsockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * libwebsockets 4.3 treats bytes after a body as part of the body, and closes a connection on which
 * a request arrives while a long answer is sent. This affects only clients that send a request
 * before the previous answer is complete; cinta's client does not.
 */
#define TAKES_REQUESTS_AHEAD (LWS_LIBRARY_VERSION_NUMBER < 4003000)

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

__attribute__((unused)) static void put_request(struct buf *body, const struct web_request *request)
{
    const char *names = web_param(request, "headers"); /* further ones to show */
    buf_printf(body, "%s %s|%s|%s|%s", request->post ? "POST" : "GET", request->path,
               web_header(request, "X-Username"), web_header(request, "x-password"),
               web_header(request, "X-AUTH-TOKEN"));
    for (int i = 0; i < request->params_count; i++)
        buf_printf(body, "|%s=%s", request->params[i].name, request->params[i].value);
    while (names && *names) {
        char name[64];
        int len = (int)strcspn(names, ",");
        snprintf(name, sizeof(name), "%.*s", len, names);
        buf_printf(body, "|%s", web_header(request, name));
        names += len + (names[len] == ',');
    }
    if (request->body)
        buf_printf(body, "|%zu bytes: %s", request->body_bytes, request->body);
}

__attribute__((unused)) static void put_headers(struct web_answer *answer)
{
    web_put(answer, 302, "text/html", "");
    web_add_header(answer, "x-auth-token", "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=");
    web_add_header(answer, "location", "/login?error");
    web_add_header(answer, "retry-after", "17");
    web_add_header(answer, "Set-Cookie", "a=1");
    web_add_header(answer, "Set-Cookie", "b=2");
    web_add_header(answer, "X-Evil", "1\r\nX-Added: 2"); /* refused */
}

/* An answer that waits for its timer, or for finish_later(). */
struct later {
    struct later *next;
    struct deferred *deferred;
    struct loop_timer *timer;
    size_t len;
};

struct handler {
    struct loop *loop;
    struct later *first;
    void (*call)(const char *what); /* by the request "call/WHAT", on the loop's thread */
    sem_t discarded;                /* posted for each answer that had no client any more */
    struct http_stream *stream;     /* of the last request "stream" */
    sem_t ended;                    /* posted when a stream is closed */
};

__attribute__((unused)) static void finish_later(struct handler *h, struct later *l)
{
    struct later **at = &h->first;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    bool wanted = deferred_wanted(l->deferred);
    put_pattern(&deferred_answer(l->deferred)->body, l->len);
    deferred_complete(l->deferred, WEB_SEND);
    if (!wanted)
        sem_post(&h->discarded);
    loop_timer_destroy(l->timer);
    free(l);
}

static struct handler handler;

__attribute__((unused)) static void on_later(void *arg)
{
    finish_later(&handler, arg);
}

__attribute__((unused)) static void answer_later(struct http_connection *connection, size_t len,
                                                 int64_t delay_ms)
{
    struct later *l = calloc(1, sizeof(*l));
    *l = (struct later){handler.first, http_connection_defer(connection),
                        loop_timer_create(handler.loop, on_later, l), len};
    handler.first = l;
    loop_timer_set(l->timer, delay_ms);
}

__attribute__((unused)) static void on_ended(void *arg)
{
    (void)arg;
    sem_post(&handler.ended);
}

/* "stream/200": a client that takes nothing for 200 ms is disconnected. */
__attribute__((unused)) static void answer_stream(struct http_connection *connection,
                                                  struct web_answer *answer, int64_t stall_ms)
{
    const struct http_stream_handler stream = {on_ended, NULL, stall_ms};
    web_put(answer, 200, "text/event-stream", "");
    web_add_header(answer, "x-extra", "1");
    handler.stream = http_connection_stream(connection, &stream);
    http_stream_send(handler.stream, CLIENT_QUEUE_NO_KEY, "first\n", 6);
}

/* "slow/50/3000": 3000 bytes after 50 ms; "inside": completed before the handler returns; "hang",
 * "reset", "close", "truncate/N", "bytes/N". */
__attribute__((unused)) static enum web_action on_request(void *arg,
                                                          struct http_connection *connection,
                                                          const struct web_request *request,
                                                          struct web_answer *answer)
{
    enum web_action action = WEB_SEND;
    long long delay_ms = 0;
    size_t len = 0;
    (void)arg;
    if (sscanf(request->path, "slow/%lld/%zu", &delay_ms, &len) == 2) {
        answer_later(connection, len, delay_ms);
        return WEB_RESET; /* ignored */
    }
    if (sscanf(request->path, "stream/%lld", &delay_ms) == 1) {
        answer_stream(connection, answer, delay_ms);
        return WEB_RESET; /* ignored */
    }
    if (strncmp(request->path, "call/", 5) == 0) {
        handler.call(request->path + 5);
        return WEB_SEND;
    }
    if (strcmp(request->path, "inside") == 0) {
        struct deferred *deferred = http_connection_defer(connection);
        web_put(deferred_answer(deferred), 201, "text/plain", "inside");
        deferred_complete(deferred, WEB_SEND);
        return WEB_RESET; /* ignored */
    }
    if (sscanf(request->path, "truncate/%zu", &len) == 1)
        action = WEB_TRUNCATE;
    else if (strncmp(request->path, "hang", 4) == 0)
        action = WEB_HANG;
    else if (strncmp(request->path, "reset", 5) == 0)
        action = WEB_RESET;
    else if (strncmp(request->path, "close", 5) == 0)
        action = WEB_CLOSE;
    else if (strcmp(request->path, "headers") == 0)
        put_headers(answer);
    else if (sscanf(request->path, "status/%d", &answer->status) == 1)
        buf_puts(&answer->body, "{}");
    else if (sscanf(request->path, "bytes/%zu", &len) != 1)
        put_request(&answer->body, request);
    put_pattern(&answer->body, len);
    return action;
}

struct running {
    struct loop *loop;
    struct server *server; /* NULL: a test has another one that listens on `port` */
    int port;
    ev_async stop, ask; /* sent to the loop by the test's thread */
    struct server_stats stats;
    unsigned turns; /* of the loop so far */
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
    (void)revents;
    if (r->server)
        r->stats = server_stats(r->server);
    r->turns = ev_iteration(ev);
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

__attribute__((unused)) static int start_server(void **state, bool reads_bodies)
{
    static struct running r;
    struct err err = {0};
    t_row("");
    r = (struct running){.loop = loop_create()};
    handler = (struct handler){.loop = r.loop};
    sem_init(&r.told, 0, 0);
    sem_init(&handler.discarded, 0, 0);
    sem_init(&handler.ended, 0, 0);
    const struct server_parts parts = {
        .loop = r.loop,
        .address = {.host = "127.0.0.1"},
        .handler = on_request,
        .reads_bodies = reads_bodies,
    };
    if (server_create(&r.server, &parts, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    r.port = server_port(r.server);
    listen_to_us(&r);
    *state = &r;
    return pthread_create(&r.thread, NULL, run, &r);
}

__attribute__((unused)) static int start(void **state)
{
    return start_server(state, false);
}

__attribute__((unused)) static int start_reading(void **state)
{
    return start_server(state, true);
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
    while (handler.first) /* their clients are gone */
        finish_later(&handler, handler.first);
    sem_destroy(&handler.discarded);
    sem_destroy(&handler.ended);
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
    while (stats(r).http.in_flight != in_flight) {
        if (clock_now().mono_ms > until_ms)
            fail_msg("%s: %d in flight, expected %d", t_row_name, r->stats.http.in_flight,
                     in_flight);
    }
}

/* --- client ----------------------------------------------------------------------------------- */

__attribute__((unused)) static int dial(const struct running *r)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)r->port),
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
    if (!read_head(fd, a) || sscanf(a->head, "HTTP/1.%*d %d", &a->status) != 1)
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

/* Runs handler.call(what) on the loop's thread. */
__attribute__((unused)) static void call(int fd, const char *what)
{
    char path[100];
    snprintf(path, sizeof(path), "call/%s", what);
    check_body(fd, path, "");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, start, finish)

#endif
