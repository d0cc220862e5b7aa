#include "serve/http_head.h"

#include "support/t.h"

#include <stdlib.h>

#define GET "GET / HTTP/1.1\r\n"

static void heads(void **state)
{
    (void)state;
    static const struct {
        const char *name, *data;
        enum http_head_state state;
        size_t rest; /* bytes after the head */
    } rows[] = {
        {"nothing yet", "", HTTP_HEAD_INCOMPLETE, 0},
        {"a method begins", "GE", HTTP_HEAD_INCOMPLETE, 0},
        {"a request line", GET, HTTP_HEAD_INCOMPLETE, 0},
        {"half a header", GET "Host: 127", HTTP_HEAD_INCOMPLETE, 0},
        {"half of the end", GET "Host: a\r\n\r", HTTP_HEAD_INCOMPLETE, 0},
        {"complete", GET "Host: a\r\n\r\n", HTTP_HEAD_COMPLETE, 0},
        {"no headers", GET "\r\n", HTTP_HEAD_COMPLETE, 0},
        {"only LF", "GET / HTTP/1.1\nHost: a\n\n", HTTP_HEAD_COMPLETE, 0},
        {"a binary body follows", "POST /x HTTP/1.1\r\n\r\n\x01\x02\xff", HTTP_HEAD_COMPLETE, 3},
        {"another request follows", GET "\r\n" GET, HTTP_HEAD_COMPLETE, 16},
        {"raw blanks", "GET /x?s=A - B - C HTTP/1.1\r\n\r\n", HTTP_HEAD_COMPLETE, 0},
        {"UTF-8", "GET /\xc3\xb3 HTTP/1.1\r\nA: \xe2\x82\xac\r\n\r\n", HTTP_HEAD_COMPLETE, 0},
        {"TLS", "\x16\x03\x01\x02", HTTP_HEAD_INVALID, 0},
        {"lower case", "get / HTTP/1.1\r\n\r\n", HTTP_HEAD_INVALID, 0},
        {"an empty line first", "\r\nGET", HTTP_HEAD_INVALID, 0},
        {"a method that does not end", "GETGETGETGETGETGETGET", HTTP_HEAD_INVALID, 0},
        {"a control character in the target", "GET /\x01 HTTP/1.1\r\n\r\n", HTTP_HEAD_INVALID, 0},
        {"a control character in a header", GET "A: \x7f\r\n\r\n", HTTP_HEAD_INVALID, 0},
        {"a tab in a header", GET "A:\tb\r\n\r\n", HTTP_HEAD_COMPLETE, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        size_t len = strlen(rows[i].data);
        struct http_head head = http_head_scan(rows[i].data, len);
        t_row(rows[i].name);
        t_int(head.state, rows[i].state);
        if (head.state == HTTP_HEAD_COMPLETE)
            t_int(head.len_bytes, len - rows[i].rest);
    }
    t_row("a NUL");
    t_int(http_head_scan(GET "A: \0\r\n\r\n", sizeof(GET) + 7).state, HTTP_HEAD_INVALID);
}

/* However a head arrives, it is complete with its last byte and not before. */
static void every_length(void **state)
{
    (void)state;
    static const char text[] = GET "Host: a\r\nX: y\r\n\r\n";
    for (size_t len = 0; len < sizeof(text) - 1; len++)
        t_int(http_head_scan(text, len).state, HTTP_HEAD_INCOMPLETE);
    t_int(http_head_scan(text, sizeof(text) - 1).state, HTTP_HEAD_COMPLETE);
}

static enum http_head_state of_size(size_t target, size_t header, int headers)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_puts(&text, "GET /");
    for (size_t i = 0; i < target; i++)
        buf_puts(&text, "x");
    buf_puts(&text, " HTTP/1.1\r\n");
    for (int n = 0; n < headers; n++) {
        buf_puts(&text, "A: ");
        for (size_t i = 0; i < header; i++)
            buf_puts(&text, "y");
        buf_puts(&text, "\r\n");
    }
    buf_puts(&text, "\r\n");
    enum http_head_state state = http_head_scan(text.data, text.len_bytes).state;
    buf_finish(&text);
    return state;
}

