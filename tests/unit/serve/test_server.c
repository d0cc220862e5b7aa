/*
 * The server over real sockets: it runs on a loop in a thread of its own, the tests are plain
 * blocking clients. What the handler does is said by the path, so that the two share nothing.
 */
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

/* --- the server's side ------------------------------------------------------------------------ */

/* The n-th byte of every large body: a piece that is missing or twice would show. */
static char pattern(size_t n)
{
    return (char)('a' + (n ^ n >> 8 ^ n >> 16) % 26);
}

static void put_pattern(struct buf *body, size_t len)
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

static void put_request(struct buf *body, const struct api_request *request)
{
    buf_printf(body, "%s %s|%s|%s|%s", request->post ? "POST" : "GET", request->path, request->user,
               request->password, request->token);
    for (int i = 0; i < request->params_count; i++)
        buf_printf(body, "|%s=%s", request->params[i].name, request->params[i].value);
}

static void put_headers(struct api_answer *answer)
{
    answer->status = 302;
    answer->content_type = "text/html";
    strcpy(answer->token, "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=");
    strcpy(answer->location, "/login?error");
    answer->retry_after_s = 17;
}

/* "slow/50/3000": 3000 bytes after 50 ms; "hang", "reset", "close", "truncate/N", "bytes/N". */
static struct server_manner on_request(void *arg, const struct api_request *request,
                                       struct api_answer *answer)
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
    ev_async stop, ask; /* the two things another thread may say to the loop */
    struct server_stats stats;
    sem_t told;
    pthread_t thread;
    bool stopped;
};

static void on_stop(struct ev_loop *ev, ev_async *w, int revents)
{
    struct running *r = w->data;
    (void)ev;
    (void)revents;
    loop_stop(r->loop);
}

static void on_ask(struct ev_loop *ev, ev_async *w, int revents)
{
    struct running *r = w->data;
    (void)ev;
    (void)revents;
    r->stats = server_stats(r->server);
    sem_post(&r->told);
}

static void listen_to_us(struct running *r)
{
    ev_async_init(&r->stop, on_stop);
    ev_async_init(&r->ask, on_ask);
    r->stop.data = r->ask.data = r;
    ev_async_start(loop_native(r->loop), &r->stop);
    ev_async_start(loop_native(r->loop), &r->ask);
}

static void *run(void *arg)
{
    loop_run(((struct running *)arg)->loop);
    return NULL;
}

static int start(void **state)
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

static void stop_loop(struct running *r)
{
    if (!r->stopped) {
        ev_async_send(loop_native(r->loop), &r->stop);
        pthread_join(r->thread, NULL);
    }
    r->stopped = true;
}

static int finish(void **state)
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

static struct server_stats stats(struct running *r)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    ev_async_send(loop_native(r->loop), &r->ask);
    if (sem_timedwait(&r->told, &until))
        fail_msg("%s: the loop does not turn", t_row_name);
    return r->stats;
}

/* The server has noticed that connections ended: it may take some turns of the loop. */
static void wait_in_flight(struct running *r, int in_flight)
{
    int64_t until_ms = clock_now().mono_ms + PATIENCE_S * 1000;
    while (stats(r).in_flight != in_flight) {
        if (clock_now().mono_ms > until_ms)
            fail_msg("%s: %d in flight, expected %d", t_row_name, r->stats.in_flight, in_flight);
    }
}

/* --- the client's side ------------------------------------------------------------------------ */

static int dial(const struct running *r)
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

static void say_bytes(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* who does not want to listen says so in his answer */
        text += n;
        len -= (size_t)n;
    }
}

static void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

static void get(int fd, const char *path)
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

static bool read_head(int fd, struct answer *a)
{
    size_t used = 0;
    while (used + 1 < sizeof(a->head) && recv(fd, a->head + used, 1, 0) == 1) {
        a->head[++used] = '\0';
        if (used >= 4 && memcmp(a->head + used - 4, "\r\n\r\n", 4) == 0)
            return true;
    }
    return false;
}

/* false: the connection ended (or nothing came) before the whole of it. */
static bool read_answer(int fd, struct answer *a)
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

