#include "serve/server.h"

#include "serve/http_request.h"

#include <errno.h>
#include <libwebsockets.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_BYTES    2048
#define CONNECTIONS_MAX 4096
#define OTHER_FILES     32 /* descriptors of the process that are not connections */
#define PIECE_BYTES     16384
#define KEEP_BYTES      65536 /* a larger buffer is freed after the answer */
#define IDLE_S          300
#define LOOK_MS         100 /* interval of checks whether a waiting client disconnected */

struct server {
    struct loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    server_fn *fn;
    void *arg;
    struct websocket_handlers websockets; /* all zero: upgrades are refused */
    struct server_stats stats;
    unsigned char scratch[LWS_PRE + HEADER_BYTES + PIECE_BYTES];
};

/* One connection; libwebsockets owns and zeroes it. */
struct session {
    struct server *server;
    struct lws *wsi;
    struct loop_timer *wait; /* end of a delay, or next check that the client is connected */
    int64_t due_ms;          /* start of the answer; INT64_MAX = never */
    struct api_answer answer;
    struct server_manner manner;
    size_t sent_bytes;
    struct websocket *websocket; /* after an upgrade */
    enum { SESSION_IDLE, SESSION_WAITING, SESSION_SENDING } state;
};

/* --- sending an answer ------------------------------------------------------------------------ */

static int put_header(struct lws *wsi, const char *name, const char *value, unsigned char **p,
                      unsigned char *end)
{
    if (!*value)
        return 0;
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), p, end);
}

static int send_headers(struct session *s)
{
    struct server *server = s->server;
    struct api_answer *a = &s->answer;
    unsigned char *start = server->scratch + LWS_PRE, *p = start, *end = start + HEADER_BYTES;
    char retry_after[16] = "";

    if (a->retry_after_s > 0)
        snprintf(retry_after, sizeof(retry_after), "%d", a->retry_after_s);
    if (lws_add_http_common_headers(s->wsi, (unsigned)a->status, a->content_type, a->body.len_bytes,
                                    &p, end) ||
        put_header(s->wsi, "x-auth-token:", a->token, &p, end) ||
        put_header(s->wsi, "location:", a->location, &p, end) ||
        put_header(s->wsi, "set-cookie:", a->cookie, &p, end) ||
        put_header(s->wsi, "retry-after:", retry_after, &p, end) ||
        lws_finalize_write_http_header(s->wsi, start, &p, end))
        return -1;
    return 0;
}

static void settled(struct session *s)
{
    if (s->state != SESSION_IDLE)
        s->server->stats.in_flight--;
    s->state = SESSION_IDLE;
    if (s->answer.body.cap_bytes > KEEP_BYTES)
        buf_finish(&s->answer.body);
}

/* Returns nonzero to make libwebsockets close the connection. */
static int complete(struct session *s)
{
    settled(s);
    return lws_http_transaction_completed(s->wsi) ? -1 : 0;
}

