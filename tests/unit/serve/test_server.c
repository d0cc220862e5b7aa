#include "server_fixture.h"

/* --- requests --------------------------------------------------------------------------------- */

static void a_connection_is_kept_and_counted(void **state)
{
    struct running *r = *state;
    int fd = dial(r);
    t_true(server_port(r->server) > 0);
    for (int i = 0; i < 50; i++)
        check_body(fd, "x", "GET x|||");
    t_int(stats(r).http.requests, 50);
    t_int(r->stats.connections, 1);
    t_int(r->stats.http.in_flight, 0);
    t_int(r->stats.http.max_in_flight, 1);
    int other = dial(r);
    check_body(other, "x", "GET x|||");
    check_body(fd, "x", "GET x|||");
    t_int(stats(r).http.requests, 52);
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
        {"path only",            "GET /rest/x HTTP/1.1\r\n", "GET rest/x|||"},
        {"the root",             "GET / HTTP/1.1\r\n", "GET |||"},
        {"a POST",               "POST /auth/getToken HTTP/1.1\r\nContent-Length: 0\r\n",
                                 "POST auth/getToken|||"},
        {"user and password",    "POST /t HTTP/1.1\r\nX-Username: alice\r\nX-Password: s3cret\r\n"
                                 "Content-Length: 0\r\n", "POST t|alice|s3cret|"},
        {"lower case",           "POST /t HTTP/1.1\r\nx-username: alice\r\nx-password: s3cret\r\n"
                                 "Content-Length: 0\r\n", "POST t|alice|s3cret|"},
        {"upper case",           "GET /t HTTP/1.1\r\nX-USERNAME: alice\r\nX-PASSWORD: s3cret\r\n"
                                 "X-AUTH-TOKEN: abc\r\n", "GET t|alice|s3cret|abc"},
        {"special characters",   "GET /t HTTP/1.1\r\nX-Password: p:=+ /%20\"\\;,{}~\r\n",
                                 "GET t||p:=+ /%20\"\\;,{}~|"},
        {"a token in base64",    "GET /t HTTP/1.1\r\nX-Auth-Token: 3q2+7w/BAg=\r\n",
                                 "GET t|||3q2+7w/BAg="},
        {"other headers",        "GET /t HTTP/1.1\r\nAccept: application/json\r\nX-User: no\r\n"
                                 "User-Agent: test\r\nX-Auth-Token: abc\r\nX-More: 1\r\n",
                                 "GET t|||abc"},
        {"headers by name",      "GET /t?headers=host,ORIGIN,Cookie,x-own,X-Absent HTTP/1.1\r\n"
                                 "Origin: http://a.b:1\r\nCookie: a=b; c=\"d\"\r\nX-Own: 7\r\n",
                                 "GET t||||headers=host,ORIGIN,Cookie,x-own,X-Absent|x|http://a.b:1"
                                 "|a=b; c=\"d\"|7|"},
        {"parameters",           "GET /t?a=1&b=&c=3 HTTP/1.1\r\n", "GET t||||a=1|b=|c=3"},
        {"a space as %20",       "GET /t?s=MERV%20-%20XMEV HTTP/1.1\r\n", "GET t||||s=MERV - XMEV"},
        {"a space as +",         "GET /t?s=MERV+-+XMEV HTTP/1.1\r\n", "GET t||||s=MERV - XMEV"},
        {"a slash as %2F",       "GET /t?s=DLR%2FDIC26 HTTP/1.1\r\n", "GET t||||s=DLR/DIC26"},
        {"lower case hex digits", "GET /t?s=DLR%2fDIC26 HTTP/1.1\r\n", "GET t||||s=DLR/DIC26"},
        {"a slash unescaped",    "GET /t?s=DLR/DIC26 HTTP/1.1\r\n", "GET t||||s=DLR/DIC26"},
        {"commas",               "GET /t?e=BI,OF%2CLA HTTP/1.1\r\n", "GET t||||e=BI,OF,LA"},
        {"%25 is decoded once",  "GET /t?s=%2520 HTTP/1.1\r\n", "GET t||||s=%20"},
        {"UTF-8",                "GET /t?s=D%C3%B3lar HTTP/1.1\r\n", "GET t||||s=D\xc3\xb3lar"},
        {"= in a value",         "GET /t?s=a=b HTTP/1.1\r\n", "GET t||||s=a=b"},
        {"a name without value is ignored", "GET /t?a&b=2 HTTP/1.1\r\n", "GET t||||b=2"},
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

static void requests_in_pieces_are_joined(void **state)
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
            stats(r); /* the loop has run since */
        }
        t_true(read_answer(fd, &a));
        t_str(buf_text(&a.body), "GET t|||abc|s=DLR/DIC26|e=BI");
        close(fd);
    }
    buf_finish(&a.body);
}

