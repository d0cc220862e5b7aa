#include "http_client.h"

#include <fcntl.h>

#define OK_ "HTTP/1.1 200 OK\r\n"

/* {"status":"OK"} */
static const unsigned char gzipped[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                        0x03, 0xab, 0x56, 0x2a, 0x2e, 0x49, 0x2c, 0x29, 0x2d,
                                        0x56, 0xb2, 0x52, 0xf2, 0xf7, 0x56, 0xaa, 0x05, 0x00,
                                        0xed, 0x1d, 0xfb, 0x4d, 0x0f, 0x00, 0x00, 0x00};

enum { PLAIN, POSTED, MOVED, CHUNKED, INTERIM, EMPTY, COOKIES, EARLY, TRAILED, STEPS };

static const struct server_step steps[STEPS] = {
    [PLAIN] = {OK_ "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", 0, 0, 0},
    [POSTED] = {OK_ "X-Auth-Token: abc=\r\nContent-Length: 0\r\n\r\n", 0, 0, 0},
    [MOVED] = {"HTTP/1.1 302 Found\r\nLocation: /0\r\nContent-Length: 0\r\n\r\n", 0, 0, 0},
    [CHUNKED] = {OK_ "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0, 0, 0},
    [INTERIM] = {"HTTP/1.1 103 Early Hints\r\n\r\n" OK_ "Content-Length: 1\r\n\r\nx", 0, 0, 0},
    [COOKIES] = {OK_ "Set-Cookie: a=1; Path=/\r\nX-Auth-Token: t\r\nset-cookie: b=2\r\n"
                     "Content-Length: 0\r\n\r\n",
                 0, 0, 0},
    [EARLY] = {"HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\n\r\n" OK_
               "Content-Length: 0\r\n\r\n",
               0, 0, 0},
    [TRAILED] = {OK_ "Transfer-Encoding: chunked\r\nX: 1\r\n\r\n0\r\nSet-Cookie: late=1\r\n\r\n", 0,
                 0, 0},
    [EMPTY] = {"HTTP/1.1 204 No Content\r\n\r\n", 0, 0, 0},
};

static void answers_are_complete(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 4);
    struct call_record r = get(&c, PLAIN);
    t_int(r.outcome, HTTP_OK);
    t_int(r.status, 200);
    t_str(r.type, "application/json");
    t_str(r.body, "{}");
    t_int(r.body_len, 2);
    t_str(r.reason, "");
    t_str(r.location, "");
    t_int(r.retry_after_ms, -1);
    t_str(get(&c, CHUNKED).body, "abcde");
    t_str(get(&c, INTERIM).body, "x");
    r = get(&c, EMPTY);
    t_int(r.status, 204);
    t_int(r.body_len, 0);
    client_stop(&c);
}

static void request_headers(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 1);
    struct http_headers *headers =
        http_headers_create((const char *const[]){"X-Auth-Token", "t0k3n==", NULL}, NULL);
    struct call_record r;
    send_step(&c, &r, PLAIN, (struct http_request){.headers = headers});
    http_headers_destroy(headers); /* the request keeps a reference */
    wait_all(&c);
    const char *seen = server_seen(c.server);
    t_contains(seen, "GET /0 HTTP/1.1\r\n");
    t_contains(seen, "X-Auth-Token: t0k3n==\r\n");
    t_contains(seen, "Accept: application/json\r\n");
    t_contains(seen, "Accept-Encoding: gzip\r\n");
    t_contains(seen, "User-Agent: cinta/");

    send_step(&c, &r, POSTED, (struct http_request){.method = HTTP_POST});
    wait_all(&c);
    seen = strstr(server_seen(c.server), "POST /1");
    t_contains(seen, "Content-Length: 0\r\n");
    t_true(!strstr(seen, "X-Auth-Token"));
    t_str(r.token, "abc=");

    get(&c, PLAIN); /* the same handle, no longer a POST */
    t_contains(strstr(server_seen(c.server), "POST /1"), "GET /0");
    client_stop(&c);
}

