/*
 * Arbitrary bytes from a client, in pieces, to a whole server: serve/server with libwebsockets in
 * it, over a Unix socket.
 *
 * The first three bytes of an input: 'w' if the harness upgrades to a WebSocket first; the size of
 * the pieces (0: one piece); 'f' to send FIN and wait until the server has ended the connection,
 * 'r' to close it without reading what came last, otherwise to close it. The rest is sent. All the
 * time the server sends frames to each WebSocket. Checked: what the server sends is well-formed,
 * nothing follows a close frame, the connection is gone afterwards, and other clients are still
 * served.
 */
#include "base/clock.h"
#include "base/utf8.h"
#include "serve/server.h"
#include "serve/shared_frame.h"
#include "support/fuzz.h"

#include <errno.h>
#include <ev.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKETS_MAX 64
#define PATIENCE_MS 20000
#define IN_BYTES    (1024 * 1024)
#define PIECES_MAX  200
#define EACH_HTTP   16 /* inputs between two requests of the good client */

static const char upgrade[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static struct fixture {
    struct loop *loop;
    struct server *server;
    struct websocket *sockets[SOCKETS_MAX]; /* all that are open */
    struct deferred *deferred;              /* to be completed in the next turn */
    struct sockaddr_un address;
    char folder[32];
    int inputs;
} f;

/* --- the server's handlers -------------------------------------------------------------------- */

static void on_stream_closed(void *arg)
{
    (void)arg;
}

/* The path selects: b: a large body, d: later, s: a stream; the rest: what was read. */
static enum web_action on_request(void *arg, struct http_connection *connection,
                                  const struct web_request *request, struct web_answer *answer)
{
    (void)arg;
    CHECK(request->params_count >= 0 && request->params_count <= WEB_PARAMS_MAX);
    if (*request->path == 'd' && !f.deferred) {
        f.deferred = http_connection_defer(connection);
        return WEB_SEND;
    }
    if (*request->path == 's') {
        const struct http_stream_handler handler = {on_stream_closed, NULL, 0};
        web_put(answer, 200, "text/event-stream", "");
        http_stream_send(http_connection_stream(connection, &handler), 0, "piece\n", 6);
        return WEB_SEND;
    }
    web_put(answer, 200, "text/plain", "");
    buf_printf(&answer->body, "%s|%s|%s", request->path, web_header(request, "Host"),
               web_header(request, "X-Auth-Token"));
    for (int i = 0; i < request->params_count; i++)
        buf_printf(&answer->body, "|%s=%s", request->params[i].name, request->params[i].value);
    for (int i = 0; *request->path == 'b' && i < 3000; i++)
        buf_printf(&answer->body, "%0100d", i);
    return WEB_SEND;
}

static bool on_upgrade(void *arg, const struct web_request *request, struct web_answer *answer,
                       enum web_action *action)
{
    (void)arg;
    (void)action;
    if (*request->path != 'n')
        return true;
    web_put(answer, 401, "text/plain", "no");
    return false;
}

static void on_opened(void *arg, struct websocket *socket)
{
    (void)arg;
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (!f.sockets[i]) {
            f.sockets[i] = socket;
            return;
        }
    }
    CHECK(false);
}

static void on_closed(void *arg, struct websocket *socket)
{
    int found = 0;
    (void)arg;
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (f.sockets[i] == socket) {
            f.sockets[i] = NULL;
            found++;
        }
    }
    CHECK(found == 1);
}

/* Echoed; "bye" is answered with a close frame. */
static void on_text(void *arg, struct websocket *socket, const char *text, size_t len_bytes)
{
    (void)arg;
    CHECK(utf8_valid(text, len_bytes) && text[len_bytes] == '\0');
    if (strcmp(text, "bye") == 0)
        websocket_close(socket, 4000, "as you wish");
    else
        websocket_send(socket, text, len_bytes);
}

