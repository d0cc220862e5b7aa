#include "net/ws_handshake.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>

/* RFC 6455 section 1.3 */
#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define GOOD(rest)                                                                                 \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: " ACCEPT "\r\n" rest "\r\n"

static void test_the_example_of_the_rfc(void **state)
{
    (void)state;
    char key[WS_KEY_TEXT], accept[WS_KEY_TEXT];
    ws_handshake_key(key, (const unsigned char *)"the sample nonce");
    t_str(key, KEY);
    ws_handshake_accept(accept, key);
    t_str(accept, ACCEPT);
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *url, *http, *host, *target; /* http NULL: refused */
    } rows[] = {
        {"wss://api.broker.test/", "https://api.broker.test/", "api.broker.test", "/"},
        {"ws://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080", "/"},
        {"WSS://h:443/a/b?c=d", "https://h:443/a/b?c=d", "h:443", "/a/b?c=d"},
        {"ws://[::1]:99/x", "http://[::1]:99/x", "[::1]:99", "/x"},
        {"https://h/", NULL, NULL, NULL},
        {"ws://", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct ws_address a;
        struct err err;
        t_row(rows[i].url);
        int rc = ws_address_init(&a, rows[i].url, &err);
        t_int(rc, rows[i].http ? 0 : -EINVAL);
        if (rc)
            continue;
        t_str(a.http_url, rows[i].http);
        t_str(a.host, rows[i].host);
        t_str(a.target, rows[i].target);
        ws_address_finish(&a);
    }
}

static void test_errors_show_no_secret(void **state)
{
    (void)state;
    static const struct {
        const char *url, *words;
    } rows[] = {
        {"https://h/ws?session_id=s3cret",
         "'https://h/ws?session_id=***' is not a ws:// or wss:// URL"},
        {"wss://u:s3cret@:0:1/?conn_id=s3cret", "'wss://***@:0:1/?conn_id=***' is not a valid URL"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct ws_address a;
        struct err err;
        t_row(rows[i].url);
        t_int(ws_address_init(&a, rows[i].url, &err), -EINVAL);
        t_str(err.text, rows[i].words);
    }
}

static void test_the_request(void **state)
{
    (void)state;
    static const char *const lines[] = {"X-Auth-Token: abc=", NULL};
    struct ws_address a;
    struct buf out;
    buf_init(&out, 4096);
    t_int(ws_address_init(&a, "ws://h:1/p?q=1", NULL), 0);
    ws_handshake_request(&out, &a, KEY, lines);
    t_contains(buf_text(&out), "GET /p?q=1 HTTP/1.1\r\nHost: h:1\r\n");
    t_contains(buf_text(&out), "\r\nSec-WebSocket-Key: " KEY "\r\n");
    t_contains(buf_text(&out), "\r\nX-Auth-Token: abc=\r\n\r\n");
    t_true(!strstr(buf_text(&out), "Extensions")); /* no extension is requested */
    ws_address_finish(&a);
    buf_finish(&out);
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *head, *words; /* words NULL: valid */
    } rows[] = {
        {"good", GOOD(""), NULL},
        {"other case, lists, spaces",
         "HTTP/1.1 101 \r\nUPGRADE: foo , WebSocket\r\nconnection:keep-alive,UPGRADE\r\n"
         "sec-websocket-accept:   " ACCEPT " \r\n\r\n",
         NULL},
        {"lists over several lines",
         "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: keep-alive\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
         NULL},
        {"bare line feeds",
         "HTTP/1.1 101 X\nUpgrade: websocket\nConnection: upgrade\nSec-WebSocket-Accept: " ACCEPT
         "\n\n",
         NULL},
        {"no upgrade",
         "HTTP/1.1 101 X\r\nConnection: upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
         "Upgrade: websocket"},
        {"upgrade to something else",
         "HTTP/1.1 101 X\r\nUpgrade: websockets\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
         "Upgrade: websocket"},
        {"no connection", "HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n", "Connection: Upgrade"},
        {"no accept", "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
         "no Sec-WebSocket-Accept"},
        {"accept of another key",
         "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
         "Sec-WebSocket-Accept: t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         "does not match the key"},
        {"an extension", GOOD("Sec-WebSocket-Extensions: permessage-deflate\r\n"), "extension"},
        {"a subprotocol", GOOD("Sec-WebSocket-Protocol: chat\r\n"), "subprotocol"},
        {"empty headers", GOOD("Sec-WebSocket-Extensions: \r\nSec-WebSocket-Protocol:\r\n"), NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct ws_answer answer;
        struct err err = {0};
        size_t len = strlen(rows[i].head);
        t_row(rows[i].name);
        t_int(ws_head_len(rows[i].head, len), len);
        t_int(ws_answer_read(&answer, rows[i].head, len, 0, &err), 0);
        t_int(answer.status, 101);
        t_int(ws_handshake_check(rows[i].head, len, KEY, &err), rows[i].words ? -EPROTO : 0);
        if (rows[i].words)
            t_contains(err.text, rows[i].words);
    }
}

static void test_refusals_are_kept(void **state)
{
    (void)state;
    static const char head[] =
        "HTTP/1.1 302 Found\r\nlocation: /login?x=s3cret\r\nContent-Type: text/html\r\n"
        "Retry-After: 17\r\nContent-Length: 5\r\n\r\nhello";
    struct ws_answer a;
    size_t len = ws_head_len(head, sizeof(head) - 1);
    t_int(len, sizeof(head) - 1 - 5);
    t_int(ws_answer_read(&a, head, len, 0, NULL), 0);
    t_int(a.status, 302);
    t_str(a.location, "/login?x=s3cret");
    t_str(a.content_type, "text/html");
    t_int(a.retry_after_ms, 17000);
    t_int(a.content_length, 5);
    t_str(a.head, "HTTP/1.1 302 Found\r\nLocation: /login?x=***\r\nContent-Type: text/html\r\n"
                  "Retry-After: 17\r\nContent-Length: 5\r\n\r\n");
}

static void test_retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        int64_t ms;
    } rows[] = {
        {"HTTP/1.1 503 X\r\n\r\n", -1},
        {"HTTP/1.1 503 X\r\nRetry-After:\r\n\r\n", -1},
        {"HTTP/1.1 503 X\r\nretry-after: 99999999999\r\n\r\n", 900000},
        {"HTTP/1.1 503 X\r\nRetry-After: Thu, 01 Jan 1970 00:00:09 GMT\r\n\r\n", 9000},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct ws_answer a;
        t_row(rows[i].head);
        t_int(ws_answer_read(&a, rows[i].head, strlen(rows[i].head), 0, NULL), 0);
        t_int(a.retry_after_ms, rows[i].ms);
    }
}

