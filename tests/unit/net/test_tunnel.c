#include "net/tunnel.h"

#include "support/tcp_server.h"

#include <errno.h>

#define PATIENCE_MS 20000

static const struct server_step steps[] = {{"hello", 0, 0, THEN_CLOSE}};

struct end {
    struct loop *loop;
    struct tunnel *tunnel;
    int opened, failed;
    char got[64];
    size_t len;
    ssize_t last; /* of tunnel_recv() */
    bool destroy; /* when it opens */
};

static void receive(struct end *e)
{
    while ((e->last = tunnel_recv(e->tunnel, e->got + e->len, sizeof(e->got) - 1 - e->len)) > 0)
        e->len += (size_t)e->last;
    if (e->last != -EAGAIN)
        loop_stop(e->loop);
}

static void on_news(void *arg, enum tunnel_news news)
{
    static const char request[] = "GET /0 HTTP/1.1\r\n\r\n";
    struct end *e = arg;
    switch (news) {
    case TUNNEL_OPEN:
        e->opened++;
        if (e->destroy) {
            tunnel_destroy(e->tunnel);
            loop_stop(e->loop);
            return;
        }
        t_int(tunnel_send(e->tunnel, request, sizeof(request) - 1), sizeof(request) - 1);
        return;
    case TUNNEL_FAILED:
        e->failed++;
        loop_stop(e->loop);
        return;
    case TUNNEL_READY:
        t_int(e->opened, 1); /* not before it */
        receive(e);
        return;
    }
}

static void begin(struct end *e, const struct link *link, int port)
{
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
    e->loop = loop_create();
    e->tunnel = tunnel_create(e->loop, link, url, on_news, e);
    assert_non_null(e->tunnel);
    t_int(e->opened + e->failed, 0); /* never from inside the call */
}

static void bytes_in_both_directions_and_the_end(void **state)
{
    (void)state;
    struct link link;
    struct end e = {0};
    struct tcp_server *server = server_start(steps);
    t_int(link_init(&link, NULL, PATIENCE_MS, NULL), 0);
    begin(&e, &link, server->port);
    loop_run(e.loop);
    t_int(e.opened, 1);
    t_int(e.failed, 0);
    t_str(e.got, "hello");
    t_int(e.last, 0); /* the end of the stream, not an error */
    t_str(tunnel_words(e.tunnel), "");
    t_contains(server_seen(server), "GET /0 HTTP/1.1\r\n\r\n");
    tunnel_destroy(e.tunnel);
    link_finish(&link);
    loop_destroy(e.loop);
    server_stop(server);
}

static void a_refused_connection_fails_once(void **state)
{
    (void)state;
    struct link link;
    struct end e = {0};
    t_int(link_init(&link, NULL, PATIENCE_MS, NULL), 0);
    begin(&e, &link, 1);
    loop_run(e.loop);
    t_int(e.opened, 0);
    t_int(e.failed, 1);
    t_contains(tunnel_words(e.tunnel), "no connection: ");
    tunnel_destroy(e.tunnel);
    link_finish(&link);
    loop_destroy(e.loop);
}

static void destroyed_at_any_time(void **state)
{
    (void)state;
    struct link link;
    struct end e = {.destroy = true}, early = {0};
    struct tcp_server *server = server_start(steps);
    t_int(link_init(&link, NULL, PATIENCE_MS, NULL), 0);
    begin(&early, &link, server->port);
    tunnel_destroy(early.tunnel); /* before it is connected */
    tunnel_destroy(NULL);
    loop_destroy(early.loop);
    begin(&e, &link, server->port);
    loop_run(e.loop);
    t_int(e.opened, 1);
    link_finish(&link);
    loop_destroy(e.loop);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_in_both_directions_and_the_end),
        cmocka_unit_test(a_refused_connection_fails_once),
        cmocka_unit_test(destroyed_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
