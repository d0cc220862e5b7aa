#include "serve/server.h"

#include "serve/guest_list.h"
#include "serve/head_reader.h"
#include "serve/http_head.h"
#include "serve/http_in.h"
#include "serve/http_out.h"

#include <errno.h>
#include <libwebsockets.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define CONNECTIONS_MAX  4096
#define FROM_ONE_ADDRESS 256
#define OTHER_FILES      128   /* descriptors of the process that are not connections */
#define HEAD_BYTES       32768 /* that libwebsockets keeps of a head; more than HTTP_HEAD_BYTES */
#define SEND_BYTES       65536 /* in one system call; libwebsockets keeps what is left */
#define IDLE_S           300   /* without a request on a connection */

struct server {
    struct listener *listener;
    struct guest_list *guests;
    struct head_reader *reader;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct http_service http;
    struct websocket_handlers websockets; /* all zero: upgrades are refused */
    int64_t connections;
};

/* One connection; libwebsockets owns and zeroes it. */
struct session {
    struct http_connection *http;
    struct websocket *websocket; /* after an upgrade */
};

/* --- sessions --------------------------------------------------------------------------------- */

static int open_http(struct session *s, struct server *server)
{
    if (s && !s->http)
        s->http = http_connection_create(&server->http);
    return s && !s->http ? -1 : 0;
}

static int open_websocket(struct session *s, struct server *server, struct lws *wsi)
{
    s->websocket = websocket_create(server->http.loop, wsi, &server->websockets);
    return s->websocket ? 0 : -1;
}

static void close_session(struct session *s)
{
    http_connection_destroy(s->http);
    websocket_destroy(s->websocket);
    *s = (struct session){0};
}

/* The name of the protocol that libwebsockets passes may be freed: it has answered to one that it
 * does not know, and calls all the same. */
static bool is_websocket(struct lws *wsi)
{
    char protocol[16];
    return lws_hdr_copy(wsi, protocol, sizeof(protocol), WSI_TOKEN_UPGRADE) > 0 &&
           strcasecmp(protocol, "websocket") == 0;
}

/* Returns what libwebsockets expects: 0 = upgrade, 1 = an HTTP answer was sent, -1 = disconnect.
 * There is no session yet. */
static int judge_upgrade(struct server *server, struct lws *wsi)
{
    const struct websocket_handlers *handlers = &server->websockets;
    enum web_action action = WEB_SEND;
    struct http_in in;
    struct web_request request;
    struct web_answer answer;
    char uri[HTTP_IN_PATH_BYTES];

    if (!handlers->upgrade || !is_websocket(wsi) ||
        lws_hdr_copy(wsi, uri, sizeof(uri), WSI_TOKEN_GET_URI) < 0)
        return -1; /* HTTP/2 is not served */
    http_in_read(&in, wsi, uri, &request);
    web_answer_init(&answer);
    bool upgraded = handlers->upgrade(handlers->arg, &request, &answer, &action);
    int rc = upgraded ? 0 : http_out_refuse_upgrade(wsi, &answer, action);
    web_answer_finish(&answer);
    return rc;
}

/* --- libwebsockets ---------------------------------------------------------------------------- */