/* A frame for each client, as quotes are sent whatever the clients do. */
static void push(void)
{
    struct shared_frame *frame = shared_frame_create("{\"push\":1}", 10);
    for (int i = 0; i < SOCKETS_MAX; i++) {
        if (!f.sockets[i])
            continue;
        websocket_put_newest(f.sockets[i], 1, frame);
        websocket_flush(f.sockets[i]);
    }
    shared_frame_unref(frame);
}

static void turn(void)
{
    if (f.deferred) {
        struct deferred *d = f.deferred;
        f.deferred = NULL;
        web_put(deferred_answer(d), 200, "text/plain", "later");
        deferred_complete(d, WEB_SEND);
    }
    push();
    ev_run(loop_native(f.loop), EVRUN_NOWAIT);
}

/* --- a client's side -------------------------------------------------------------------------- */

struct client {
    int fd;
    unsigned char *in; /* received; of a WebSocket: what is not a complete frame yet */
    size_t len;
    bool framed, closed, ended; /* closed: a close frame came; ended: FIN or RST */
    int echoes;
};

static struct client dial(void)
{
    struct client c = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    CHECK(c.fd >= 0 && connect(c.fd, (struct sockaddr *)&f.address, sizeof(f.address)) == 0);
    c.in = malloc(IN_BYTES);
    CHECK(c.in);
    return c;
}

static void hang_up(struct client *c)
{
    close(c->fd);
    free(c->in);
}

/* RFC 6455 sections 5.1, 5.2 and 7.4.2. */
static void check_frame(struct client *c, const unsigned char *frame, size_t head, size_t len)
{
    int opcode = frame[0] & 15;
    CHECK((frame[0] & 0xf0) == 0x80 && (frame[1] & 0x80) == 0);
    CHECK(opcode == 1 || opcode == 8 || opcode == 9 || opcode == 10);
    CHECK(!c->closed);
    CHECK(opcode == 1 || len < 126);
    CHECK(head == 2 || len > (head == 4 ? 125 : 65535));
    if (opcode == 1) {
        CHECK(utf8_valid((const char *)frame + head, len));
        c->echoes += len > 4 && memcmp(frame + head, "good", 4) == 0;
    }
    if (opcode == 8 && len > 0) {
        int code = len >= 2 ? frame[2] << 8 | frame[3] : 0;
        CHECK(code >= 1000 && (len == 2 || utf8_valid((const char *)frame + 4, len - 2)));
    }
    c->closed = opcode == 8;
}

/* Returns its length; 0: incomplete. */
static size_t take_frame(struct client *c, const unsigned char *frame, size_t left)
{
    size_t head = 2, len = 0;
    if (left < 2)
        return 0;
    head += (frame[1] & 127) == 126 ? 2 : (frame[1] & 127) == 127 ? 8 : 0;
    if (left < head)
        return 0;
    len = head == 2 ? frame[1] & 127 : 0;
    for (size_t i = 2; i < head; i++)
        len = len << 8 | frame[i];
    if (left < head + len)
        return 0;
    check_frame(c, frame, head, len);
    return head + len;
}

static void take_frames(struct client *c)
{
    size_t at = 0, len;
    while ((len = take_frame(c, c->in + at, c->len - at)) > 0)
        at += len;
    memmove(c->in, c->in + at, c->len - at);
    c->len -= at;
}

/* What is not a WebSocket begins with a status line, if the server says anything. */
static void take_http(struct client *c)
{
    static const char status[] = "HTTP/1.";
    size_t some = c->len < sizeof(status) - 1 ? c->len : sizeof(status) - 1;
    CHECK(memcmp(c->in, status, some) == 0);
    if (c->len > IN_BYTES / 2)
        c->len = IN_BYTES / 2; /* the rest is not looked at */
}

static void hear(struct client *c)
{
    ssize_t n;
    do {
        n = recv(c->fd, c->in + c->len, IN_BYTES - c->len, MSG_DONTWAIT);
        c->len += n > 0 ? (size_t)n : 0;
        if (c->framed)
            take_frames(c);
        else
            take_http(c);
    } while (n > 0);
    c->ended = c->ended || n == 0 || (n < 0 && errno != EAGAIN);
}

