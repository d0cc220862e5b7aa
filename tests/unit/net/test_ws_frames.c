#include "net/ws_frames.h"

#include "support/t.h"

#include <errno.h>
#include <stdlib.h>

#define MAX_BYTES 2000

/* A connection in memory. */
struct wire {
    const char *in;
    size_t in_len, in_from;
    size_t chunk; /* bytes per recv */
    bool ends;    /* after the last byte: end of stream; else -EAGAIN */
    char out[8192];
    size_t out_len, out_room; /* out_room: bytes send() accepts before -EAGAIN */
    char texts[4096];         /* messages, each ended by '|' */
    int texts_count, pongs;
};

static ssize_t wire_recv(void *arg, void *data, size_t len)
{
    struct wire *w = arg;
    size_t left = w->in_len - w->in_from, some = left < w->chunk ? left : w->chunk;
    if (some > len)
        some = len;
    if (some == 0)
        return w->ends ? 0 : -EAGAIN;
    memcpy(data, w->in + w->in_from, some);
    w->in_from += some;
    return (ssize_t)some;
}

static ssize_t wire_send(void *arg, const void *data, size_t len)
{
    struct wire *w = arg;
    size_t room = w->out_room - w->out_len;
    if (len > room)
        len = room;
    if (len == 0)
        return -EAGAIN;
    memcpy(w->out + w->out_len, data, len);
    w->out_len += len;
    return (ssize_t)len;
}

static bool wire_text(void *arg, const char *text, size_t len)
{
    struct wire *w = arg;
    size_t used = strlen(w->texts);
    snprintf(w->texts + used, sizeof(w->texts) - used, "%.*s|", (int)len, text);
    w->texts_count++;
    return strncmp(text, "stop", 4) != 0;
}

static void wire_pong(void *arg, const void *data, size_t len)
{
    (void)data;
    (void)len;
    ((struct wire *)arg)->pongs++;
}

static struct ws_frames *open_wire(struct wire *w)
{
    const struct ws_frames_owner owner = {w, wire_recv, wire_send, wire_text, wire_pong};
    struct ws_frames *f = ws_frames_create(&owner, MAX_BYTES);
    t_true(f);
    return f;
}

/* The payload of the first frame that was sent, unmasked; its opcode. */
static int sent(const struct wire *w, char *payload)
{
    const unsigned char *o = (const unsigned char *)w->out;
    size_t len = o[1] & 0x7f;
    t_true(w->out_len >= 6 + len);
    t_true(o[1] & 0x80); /* clients must mask */
    for (size_t i = 0; i < len; i++)
        payload[i] = (char)(o[6 + i] ^ o[2 + i % 4]);
    payload[len] = '\0';
    return o[0] & 0x0f;
}

#define BYTES(text) text, sizeof(text) - 1

