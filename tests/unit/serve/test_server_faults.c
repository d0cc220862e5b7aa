#include "server_fixture.h"

/* --- faults ----------------------------------------------------------------------------------- */

static void faults_end_the_connection(void **state)
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

static void a_truncated_body_has_the_full_content_length(void **state)
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
    t_int(stats(r).http.in_flight, 1);
    t_int(r->stats.http.max_in_flight, 2);
    close(silent);
    still_serves(r);
    close(other);
}

static void a_delay_affects_one_answer_only(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int slow = dial(r), other = dial(r);
    int64_t begin_ms = clock_now().mono_ms;
    get(slow, "slow/60/3000");
    check_body(other, "x", "GET x|||");
    t_true(read_answer(slow, &a));
    t_true(clock_now().mono_ms - begin_ms >= 55); /* clock resolution */
    check_pattern(&a.body, 3000);
    check_body(slow, "x", "GET x|||");
    t_int(stats(r).http.in_flight, 0);
    close(slow);
    close(other);
    buf_finish(&a.body);
}

static void disconnects_during_a_delay(void **state)
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

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void disconnects_from_hanging_requests_use_no_cpu(void **state)
{
    struct running *r = *state;
    double begin_s = cpu_s();
    int fds[8];
    for (int i = 0; i < 8; i++) {
        fds[i] = dial(r);
        get(fds[i], "hang");
    }
    wait_in_flight(r, 8);
    for (int i = 0; i < 8; i++)
        say(fds[i], "GET /more HTTP/1.1\r\nHost: x\r\n\r\n"); /* not read while waiting; the loop
                                                                 must not spin */
    still_serves(r);
    for (int i = 0; i < 8; i++)
        close(fds[i]);
    wait_in_flight(r, 0);
    t_true(cpu_s() - begin_s < 5); /* a spinning loop would use much more */
    still_serves(r);
}

static void other_methods_are_refused(void **state)
{
    static const char *const requests[] = {
        "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        "DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    for (size_t i = 0; i < T_COUNT(requests); i++) {
        t_row(requests[i]);
        int fd = dial(r);
        say(fd, requests[i]);
        if (read_answer(fd, &a)) /* or closed without an answer */
            t_int(a.status, 405);
        close(fd);
    }
    wait_in_flight(r, 0);
    still_serves(r);
    buf_finish(&a.body);
}

static void upgrades_are_refused(void **state)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n",
    };
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    for (size_t i = 0; i < T_COUNT(requests); i++) {
        t_row(requests[i]);
        int fd = dial(r);
        say(fd, requests[i]);
        if (read_answer(fd, &a))
            t_true(a.status != 101);
        close(fd);
    }
    int tunnel = dial(r);
    say(tunnel, "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"); /* any answer is accepted */
    close(tunnel);
    still_serves(r);
    buf_finish(&a.body);
}

/* --- many clients, invalid clients ------------------------------------------------------------ */

static void many_connections_are_counted(void **state)
{
    enum { CLIENTS = 64 };
    struct running *r = *state;
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(r);
        get(fds[i], "hang");
    }
    wait_in_flight(r, CLIENTS);
    t_int(r->stats.http.max_in_flight, CLIENTS);
    t_int(r->stats.connections, CLIENTS);
    t_int(r->stats.http.requests, CLIENTS);
    still_serves(r);
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    still_serves(r);
    t_int(stats(r).http.max_in_flight, CLIENTS + 1);
}

static void large_answers_in_parallel(void **state)
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

/* Reads the start of a large answer and disconnects, with FIN or RST. */
static void disconnect_during_answer(struct running *r, bool reset)
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

static void disconnects_during_an_answer(void **state)
{
    struct running *r = *state;
    for (int i = 0; i < 10; i++)
        disconnect_during_answer(r, i % 2);
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
    t_int(stats(r).http.in_flight, 1);
    close(slow);
    wait_in_flight(r, 0);
    buf_finish(&a.body);
}

static void invalid_requests(void **state)
{
    static const struct row {
        const char *name, *text;
        size_t len;
    } rows[] = {
    /* clang-format off */
#define TEXT(text) text, sizeof(text) - 1
        {"no bytes",          TEXT("")},
        {"empty lines",       TEXT("\r\n\r\n\r\n\r\n")},
        {"a word",            TEXT("hello\r\n\r\n")},
        {"no version",        TEXT("GET /\r\n\r\n")},
        {"another version",   TEXT("GET / HTTP/9.9\r\n\r\n")},
        {"another method",    TEXT("FETCH / HTTP/1.1\r\n\r\n")},
        {"no path",           TEXT("GET  HTTP/1.1\r\n\r\n")},
        {"above the root",    TEXT("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"incomplete escape", TEXT("GET /t?a=% HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"invalid escape",    TEXT("GET /t?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"an escaped NUL",    TEXT("GET /t%00?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"a NUL",             TEXT("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n")},
        {"no colon",          TEXT("GET / HTTP/1.1\r\nHost\r\n\r\n")},
        {"only LF",           TEXT("GET / HTTP/1.1\nHost: x\n\n")},
        {"TLS",               TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x5a\x5a")},
        {"high bytes",        TEXT("\xff\xfe\xfd\xfc\x00\x80\x81")},
        {"HTTP/2",            TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")},
        {"negative length",   TEXT("POST /t HTTP/1.1\r\nContent-Length: -5\r\n\r\n")},
        {"invalid length",    TEXT("POST /t HTTP/1.1\r\nContent-Length: x\r\n\r\n")},
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

static void oversized_requests(void **state)
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

/* Without waiting for the time limit of a request, which is answered with 408. */
static void a_client_that_leaves_within_a_head(void **state)
{
    struct running *r = *state;
    int half = dial(r), gone = dial(r);
    say(half, "GET /half HTTP/1.1\r\nHost: x\r\n");
    say(gone, "GET /gone");
    while (stats(r).waiting != 2)
        continue;
    close(gone);
    shutdown(half, SHUT_WR);
    t_str(ending(half), "reset"); /* as it has not read what was sent */
    close(half);
    while (stats(r).open != 0)
        continue;
}

static void a_long_header_arrives_whole(void **state)
{
    char text[8000], value[2000], expected[8000];
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    memset(value, 'v', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    int fd = dial(r);
    snprintf(text, sizeof(text),
             "GET /t HTTP/1.1\r\nX-Auth-Token: %s\r\nX-Username: %s\r\nHost: x\r\n\r\n", value,
             value);
    snprintf(expected, sizeof(expected), "GET t|%s||%s", value, value);
    say(fd, text);
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), expected);
    close(fd);
    buf_finish(&a.body);
}

static void random_bytes(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(faults_end_the_connection),
        TEST(a_truncated_body_has_the_full_content_length),
        TEST(a_hanging_request_is_never_answered),
        TEST(a_delay_affects_one_answer_only),
        TEST(disconnects_during_a_delay),
        TEST(disconnects_from_hanging_requests_use_no_cpu),
        TEST(other_methods_are_refused),
        TEST(upgrades_are_refused),
        TEST(many_connections_are_counted),
        TEST(large_answers_in_parallel),
        TEST(disconnects_during_an_answer),
        TEST(a_large_answer_waits_for_a_slow_reader),
        TEST(invalid_requests),
        TEST(oversized_requests),
        TEST(a_client_that_leaves_within_a_head),
        TEST(a_long_header_arrives_whole),
        TEST(random_bytes),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