static void read_head_text(int fd, char *out, size_t size)
{
    size_t len = 0;
    while (len + 1 < size && (len < 4 || memcmp(out + len - 4, "\r\n\r\n", 4) != 0))
        t_int(recv(fd, out + len++, 1, 0), 1);
    out[len] = '\0';
}

static void head_is_answered_like_get_without_the_body(void **state)
{
    static const struct {
        const char *path, *status, *length;
    } rows[] = {
        {"bytes/5000", "HTTP/1.1 200 ", "content-length: 5000\r\n"},
        {"bytes/300000", "HTTP/1.1 200 ", "content-length: 300000\r\n"},
        {"status/503", "HTTP/1.1 503 ", "content-length: 2\r\n"},
        {"slow/20/3000", "HTTP/1.1 200 ", "content-length: 3000\r\n"},
        {"inside", "HTTP/1.1 201 ", "content-length: 6\r\n"},
    };
    struct running *r = *state;
    struct answer a;
    char text[1000];
    make_answer(&a);
    int fd = dial(r);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].path);
        snprintf(text, sizeof(text), "HEAD /%s HTTP/1.1\r\nHost: x\r\n\r\n", rows[i].path);
        say(fd, text);
        read_head_text(fd, text, sizeof(text));
        t_int(strncmp(text, rows[i].status, strlen(rows[i].status)), 0);
        t_contains(text, rows[i].length);
        say(fd, "GET /t HTTP/1.1\r\nHost: x\r\n\r\n");
        t_true(read_answer(fd, &a)); /* the next bytes are those of the next answer */
        t_str(buf_text(&a.body), "GET t|||");
    }
    close(fd);
    wait_in_flight(r, 0);
    buf_finish(&a.body);
}

static void the_body_of_a_post_is_ignored(void **state)
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
    if (TAKES_REQUESTS_AHEAD) {
        t_true(read_answer(fd, &a));
        t_str(buf_text(&a.body), "GET next|||");
    }
    close(fd);
    buf_finish(&a.body);
}

static void a_body_that_is_read(void **state)
{
    static const char *const pieces[] = {"POST /t?a=1&headers=Cookie HTTP/1.1\r\nHost: x\r\n",
                                         "Cookie: c=1\r\nContent-Length: 20\r\n\r\n{\"user",
                                         "\":\"", "a\",\"b\":\"c\"}"};
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    for (int round = 0; round < 2; round++) { /* on one connection */
        for (size_t i = 0; i < T_COUNT(pieces); i++) {
            say(fd, pieces[i]);
            stats(r); /* the loop has run since */
        }
        t_true(read_answer(fd, &a));
        t_str(buf_text(&a.body),
              "POST t||||a=1|headers=Cookie|c=1|20 bytes: {\"user\":\"a\",\"b\":\"c\"}");
        check_body(fd, "next", "GET next|||");
    }
    say(fd, "POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "POST t|||");
    close(fd);
    buf_finish(&a.body);
}

static void a_body_that_is_too_large(void **state)
{
    struct running *r = *state;
    int fd = dial(r);
    say(fd, "POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n");
    t_str(ending(fd), "closed");
    close(fd);
    t_int(stats(r).http.requests, 0);
}

static void a_body_that_does_not_come(void **state)
{
    struct running *r = *state;
    int fd = dial(r), other = dial(r);
    say(fd, "POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1");
    check_body(other, "t", "GET t|||");
    t_int(stats(r).http.in_flight, 0);
    close(fd);
    check_body(other, "t", "GET t|||");
    stop_loop(r); /* with a connection that waits for its body */
    close(other);
}

static void short_answers_to_pipelined_requests(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    say(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 1|||");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 2|||");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 3|||");
    close(fd);
    buf_finish(&a.body);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    say(fd, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /bytes/100000 HTTP/1.1\r\nHost: x\r\n\r\n"
            "GET /slow/5/7 HTTP/1.1\r\nHost: x\r\n\r\nGET /4 HTTP/1.1\r\nHost: x\r\n\r\n");
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 1|||");
    if (!TAKES_REQUESTS_AHEAD) {
        t_true(!read_answer(fd, &a)); /* the connection is closed */
        close(fd);
        buf_finish(&a.body);
        return;
    }
    t_true(read_answer(fd, &a));
    check_pattern(&a.body, 100000);
    t_true(read_answer(fd, &a));
    check_pattern(&a.body, 7);
    t_true(read_answer(fd, &a));
    t_str(buf_text(&a.body), "GET 4|||");
    t_int(stats(r).http.requests, 4);
    t_int(r->stats.http.max_in_flight, 1);
    close(fd);
    buf_finish(&a.body);
}

static void connection_close(void **state)
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

static void too_many_parameters(void **state)
{
    char path[400] = "t?", expected[400] = "GET t|||";
    struct running *r = *state;
    int fd = dial(r);
    for (int i = 0; i < 40; i++) {
        char one[32];
        snprintf(one, sizeof(one), "%sp%d=%d", i ? "&" : "", i, i);
        strcat(path, one);
        snprintf(one, sizeof(one), "|p%d=%d", i, i);
        if (i < WEB_PARAMS_MAX)
            strcat(expected, one);
    }
    check_body(fd, path, expected);
    close(fd);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void bodies_of_all_sizes(void **state)
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
    t_int(r->stats.http.in_flight, 0);
    close(fd);
    buf_finish(&a.body);
}

static void headers_of_the_answer(void **state)
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
    t_contains(a.head, "a=1\r\n");
    t_contains(a.head, "b=2\r\n");
    t_true(!strstr(a.head, "evil") && !strstr(a.head, "added"));
    get(fd, "x"); /* the next answer must not repeat them */
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

static void listens_on_the_given_address_only(void **state)
{
    struct running *r = *state; /* on 127.0.0.1 */
    struct sockaddr_in other = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)server_port(r->server)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1)};
    struct sockaddr_in6 ours6 = {
        .sin6_family = AF_INET6, .sin6_port = other.sin_port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    t_true(connect(fd, (struct sockaddr *)&other, sizeof(other)) != 0);
    close(fd);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    t_true(fd < 0 || connect(fd, (struct sockaddr *)&ours6, sizeof(ours6)) != 0);
    if (fd >= 0)
        close(fd);
}

