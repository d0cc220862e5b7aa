#include "server_fixture.h"

#define CALM_TURNS 300 /* of the loop; a busy loop makes thousands */

static void wait_ended(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (sem_timedwait(&handler.ended, &until))
        fail_msg("%s: the stream is not closed", t_row_name);
}

static void check_text(int fd, const char *expected)
{
    char text[200] = "";
    size_t len = strlen(expected), used = 0;
    while (used < len) {
        ssize_t n = recv(fd, text + used, len - used, 0);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    t_str(text, expected);
}

static int open_stream(const struct running *r, const char *path)
{
    struct answer a = {0};
    int fd = dial(r);
    get(fd, path);
    t_true(read_head(fd, &a));
    t_true(strncmp(a.head, "HTTP/1.1 200 ", 13) == 0);
    t_true(strstr(a.head, "\r\ncontent-type: text/event-stream\r\n"));
    t_true(strstr(a.head, "\r\nx-extra: 1\r\n"));
    t_true(strstr(a.head, "\r\nconnection: close\r\n"));
    t_true(!strcasestr(a.head, "content-length"));
    check_text(fd, "first\n");
    return fd;
}

static void send_pieces(const char *what)
{
    (void)what;
    http_stream_send(handler.stream, 1, "old 1\n", 6);
    http_stream_send(handler.stream, 2, "2\n", 2);
    http_stream_send(handler.stream, CLIENT_QUEUE_NO_KEY, "each\n", 5);
    http_stream_send(handler.stream, CLIENT_QUEUE_NO_KEY, "each\n", 5);
    http_stream_send(handler.stream, 1, "new 1\n", 6);
}

static void pieces_arrive_in_order_and_a_newer_one_replaces_the_older(void **state)
{
    struct running *r = *state;
    handler.call = send_pieces;
    int fd = open_stream(r, "stream/0"), other = dial(r);
    for (int i = 0; i < 3; i++) {
        call(other, "pieces");
        check_text(fd, "new 1\n2\neach\neach\n");
    }
    close(fd);
    wait_ended();
    close(other);
    wait_in_flight(r, 0);
    still_serves(r);
}

/* A client may send more requests, or end its side: neither keeps the loop busy. */
static void what_the_client_sends_behind_it_is_ignored(void **state)
{
    struct running *r = *state;
    struct answer a = {0};
    handler.call = send_pieces;
    int fd = dial(r), other = dial(r);
    stats(r);
    unsigned turns = r->turns;
    say(fd, "GET /stream/0 HTTP/1.1\r\nHost: x\r\n\r\nGET /bytes/3 HTTP/1.1\r\nHost: x\r\n\r\n");
    t_true(read_head(fd, &a));
    check_text(fd, "first\n");
    get(fd, "bytes/4");
    call(other, "pieces");
    check_text(fd, "new 1\n2\neach\neach\n");
    shutdown(fd, SHUT_WR);
    wait_ended();
    stats(r);
    if (r->turns - turns > CALM_TURNS)
        fail_msg("%u turns of the loop", r->turns - turns);
    close(fd);
    close(other);
}

/* It has left before its request is looked at, and the request is rewritten: libwebsockets then
 * waits for a writable socket that it ignores, and never looks at its timers. */
static void a_client_that_has_left_is_disconnected(void **state)
{
    struct running *r = *state;
    char text[1000];
    t_row("");
    int fd = dial(r);
    say(fd, "GET http://x/stream/");
    while (stats(r).waiting != 1)
        continue;
    say(fd, "0 HTTP/1.1\r\nHost: x\r\n\r\n");
    shutdown(fd, SHUT_WR);
    ssize_t n;
    while ((n = recv(fd, text, sizeof(text), 0)) > 0)
        continue;
    t_int(n, 0);
    close(fd);
    wait_ended();
    while (stats(r).open != 0)
        continue;
}

static void send_much(const char *what)
{
    static char piece[MIB];
    int mib = atoi(what);
    memset(piece, 'x', sizeof(piece));
    for (int i = 0; i < mib; i++)
        http_stream_send(handler.stream, CLIENT_QUEUE_NO_KEY, piece, sizeof(piece));
}

static void a_client_that_does_not_read_is_disconnected(void **state)
{
    static const struct row {
        const char *name, *path, *what;
    } rows[] = {
        {"the queue is full", "stream/0", "17"},
        {"it takes nothing for a time", "stream/200", "12"},
    };
    struct running *r = *state;
    handler.call = send_much;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int fd = open_stream(r, rows[i].path), other = dial(r);
        call(other, rows[i].what);
        wait_ended();
        still_serves(r);
        close(fd);
        close(other);
    }
    wait_in_flight(r, 0);
}

static void a_client_that_reads_gets_everything(void **state)
{
    struct running *r = *state;
    static char piece[65536];
    size_t left = 12u * MIB;
    handler.call = send_much;
    int fd = open_stream(r, "stream/10000"), other = dial(r);
    call(other, "12");
    while (left > 0) {
        ssize_t n = recv(fd, piece, sizeof(piece), 0);
        t_true(n > 0 && (size_t)n <= left);
        left -= (size_t)n;
    }
    close(fd);
    wait_ended();
    close(other);
}

static void it_is_closed_with_the_server(void **state)
{
    struct running *r = *state;
    int fd = open_stream(r, "stream/0");
    stop_loop(r);
    server_destroy(r->server);
    r->server = NULL;
    wait_ended();
    t_str(ending(fd), "closed");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_arrive_in_order_and_a_newer_one_replaces_the_older),
        TEST(what_the_client_sends_behind_it_is_ignored),
        TEST(a_client_that_has_left_is_disconnected),
        TEST(a_client_that_does_not_read_is_disconnected),
        TEST(a_client_that_reads_gets_everything),
        TEST(it_is_closed_with_the_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