/* A target that is sent as it is, and those that libcurl reads, with one handle in turn. */
static void request_targets(void **state)
{
    (void)state;
    static const struct {
        const char *path, *sent; /* NULL: nothing is */
    } rows[] = {
        {"/0?symbol=DLR%2FDIC26&entries=BI,OF&depth=5",
         "GET /0?symbol=DLR%2FDIC26&entries=BI,OF&depth=5 HTTP/1.1\r\nHost: 127.0.0.1:"},
        {"/a/../0", "GET /0 HTTP/1.1\r\n"},
        {"/0?x=1#part", "GET /0?x=1 HTTP/1.1\r\n"},
        {"/0 HTTP/1.1\r\nX-Other: 1", NULL},
        {"/0?last", "GET /0?last HTTP/1.1\r\n"},
    };
    struct client c = client_start(steps, 5000, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char url[128];
        struct call_record r;
        size_t before = strlen(server_seen(c.server));
        t_row(rows[i].path);
        snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", c.server->port, rows[i].path);
        send_url(&c, &r, url, (struct http_request){0});
        wait_all(&c);
        t_int(r.outcome == HTTP_OK, rows[i].sent != NULL);
        t_contains(server_seen(c.server) + before, rows[i].sent ? rows[i].sent : "");
        t_true(rows[i].sent || !server_seen(c.server)[before]);
    }
    client_stop(&c);
}

/* The last request that the server received for /N. */
static const char *last_request(struct client *c, const char *start)
{
    const char *found = NULL, *at = server_seen(c->server);
    while ((at = strstr(at, start)))
        found = at++;
    assert_non_null(found);
    return found;
}

static void post_with_a_body(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 1);
    for (int secret = 0; secret < 2; secret++) {
        char body[] = "{\"username\":\"alice\"}", type[] = "application/json";
        struct http_request request = {.method = HTTP_POST,
                                       .content_type = type,
                                       .body = body,
                                       .body_len_bytes = strlen(body),
                                       .secret = secret};
        struct call_record r;
        send_step(&c, &r, POSTED, request);
        memset(body, 'x', sizeof(body) - 1); /* both were copied */
        memset(type, 'x', sizeof(type) - 1);
        wait_all(&c);
        t_int(r.outcome, HTTP_OK);
        const char *seen = last_request(&c, "POST /1");
        t_contains(seen, "Content-Length: 20\r\n");
        t_contains(seen, "Content-Type: application/json\r\n");
        t_contains(seen, "Accept: application/json\r\n");
        t_contains(seen, "\r\n\r\n{\"username\":\"alice\"}");
    }
    get(&c, PLAIN); /* the same handle: neither body nor type remain */
    t_true(!strstr(last_request(&c, "GET /0"), "Content-"));
    struct call_record r;
    send_step(&c, &r, POSTED, (struct http_request){.method = HTTP_POST});
    wait_all(&c);
    t_contains(last_request(&c, "POST /1"), "Content-Length: 0\r\n");
    t_true(!strstr(last_request(&c, "POST /1"), "alice"));
    client_stop(&c);
}

static void a_body_may_contain_nul(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 1);
    struct call_record r;
    send_step(&c, &r, POSTED,
              (struct http_request){.method = HTTP_POST, .body = "a\0b", .body_len_bytes = 3});
    wait_all(&c);
    t_contains(last_request(&c, "POST /1"), "Content-Length: 3\r\n");
    client_stop(&c);
}

static void invalid_content_types_are_not_sent(void **state)
{
    (void)state;
    static char long_type[300];
    memset(long_type, 'x', sizeof(long_type) - 1);
    const char *const types[] = {"text/plain\r\nX-Evil: 1", "text/plain\n", long_type};
    struct client c = client_start(steps, 5000, 1);
    for (size_t i = 0; i < T_COUNT(types); i++) {
        struct call_record r;
        send_step(&c, &r, POSTED,
                  (struct http_request){.method = HTTP_POST, .content_type = types[i]});
        wait_all(&c);
        t_int(r.ends, 1);
        t_int(r.outcome, HTTP_BROKEN);
        t_int(r.sends, 0);
    }
    t_int(server_connections(c.server), 0);
    client_stop(&c);
}

static void several_cookies(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 1);
    struct http_headers *headers = http_headers_create(
        (const char *const[]){NULL}, (const char *const[]){"key", "a.b.c", "SERVERID", "x1", NULL});
    struct call_record r;
    send_step(&c, &r, COOKIES, (struct http_request){.headers = headers});
    wait_all(&c);
    http_headers_destroy(headers);
    t_contains(last_request(&c, "GET /6"), "Cookie: key=a.b.c; SERVERID=x1\r\n");
    t_str(r.cookies, "a=1; Path=/|b=2|");
    t_str(r.token, "t");
    get(&c, PLAIN);
    t_true(!strstr(last_request(&c, "GET /0"), "Cookie")); /* none is kept */
    client_stop(&c);
}

