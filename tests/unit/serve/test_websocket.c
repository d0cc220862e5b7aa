#include "serve/shared_frame.h"
#include "ws_fixture.h"

#define STALL_MS 300

/* --- handlers --------------------------------------------------------------------------------- */

static struct websocket *last_opened;
static int opened, closed_count;

static void on_opened(void *arg, struct websocket *socket)
{
    (void)arg;
    opened++;
    last_opened = socket;
}

static void on_closed(void *arg, struct websocket *socket)
{
    (void)arg;
    closed_count++;
    if (last_opened == socket)
        last_opened = NULL;
}

static void send_pattern(struct websocket *socket, size_t len)
{
    struct buf body;
    buf_init(&body, 32 * MIB);
    put_pattern(&body, len);
    websocket_send(socket, buf_text(&body), body.len_bytes);
    buf_finish(&body);
}

static _Atomic int keyed_count; /* of the last send_keyed(), when all are sent or wait */

static void put_keyed(struct websocket *socket, int n, size_t len)
{
    static char text[65536];
    memset(text, ' ', len);
    text[snprintf(text, len, "%d:%d", n % 10, n)] = ' ';
    struct shared_frame *frame = shared_frame_create(text, len);
    websocket_put_newest(socket, n % 10, frame);
    shared_frame_unref(frame);
}

/* Frames with the keys 0 to 9 in turn. */
static void send_keyed(struct websocket *socket, int count, size_t len)
{
    for (int n = 0; n < count; n++) {
        put_keyed(socket, n, len);
        websocket_flush(socket);
    }
    keyed_count = count;
}

static _Atomic int crowd_count, rooms; /* frames until it was crowded; calls of room() */

static void on_room(void *arg, struct websocket *socket)
{
    (void)arg;
    t_true(!websocket_crowded(socket));
    rooms++;
}

static void send_until_crowded(struct websocket *socket)
{
    int n = 0;
    for (; !websocket_crowded(socket); n++) {
        put_keyed(socket, n % 10, 60000);
        websocket_flush(socket);
    }
    crowd_count = n;
}

/* Ten frames that are sent together, with sizes up to `most`, and a text after them. */
static void send_together(struct websocket *socket, size_t most)
{
    for (int n = 0; n < 10; n++)
        put_keyed(socket, n, most - (size_t)n * most / 10);
    websocket_send(socket, "after", 5);
}

/* --- outside of the callbacks of libwebsockets --- */

static struct loop_timer *leaving; /* while "leave" is in effect */

/* A frame and the close frame at once. */
static void on_leave(void *arg)
{
    if (last_opened == arg) {
        put_keyed(arg, 1, 100);
        websocket_close(arg, 4322, "the reason");
    }
    loop_timer_destroy(leaving);
}

/* --- a frame in each turn of the loop --- */

static struct loop_timer *ticking; /* while "ticks" is in effect */
static _Atomic int ticks;

static void on_tick(void *arg)
{
    ticks++;
    if (last_opened == arg)
        websocket_send(arg, "tick", 4);
    loop_timer_set(ticking, 1);
}

/* "bytes/N", "keyed/N", "together/N", "large", "close/CODE", "leave",
 * "fragmented", "binary", "raw", "drip", "reset", "drop", "deaf", "leave", "busy/MS"; other text is
 * sent back. */
