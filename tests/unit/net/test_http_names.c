/* http and ws with host names: a DNS that hangs delays only requests that need a look-up. */
#include "fake_dns.h"
#include "http_client.h"
#include "net/ws.h"

#define OK_ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const struct server_step steps[] = {
    {OK_, 0, 0, THEN_KEEP}, {"HTTP/1.1 200 OK\r\n\r\n", 0, 0, THEN_CLOSE}, /* to CONNECT */
};

static void send_name(struct client *c, struct call_record *r, const char *host)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s:%d/0", host, c->server->port);
    send_url(c, r, url, (struct http_request){0});
}

static void libcurl_does_no_look_ups(void **state)
{
    (void)state;
    static const char *const hosts[] = {"good.test", "GOOD.test", "six.test",
                                        "127.0.0.1", "localhost", "good.test"};
    struct client c = client_start(steps, 5000, 4);
    int before = dns_calls();
    for (size_t i = 0; i < T_COUNT(hosts); i++) {
        struct call_record r;
        t_row(hosts[i]);
        send_name(&c, &r, hosts[i]);
        wait_all(&c);
        t_int(r.outcome, HTTP_OK);
        t_str(r.body, "ok");
    }
    t_row("");
    t_int(dns_calls() - before, 2); /* by net/resolver, for good.test and six.test */
    client_stop(&c);
}

static void a_name_that_does_not_exist(void **state)
{
    (void)state;
    struct client c = client_start(steps, 5000, 4);
    struct call_record r;
    send_name(&c, &r, "none.test");
    wait_all(&c);
    t_int(r.outcome, HTTP_RESOLVE);
    t_contains(r.reason,
               "cannot resolve host 'none.test': Name or service not known: check broker");
    client_stop(&c);
}

static void other_requests_continue_while_a_look_up_hangs(void **state)
{
    (void)state;
    struct client c = client_start(steps, 60000, 4);
    struct call_record hung[3], r;
    for (size_t i = 0; i < T_COUNT(hung); i++)
        send_name(&c, &hung[i], "hang.test");
    dns_until_hanging(1);
    c.pending -= (int)T_COUNT(hung); /* wait for the others first */
    for (int i = 0; i < 3; i++) {
        send_name(&c, &r, i == 1 ? "127.0.0.1" : "good.test");
        loop_run(c.loop);
        t_int(r.outcome, HTTP_OK);
    }
    c.pending = (int)T_COUNT(hung);
    dns_release();
    wait_all(&c);
    for (size_t i = 0; i < T_COUNT(hung); i++)
        t_int(hung[i].outcome, HTTP_OK);
    client_stop(&c);
}

static void cancel_does_not_wait_for_a_look_up(void **state)
{
    (void)state;
    struct client c = client_start(steps, 60000, 4);
    struct call_record r[4];
    for (size_t i = 0; i < T_COUNT(r); i++)
        send_name(&c, &r[i], "hang.test");
    dns_until_hanging(1);
    http_cancel_all(c.http);
    client_stop(&c);
    for (size_t i = 0; i < T_COUNT(r); i++) {
        t_int(r[i].ends, 1);
        t_int(r[i].outcome, HTTP_CANCELLED);
    }
    dns_release();
}

static void the_connect_timeout_includes_the_look_up(void **state)
{
    (void)state;
    struct client c = client_start(steps, 50, 4);
    struct call_record r;
    send_name(&c, &r, "hang.test");
    wait_all(&c);
    t_int(r.outcome, HTTP_RESOLVE);
    t_contains(r.reason, "cannot resolve host 'hang.test': no answer from the DNS in 0.05 s");
    client_stop(&c);
    dns_until_hanging(1);
    dns_release();
}

/* --- proxies ---------------------------------------------------------------------------------- */