static void make_answer(struct answer *a)
{
    *a = (struct answer){0};
    buf_init(&a->body, 8u * MIB);
}

/* How the connection ended: nothing must come before its end. */
static const char *ending(int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, 0);
    if (n == 0)
        return "closed";
    if (n > 0)
        return "more bytes";
    return errno == ECONNRESET ? "reset" : "silence";
}

static void check_body(int fd, const char *path, const char *body)
{
    struct answer a;
    make_answer(&a);
    get(fd, path);
    t_true(read_answer(fd, &a));
    t_int(a.status, 200);
    t_str(buf_text(&a.body), body);
    buf_finish(&a.body);
}

static void check_pattern(const struct buf *body, size_t len)
{
    t_int(body->len_bytes, len);
    for (size_t n = 0; n < len; n++) {
        if (body->data[n] != pattern(n))
            fail_msg("%s: byte %zu is wrong", t_row_name, n);
    }
}

static void still_serves(struct running *r)
{
    int fd = dial(r);
    check_body(fd, "alive", "GET alive|||");
    close(fd);
}

/* --- requests --------------------------------------------------------------------------------- */

static void a_connection_is_kept_and_counted(void **state)
{
    struct running *r = *state;
    int fd = dial(r);
    t_true(server_port(r->server) > 0);
    for (int i = 0; i < 50; i++)
        check_body(fd, "x", "GET x|||");
    t_int(stats(r).requests, 50);
    t_int(r->stats.connections, 1);
    t_int(r->stats.in_flight, 0);
    t_int(r->stats.max_in_flight, 1);
    int other = dial(r);
    check_body(other, "x", "GET x|||");
    check_body(fd, "x", "GET x|||");
    t_int(stats(r).requests, 52);
    t_int(r->stats.connections, 2);
    close(fd);
    close(other);
}

static void requests_reach_the_handler(void **state)
{
    static const struct row {
        const char *name, *request, *seen;
    } rows[] = {
        /* clang-format off */
        {"nothing but a path",   "GET /rest/x HTTP/1.1\r\n", "GET rest/x|||"},
        {"the root",             "GET / HTTP/1.1\r\n", "GET |||"},
        {"a POST",               "POST /auth/getToken HTTP/1.1\r\nContent-Length: 0\r\n",
                                 "POST auth/getToken|||"},
        {"user and password",    "POST /t HTTP/1.1\r\nX-Username: alice\r\nX-Password: s3cret\r\n"
                                 "Content-Length: 0\r\n", "POST t|alice|s3cret|"},
        {"in small letters",     "POST /t HTTP/1.1\r\nx-username: alice\r\nx-password: s3cret\r\n"
                                 "Content-Length: 0\r\n", "POST t|alice|s3cret|"},
        {"in capitals",          "GET /t HTTP/1.1\r\nX-USERNAME: alice\r\nX-PASSWORD: s3cret\r\n"
                                 "X-AUTH-TOKEN: abc\r\n", "GET t|alice|s3cret|abc"},
        {"an odd password",      "GET /t HTTP/1.1\r\nX-Password: p:=+ /%20\"\\;,{}~\r\n",
                                 "GET t||p:=+ /%20\"\\;,{}~|"},
        {"a token in base64",    "GET /t HTTP/1.1\r\nX-Auth-Token: 3q2+7w/BAg=\r\n",
                                 "GET t|||3q2+7w/BAg="},
        {"other headers",        "GET /t HTTP/1.1\r\nAccept: application/json\r\nX-User: no\r\n"
                                 "User-Agent: test\r\nX-Auth-Token: abc\r\nX-More: 1\r\n",
                                 "GET t|||abc"},
        {"parameters",           "GET /t?a=1&b=&c=3 HTTP/1.1\r\n", "GET t||||a=1|b=|c=3"},
        {"a blank as %20",       "GET /t?s=MERV%20-%20XMEV HTTP/1.1\r\n", "GET t||||s=MERV - XMEV"},
        {"a blank as +",         "GET /t?s=MERV+-+XMEV HTTP/1.1\r\n", "GET t||||s=MERV - XMEV"},
        {"a slash as %2F",       "GET /t?s=DLR%2FDIC26 HTTP/1.1\r\n", "GET t||||s=DLR/DIC26"},
        {"in small hexadecimal", "GET /t?s=DLR%2fDIC26 HTTP/1.1\r\n", "GET t||||s=DLR/DIC26"},
        {"a slash as it is",     "GET /t?s=DLR/DIC26 HTTP/1.1\r\n", "GET t||||s=DLR/DIC26"},
        {"commas",               "GET /t?e=BI,OF%2CLA HTTP/1.1\r\n", "GET t||||e=BI,OF,LA"},
        {"%25 is decoded once",  "GET /t?s=%2520 HTTP/1.1\r\n", "GET t||||s=%20"},
        {"UTF-8",                "GET /t?s=D%C3%B3lar HTTP/1.1\r\n", "GET t||||s=D\xc3\xb3lar"},
        {"= in a value",         "GET /t?s=a=b HTTP/1.1\r\n", "GET t||||s=a=b"},
        {"a name without value is passed over", "GET /t?a&b=2 HTTP/1.1\r\n", "GET t||||b=2"},
        {"two of one name",      "GET /t?a=1&a=2 HTTP/1.1\r\n", "GET t||||a=1|a=2"},
        {"an empty query",       "GET /t? HTTP/1.1\r\n", "GET t|||"},
        /* clang-format on */
    };
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int fd = dial(r);
        say(fd, rows[i].request);
        say(fd, "Host: x\r\n\r\n");
        t_true(read_answer(fd, &a));
        t_str(buf_text(&a.body), rows[i].seen);
        close(fd);
    }
    buf_finish(&a.body);
}