static void on_text(void *arg, struct websocket *socket, const char *text, size_t len)
{
    long n = 0;
    (void)arg;
    if (sscanf(text, "bytes/%ld", &n) == 1)
        send_pattern(socket, (size_t)n);
    else if (sscanf(text, "keyed/%ld", &n) == 1)
        send_keyed(socket, (int)n, 1024);
    else if (sscanf(text, "together/%ld", &n) == 1)
        send_together(socket, (size_t)n);
    else if (strcmp(text, "crowd") == 0)
        send_until_crowded(socket);
    else if (strcmp(text, "ticks") == 0) {
        ticking = loop_timer_create(handler.loop, on_tick, socket);
        loop_timer_set(ticking, 0);
    } else if (strcmp(text, "large") == 0)
        send_keyed(socket, 10, 65536);
    else if (strcmp(text, "leave") == 0) {
        leaving = loop_timer_create(handler.loop, on_leave, socket);
        loop_timer_set(leaving, 0);
    } else if (sscanf(text, "close/%ld", &n) == 1)
        websocket_close(socket, (int)n, "the reason");
    else if (strcmp(text, "fragmented") == 0)
        websocket_send_odd(socket, WEBSOCKET_FRAGMENTED, "abcdefghijklmnop", 16);
    else if (strcmp(text, "binary") == 0)
        websocket_send_odd(socket, WEBSOCKET_BINARY, "abc", 3);
    else if (strcmp(text, "raw") == 0)
        websocket_send_odd(socket, WEBSOCKET_RAW, "\xc1\x01x", 3);
    else if (strcmp(text, "drip") == 0)
        websocket_send_odd(socket, WEBSOCKET_DRIP, "\x81\x05hello", 7);
    else if (strcmp(text, "reset") == 0)
        websocket_reset(socket);
    else if (strcmp(text, "drop") == 0)
        websocket_drop(socket);
    else if (strcmp(text, "deaf") == 0)
        websocket_deafen(socket);
    else
        websocket_send(socket, text, len);
}

static bool on_upgrade(void *arg, const struct web_request *request, struct web_answer *answer,
                       enum web_action *action)
{
    (void)arg;
    if (!*request->path)
        return true;
    web_put(answer, 401, "text/plain", "no");
    web_add_header(answer, "x-why", web_header(request, "Origin"));
    web_add_header(answer, "x-id", web_param(request, "id") ? web_param(request, "id") : "");
    *action = strcmp(request->path, "reset") == 0 ? WEB_RESET : WEB_SEND;
    return false;
}

/* The server with websockets: a client may keep 1 MiB waiting, and STALL_MS without progress. */
static int start_ws(void **state)
{
    int rc = start(state);
    struct running *r = *state;
    opened = closed_count = 0;
    stop_loop(r);
    server_take_websockets(r->server, &(struct websocket_handlers){
                                          .upgrade = on_upgrade,
                                          .opened = on_opened,
                                          .text = on_text,
                                          .closed = on_closed,
                                          .room = on_room,
                                          .queue_bytes = MIB,
                                          .stall_ms = STALL_MS,
                                      });
    r->stopped = false;
    return rc ? rc : pthread_create(&r->thread, NULL, run, r);
}

static int closed_after_turn(struct running *r)
{
    stats(r); /* the loop has run since, so the counter may be read */
    return closed_count;
}

static void wait_closed(struct running *r, int count)
{
    int64_t until_ms = clock_now().mono_ms + PATIENCE_S * 1000;
    while (closed_after_turn(r) != count) {
        if (clock_now().mono_ms > until_ms)
            fail_msg("%s: %d closed, expected %d", t_row_name, closed_count, count);
    }
}

/* --- messages --------------------------------------------------------------------------------- */

static void messages_go_both_ways(void **state)
{
    static char text[60000];
    struct running *r = *state;
    int fd = dial_ws(r);
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof(text), "message %d", i);
        ws_say(fd, text);
        check_text(fd, text);
    }
    memset(text, 'x', sizeof(text) - 1);
    ws_say(fd, text);
    check_text(fd, text);
    ws_send(fd, 0x01, "in ", 3); /* in three fragments */
    ws_send(fd, 0x00, "three ", 6);
    ws_send(fd, 0x80, "parts", 5);
    check_text(fd, "in three parts");
    close(fd);
    wait_closed(r, 1);
    t_int(opened, 1);
    still_serves(r);
}

