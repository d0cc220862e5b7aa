#include "http_client.h"

#define OK_ "HTTP/1.1 200 OK\r\n"

static char many_headers[2048], large_header[40000];

static void make_large_answers(void)
{
    size_t used = (size_t)snprintf(many_headers, sizeof(many_headers), OK_);
    for (int i = 0; i <= HTTP_FIELDS_MAX; i++)
        used += (size_t)snprintf(many_headers + used, sizeof(many_headers) - used, "X: %d\r\n", i);
    snprintf(many_headers + used, sizeof(many_headers) - used, "\r\n");
    snprintf(large_header, sizeof(large_header), OK_ "X: %033000d\r\n\r\n", 0);
}

static void broken_answers(void **state)
{
    (void)state;
    make_large_answers();
    static const struct {
        const char *name;
        struct server_step step;
        enum http_outcome outcome;
        const char *words;
    } rows[] = {
        {"closed without an answer", {"", 0, 0, THEN_CLOSE}, HTTP_BROKEN, "connection broke"},
        {"reset", {"", 0, 0, THEN_RESET}, HTTP_BROKEN, "connection broke"},
        {"closed inside the headers", {OK_ "Content-Le", 0, 0, THEN_CLOSE}, HTTP_BROKEN, "headers"},
        {"closed after a header", {OK_ "Server: x\r\n", 0, 0, THEN_CLOSE}, HTTP_BROKEN, "headers"},
        {"with trailers",
         {OK_ "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n", 0, 0, THEN_KEEP},
         HTTP_OK,
         ""},
        {"closed inside the body",
         {OK_ "Content-Length: 9\r\n\r\nabc", 0, 0, THEN_CLOSE},
         HTTP_BROKEN,
         ""},
        {"closed inside a chunk",
         {OK_ "Transfer-Encoding: chunked\r\n\r\n9\r\nabc", 0, 0, THEN_CLOSE},
         HTTP_BROKEN,
         ""},
        {"not HTTP", {"SSH-2.0-OpenSSH_9.2\r\n", 0, 0, THEN_CLOSE}, HTTP_BROKEN, ""},
        {"invalid gzip",
         {OK_ "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", 0, 0, THEN_KEEP},
         HTTP_BROKEN,
         ""},
        {"no answer", {"", 0, 0, THEN_HANG}, HTTP_TIMEOUT, "no complete answer"},
        {"incomplete answer",
         {OK_ "Content-Length: 9\r\n\r\nabc", 0, 0, THEN_HANG},
         HTTP_TIMEOUT,
         ""},
        {"Content-Length too large",
         {OK_ "Content-Length: 5000\r\n\r\n", 0, 5000, THEN_KEEP},
         HTTP_TOO_LARGE,
         "larger than 4096 bytes"},
        {"too large without Content-Length",
         {OK_ "\r\n", 0, 5000, THEN_CLOSE},
         HTTP_TOO_LARGE,
         "4096"},
        {"too many headers", {many_headers, 0, 0, THEN_KEEP}, HTTP_TOO_LARGE, "128 headers"},
        {"headers too large", {large_header, 0, 0, THEN_KEEP}, HTTP_TOO_LARGE, "32768 bytes"},
        {"exactly the maximum",
         {OK_ "Content-Length: 4096\r\n\r\n", 0, 4096, THEN_KEEP},
         HTTP_OK,
         ""},
    };
    static struct server_step steps[T_COUNT(rows)];
    for (size_t i = 0; i < T_COUNT(rows); i++)
        steps[i] = rows[i].step;
    struct client c = client_start(steps, 400, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct call_record r = get(&c, (int)i);
        t_int(r.outcome, rows[i].outcome);
        t_contains(r.reason, rows[i].words);
        t_true(r.outcome == HTTP_OK || r.status == 0);
    }
    client_stop(&c);
}

/* 1 MiB of zeros in about a thousand bytes. */
static const unsigned char bomb_head[] = {0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x02, 0x03};

static size_t make_bomb(unsigned char *out)
{
    /* Stored as one literal 0 and 4064 matches of 258 bytes at distance 1, fixed Huffman codes. */
    size_t bits = 0;
    memset(out, 0, 8192);
    memcpy(out, bomb_head, sizeof(bomb_head));
    unsigned char *data = out + sizeof(bomb_head);
#define PUT(value, count)                                                                          \
    for (int put_i = 0; put_i < (count); put_i++, bits++)                                          \
    data[bits / 8] = (unsigned char)(data[bits / 8] | ((((value) >> put_i) & 1) << bits % 8))
    PUT(1, 1);    /* last block */
    PUT(1, 2);    /* fixed codes */
    PUT(0x0c, 8); /* literal 0: 00110000, most significant bit first */
    for (int i = 0; i < 4064; i++) {
        PUT(0xa3, 8); /* length 258: symbol 285, 11000101 */
        PUT(0, 5);    /* distance 1 */
    }
    PUT(0, 7); /* end of block */
#undef PUT
    return sizeof(bomb_head) + (bits + 7) / 8 + 8; /* the checksum is never read */
}

static void a_gzip_bomb_is_limited_by_its_uncompressed_size(void **state)
{
    (void)state;
    static char text[9000];
    static unsigned char bomb[8192];
    size_t size = make_bomb(bomb);
    int len = snprintf(text, sizeof(text),
                       OK_ "Content-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", size);
    memcpy(text + len, bomb, size);
    static struct server_step step;
    step = (struct server_step){text, (size_t)len + size, 0, THEN_KEEP};
    struct client c = client_start(&step, 5000, 1);
    struct call_record r;
    send_step(&c, &r, 0, (struct http_request){.body_max_bytes = 100000});
    wait_all(&c);
    t_true(size < 100000);
    t_int(r.outcome, HTTP_TOO_LARGE);
    client_stop(&c);
}