static void requests_in_pieces_are_put_together(void **state)
{
    static const char text[] =
        "GET /t?s=DLR%2FDIC26&e=BI HTTP/1.1\r\nHost: x\r\nX-Auth-Token: abc\r\n\r\n";
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    for (size_t step = 1; step < sizeof(text); step += 7) {
        int fd = dial(r);
        for (size_t at = 0; at < sizeof(text) - 1; at += step) {
            size_t left = sizeof(text) - 1 - at;
            say_bytes(fd, text + at, left < step ? left : step);
            stats(r); /* the loop has turned since */
        }
        t_true(read_answer(fd, &a));
        t_str(buf_text(&a.body), "GET t|||abc|s=DLR/DIC26|e=BI");
        close(fd);
    }
    buf_finish(&a.body);
}

static void the_body_of_a_post_is_passed_over(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    say(fd, "POST /t?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 21\r\n\r\n"
            "GET /no HTTP/1.1\r\n\r\n."
            "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "POST t||||a=1");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET next|||");
    close(fd);
    buf_finish(&a.body);
}

static void requests_sent_at_once_are_answered_in_turn(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    say(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /slow/5/7 HTTP/1.1\r\nHost: x\r\n\r\nGET /4 HTTP/1.1\r\nHost: x\r\n\r\n");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 1|||");
    t_true(read_answer(fd, &a));
    check_pattern(&a.body, 100000);
    t_true(read_answer(fd, &a));
    check_pattern(&a.body, 7);
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 4|||");
    t_int(stats(r).requests, 4);
    t_int(r->stats.max_in_flight, 1);
    close(fd);
    buf_finish(&a.body);
}

static void connections_end_when_asked_to(void **state)
{
    static const char *const requests[] = {
        "GET /t HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /t HTTP/1.0\r\nHost: x\r\n\r\n",
    };
    struct running *r = *state;
    char text[1000];
    for (size_t i = 0; i < T_COUNT(requests); i++) {
        size_t used = 0;
        ssize_t n;
        t_row(requests[i]);
        int fd = dial(r);
        say(fd, requests[i]);
        while ((n = recv(fd, text + used, sizeof(text) - 1 - used, 0)) > 0)
            used += (size_t)n;
        text[used] = '\0';
        t_int(n, 0);
        t_contains(text, "\r\n\r\nGET t|||");
        close(fd);
    }
}