/* Sizes with each encoding of the length, below and above what is sent in one system call; a pong
 * is sent between two frames. */
static void frames_that_are_sent_together(void **state)
{
    static const size_t sizes[] = {100, 130, 1000, 20000, 65536};
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r);
    for (size_t i = 0; i < T_COUNT(sizes); i++) {
        char text[40];
        snprintf(text, sizeof(text), "together/%zu", sizes[i]);
        t_row(text);
        ws_send(fd, WS_PING, "p", 1);
        ws_say(fd, text);
        int frames = 0, pongs = 0;
        while (frames < 11 || pongs < 1) {
            t_true(ws_read(fd, &f));
            if (f.first == WS_PONG) {
                pongs++;
                continue;
            }
            t_int(f.first, WS_TEXT);
            if (frames == 10)
                t_str(buf_text(&f.data), "after");
            else {
                t_int(f.data.len_bytes, sizes[i] - (size_t)frames * sizes[i] / 10);
                t_int(atoi(buf_text(&f.data)), frames);
            }
            frames++;
        }
        t_int(frames, 11);
    }
    close(fd);
    wait_closed(r, 1);
    buf_finish(&f.data);
}

static void refused_upgrades(void **state)
{
    struct running *r = *state;
    struct answer a;
    make_answer(&a);
    int fd = dial(r);
    upgrade(fd, "elsewhere", "Origin: http://o\r\n");
    t_true(read_answer(fd, &a));
    t_int(a.status, 401);
    t_contains(a.head, "HTTP/1.1 401 ");
    t_contains(a.head, "x-why: http://o\r\n");
    t_str(buf_text(&a.body), "no");
    close(fd);
    fd = dial(r);
    upgrade(fd, "ids?id=A%2Bb+c%2Fd%3D/e//f/../g=%2F%2F%2F.%2F..&x=1", "");
    t_true(read_answer(fd, &a));
    t_contains(a.head, "x-id: A+b c/d=/e//f/../g=///./..\r\n"); /* only '+' is a blank */
    close(fd);
    fd = dial(r);
    upgrade(fd, "reset", "");
    t_str(ending(fd), "reset");
    close(fd);
    t_int(opened, 0);
    still_serves(r);
    buf_finish(&a.body);
}

static void protocol_violations_end_with_their_code(void **state)
{
    static const struct row {
        const char *name;
        const char *frames; /* masked with zeros */
        size_t len_bytes;
        int code; /* 0: it ends without a close frame */
    } rows[] = {
#define MASK         "\0\0\0\0"
#define FRAMES(text) (text), sizeof(text) - 1
        {"binary", FRAMES("\x82\x83" MASK "abc"), 1003},
        {"not UTF-8", FRAMES("\x81\x82" MASK "\xc3\x28"), 1007},
        {"not UTF-8, in fragments", FRAMES("\x01\x81" MASK "\xc3\x80\x81" MASK "("), 1007},
        {"ends within a character", FRAMES("\x81\x81" MASK "\xc3"), 1007},
        {"compressed, which is not agreed on", FRAMES("\xc1\x81" MASK "a"), 1002},
        {"reserved bits", FRAMES("\xb1\x81" MASK "a"), 1002},
        {"reserved opcode", FRAMES("\x83\x81" MASK "a"), 1002},
        {"reserved control opcode", FRAMES("\x8b\x80" MASK), 1002},
        {"continues nothing", FRAMES("\x80\x81" MASK "a"), 1002},
        {"a text within a text", FRAMES("\x01\x81" MASK "a\x81\x81" MASK "b"), 1002},
        {"ping in fragments", FRAMES("\x09\x81" MASK "a"), 1002},
        {"half a close code", FRAMES("\x88\x81" MASK "\x03"), 1002},
        {"a code that is never sent", FRAMES("\x88\x82" MASK "\x03\xed"), 1002},
        {"a code beyond all", FRAMES("\x88\x82" MASK "\x13\x88"), 1002},
        {"a reason that is not UTF-8", FRAMES("\x88\x83" MASK "\x03\xe8\xff"), 1007},
        {"a valid close frame",
         FRAMES("\x88\x85" MASK "\x03\xe8"
                "bye"),
         1000},
        {"a ping of 126 bytes", FRAMES("\x89\xfe\x00\x7e" MASK), 0},
        {"a negative length", FRAMES("\x81\xff\x80\0\0\0\0\0\0\1" MASK "a"), 0},
#undef FRAMES
#undef MASK
    };
    struct running *r = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int fd = dial_ws(r);
        say_bytes(fd, rows[i].frames, rows[i].len_bytes);
        t_int(close_code(fd), rows[i].code);
        close(fd);
    }
    wait_closed(r, T_COUNT(rows));
}