static void proxies_with_a_host_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *scheme, *proxy_host, *no_proxy;
        enum http_outcome outcome;
        const char *words;
        bool connects;
    } rows[] = {
        {"proxy used, host not resolved", "https", "good.test", NULL, HTTP_TLS, "", true},
        {"proxy name does not exist", "https", "none.test", NULL, HTTP_RESOLVE,
         "cannot resolve the environment's proxy 'none.test'", false},
        {"no_proxy matches", "https", "good.test", "*", HTTP_RESOLVE, "host 'none.test'", false},
        {"not used without TLS", "http", "good.test", NULL, HTTP_RESOLVE, "host 'none.test'",
         false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char url[128];
        struct call_record r;
        struct client c = client_start(steps, 5000, 4);
        t_row(rows[i].name);
        snprintf(url, sizeof(url), "http://%s:%d", rows[i].proxy_host, c.server->port);
        setenv("all_proxy", url, 1);
        if (rows[i].no_proxy)
            setenv("NO_PROXY", rows[i].no_proxy, 1);
        http_destroy(c.http); /* the environment is read by http_create() */
        c.http = http_create(c.loop, &(struct http_config){NULL, 5000, 5000, 4}, NULL);
        snprintf(url, sizeof(url), "%s://none.test/0", rows[i].scheme);
        send_url(&c, &r, url, (struct http_request){0});
        wait_all(&c);
        t_int(r.outcome, rows[i].outcome);
        t_contains(r.reason, rows[i].words);
        t_int(strstr(server_seen(c.server), "CONNECT none.test:443") != NULL, rows[i].connects);
        t_int(server_connections(c.server), rows[i].connects);
        client_stop(&c);
        unsetenv("all_proxy");
        unsetenv("NO_PROXY");
    }
    t_row("");
}

/* --- the WebSocket ---------------------------------------------------------------------------- */

struct socket_end {
    struct loop *loop;
    enum ws_end_kind kind;
    char words[512];
};

static void on_opened(void *arg)
{
    (void)arg;
    fail_msg("the WebSocket did not open");
}

static void on_text(void *arg, const char *text, size_t len_bytes)
{
    (void)arg;
    (void)text;
    (void)len_bytes;
}

static void on_ended(void *arg, const struct ws_end *end)
{
    struct socket_end *e = arg;
    e->kind = end->kind;
    snprintf(e->words, sizeof(e->words), "%s", end->words);
    loop_stop(e->loop);
}

static struct ws *open_ws(struct socket_end *e, const char *url, int64_t open_ms)
{
    const struct ws_config config = {.url = url,
                                     .open_ms = open_ms,
                                     .ping_ms = 1000,
                                     .pong_ms = 1000,
                                     .message_max_bytes = 4096};
    const struct ws_handler handler = {e, on_opened, on_text, on_ended};
    struct ws *ws = NULL;
    struct err err;
    t_int(ws_create(&ws, e->loop, &config, &handler, &err), 0);
    return ws;
}

static void websocket_while_the_look_up_hangs(void **state)
{
    (void)state;
    struct socket_end e = {.loop = loop_create()};
    struct ws *ws = open_ws(&e, "ws://hang.test:1/", 50);
    loop_run(e.loop);
    t_int(e.kind, WS_UNREACHABLE);
    t_contains(e.words, "cannot resolve host 'hang.test': no answer from the DNS in 0.05 s");
    ws_destroy(ws);
    ws = open_ws(&e, "ws://hang.test:1/", 60000);
    dns_until_hanging(1);
    ws_destroy(ws);
    loop_destroy(e.loop);
    dns_release();
}

static void websocket_with_a_host_name(void **state)
{
    (void)state;
    struct tcp_server *server = server_start(steps);
    struct socket_end e = {.loop = loop_create()};
    char url[64];
    snprintf(url, sizeof(url), "ws://good.test:%d/0", server->port);
    struct ws *ws = open_ws(&e, url, 20000);
    loop_run(e.loop);
    t_int(e.kind, WS_REFUSED);
    t_contains(server_seen(server), "Host: good.test:");
    ws_destroy(ws);
    ws = open_ws(&e, "ws://none.test:1/", 20000);
    loop_run(e.loop);
    t_int(e.kind, WS_UNREACHABLE);
    t_contains(e.words, "cannot resolve host 'none.test'");
    ws_destroy(ws);
    loop_destroy(e.loop);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libcurl_does_no_look_ups),
        cmocka_unit_test(a_name_that_does_not_exist),
        cmocka_unit_test(other_requests_continue_while_a_look_up_hangs),
        cmocka_unit_test(cancel_does_not_wait_for_a_look_up),
        cmocka_unit_test(the_connect_timeout_includes_the_look_up),
        cmocka_unit_test(proxies_with_a_host_name),
        cmocka_unit_test(websocket_while_the_look_up_hangs),
        cmocka_unit_test(websocket_with_a_host_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