static void only_headers_of_the_final_answer_count(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 1);
    t_str(get(&c, COOKIES).cookies, "a=1; Path=/|b=2|");
    t_str(get(&c, EARLY).cookies, "");
    t_str(get(&c, TRAILED).cookies, "");
    t_str(get(&c, PLAIN).cookies, "");
    client_stop(&c);
}

static void connections_are_kept(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 2);
    for (int i = 0; i < 5; i++)
        get(&c, PLAIN);
    t_int(server_connections(c.server), 1);

    struct call_record r;
    send_step(&c, &r, POSTED, (struct http_request){.method = HTTP_POST, .secret = true});
    wait_all(&c);
    t_int(server_connections(c.server), 2); /* the secret request used its own connection */
    get(&c, PLAIN);
    t_int(server_connections(c.server), 2);
    client_stop(&c);
}

static void connections_are_not_inherited(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 2);
    int seen = 0;
    get(&c, PLAIN);
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in peer;
        socklen_t len = sizeof(peer);
        if (getpeername(fd, (struct sockaddr *)&peer, &len) || peer.sin_family != AF_INET ||
            ntohs(peer.sin_port) != c.server->port)
            continue;
        t_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        seen++;
    }
    t_int(seen, 1);
    client_stop(&c);
}

static void redirects_are_reported_not_followed(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 1);
    struct call_record r = get(&c, MOVED);
    t_int(r.outcome, HTTP_OK);
    t_int(r.status, 302);
    t_str(r.location, "/0");
    t_true(!strstr(server_seen(c.server), "GET /0"));
    client_stop(&c);
}

static void retry_after_formats(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t min_ms, max_ms;
    } rows[] = {
        {"Retry-After: 7\r\n", 7000, 7000},
        {"Retry-After: 0\r\n", 0, 0},
        {"retry-after: 3\r\n", 3000, 3000},
        {"", -1, -1},
        {"Retry-After: soon\r\n", -1, -1},
        {"Retry-After: -5\r\n", -1, -1},
        {"Retry-After: 99999999999\r\n", 900000, 900000},
        {"Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", 900000, 900000},
        {"Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n", -1, -1},
    };
    static char texts[T_COUNT(rows)][256];
    static struct server_step scripted[T_COUNT(rows)];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        snprintf(texts[i], sizeof(texts[i]),
                 "HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 0\r\n\r\n", rows[i].value);
        scripted[i] = (struct server_step){.bytes = texts[i]};
    }
    struct client c = client_start(scripted, 5000, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].value);
        struct call_record r = get(&c, (int)i);
        t_int(r.status, 429);
        t_true(r.retry_after_ms >= rows[i].min_ms && r.retry_after_ms <= rows[i].max_ms);
    }
    client_stop(&c);
}

static void gzip_is_decompressed(void **state)
{
    (void)state;
    static char text[256];
    int len =
        snprintf(text, sizeof(text), OK_ "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                 sizeof(gzipped));
    memcpy(text + len, gzipped, sizeof(gzipped));
    static struct server_step step;
    step = (struct server_step){text, (size_t)len + sizeof(gzipped), 0, THEN_KEEP};
    struct client c = client_start(&step, 5000, 1);
    t_str(get(&c, 0).body, "{\"status\":\"OK\"}");
    client_stop(&c);
}

static void concurrent_requests_end_once_each(void **state)
{
    (void)state;
    static struct call_record records[300];
    struct client c = client_start(steps, 15000, 4);
    for (size_t i = 0; i < T_COUNT(records); i++)
        send_step(&c, &records[i], i % 2 ? PLAIN : CHUNKED, (struct http_request){0});
    t_int(http_in_flight(c.http), T_COUNT(records));
    wait_all(&c);
    for (size_t i = 0; i < T_COUNT(records); i++) {
        t_int(records[i].ends, 1);
        t_int(records[i].outcome, HTTP_OK);
        t_str(records[i].body, i % 2 ? "{}" : "abcde");
    }
    t_true(server_connections(c.server) <= 4);
    client_stop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_complete),
        cmocka_unit_test(request_headers),
        cmocka_unit_test(request_targets),
        cmocka_unit_test(post_with_a_body),
        cmocka_unit_test(a_body_may_contain_nul),
        cmocka_unit_test(invalid_content_types_are_not_sent),
        cmocka_unit_test(several_cookies),
        cmocka_unit_test(only_headers_of_the_final_answer_count),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(connections_are_not_inherited),
        cmocka_unit_test(redirects_are_reported_not_followed),
        cmocka_unit_test(retry_after_formats),
        cmocka_unit_test(gzip_is_decompressed),
        cmocka_unit_test(concurrent_requests_end_once_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