static void test_answers_that_are_not_http(void **state)
{
    (void)state;
    static const char *const heads[] = {"SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/2 200\r\n\r\n",
                                        "HTTP/1.1 2x0 OK\r\n\r\n",   "HTTP/1.1 99 X\r\n\r\n",
                                        "HTTP/1.1 2000 X\r\n\r\n",   "\r\n\r\n",
                                        "HTTP/1.1\r\n\r\n"};
    for (size_t i = 0; i < T_COUNT(heads); i++) {
        struct ws_answer a;
        struct err err;
        t_row(heads[i]);
        t_int(ws_answer_read(&a, heads[i], strlen(heads[i]), 0, &err), -EBADMSG);
        t_int(a.status, 0);
        t_int(a.retry_after_ms, -1);
        t_int(a.content_length, -1);
    }
    t_int(ws_head_len("HTTP/1.1 101 X\r\nA: b\r\n", 22), 0);
    t_int(ws_head_len("\n", 1), 0);
}

/* Twelve bytes end in the status, so the byte after it must not be read. */
static void test_the_shortest_heads(void **state)
{
    (void)state;
    static const char text[] = "HTTP/1.1 200\n";
    for (size_t len = 0; len < sizeof(text); len++) {
        struct ws_answer a;
        char *head = malloc(len);
        memcpy(head, text, len);
        t_int(ws_answer_read(&a, head, len, 0, NULL), len < 13 ? -EBADMSG : 0);
        free(head);
    }
}

/* The kept head is cut inside a line that has no room. */
static void test_a_long_head_is_cut(void **state)
{
    (void)state;
    static const size_t lens[] = {4094, 4095, 4096, 4097, 5000}, breaks[] = {200, 4090, 4095, 4096};
    for (size_t i = 0; i < T_COUNT(lens); i++) {
        for (size_t k = 0; k < T_COUNT(breaks); k++) {
            char head[5001] = "HTTP/1.1 200 OK\nX: ";
            struct ws_answer a;
            memset(head + 19, 'x', lens[i] - 19);
            head[lens[i] - 1] = '\n';
            if (breaks[k] < lens[i])
                head[breaks[k] - 1] = '\n';
            t_int(ws_answer_read(&a, head, lens[i], 0, NULL), 0);
            head[lens[i] < 4095 ? lens[i] : 4095] = '\0';
            t_str(a.head, head);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_example_of_the_rfc),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_errors_show_no_secret),
        cmocka_unit_test(test_the_request),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_refusals_are_kept),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_answers_that_are_not_http),
        cmocka_unit_test(test_the_shortest_heads),
        cmocka_unit_test(test_a_long_head_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