/* Not after all of it: the frame announces 2 MiB, or 4 EB, and 4 KiB of it are sent. */
static void a_message_that_is_too_large_ends_at_once(void **state)
{
    static const char *const heads[] = {"\x81\xff\0\0\0\0\0\x20\0\0\0\0\0",
                                        "\x81\xff\x40\0\0\0\0\0\0\0\0\0\0"};
    static char text[4096];
    struct running *r = *state;
    memset(text, 'x', sizeof(text));
    for (size_t i = 0; i < T_COUNT(heads); i++) {
        int fd = dial_ws(r);
        say_bytes(fd, heads[i], 14);
        say_bytes(fd, text, sizeof(text));
        t_int(close_code(fd), 1009);
        close(fd);
    }
    wait_closed(r, T_COUNT(heads));
}

/* RFC 6455 section 5.5.1. The server sends a frame in each turn of the loop; the client does not
 * answer the close frame, so that the connection lasts. */
static void nothing_follows_a_close_frame(void **state)
{
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r);
    ws_say(fd, "ticks");
    check_text(fd, "tick");
    ws_send(fd, 0x83, "", 0);
    do
        t_true(ws_read(fd, &f));
    while (f.first == WS_TEXT);
    t_int(f.first, WS_CLOSE);
    int before = ticks;
    while (ticks < before + 10)
        stats(r);
    shutdown(fd, SHUT_WR);
    t_str(ending(fd), "closed");
    close(fd);
    wait_closed(r, 1);
    buf_finish(&f.data);
}

static void closing_sends_what_waits_and_then_the_code(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r);
    ws_say(fd, "before");
    ws_say(fd, "close/4321");
    check_text(fd, "before");
    t_int(close_code(fd), 4321);
    close(fd);
    wait_closed(r, 1);
}

static void a_frame_and_the_close_frame_of_one_turn(void **state)
{
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r);
    ws_say(fd, "leave");
    t_true(ws_read(fd, &f));
    t_int(f.first, WS_TEXT);
    t_int(close_code(fd), 4322);
    close(fd);
    wait_closed(r, 1);
    buf_finish(&f.data);
}

static void a_client_that_does_not_read_the_close_frame_is_disconnected(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r);
    for (int n = 0; n < 8; n++)
        ws_say(fd, "bytes/1000000"); /* more than the sockets hold: the close frame must wait */
    ws_say(fd, "close/1000");
    wait_closed(r, 1);
    close(fd);
}

static void odd_frames(void **state)
{
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r);
    ws_say(fd, "fragmented");
    t_true(ws_read(fd, &f));
    t_int(f.first, 0x01);
    t_str(buf_text(&f.data), "abcdefg");
    t_true(ws_read(fd, &f));
    t_int(f.first, WS_PING);
    t_true(ws_read(fd, &f));
    t_int(f.first, 0x00);
    t_true(ws_read(fd, &f));
    t_int(f.first, 0x80);
    ws_say(fd, "binary");
    t_true(ws_read(fd, &f));
    t_int(f.first, 0x82);
    ws_say(fd, "drip");
    check_text(fd, "hello");
    ws_say(fd, "raw");
    t_true(ws_read(fd, &f));
    t_int(f.first, 0xc1);
    ws_say(fd, "and on");
    check_text(fd, "and on");
    close(fd);
    buf_finish(&f.data);
}