static int send_piece(struct session *s)
{
    struct buf *body = &s->answer.body;
    size_t limit = body->len_bytes;
    if (s->manner.kind == MANNER_TRUNCATE)
        limit /= 2;
    size_t len = limit - s->sent_bytes;
    if (len > PIECE_BYTES)
        len = PIECE_BYTES;
    bool last = s->sent_bytes + len == limit;
    unsigned char *piece = s->server->scratch + LWS_PRE;
    if (len) {
        memcpy(piece, body->data + s->sent_bytes, len);
        if (lws_write(s->wsi, piece, len, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
            return -1;
        s->sent_bytes += len;
    }
    if (!last) {
        lws_callback_on_writable(s->wsi);
        return 0;
    }
    return s->manner.kind == MANNER_TRUNCATE ? -1 : complete(s);
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* While waiting, reading is disabled (a readable socket that is not read spins the loop), so
 * libwebsockets does not notice a disconnect. */
static bool client_gone(struct session *s)
{
    struct pollfd fd = {.fd = lws_get_socket_fd(s->wsi), .events = POLLRDHUP};
    return poll(&fd, 1, 0) > 0;
}

static void wait_on(struct session *s, int64_t now_ms)
{
    int64_t left_ms = s->due_ms - now_ms;
    loop_timer_set(s->wait, left_ms < LOOK_MS ? left_ms : LOOK_MS);
}

static void on_wait(void *arg)
{
    struct session *s = arg;
    int64_t now_ms = loop_now(s->server->loop).mono_ms;
    if (s->state != SESSION_WAITING)
        return;
    if (client_gone(s)) {
        s->manner.kind = MANNER_CLOSE;
    } else if (now_ms < s->due_ms) {
        wait_on(s, now_ms);
        return;
    }
    lws_rx_flow_control(s->wsi, 1);
    lws_callback_on_writable(s->wsi);
}

static int begin_wait(struct session *s, int64_t delay_ms)
{
    int64_t now_ms = loop_now(s->server->loop).mono_ms;
    s->due_ms = delay_ms < 0 ? INT64_MAX : now_ms + delay_ms;
    lws_rx_flow_control(s->wsi, 0);
    wait_on(s, now_ms);
    return 0;
}

/* --- starting an answer ----------------------------------------------------------------------- */

/* connect() to AF_UNSPEC disconnects a TCP socket with RST; close() would send FIN. */
static int reset(struct session *s)
{
    const struct sockaddr unspecified = {.sa_family = AF_UNSPEC};
    (void)connect(lws_get_socket_fd(s->wsi), &unspecified, sizeof(unspecified));
    return -1;
}

static int begin_answer(struct session *s)
{
    if (s->manner.kind == MANNER_HANG)
        return begin_wait(s, -1);
    s->state = SESSION_SENDING;
    s->sent_bytes = 0;
    switch (s->manner.kind) {
    case MANNER_RESET:
        return reset(s);
    case MANNER_CLOSE:
        return -1;
    case MANNER_SEND:
    case MANNER_TRUNCATE:
    case MANNER_HANG:
        break;
    }
    return send_headers(s) ? -1 : send_piece(s);
}

static int handle(struct session *s, struct lws *wsi, const char *uri)
{
    struct server *server = s->server;
    struct http_texts texts;
    struct api_request request;

    s->wsi = wsi;
    http_request_read(wsi, uri, &texts, &request);
    buf_clear(&s->answer.body);
    s->answer =
        (struct api_answer){.status = 200, .content_type = "text/plain", .body = s->answer.body};
    server->stats.requests++;
    if (++server->stats.in_flight > server->stats.max_in_flight)
        server->stats.max_in_flight = server->stats.in_flight;
    s->state = SESSION_WAITING;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 || request.post) {
        s->manner = server->fn(server->arg, &request, &s->answer);
    } else {
        api_put(&s->answer, 405, "text/plain", "");
        s->manner = (struct server_manner){.kind = MANNER_SEND};
    }
    return s->manner.delay_ms > 0 ? begin_wait(s, s->manner.delay_ms) : begin_answer(s);
}

/* --- upgrades --------------------------------------------------------------------------------- */

/* A short HTTP answer, sent at once; libwebsockets completes the transaction itself. */
static int refuse_upgrade(struct session *s)
{
    struct buf *body = &s->answer.body;
    unsigned char *piece = s->server->scratch + LWS_PRE;
    switch (s->manner.kind) {
    case MANNER_RESET:
        return reset(s);
    case MANNER_CLOSE:
    case MANNER_HANG: /* libwebsockets closes the connection anyway */
        return -1;
    case MANNER_SEND:
    case MANNER_TRUNCATE:
        break;
    }
    if (body->len_bytes > PIECE_BYTES || send_headers(s))
        return -1;
    memcpy(piece, buf_text(body), body->len_bytes);
    return lws_write(s->wsi, piece, body->len_bytes, LWS_WRITE_HTTP_FINAL) < 0 ? -1 : 1;
}

/* Returns what libwebsockets expects: 0 = upgrade, 1 = an HTTP answer was sent, -1 = disconnect.
 * There is no session yet. */
static int judge_upgrade(struct server *server, struct lws *wsi, const char *protocol)
{
    struct session s = {.server = server, .wsi = wsi};
    struct http_texts texts;
    struct api_request request;
    char uri[HTTP_VALUE_BYTES];

    if (!server->websockets.upgrade || strcasecmp(protocol, "websocket") != 0 ||
        lws_hdr_copy(wsi, uri, sizeof(uri), WSI_TOKEN_GET_URI) < 0)
        return -1; /* HTTP/2 is not served */
    http_request_read(wsi, uri, &texts, &request);
    buf_init(&s.answer.body, API_BODY_BYTES);
    s.answer =
        (struct api_answer){.status = 200, .content_type = "text/plain", .body = s.answer.body};
    bool in = server->websockets.upgrade(server->websockets.arg, &request, &s.answer, &s.manner);
    int rc = in ? 0 : refuse_upgrade(&s);
    buf_finish(&s.answer.body);
    return rc;
}

static int open_websocket(struct session *s, struct server *server, struct lws *wsi)
{
    s->websocket = websocket_create(server->loop, wsi, &server->websockets);
    return s->websocket ? 0 : -1;
}

/* --- libwebsockets ---------------------------------------------------------------------------- */

static int open_session(struct session *s, struct server *server)
{
    *s = (struct session){.server = server};
    buf_init(&s->answer.body, API_BODY_BYTES);
    s->wait = loop_timer_create(server->loop, on_wait, s);
    return s->wait ? 0 : -1;
}

static void close_session(struct session *s)
{
    if (!s->server)
        return;
    settled(s);
    websocket_destroy(s->websocket);
    s->websocket = NULL;
    loop_timer_destroy(s->wait);
    buf_finish(&s->answer.body);
    s->server = NULL;
}

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct session *s = user;
    struct server *server = lws_context_user(lws_get_context(wsi));

    switch (reason) {
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        server->stats.connections++;
        return 0;
    case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
        return s && !s->server ? open_session(s, server) : 0;
    case LWS_CALLBACK_HTTP:
        return handle(s, wsi, in);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        if (s->state == SESSION_WAITING)
            return s->manner.kind == MANNER_HANG ? 0 : begin_answer(s);
        return s->state == SESSION_SENDING ? send_piece(s) : 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return judge_upgrade(server, wsi, in);
    case LWS_CALLBACK_ESTABLISHED:
        return s->server || open_session(s, server) == 0 ? open_websocket(s, server, wsi) : -1;
    case LWS_CALLBACK_RECEIVE:
        return websocket_receive(s->websocket, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return websocket_writable(s->websocket);
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_WSI_DESTROY: /* the only callback for a connection without any request */
        if (s)
            close_session(s);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_lws, .per_session_data_size = sizeof(struct session)},
    {0},
};

/*
 * libwebsockets closes connections above its own limit, but spins when accept() fails because the
 * process has no free descriptor. So its limit must be below the system's.
 */
static unsigned int connections_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= CONNECTIONS_MAX + OTHER_FILES)
        return CONNECTIONS_MAX;
    return limit.rlim_cur > 2 * OTHER_FILES ? (unsigned int)limit.rlim_cur - OTHER_FILES
                                            : (unsigned int)limit.rlim_cur / 2;
}