static void no_more_parameters_than_fit(void **state)
{
    char path[400] = "t?", expected[400] = "GET t|||";
    struct running *r = *state;
    int fd = dial(r);
    for (int i = 0; i < 40; i++) {
        char one[16];
        snprintf(one, sizeof(one), "%sp%d=%d", i ? "&" : "", i, i);
        strcat(path, one);
        snprintf(one, sizeof(one), "|p%d=%d", i, i);
        if (i < API_PARAMS_MAX)
            strcat(expected, one);
    }
    check_body(fd, path, expected);
    close(fd);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void bodies_of_all_sizes_arrive_whole(void **state)
{
    static const size_t sizes[] = {0,     1,     2,      16383,   16384,   16385,
                                   32768, 65537, 102400, 1000000, 3 * MIB, 7};
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    for (size_t i = 0; i < T_COUNT(sizes); i++) {
        static char path[32];
        snprintf(path, sizeof(path), "bytes/%zu", sizes[i]);
        t_row(path);
        get(fd, path);
        t_true(read_answer(fd, &a));
        t_int(a.status, 200);
        t_int(a.announced, sizes[i]);
        check_pattern(&a.body, sizes[i]);
    }
    t_int(stats(r).connections, 1);
    t_int(r->stats.in_flight, 0);
    close(fd);
    buf_finish(&a.body);
}

static void headers_of_the_answer_are_sent(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    get(fd, "headers");
    t_true(read_answer(fd, &a));
    t_int(a.status, 302);
    t_contains(a.head, "content-type: text/html\r\n");
    t_contains(a.head, "x-auth-token: 3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=\r\n");
    t_contains(a.head, "location: /login?error\r\n");
    t_contains(a.head, "retry-after: 17\r\n");
    t_contains(a.head, "content-length: 0\r\n");
    get(fd, "x"); /* and none of them with the next answer */
    t_true(read_answer(fd, &a));
    t_int(a.status, 200);
    t_contains(a.head, "content-type: text/plain\r\n");
    t_true(!strstr(a.head, "x-auth-token") && !strstr(a.head, "location"));
    t_true(!strstr(a.head, "retry-after"));
    close(fd);
    buf_finish(&a.body);
}

static void every_status_keeps_the_connection(void **state)
{
    static const int statuses[] = {200, 201, 400, 401, 403, 404, 405, 429, 500, 502, 503, 599};
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    for (size_t i = 0; i < T_COUNT(statuses); i++) {
        static char path[32];
        snprintf(path, sizeof(path), "status/%d", statuses[i]);
        t_row(path);
        get(fd, path);
        t_true(read_answer(fd, &a));
        t_int(a.status, statuses[i]);
        t_str(buf_text(&a.body), "{}");
    }
    t_int(stats(r).connections, 1);
    close(fd);
    buf_finish(&a.body);
}

/* --- manners ---------------------------------------------------------------------------------- */

static void manners_end_the_connection(void **state)
{
    static const struct row {
        const char *path, *ending;
    } rows[] = {{"reset", "reset"}, {"close", "closed"}};
    struct running *r = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].path);
        int fd = dial(r);
        check_body(fd, "x", "GET x|||");
        get(fd, rows[i].path);
        t_str(ending(fd), rows[i].ending);
        close(fd);
        wait_in_flight(r, 0);
        still_serves(r);
    }
}

static void a_truncated_body_is_announced_in_full(void **state)
{
    static const size_t sizes[] = {2, 3, 1000, 32768, 100001, 3 * MIB};
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    for (size_t i = 0; i < T_COUNT(sizes); i++) {
        static char path[32];
        snprintf(path, sizeof(path), "truncate/%zu", sizes[i]);
        t_row(path);
        int fd = dial(r);
        get(fd, path);
        t_true(!read_answer(fd, &a));
        t_int(a.status, 200);
        t_int(a.announced, sizes[i]);
        check_pattern(&a.body, sizes[i] / 2);
        t_str(ending(fd), "closed");
        close(fd);
    }
    wait_in_flight(r, 0);
    buf_finish(&a.body);
}

static void a_hanging_request_is_never_answered(void **state)
{
    struct running *r = *state;
    int silent = dial(r), other = dial(r);
    get(silent, "hang");
    for (int i = 0; i < 20; i++)
        check_body(other, "x", "GET x|||");
    struct pollfd any = {.fd = silent, .events = POLLIN | POLLHUP};
    t_int(poll(&any, 1, 0), 0);
    t_int(stats(r).in_flight, 1);
    t_int(r->stats.max_in_flight, 2);
    close(silent);
    still_serves(r);
    close(other);
}