static void endings_on_purpose(void **state)
{
    static const char *const rows[][2] = {{"reset", "reset"}, {"drop", "closed"}};
    struct running *r = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i][0]);
        int fd = dial_ws(r);
        ws_say(fd, rows[i][0]);
        t_str(ending(fd), rows[i][1]);
        close(fd);
        wait_closed(r, (int)i + 1);
    }
}

static void a_deaf_one_neither_answers_nor_uses_the_loop(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r);
    ws_say(fd, "deaf");
    stats(r);
    unsigned turns = r->turns;
    ws_say(fd, "anybody?");
    ws_send(fd, WS_PING, "p", 1);
    for (int i = 0; i < 20; i++)
        still_serves(r);
    struct pollfd any = {.fd = fd, .events = POLLIN};
    t_int(poll(&any, 1, 0), 0);
    stats(r);
    t_true(r->turns - turns < 1000);
    close(fd);
    still_serves(r);
}

/* --- slow clients ----------------------------------------------------------------------------- */

static void a_slow_client_gets_the_newest_of_each_key(void **state)
{
    enum { FRAMES = 40000 }; /* much more than the sockets and the queue hold */
    struct running *r = *state;
    struct ws_frame f;
    int newest[10] = {0}, frames = 0, complete = 0;
    make_frame(&f);
    int fd = dial_ws(r);
    keyed_count = 0;
    ws_say(fd, "keyed/40000");
    while (keyed_count < FRAMES)
        stats(r);
    ws_say(fd, "end");
    while (complete == 0 && ws_read(fd, &f)) {
        int key, n;
        if (strcmp(buf_text(&f.data), "end") == 0) {
            complete = 1;
        } else {
            t_int(sscanf(buf_text(&f.data), "%d:%d", &key, &n), 2);
            t_int(n % 10, key);
            t_true(n >= newest[key]); /* never an older one */
            newest[key] = n;
            frames++;
        }
    }
    t_true(complete);
    t_true(frames < FRAMES / 2);
    for (int key = 0; key < 10; key++)
        t_int(newest[key], FRAMES - 10 + key);
    close(fd);
    buf_finish(&f.data);
}

/* Has this text sent back, and reads until it comes. */
static void read_up_to(int fd, struct ws_frame *f, const char *text)
{
    ws_say(fd, text);
    do
        t_true(ws_read(fd, f));
    while (strcmp(buf_text(&f->data), text) != 0);
}

static void room_is_told_when_a_crowded_client_has_read_all(void **state)
{
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    rooms = crowd_count = 0;
    int fd = dial_ws(r);
    ws_say(fd, "crowd");
    while (crowd_count == 0)
        stats(r);
    t_true(crowd_count > 2);
    t_int(rooms, 0);
    read_up_to(fd, &f, "last"); /* all that waits */
    while (rooms == 0)
        stats(r);
    read_up_to(fd, &f, "more");
    t_int(rooms, 1); /* once */
    close(fd);
    wait_closed(r, 1);
    buf_finish(&f.data);
}

static void a_full_queue_disconnects(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r), other = dial_ws(r);
    for (int n = 0; n < 12; n++)
        ws_say(fd, "bytes/1000000");
    wait_closed(r, 1);
    ws_say(other, "still here");
    check_text(other, "still here");
    close(fd);
    close(other);
}