static int on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct session *s = user;
    struct server *server = lws_context_user(lws_get_context(wsi));

    switch (reason) {
    case LWS_CALLBACK_HTTP_BIND_PROTOCOL:
        return open_http(s, server);
    case LWS_CALLBACK_HTTP:
        return http_connection_request(s->http, wsi, in,
                                       guest_requests(lws_get_opaque_user_data(wsi)));
    case LWS_CALLBACK_HTTP_BODY:
        return http_connection_body(s->http, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return http_connection_body_complete(s->http);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return http_connection_writable(s->http);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return judge_upgrade(server, wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return open_websocket(s, server, wsi);
    case LWS_CALLBACK_RECEIVE:
        return websocket_receive(s->websocket, in, len);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return websocket_peer_closes(s->websocket, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return websocket_writable(s->websocket);
    case LWS_CALLBACK_CLOSED:
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (s)
            close_session(s);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        if (s)
            close_session(s);
        guest_list_remove(lws_get_opaque_user_data(wsi));
        lws_set_opaque_user_data(wsi, NULL);
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http",
     .callback = on_lws,
     .per_session_data_size = sizeof(struct session),
     .tx_packet_size = SEND_BYTES},
    {0},
};

/* --- accepting -------------------------------------------------------------------------------- */

/* NULL: it has ended already, as the one that libwebsockets returns may have. */
static void on_head(void *arg, void *guest, int fd, const char *rewritten, size_t len_bytes)
{
    const struct server *server = arg;
    struct lws *wsi = rewritten
                          ? lws_adopt_socket_vhost_readbuf(server->vhost, fd, rewritten, len_bytes)
                          : lws_adopt_socket_vhost(server->vhost, fd);
    if (!wsi) {
        guest_list_remove(guest);
        return;
    }
    lws_set_opaque_user_data(wsi, guest);
    if (rewritten) /* that request may have been handled within the call */
        guest_requests(guest);
}

static void on_no_head(void *arg, void *guest)
{
    (void)arg;
    guest_list_remove(guest);
}

/* "" = unknown. */
static void read_address(int fd, char *out, size_t out_bytes)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    if (getpeername(fd, (struct sockaddr *)&address, &len))
        out[0] = '\0';
    else if (address.ss_family == AF_UNIX)
        strcpy(out, "unix");
    else if (getnameinfo((struct sockaddr *)&address, len, out, (socklen_t)out_bytes, NULL, 0,
                         NI_NUMERICHOST))
        out[0] = '\0';
}

static void on_accepted(void *arg, int fd)
{
    struct server *server = arg;
    char address[64];
    read_address(fd, address, sizeof(address));
    struct guest *guest = guest_list_add(server->guests, address);
    if (guest && head_reader_take(server->reader, fd, guest) == 0) {
        server->connections++;
        return;
    }
    guest_list_remove(guest);
    head_reader_refuse(fd, 503, "Too many connections.");
}

/* --- create and destroy ----------------------------------------------------------------------- */

/*
 * Leaves descriptors for the rest of the process, which has about 35 of its own. Most systems allow
 * 1,024 at first, and many more on demand: the low value protects programs that use select(), which
 * this one does not.
 */
static unsigned int connections_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < CONNECTIONS_MAX + OTHER_FILES) {
        rlim_t wanted = CONNECTIONS_MAX + OTHER_FILES;
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= CONNECTIONS_MAX + OTHER_FILES)
        return CONNECTIONS_MAX;
    return limit.rlim_cur > 2 * OTHER_FILES ? (unsigned int)limit.rlim_cur - OTHER_FILES
                                            : (unsigned int)limit.rlim_cur / 4;
}

static int open_context(struct server *server, struct err *err)
{
    void *loops[1] = {loop_native(server->http.loop)};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .foreign_loops = loops,
        .user = server,
        .max_http_header_pool = CONNECTIONS_MAX, /* its memory is allocated for each when needed */
        .max_http_header_data = HEAD_BYTES,
        .fd_limit_per_thread = connections_max() + OTHER_FILES,
    };
    lws_set_log_level(0, NULL);
    server->context = lws_create_context(&info);
    return server->context ? 0
                           : err_set(err, -ENOMEM,
                                     "cannot start libwebsockets: check that its libev plug-in "
                                     "(package libwebsockets-evlib-ev) is installed");
}

static int open_vhost(struct server *server, struct err *err)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER, /* the listener hands over the clients */
        .protocols = protocols,
        .keepalive_timeout = IDLE_S,
        .timeout_secs = SERVER_REQUEST_MS / 1000,
        .timeout_secs_ah_idle = SERVER_REQUEST_MS / 1000,
    };
    server->vhost = lws_create_vhost(server->context, &info);
    return server->vhost ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static int open_door(struct server *server, struct err *err)
{
    const struct guest_limits limits = {(int)connections_max(), FROM_ONE_ADDRESS};
    const struct head_reader_parts reader = {
        .loop = server->http.loop,
        .timeout_ms = SERVER_REQUEST_MS,
        .complete = on_head,
        .ended = on_no_head,
        .arg = server,
    };
    server->guests = guest_list_create(&limits);
    server->reader = head_reader_create(&reader);
    return server->guests && server->reader ? 0 : err_set(err, -ENOMEM, "out of memory");
}

int server_create(struct server **out, const struct server_parts *parts, struct err *err)
{
    struct server *server = calloc(1, sizeof(*server));
    if (!server)
        return err_set(err, -ENOMEM, "out of memory");
    server->http = (struct http_service){
        .loop = parts->loop,
        .handler = parts->handler,
        .arg = parts->arg,
        .reads_bodies = parts->reads_bodies,
    };
    int rc = open_context(server, err);
    if (rc == 0)
        rc = open_vhost(server, err);
    if (rc == 0)
        rc = open_door(server, err);
    const struct listener_parts listener = {parts->loop, parts->address, on_accepted, server};
    if (rc == 0)
        rc = listener_create(&server->listener, &listener, err);
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
    listener_destroy(server->listener);
    head_reader_destroy(server->reader);
    if (server->context)
        lws_context_destroy(server->context);
    guest_list_destroy(server->guests);
    free(server);
}

int server_renew(struct server *server, struct err *err)
{
    return listener_renew(server->listener, err);
}

int server_port(const struct server *server)
{
    return listener_port(server->listener);
}

struct server_stats server_stats(const struct server *server)
{
    return (struct server_stats){
        .http = server->http.stats,
        .connections = server->connections,
        .open = guest_list_count(server->guests),
        .waiting = head_reader_count(server->reader),
        .refused = guest_list_refused(server->guests),
    };
}