static void limits(void **state)
{
    (void)state;
    t_int(of_size(8000, 10, 1), HTTP_HEAD_COMPLETE);
    t_int(of_size(8200, 10, 1), HTTP_HEAD_TOO_LONG);
    t_int(of_size(10, 12000, 2), HTTP_HEAD_COMPLETE); /* such as cookies */
    t_int(of_size(10, 12300, 2), HTTP_HEAD_TOO_LONG);
    t_int(of_size(10, 10, HTTP_HEAD_HEADERS), HTTP_HEAD_COMPLETE);
    t_int(of_size(10, 10, HTTP_HEAD_HEADERS + 1), HTTP_HEAD_TOO_LONG);
}

static void absolute_targets(void **state)
{
    (void)state;
    static const struct {
        const char *head, *expected; /* NULL: not rewritten */
    } rows[] = {
        {GET "\r\n", NULL},
        {"GET http://h:80/a?b HTTP/1.1\r\nA: b\r\n\r\n", "GET /a?b HTTP/1.0\r\nA: b\r\n\r\n"},
        {"GET HTTPS://h/ HTTP/1.1\n\n", "GET / HTTP/1.0\n\n"},
        {"GET http://h HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"},
        {"GET http://h?x=1 HTTP/1.1\r\n\r\n", "GET /?x=1 HTTP/1.0\r\n\r\n"},
        {"GET http://h/a b HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.0\r\n\r\n"},
        {"GET http://h/a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"},
        {"GET http://h\r\n\r\n", "GET /\r\n\r\n"},
        {"GET /http://h/ HTTP/1.1\r\n\r\n", NULL},
        {"GET\r\n\r\n", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 4096);
        t_row(rows[i].head);
        t_int(http_head_rewrite(&out, rows[i].head, strlen(rows[i].head)),
              rows[i].expected != NULL);
        if (rows[i].expected)
            t_str(buf_text(&out), rows[i].expected);
        buf_finish(&out);
    }
}

static void encoded_pluses_of_an_upgrade(void **state)
{
    (void)state;
#define UPGRADE " HTTP/1.1\r\nUPGRADE: websocket\r\n\r\n"
    static const struct {
        const char *head, *expected; /* NULL: not rewritten */
    } rows[] = {
        {"GET /ws?a=x%2By%2b%2F+&b=%252B" UPGRADE, "GET /ws?a=x%01y%01%2F+&b=%252B" UPGRADE},
        {"GET ws://h/ws?a=%2B" UPGRADE, "GET /ws?a=%01 HTTP/1.0\r\nUPGRADE: websocket\r\n\r\n"},
        {"GET /%2B?a=1" UPGRADE, NULL},
        {"GET /ws?a=%2" UPGRADE, NULL},
        {"GET /ws?a=x+y" UPGRADE, NULL},
        {"GET /ws?a=%2B HTTP/1.1\r\nX-Upgrade: y\r\n\r\n", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 4096);
        t_row(rows[i].head);
        t_int(http_head_rewrite(&out, rows[i].head, strlen(rows[i].head)),
              rows[i].expected != NULL);
        if (rows[i].expected)
            t_str(buf_text(&out), rows[i].expected);
        buf_finish(&out);
    }
}

static void bodies(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool body;
    } rows[] = {
        {GET "\r\n", false},
        {GET "Content-Length: 0\r\n\r\n", false},
        {GET "content-length:\t000\r\n\r\n", false},
        {GET "CONTENT-LENGTH: 10\r\n\r\n", true},
        {GET "content-length: x\r\n\r\n", true},
        {GET "A: b\r\nTransfer-Encoding: chunked\r\n\r\n", true},
        {GET "X-Content-Length: 5\r\n\r\n", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].head);
        t_int(http_head_has_body(rows[i].head, strlen(rows[i].head)), rows[i].body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads),
        cmocka_unit_test(every_length),
        cmocka_unit_test(limits),
        cmocka_unit_test(absolute_targets),
        cmocka_unit_test(encoded_pluses_of_an_upgrade),
        cmocka_unit_test(bodies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