static void a_client_without_progress_is_disconnected(void **state)
{
    struct running *r = *state;
    static const char large[] = "\x81\x85\0\0\0\0large"; /* a masked frame */
    int fd = dial_ws(r), other = dial_ws(r);
    int64_t until_ms = clock_now().mono_ms + PATIENCE_S * 1000;
    int small =
        16384; /* else the kernel may take tens of megabytes for a client that does not read */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    /* Fills the sockets; its queue cannot become full. */
    while (closed_after_turn(r) == 0) {
        send(fd, large, sizeof(large) - 1, MSG_NOSIGNAL);
        ws_say(other, "in between"); /* is not delayed */
        check_text(other, "in between");
        t_true(clock_now().mono_ms < until_ms);
    }
    ws_say(other, "still here");
    check_text(other, "still here");
    close(fd);
    close(other);
}

/* Takes a piece in each fraction of the time, for several times as long altogether. */
static void a_client_that_reads_slowly_stays(void **state)
{
    static char piece[65536];
    const struct timespec fraction = {.tv_nsec = STALL_MS / 4 * 1000000L};
    int small = 16384;
    struct running *r = *state;
    struct ws_frame f;
    make_frame(&f);
    int fd = dial_ws(r);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    ws_say(fd, "bytes/900000");
    ws_say(fd, "keyed/3000");
    for (int n = 0; n < 12; n++) {
        t_true(recv(fd, piece, sizeof(piece), 0) > 0);
        nanosleep(&fraction, NULL); /* the test needs time to pass */
    }
    stats(r);
    t_int(closed_count, 0);
    close(fd);
    wait_closed(r, 1);
    buf_finish(&f.data);
}

static void a_thousand_clients(void **state)
{
    enum { CLIENTS = 1000 };
    static int fds[CLIENTS];
    struct running *r = *state;
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = dial_ws(r);
    for (int i = 0; i < CLIENTS; i++)
        ws_say(fds[i], "hello");
    for (int i = CLIENTS - 1; i >= 0; i--)
        check_text(fds[i], "hello");
    for (int i = 0; i < CLIENTS; i++)
        close(fds[i]);
    wait_closed(r, CLIENTS);
    still_serves(r);
}

static void the_server_is_destroyed_with_clients(void **state)
{
    struct running *r = *state;
    int fd = dial_ws(r), full = dial_ws(r);
    char byte;
    for (int n = 0; n < 5; n++)
        ws_say(full, "bytes/1000000");
    ws_say(fd, "hello");
    check_text(fd, "hello");
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    t_int(closed_count, 2);
    t_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
    close(full);
}

static int finish_ws(void **state)
{
    stop_loop(*state);
    loop_timer_destroy(ticking);
    ticking = NULL;
    return finish(state);
}

#define WS_TEST(test) cmocka_unit_test_setup_teardown(test, start_ws, finish_ws)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WS_TEST(messages_go_both_ways),
        WS_TEST(frames_that_are_sent_together),
        WS_TEST(refused_upgrades),
        WS_TEST(protocol_violations_end_with_their_code),
        WS_TEST(a_message_that_is_too_large_ends_at_once),
        WS_TEST(nothing_follows_a_close_frame),
        WS_TEST(closing_sends_what_waits_and_then_the_code),
        WS_TEST(a_frame_and_the_close_frame_of_one_turn),
        WS_TEST(a_client_that_does_not_read_the_close_frame_is_disconnected),
        WS_TEST(odd_frames),
        WS_TEST(endings_on_purpose),
        WS_TEST(a_deaf_one_neither_answers_nor_uses_the_loop),
        WS_TEST(a_slow_client_gets_the_newest_of_each_key),
        WS_TEST(room_is_told_when_a_crowded_client_has_read_all),
        WS_TEST(a_full_queue_disconnects),
        WS_TEST(a_client_without_progress_is_disconnected),
        WS_TEST(a_client_that_reads_slowly_stays),
        WS_TEST(a_thousand_clients),
        WS_TEST(the_server_is_destroyed_with_clients),
    };
    signal(SIGPIPE, SIG_IGN); /* as every program with sockets does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