static int open_context(struct server *server, struct err *err)
{
    void *loops[1] = {loop_native(server->loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = server,
        .max_http_header_pool = 256,
        .max_http_header_data = 8192,
        .fd_limit_per_thread = connections_max(),
    };
    lws_set_log_level(0, NULL);
    server->context = lws_create_context(&info);
    return server->context ? 0
                           : err_set(err, -ENOMEM,
                                     "cannot start libwebsockets: check that its libev plug-in "
                                     "(package libwebsockets-evlib-ev) is installed");
}

static int cannot_listen(struct err *err, int error, const char *host, int port)
{
    const char *why = error == EADDRINUSE      ? "the port is in use"
                      : error == EADDRNOTAVAIL ? "this machine has no such address"
                      : error == EACCES        ? "ports below 1024 require root"
                                               : strerror(error);
    return err_set(err, -error, "cannot listen on %s:%d: %s", host, port, why);
}

/*
 * Tries to bind first, because libwebsockets 4.3 does not report why listening failed and loops
 * forever when no interface has the address.
 */
static int try_address(const char *host, int port, struct err *err)
{
    struct addrinfo *address, hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    char service[12];
    int on = 1;
    if (if_nametoindex(host))
        return 0; /* libwebsockets also accepts an interface name */
    snprintf(service, sizeof(service), "%d", port);
    if (getaddrinfo(host, service, &hints, &address))
        return err_set(err, -EINVAL, "cannot listen on %s:%d: %s is not an IP address", host, port,
                       host);
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int failed = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
                 bind(fd, address->ai_addr, address->ai_addrlen);
    int rc = failed ? cannot_listen(err, errno, host, port) : 0;
    if (fd >= 0)
        close(fd);
    freeaddrinfo(address);
    return rc;
}

static int open_vhost(struct server *server, const char *host, int port, struct err *err)
{
    struct lws_context_creation_info info = {
        .port = port,
        .iface = host,
        /* With IPv6 enabled, libwebsockets listens on all addresses when given an IPv4 address. */
        .options = strchr(host, ':') ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6,
        .protocols = protocols,
        .keepalive_timeout = IDLE_S,
        .timeout_secs = IDLE_S,
    };
    int rc = try_address(host, port, err);
    if (rc)
        return rc;
    server->vhost = lws_create_vhost(server->context, &info);
    if (!server->vhost || lws_get_vhost_listen_port(server->vhost) <= 0)
        return cannot_listen(err, EADDRINUSE, host, port);
    return 0;
}

int server_create(struct server **out, struct loop *loop, const char *host, int port, server_fn *fn,
                  void *arg, struct err *err)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        return err_set(err, -ENOMEM, "out of memory");
    server->loop = loop;
    server->fn = fn;
    server->arg = arg;
    int rc = open_context(server, err);
    if (rc == 0)
        rc = open_vhost(server, host, port, err);
    if (rc) {
        server_destroy(server);
        return rc;
    }
    *out = server;
    return 0;
}

void server_take_websockets(struct server *server, const struct websocket_handlers *handlers)
{
    server->websockets = *handlers;
}

void server_destroy(struct server *server)
{
    if (!server)
        return;
    if (server->context)
        lws_context_destroy(server->context);
    free(server);
}

int server_port(const struct server *server)
{
    return lws_get_vhost_listen_port(server->vhost);
}

struct server_stats server_stats(const struct server *server)
{
    return server->stats;
}
