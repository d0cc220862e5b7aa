#include "net/ws_opening.h"

#include "support/t.h"

#include <errno.h>
#include <stdbool.h>

/* RFC 6455's example: nonce, key and accept value. */
static const unsigned char nonce[WS_NONCE_BYTES] = "the sample nonce";
#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define GOOD                                                                                       \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n"

static void begin(struct ws_opening *o)
{
    struct ws_address address;
    t_int(ws_address_init(&address, "wss://h.test/ws?session_id=s3cret", NULL), 0);
    struct http_headers *headers =
        http_headers_create((const char *const[]){"Origin", "https://h.test", NULL},
                            (const char *const[]){"key", "a.b.c", "SERVERID", "x1", NULL});
    t_int(ws_opening_begin(o, &address, headers, nonce), 0);
    http_headers_destroy(headers);
    ws_address_finish(&address);
}

/* Gives the answer in chunks; stops at the first state that is not WAITS or REFUSED. */
static enum ws_opening_state feed(struct ws_opening *o, const char *text, size_t chunk,
                                  struct err *err)
{
    size_t left = strlen(text);
    while (left && (o->state == WS_OPENING_WAITS || o->state == WS_OPENING_REFUSED)) {
        size_t room, some = left < chunk ? left : chunk;
        char *at = ws_opening_room(o, &room);
        t_true(room > 0);
        some = some < room ? some : room;
        memcpy(at, text, some);
        ws_opening_received(o, some, 0, err);
        text += some;
        left -= some;
    }
    return o->state;
}

static void the_request_is_sent_in_parts_and_wiped(void **state)
{
    (void)state;
    struct ws_opening o;
    char all[1024] = "";
    size_t left;
    begin(&o);
    const char *text = ws_opening_to_send(&o, &left);
    while (left) {
        size_t some = left < 7 ? left : 7;
        strncat(all, text, some);
        t_true(o.request.data != NULL);
        ws_opening_sent(&o, some);
        text = ws_opening_to_send(&o, &left);
    }
    t_contains(all, "GET /ws?session_id=s3cret HTTP/1.1\r\nHost: h.test\r\n");
    t_contains(all, "Sec-WebSocket-Key: " KEY "\r\n");
    t_contains(all, "Origin: https://h.test\r\nCookie: key=a.b.c; SERVERID=x1\r\n");
    t_contains(all, "\r\n\r\n");
    assert_null(o.request.data); /* nothing is left to show */
    ws_opening_finish(&o);
}

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        enum ws_opening_state state;
        int status;
        const char *body, *rest, *words; /* words: of INVALID */
    } rows[] = {
        {"101", GOOD, WS_OPENING_OPEN, 101, "", "", NULL},
        {"101 and frames", GOOD "\x81\x02hi", WS_OPENING_OPEN, 101, "", "\x81\x02hi", NULL},
        {"103 before it", "HTTP/1.1 103 Early Hints\r\n\r\n" GOOD "x", WS_OPENING_OPEN, 101, "",
         "x", NULL},
        {"two interim answers", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: a\r\n\r\n" GOOD,
         WS_OPENING_OPEN, 101, "", "", NULL},
        {"half a head", "HTTP/1.1 101 S\r\nUpgrade: w", WS_OPENING_WAITS, 0, "", "", NULL},
        {"refused, whole body", "HTTP/1.1 401 U\r\nContent-Length: 4\r\n\r\nnope", WS_OPENING_ENDED,
         401, "nope", "", NULL},
        {"refused, half the body", "HTTP/1.1 401 U\r\nContent-Length: 9\r\n\r\nnope",
         WS_OPENING_REFUSED, 401, "nope", "", NULL},
        {"refused, no body", "HTTP/1.1 302 F\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
         WS_OPENING_ENDED, 302, "", "", NULL},
        {"refused, unknown length", "HTTP/1.1 503 S\r\n\r\nwait", WS_OPENING_REFUSED, 503, "wait",
         "", NULL},
        {"not HTTP", "SSH-2.0-x\r\n\r\n", WS_OPENING_INVALID, 0, "", "", "not HTTP/1.1"},
        {"another key",
         "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: x\r\n\r\n",
         WS_OPENING_INVALID, 101, "", "", "does not match the key"},
    };
    static const size_t chunks[] = {1, 5, 100000};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        for (size_t c = 0; c < T_COUNT(chunks); c++) {
            struct ws_opening o;
            struct err err = {0};
            char rest[64] = "";
            t_row(rows[i].name);
            begin(&o);
            t_int(feed(&o, rows[i].text, chunks[c], &err), rows[i].state);
            t_int(o.answer.status, rows[i].status);
            t_str(o.answer.body, rows[i].body);
            if (rows[i].words)
                t_contains(err.text, rows[i].words);
            if (o.state == WS_OPENING_OPEN && chunks[c] > 100) {
                while (ws_opening_rest(&o, rest + strlen(rest), 2)) /* two bytes at a time */
                    ;
                t_str(rest, rows[i].rest);
            }
            ws_opening_finish(&o);
        }
    }
}

static void sizes_are_limited(void **state)
{
    (void)state;
    static char text[2 * WS_HEAD_MAX];
    struct ws_opening o;
    struct err err = {0};
    size_t used = (size_t)snprintf(text, sizeof(text), "HTTP/1.1 101 S\r\nX: ");
    memset(text + used, 'x', sizeof(text) - used - 1);
    begin(&o);
    t_int(feed(&o, text, 1000, &err), WS_OPENING_INVALID);
    t_str(err.text, "the headers of the answer are too long");
    ws_opening_finish(&o);

    used = (size_t)snprintf(text, sizeof(text), "HTTP/1.1 502 B\r\nContent-Length: 9999\r\n\r\n");
    memset(text + used, 'y', sizeof(text) - used - 1);
    begin(&o);
    t_int(feed(&o, text, 100, &err), WS_OPENING_ENDED);
    t_int(o.answer.body_len_bytes, WS_BODY_KEPT);
    ws_opening_finish(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_sent_in_parts_and_wiped),
        cmocka_unit_test(answers),
        cmocka_unit_test(sizes_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