static const struct row {
    const char *name;
    const char *in;
    size_t in_len;
    bool ends;
    const char *texts;
    enum ws_frames_state state;
    int code;
} rows[] = {
    /* clang-format off */
    {"a text",                  BYTES("\x81\x02hi"), false, "hi|", WS_FRAMES_OPEN, 0},
    {"two in one read",         BYTES("\x81\x02hi\x81\x03you"), false, "hi|you|", WS_FRAMES_OPEN, 0},
    {"empty",                   BYTES("\x81\x00\x81\x01x"), false, "|x|", WS_FRAMES_OPEN, 0},
    {"fragments",               BYTES("\x01\x02he\x00\x01l\x80\x02lo"), false, "hello|", WS_FRAMES_OPEN, 0},
    {"a ping between fragments", BYTES("\x01\x02he\x89\x01p\x80\x03llo"), false, "hello|", WS_FRAMES_OPEN, 0},
    {"empty last fragment",     BYTES("\x01\x02he\x80\x00"), false, "he|", WS_FRAMES_OPEN, 0},
    {"an unsolicited pong",    BYTES("\x8a\x00\x81\x01x"), false, "x|", WS_FRAMES_OPEN, 0},
    {"length in too many bytes", BYTES("\x81\x7e\x00\x03" "abc"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"UTF-8",                   BYTES("\x81\x02\xc3\xb3"), false, "\xc3\xb3|", WS_FRAMES_OPEN, 0},
    {"UTF-8 over fragments",    BYTES("\x01\x01\xc3\x80\x01\xb3"), false, "\xc3\xb3|", WS_FRAMES_OPEN, 0},
    {"half a frame",            BYTES("\x81\x05hel"), false, "", WS_FRAMES_OPEN, 0},
    {"end of the stream",       BYTES("\x81\x02hi"), true, "hi|", WS_FRAMES_LOST, 0},
    {"end in a frame",          BYTES("\x81\x05hel"), true, "", WS_FRAMES_LOST, 0},
    {"nothing",                 BYTES(""), true, "", WS_FRAMES_LOST, 0},
    {"close frame",             BYTES("\x88\x02\x03\xe8"), false, "", WS_FRAMES_CLOSED, 1000},
    {"close with a reason",     BYTES("\x88\x05\x03\xe9" "bye"), true, "", WS_FRAMES_CLOSED, 1001},
    {"close without a code",    BYTES("\x88\x00"), false, "", WS_FRAMES_CLOSED, 1005},
    {"frames after it ignored", BYTES("\x88\x00\x81\x02hi"), false, "", WS_FRAMES_CLOSED, 1005},
    {"private code",            BYTES("\x88\x02\x0f\xa1"), false, "", WS_FRAMES_CLOSED, 4001},
    {"half a code",             BYTES("\x88\x01\x03"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"a code not allowed",      BYTES("\x88\x02\x03\xed"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"code 999",                BYTES("\x88\x02\x03\xe7"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"a reason not UTF-8",      BYTES("\x88\x03\x03\xe8\xff"), false, "", WS_FRAMES_VIOLATION, 1007},
    {"not UTF-8",               BYTES("\x81\x02\xc3\x28"), false, "", WS_FRAMES_VIOLATION, 1007},
    {"half a character",        BYTES("\x81\x01\xc3"), false, "", WS_FRAMES_VIOLATION, 1007},
    {"masked",                  BYTES("\x81\x82\x00\x00\x00\x00hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"RSV1",                    BYTES("\xc1\x02hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"RSV3",                    BYTES("\x91\x02hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"binary",                  BYTES("\x82\x02hi"), false, "", WS_FRAMES_VIOLATION, 1003},
    {"unknown data opcode",     BYTES("\x83\x02hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"unknown control opcode",  BYTES("\x8b\x02hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"fragmented ping",         BYTES("\x09\x01p"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"continuation of nothing",  BYTES("\x80\x02hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"a text within a text",    BYTES("\x01\x02he\x81\x02hi"), false, "", WS_FRAMES_VIOLATION, 1002},
    {"after a valid message",   BYTES("\x81\x02hi\x82\x01x\x81\x01y"), false, "hi|", WS_FRAMES_VIOLATION, 1002 + 1},
    {"too large",               BYTES("\x81\x7e\x07\xd1x"), false, "", WS_FRAMES_VIOLATION, 1009},
    {"63 bits of length",       BYTES("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx"), false, "", WS_FRAMES_VIOLATION, 1009},
    {"too large in pieces",     BYTES("\x01\x01x\x80\x7e\x07\xd0y"), false, "", WS_FRAMES_VIOLATION, 1009},
    {"the owner stops reading", BYTES("\x81\x04stop\x81\x02hi"), false, "stop|", WS_FRAMES_LOST, 0},
    /* clang-format on */
};

static void test_frames_in_all_chunks(void **state)
{
    static const size_t chunks[] = {1, 2, 3, 5, 4096};
    (void)state;
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        for (size_t c = 0; c < T_COUNT(chunks); c++) {
            const struct row *row = &rows[r];
            struct wire w = {.in = row->in,
                             .in_len = row->in_len,
                             .chunk = chunks[c],
                             .ends = row->ends,
                             .out_room = sizeof(w.out)};
            struct ws_frames *f = open_wire(&w);
            t_row(row->name);
            t_int(ws_frames_pump(f), row->state);
            t_str(w.texts, row->texts);
            t_int(ws_frames_code(f), row->code);
            t_int(ws_frames_pump(f), row->state); /* and does not change */
            ws_frames_destroy(f);
        }
    }
}

static void test_sends_the_close_code(void **state)
{
    (void)state;
    for (size_t r = 0; r < T_COUNT(rows); r++) {
        const struct row *row = &rows[r];
        char payload[128];
        struct wire w = {
            .in = row->in, .in_len = row->in_len, .chunk = 100, .out_room = sizeof(w.out)};
        if (row->state != WS_FRAMES_VIOLATION && row->state != WS_FRAMES_CLOSED)
            continue;
        struct ws_frames *f = open_wire(&w);
        t_row(row->name);
        ws_frames_pump(f);
        t_int(sent(&w, payload), 8);
        if (row->code != 1005)
            t_int((unsigned char)payload[0] << 8 | (unsigned char)payload[1], row->code);
        t_int(ws_frames_text(f, "x", 1), -ENOBUFS); /* nothing after a close frame */
        ws_frames_destroy(f);
    }
}

static void test_answers_pings(void **state)
{
    (void)state;
    char payload[128];
    struct wire w = {.in = "\x89\x04ping", .in_len = 6, .chunk = 2, .out_room = sizeof(w.out)};
    struct ws_frames *f = open_wire(&w);
    t_int(ws_frames_pump(f), WS_FRAMES_OPEN);
    t_int(sent(&w, payload), 10);
    t_str(payload, "ping");
    ws_frames_destroy(f);
}

static void test_sends_when_there_is_room(void **state)
{
    (void)state;
    char payload[128];
    struct wire w = {.in = "", .chunk = 1, .out_room = 3};
    struct ws_frames *f = open_wire(&w);
    t_int(ws_frames_text(f, "hello", 5), 0);
    ws_frames_pump(f);
    t_true(ws_frames_wants_room(f));
    w.out_room = sizeof(w.out);
    ws_frames_pump(f);
    t_true(!ws_frames_wants_room(f));
    t_int(sent(&w, payload), 1);
    t_str(payload, "hello");
    ws_frames_destroy(f);
}

/* A server that sends pings without reading gets a limited number of pongs. */
static void test_pongs_are_limited(void **state)
{
    (void)state;
    enum { PINGS = 20000 };
    char *in = malloc(PINGS * 127);
    for (int i = 0; i < PINGS; i++) {
        memset(in + i * 127, 'p', 127);
        memcpy(in + i * 127, "\x89\x7d", 2);
    }
    struct wire w = {.in = in, .in_len = PINGS * 127, .chunk = 65536, .out_room = 0};
    struct ws_frames *f = open_wire(&w);
    t_int(ws_frames_pump(f), WS_FRAMES_VIOLATION);
    ws_frames_destroy(f);
    free(in);
}

static void test_a_long_queue_is_refused(void **state)
{
    (void)state;
    struct wire w = {.in = "", .chunk = 1, .out_room = 0};
    struct ws_frames *f = open_wire(&w);
    char *text = calloc(1, WS_FRAMES_QUEUE_MAX);
    t_int(ws_frames_text(f, text, WS_FRAMES_QUEUE_MAX), 0);
    t_int(ws_frames_text(f, text, 1), -ENOBUFS);
    free(text);
    ws_frames_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_in_all_chunks),
        cmocka_unit_test(test_sends_the_close_code),
        cmocka_unit_test(test_answers_pings),
        cmocka_unit_test(test_sends_when_there_is_room),
        cmocka_unit_test(test_pongs_are_limited),
        cmocka_unit_test(test_a_long_queue_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