static void connection_errors(void **state)
{
    (void)state;
    static const struct {
        const char *name, *url;
        enum http_outcome outcome;
    } rows[] = {
        {"refused", "http://127.0.0.1:1/", HTTP_CONNECT},
        {"no such host", "http://cinta-no-such-host.invalid/", HTTP_RESOLVE},
        {"not a URL", "http://", HTTP_CONNECT},
        {"another scheme", "file:///etc/passwd", HTTP_CONNECT},
        {"empty URL", "", HTTP_CONNECT},
    };
    struct client c = client_start(NULL, 5000, 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct call_record r;
        t_row(rows[i].name);
        send_url(&c, &r, rows[i].url, (struct http_request){0});
        wait_all(&c);
        t_int(r.ends, 1);
        t_int(r.outcome, rows[i].outcome);
        t_true(*r.reason);
    }
    client_stop(&c);
}

static void cancelled_requests_end_once(void **state)
{
    (void)state;
    static const struct server_step hang = {"", 0, 0, THEN_HANG};
    static struct call_record records[20];
    struct client c = client_start(&hang, 60000, 4);
    send_url(&c, &records[0], "not a url",
             (struct http_request){0}); /* failed, done() not called yet */
    for (size_t i = 1; i < T_COUNT(records); i++)
        send_step(&c, &records[i], 0, (struct http_request){0});
    http_cancel_all(c.http);
    t_int(http_in_flight(c.http), 0);
    for (size_t i = 0; i < T_COUNT(records); i++) {
        t_int(records[i].ends, 1);
        t_int(records[i].outcome, HTTP_CANCELLED);
    }
    client_stop(&c);
}

static void destroy_cancels_requests(void **state)
{
    (void)state;
    static const struct server_step hang = {"", 0, 0, THEN_HANG};
    struct client c = client_start(&hang, 60000, 4);
    struct call_record r;
    send_step(&c, &r, 0, (struct http_request){0});
    http_destroy(c.http);
    c.http = NULL;
    t_int(r.ends, 1);
    t_int(r.outcome, HTTP_CANCELLED);
    loop_destroy(c.loop);
    server_stop(c.server);
}

static void a_failed_request_does_not_affect_the_next(void **state)
{
    (void)state;
    static const struct server_step steps[] = {
        {"", 0, 0, THEN_CLOSE},
        {OK_ "Content-Length: 2\r\n\r\nok", 0, 0, THEN_KEEP},
    };
    struct client c = client_start(steps, 5000, 1);
    for (int i = 0; i < 3; i++) {
        t_int(get(&c, 0).outcome, HTTP_BROKEN);
        struct call_record r = get(&c, 1);
        t_int(r.outcome, HTTP_OK);
        t_str(r.body, "ok");
        t_str(r.reason, "");
    }
    client_stop(&c);
}

static int count_of(const char *text, const char *words)
{
    int count = 0;
    for (const char *at = strstr(text, words); at; at = strstr(at + 1, words))
        count++;
    return count;
}

/* libcurl repeats a request whose reused connection broke, by itself up to five times. */
static void a_request_is_sent_at_most_twice(void **state)
{
    (void)state;
    static const struct server_step steps[] = {
        {OK_ "Content-Length: 4000000\r\n\r\n", 0, 4000000, THEN_KEEP}, /* long: none is reused */
        {"", 0, 0, THEN_RESET},
    };
    t_row("many kept connections");
    struct call_record records[16];
    struct client c = client_start(steps, 15000, 8);
    for (size_t i = 0; i < T_COUNT(records); i++)
        send_step(&c, &records[i], 0, (struct http_request){.body_max_bytes = 4000000});
    wait_all(&c);
    t_true(server_connections(c.server) > HTTP_SENDS_MAX);
    struct call_record r = get(&c, 1);
    t_int(count_of(server_seen(c.server), "GET /1 "), HTTP_SENDS_MAX);
    t_int(r.sends, HTTP_SENDS_MAX);
    t_int(r.outcome, HTTP_BROKEN);
    t_contains(r.reason, "ended the connection 2 times");
    client_stop(&c);
}

static void a_repeated_request_is_counted(void **state)
{
    (void)state;
    static const struct server_step steps[] = {
        {OK_ "Content-Length: 2\r\n\r\n{}", 0, 0, THEN_KEEP},
        {"", 0, 0, THEN_RESET},
    };
    struct client c = client_start(steps, 5000, 4);
    t_int(get(&c, 0).sends, 1);
    t_int(get(&c, 1).sends, 2); /* on the kept connection, then on a new one */
    t_int(get(&c, 1).sends, 1);
    t_int(count_of(server_seen(c.server), "GET /1 "), 3);
    client_stop(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_answers),
        cmocka_unit_test(a_gzip_bomb_is_limited_by_its_uncompressed_size),
        cmocka_unit_test(connection_errors),
        cmocka_unit_test(cancelled_requests_end_once),
        cmocka_unit_test(destroy_cancels_requests),
        cmocka_unit_test(a_failed_request_does_not_affect_the_next),
        cmocka_unit_test(a_request_is_sent_at_most_twice),
        cmocka_unit_test(a_repeated_request_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