static void a_delay_holds_one_answer_only(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int slow = dial(r), other = dial(r);
    int64_t begin_ms = clock_now().mono_ms;
    get(slow, "slow/60/3000");
    check_body(other, "x", "GET x|||");
    t_true(read_answer(slow, &a));
    t_true(clock_now().mono_ms - begin_ms >= 55); /* the clocks round */
    check_pattern(&a.body, 3000);
    check_body(slow, "x", "GET x|||");
    t_int(stats(r).in_flight, 0);
    close(slow);
    close(other);
    buf_finish(&a.body);
}

static void who_leaves_during_a_delay_is_forgotten(void **state)
{
    struct running *r = *state;
    for (int i = 0; i < 20; i++) {
        int fd = dial(r);
        get(fd, i % 2 ? "slow/10/3000" : "slow/1/3145728");
        close(fd);
    }
    wait_in_flight(r, 0);
    still_serves(r);
}

/* --- many, and rude ones ---------------------------------------------------------------------- */

static void many_at_once_are_counted(void **state)
{
    enum { CLIENTS = 64 };
    struct running *r = *state;
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(r);
        get(fds[i], "hang");
    }
    wait_in_flight(r, CLIENTS);
    t_int(r->stats.max_in_flight, CLIENTS);
    t_int(r->stats.connections, CLIENTS);
    t_int(r->stats.requests, CLIENTS);
    still_serves(r);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    still_serves(r);
    t_int(stats(r).max_in_flight, CLIENTS + 1);
}

static void large_answers_go_out_side_by_side(void **state)
{
    enum { CLIENTS = 8 };
    struct running *r = *state;
    struct answer a;
    int fds[CLIENTS];
    make_answer(&a);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(r);
        get(fds[i], "bytes/3145728");
    }
    for (int i = CLIENTS - 1; i >= 0; i--) {
        t_true(read_answer(fds[i], &a));
        check_pattern(&a.body, 3 * MIB);
        close(fds[i]);
    }
    wait_in_flight(r, 0);
    buf_finish(&a.body);
}

/* Reads a little of a large answer and goes, with FIN or with RST. */
static void leave_in_the_middle(struct running *r, bool reset)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    char some[1000];
    int fd = dial(r);
    get(fd, "bytes/3145728");
    t_true(recv(fd, some, sizeof(some), MSG_WAITALL) == (ssize_t)sizeof(some));
    if (reset)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

static void who_leaves_in_the_middle_is_forgotten(void **state)
{
    struct running *r = *state;
    for (int i = 0; i < 10; i++)
        leave_in_the_middle(r, i % 2);
    wait_in_flight(r, 0);
    still_serves(r);
}

static void a_large_answer_waits_for_a_slow_reader(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int slow = dial(r);
    get(slow, "bytes/6291456");
    t_true(read_head(slow, &a));
    for (int i = 0; i < 20; i++)
        still_serves(r);
    t_int(stats(r).in_flight, 1);
    close(slow);
    wait_in_flight(r, 0);
    buf_finish(&a.body);
}