static int listen_at(struct server **out, struct loop *loop, const char *host, int port,
                     struct err *err)
{
    const struct server_parts parts = {
        .loop = loop, .address = {.host = host, .port = port}, .handler = on_request};
    return server_create(out, &parts, err);
}

static void an_address_of_another_machine_is_refused(void **state)
{
    struct server *server = NULL;
    struct loop *loop = loop_create();
    struct err err;
    (void)state;
    t_int(listen_at(&server, loop, "203.0.113.7", 0, &err), -EADDRNOTAVAIL);
    t_contains(err.text, "203.0.113.7:0: this machine has no such address");
    assert_null(server);
    loop_destroy(loop);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void a_port_in_use_is_reported(void **state)
{
    struct running *r = *state;
    struct server *second = NULL;
    struct err err = {0};
    struct loop *loop = loop_create();
    int port = server_port(r->server);
    t_int(listen_at(&second, loop, "127.0.0.1", port, &err), -EADDRINUSE);
    t_true(second == NULL);
    t_contains(err.text, "127.0.0.1");
    t_contains(err.text, "in use");
    t_row("not an address");
    t_true(listen_at(&second, loop, "nonsense", 0, &err) < 0);
    t_contains(err.text, "nonsense");
    loop_destroy(loop);
    still_serves(r);
}

static void two_servers_share_a_loop(void **state)
{
    struct server *a, *b;
    struct loop *loop = loop_create();
    (void)state;
    t_int(listen_at(&a, loop, "127.0.0.1", 0, NULL), 0);
    t_int(listen_at(&b, loop, "127.0.0.1", 0, NULL), 0);
    t_true(server_port(a) != server_port(b));
    server_destroy(a);
    server_destroy(b);
    server_destroy(NULL);
    loop_destroy(loop);
}

static void destroy_with_connections_in_every_state(void **state)
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
    const struct CMUnitTest tests[] = {
        TEST(a_connection_is_kept_and_counted),
        TEST(requests_reach_the_handler),
        TEST(requests_in_pieces_are_joined),
        TEST(head_is_answered_like_get_without_the_body),
        TEST(the_body_of_a_post_is_ignored),
        cmocka_unit_test_setup_teardown(a_body_that_is_read, start_reading, finish),
        cmocka_unit_test_setup_teardown(a_body_that_is_too_large, start_reading, finish),
        cmocka_unit_test_setup_teardown(a_body_that_does_not_come, start_reading, finish),
        TEST(short_answers_to_pipelined_requests),
        TEST(pipelined_requests_are_answered_in_order),
        TEST(connection_close),
        TEST(too_many_parameters),
        TEST(bodies_of_all_sizes),
        TEST(headers_of_the_answer),
        TEST(every_status_keeps_the_connection),
        TEST(listens_on_the_given_address_only),
        cmocka_unit_test(an_address_of_another_machine_is_refused),
        TEST(a_port_in_use_is_reported),
        cmocka_unit_test(two_servers_share_a_loop),
        TEST(destroy_with_connections_in_every_state),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
