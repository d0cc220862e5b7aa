#include "net/ws.h"

#include "support/t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGES      3000
#define MESSAGE_BYTES 1000 /* all messages together exceed one read many times */
#define PAUSE_MS      60
#define CODE_AWAY     1001

/* A server that does the handshake, sends all messages at once and closes; one connection. */
struct peer {
    int listener, port;
    pthread_t thread;
};

static void send_all(int fd, const char *data, size_t len_bytes)
{
    while (len_bytes) {
        ssize_t n = send(fd, data, len_bytes, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        data += n;
        len_bytes -= (size_t)n;
    }
}

static bool shake_hands(int fd)
{
    char text[4096], key[WS_KEY_TEXT], accept_key[WS_KEY_TEXT], reply[256];
    size_t len = 0;
    while (len < sizeof(text) - 1) {
        ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, "\r\n\r\n"))
            break;
    }
    const char *at = strstr(text, "Sec-WebSocket-Key: ");
    if (!at || sscanf(at + 19, "%31s", key) != 1)
        return false;
    ws_handshake_accept(accept_key, key);
    int reply_len = snprintf(reply, sizeof(reply),
                             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                             accept_key);
    send_all(fd, reply, (size_t)reply_len);
    return true;
}

static void *serve(void *arg)
{
    struct peer *peer = arg;
    int fd = accept(peer->listener, NULL, NULL);
    if (shake_hands(fd)) {
        unsigned char frame[4 + MESSAGE_BYTES] = {0x81, 126, MESSAGE_BYTES >> 8,
                                                  MESSAGE_BYTES & 0xff};
        for (int i = 0; i < MESSAGES; i++) {
            memset(frame + 4, ' ', MESSAGE_BYTES);
            snprintf((char *)frame + 4, MESSAGE_BYTES, "%d", i);
            send_all(fd, (char *)frame, sizeof(frame));
        }
        send_all(fd, "\x88\x02\x03\xe9", 4);
        for (char rest[512]; recv(fd, rest, sizeof(rest), 0) > 0;)
            ;
    }
    close(fd);
    return NULL;
}

static struct peer *peer_start(void)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    peer->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(peer->listener, 1), 0);
    assert_int_equal(getsockname(peer->listener, (struct sockaddr *)&address, &len), 0);
    peer->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&peer->thread, NULL, serve, peer), 0);
    return peer;
}

static void peer_stop(struct peer *peer)
{
    pthread_join(peer->thread, NULL);
    close(peer->listener);
    free(peer);
}

struct client {
    struct loop *loop;
    struct ws *ws;
    int pause_every, destroy_at;
    int opened, got, ended;
    int pauses;
    struct ws_end end;
};

static void on_opened(void *arg)
{
    ((struct client *)arg)->opened++;
}

static void on_text(void *arg, const char *text, size_t len_bytes)
{
    struct client *c = arg;
    t_int((int64_t)len_bytes, MESSAGE_BYTES);
    t_int(atoi(text), c->got); /* in order, none missing or repeated */
    c->got++;
    if (c->pause_every && c->got % c->pause_every == 0) {
        ws_pause(c->ws, PAUSE_MS);
        c->pauses++;
    }
    if (c->destroy_at == c->got) {
        ws_destroy(c->ws);
        c->ws = NULL;
        loop_stop(c->loop);
    }
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct client *c = arg;
    c->ended++;
    c->end = *end;
    loop_stop(c->loop);
}

static void meet(struct client *c)
{
    struct peer *peer = peer_start();
    char url[64];
    struct err err;
    snprintf(url, sizeof(url), "ws://127.0.0.1:%d/", peer->port);
    const struct ws_config config = {.url = url,
                                     .open_ms = 20000,
                                     .ping_ms = 60000,
                                     .pong_ms = 20000,
                                     .message_max_bytes = 65536};
    const struct ws_handler handler = {c, on_opened, on_text, on_ended};
    c->loop = loop_create();
    if (ws_create(&c->ws, c->loop, &config, &handler, &err))
        fail_msg("%s", err.text);
    loop_run(c->loop);
    ws_destroy(c->ws);
    peer_stop(peer);
    loop_destroy(c->loop);
}

static void messages_in_order_then_the_close_frame(void **state)
{
    (void)state;
    struct client c = {0};
    meet(&c);
    t_int(c.opened, 1);
    t_int(c.got, MESSAGES);
    t_int(c.ended, 1);
    t_int(c.end.kind, WS_CLOSED);
    t_int(c.end.code, CODE_AWAY);
}

static void a_pause_loses_no_messages(void **state)
{
    (void)state;
    struct client c = {.pause_every = 1000};
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    meet(&c);
    clock_gettime(CLOCK_MONOTONIC, &to);
    int64_t took_ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / NS_PER_MS;
    t_int(c.pauses, MESSAGES / 1000);
    t_true(took_ms >=
           2 * PAUSE_MS); /* one read has fewer than a thousand messages: at least two pauses */
    t_int(c.got, MESSAGES);
    t_int(c.end.kind, WS_CLOSED);
}

static void destroy_during_a_pause(void **state)
{
    (void)state;
    struct client c = {.pause_every = 10, .destroy_at = 10};
    meet(&c);
    t_int(c.got, 10);
    t_int(c.ended, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_in_order_then_the_close_frame),
        cmocka_unit_test(a_pause_loses_no_messages),
        cmocka_unit_test(destroy_during_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