static void garbage_harms_nobody(void **state)
{
    static const struct row {
        const char *name, *text;
        size_t len;
    } rows[] = {
    /* clang-format off */
#define TEXT(text) text, sizeof(text) - 1
        {"nothing",           TEXT("")},
        {"empty lines",       TEXT("\r\n\r\n\r\n\r\n")},
        {"words",             TEXT("hello\r\n\r\n")},
        {"no version",        TEXT("GET /\r\n\r\n")},
        {"another version",   TEXT("GET / HTTP/9.9\r\n\r\n")},
        {"another method",    TEXT("FETCH / HTTP/1.1\r\n\r\n")},
        {"no path",           TEXT("GET  HTTP/1.1\r\n\r\n")},
        {"above the root",    TEXT("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"half an escape",    TEXT("GET /t?a=% HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"no escape",         TEXT("GET /t?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"an escaped NUL",    TEXT("GET /t%00?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"a NUL",             TEXT("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"no colon",          TEXT("GET / HTTP/1.1\r\nHost\r\n\r\n")},
        {"only LF",           TEXT("GET / HTTP/1.1\nHost: x\n\n")},
        {"TLS",               TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x5a\x5a")},
        {"high bytes",        TEXT("\xff\xfe\xfd\xfc\x00\x80\x81")},
        {"HTTP/2",            TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
        {"an odd length",     TEXT("POST /t HTTP/1.1\r\nContent-Length: -5\r\n\r\n")},
        {"no length",         TEXT("POST /t HTTP/1.1\r\nContent-Length: x\r\n\r\n")},
        {"half a request",    TEXT("GET /t HTTP/1.1\r\nHo")},
        /* clang-format on */
    };
    struct running *r = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int fd = dial(r);
        say_bytes(fd, rows[i].text, rows[i].len);
        stats(r);
        still_serves(r);
        close(fd);
    }
    wait_in_flight(r, 0);
}

static void oversized_requests_harm_nobody(void **state)
{
    static const struct row {
        const char *name, *before, *after;
        size_t len;
    } rows[] = {
        /* clang-format off */
        {"a long path",      "GET /",                                " HTTP/1.1\r\nHost: x\r\n\r\n", 600},
        {"a longer path",    "GET /",                                " HTTP/1.1\r\nHost: x\r\n\r\n", 20000},
        {"a long value",     "GET /t?s=",                            " HTTP/1.1\r\nHost: x\r\n\r\n", 5000},
        {"a longer value",   "GET /t?s=",                            " HTTP/1.1\r\nHost: x\r\n\r\n", 20000},
        {"a long token",     "GET /t HTTP/1.1\r\nX-Auth-Token: ",    "\r\nHost: x\r\n\r\n",          600},
        {"a longer token",   "GET /t HTTP/1.1\r\nX-Auth-Token: ",    "\r\nHost: x\r\n\r\n",          20000},
        {"a long user",      "GET /t HTTP/1.1\r\nX-Username: ",      "\r\nHost: x\r\n\r\n",          600},
        {"a longer user",    "GET /t HTTP/1.1\r\nX-Username: ",      "\r\nHost: x\r\n\r\n",          20000},
        {"a long name",      "GET /t HTTP/1.1\r\nX-",                ": 1\r\nHost: x\r\n\r\n",       20000},
        {"a line without end", "GET /",                              "",                             1000000},
        {"a header without end", "GET / HTTP/1.1\r\nX-A: ",          "",                             1000000},
        /* clang-format on */
    };
    struct running *r = *state;
    char *text = malloc(1000000);
    memset(text, 'a', 1000000);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int fd = dial(r);
        say(fd, rows[i].before);
        say_bytes(fd, text, rows[i].len);
        say(fd, rows[i].after);
        stats(r);
        still_serves(r);
        close(fd);
    }
    wait_in_flight(r, 0);
    free(text);
}

static void a_header_too_long_to_keep_counts_as_none(void **state)
{
    char text[2000], value[600];
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    memset(value, 'v', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    static const char *const names[] = {"X-Auth-Token", "X-Username", "X-Password"};
    for (size_t i = 0; i < T_COUNT(names); i++) {
        t_row(names[i]);
        int fd = dial(r);
        snprintf(text, sizeof(text), "GET /t HTTP/1.1\r\n%s: %s\r\nHost: x\r\n\r\n", names[i],
                 value);
        say(fd, text);
        t_true(read_answer(fd, &a));
        t_str(buf_text(&a.body), "GET t|||");
        close(fd);
    }
    buf_finish(&a.body);
}

static void seeded_bytes_harm_nobody(void **state)
{
    static const char whole[] = "GET /t?s=DLR%2FDIC26 HTTP/1.1\r\nHost: x\r\nX-Auth-Token: a\r\n"
                                "X-Username: b\r\nContent-Length: 0\r\n\r\n";
    struct running *r = *state;
    uint64_t seed = 1;
    for (int i = 0; i < 300; i++) {
        char text[sizeof(whole)];
        memcpy(text, whole, sizeof(whole));
        for (int edits = 0; edits < 4; edits++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            text[(seed >> 33) % sizeof(text)] = (char)(seed >> 56);
        }
        int fd = dial(r);
        say_bytes(fd, text, sizeof(whole) - 1);
        stats(r);
        close(fd);
    }
    wait_in_flight(r, 0);
    still_serves(r);
}

/* --- life ------------------------------------------------------------------------------------- */

static void a_port_in_use_is_refused_in_words(void **state)
{
    struct running *r = *state;
    struct server *second = NULL;
    struct err err = {0};
    struct loop *loop = loop_create();
    int port = server_port(r->server);
    t_int(server_create(&second, loop, "127.0.0.1", port, on_request, NULL, &err), -EADDRINUSE);
    t_true(second == NULL);
    t_contains(err.text, "127.0.0.1");
    t_contains(err.text, "in use");
    t_row("not an address");
    t_true(server_create(&second, loop, "nonsense", 0, on_request, NULL, &err) < 0);
    t_contains(err.text, "nonsense");
    loop_destroy(loop);
    still_serves(r);
}

static void two_servers_share_a_loop(void **state)
{
    struct server *a, *b;
    struct loop *loop = loop_create();
    (void)state;
    t_int(server_create(&a, loop, "127.0.0.1", 0, on_request, NULL, NULL), 0);
    t_int(server_create(&b, loop, "127.0.0.1", 0, on_request, NULL, NULL), 0);
    t_true(server_port(a) != server_port(b));
    server_destroy(a);
    server_destroy(b);
    server_destroy(NULL);
    loop_destroy(loop);
}

static void ends_with_connections_in_every_state(void **state)
{
    static const char *const requests[] = {"",
                                           "GET /t HTT",
                                           "GET /t HTTP/1.1\r\n\r\n",
                                           "GET /hang HTTP/1.1\r\n\r\n",
                                           "GET /slow/600000/10 HTTP/1.1\r\n\r\n",
                                           "GET /bytes/6291456 HTTP/1.1\r\n\r\n",
                                           "GET /truncate/6291456 HTTP/1.1\r\n\r\n",
                                           "POST /t HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"};
    enum { EACH = 3, STATES = 8 };
    struct running *r = *state;
    int fds[EACH * STATES];
    char byte;
    for (int i = 0; i < EACH * STATES; i++) {
        fds[i] = dial(r);
        say(fds[i], requests[i % STATES]);
    }
    wait_in_flight(r, 4 * EACH);
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    for (int i = 0; i < EACH * STATES; i++) {
        while (recv(fds[i], &byte, 1, 0) > 0)
            ;
        t_true(recv(fds[i], &byte, 1, 0) == 0 || errno == ECONNRESET);
        close(fds[i]);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(a_connection_is_kept_and_counted),
        TEST(requests_reach_the_handler),
        TEST(requests_in_pieces_are_put_together),
        TEST(the_body_of_a_post_is_passed_over),
        TEST(requests_sent_at_once_are_answered_in_turn),
        TEST(connections_end_when_asked_to),
        TEST(no_more_parameters_than_fit),
        TEST(bodies_of_all_sizes_arrive_whole),
        TEST(headers_of_the_answer_are_sent),
        TEST(every_status_keeps_the_connection),
        TEST(manners_end_the_connection),
        TEST(a_truncated_body_is_announced_in_full),
        TEST(a_hanging_request_is_never_answered),
        TEST(a_delay_holds_one_answer_only),
        TEST(who_leaves_during_a_delay_is_forgotten),
        TEST(many_at_once_are_counted),
        TEST(large_answers_go_out_side_by_side),
        TEST(who_leaves_in_the_middle_is_forgotten),
        TEST(a_large_answer_waits_for_a_slow_reader),
        TEST(garbage_harms_nobody),
        TEST(oversized_requests_harm_nobody),
        TEST(a_header_too_long_to_keep_counts_as_none),
        TEST(seeded_bytes_harm_nobody),
        TEST(a_port_in_use_is_refused_in_words),
        cmocka_unit_test(two_servers_share_a_loop),
        TEST(ends_with_connections_in_every_state),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