static void say(struct client *c, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0 && !c->ended) {
        ssize_t n = send(c->fd, at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            return;
        at += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
        turn();
        hear(c);
    }
}

/* Turns of the loop until it is true. */
#define UNTIL(condition)                                                                           \
    for (int64_t by_ms_ = clock_now().mono_ms + PATIENCE_MS; !(condition);) {                      \
        turn();                                                                                    \
        CHECK(clock_now().mono_ms < by_ms_);                                                       \
    }

static bool answered(struct client *c)
{
    hear(c);
    return memmem(c->in, c->len, "\r\n\r\n", 4) || c->ended;
}

static struct client dial_websocket(void)
{
    struct client c = dial();
    say(&c, upgrade, sizeof(upgrade) - 1);
    UNTIL(answered(&c));
    const unsigned char *end = memmem(c.in, c.len, "\r\n\r\n", 4);
    CHECK(end && memcmp(c.in, "HTTP/1.1 101", 12) == 0);
    size_t head = (size_t)(end - c.in) + 4;
    memmove(c.in, c.in + head, c.len - head);
    c.len -= head;
    c.framed = true;
    hear(&c);
    return c;
}

/* --- the others ------------------------------------------------------------------------------- */

static struct client good;

static void check_others(void)
{
    static const char hello[] = "\x81\x8a\0\0\0\0good hello",
                      get[] = "GET /x HTTP/1.1\r\nHost: y\r\n\r\n";
    int before = good.echoes;
    say(&good, hello, sizeof(hello) - 1);
    UNTIL((hear(&good), good.echoes > before));
    if (f.inputs++ % EACH_HTTP)
        return;
    struct client c = dial();
    say(&c, get, sizeof(get) - 1);
    UNTIL(answered(&c));
    CHECK(memcmp(c.in, "HTTP/1.1 200", 12) == 0);
    hang_up(&c);
}

/* --- the target ------------------------------------------------------------------------------- */

static void stop_server(void)
{
    hang_up(&good);
    server_destroy(f.server);
    loop_destroy(f.loop);
    rmdir(f.folder);
}

static void start_server(void)
{
    struct err err;
    strcpy(f.folder, "/tmp/cinta-fuzz-XXXXXX");
    CHECK(mkdtemp(f.folder));
    f.address.sun_family = AF_UNIX;
    snprintf(f.address.sun_path, sizeof(f.address.sun_path), "%s/socket", f.folder);
    f.loop = loop_create();
    const struct server_parts parts = {
        .loop = f.loop, .address = {NULL, 0, f.address.sun_path, 0600}, .handler = on_request};
    const struct websocket_handlers websockets = {
        .upgrade = on_upgrade, .opened = on_opened, .text = on_text, .closed = on_closed};
    CHECK(server_create(&f.server, &parts, &err) == 0);
    server_take_websockets(f.server, &websockets);
    good = dial_websocket();
    atexit(stop_server);
}

/* A Unix socket holds about 270 pieces, however small, and the server takes none of them before the
 * head is complete. */
static void send_pieces(struct client *c, const uint8_t *data, size_t size, size_t piece)
{
    if (piece < size / PIECES_MAX + 1)
        piece = size / PIECES_MAX + 1;
    for (size_t at = 0; at < size; at += piece)
        say(c, data + at, size - at < piece ? size - at : piece);
    for (int n = 0; n < 4; n++) {
        turn();
        hear(c);
    }
}

static void finish(struct client *c, uint8_t how)
{
    if (how == 'f') {
        shutdown(c->fd, SHUT_WR);
        UNTIL((hear(c), c->ended));
    } else if (how == 'r') {
        turn();
    }
    hang_up(c);
    UNTIL(server_stats(f.server).open == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    if (!f.loop)
        start_server();
    struct client c = data[0] == 'w' ? dial_websocket() : dial();
    send_pieces(&c, data + 3, size - 3, data[1] ? data[1] : size);
    finish(&c, data[2]);
    check_others();
    return 0;
}
