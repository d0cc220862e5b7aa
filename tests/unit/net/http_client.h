/*
 * http_client: a loop, an HTTP client on it and a scripted server; sends requests and waits.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "net/http.h"
#include "support/tcp_server.h"

#define PATIENCE_MS 20000

struct client {
    struct loop *loop;
    struct http *http;
    struct tcp_server *server;
    int pending;
};

/* One request and its result. */
struct call_record {
    struct client *client;
    int ends; /* how often done() was called */
    enum http_outcome outcome;
    int status, sends;
    char reason[512], type[64], location[64], token[64];
    char cookies[256]; /* each Set-Cookie, followed by '|' */
    char body[1024];
    size_t body_len;
    int64_t retry_after_ms;
};

static void on_patience_over(void *arg)
{
    (void)arg;
    fail_msg("%s: no event within %d ms", t_row_name, PATIENCE_MS);
}

__attribute__((unused)) static struct client client_start(const struct server_step *steps,
                                                          int64_t timeout_ms, int connections)
{
    struct client c = {.loop = loop_create()};
    struct http_config config = {NULL, timeout_ms, timeout_ms, connections};
    struct err err;
    c.server = steps ? server_start(steps) : NULL;
    c.http = http_create(c.loop, &config, &err);
    assert_non_null(c.http);
    return c;
}

__attribute__((unused)) static void client_stop(struct client *c)
{
    http_destroy(c->http);
    loop_destroy(c->loop);
    if (c->server)
        server_stop(c->server);
}

static void note_cookies(struct call_record *r, const struct http_reply *reply)
{
    const char *value;
    size_t used = 0;
    for (int i = 0; (value = http_fields_at(reply->fields, "Set-Cookie", i)); i++)
        used += (size_t)snprintf(r->cookies + used, sizeof(r->cookies) - used, "%s|", value);
}

static void note_done(void *arg, const struct http_reply *reply)
{
    struct call_record *r = arg;
    note_cookies(r, reply);
    r->ends++;
    r->outcome = reply->outcome;
    r->status = reply->status;
    r->sends = reply->sends;
    snprintf(r->reason, sizeof(r->reason), "%s", reply->reason);
    snprintf(r->type, sizeof(r->type), "%s", reply->content_type);
    snprintf(r->location, sizeof(r->location), "%s", reply->location);
    snprintf(r->token, sizeof(r->token), "%s", http_fields_get(reply->fields, "X-Auth-Token"));
    snprintf(r->body, sizeof(r->body), "%s", reply->body);
    r->body_len = reply->body_len_bytes;
    r->retry_after_ms = reply->retry_after_ms;
    if (--r->client->pending == 0)
        loop_stop(r->client->loop);
}

__attribute__((unused)) static void send_url(struct client *c, struct call_record *r,
                                             const char *url, struct http_request request)
{
    *r = (struct call_record){.client = c};
    request.url = url;
    if (!request.body_max_bytes)
        request.body_max_bytes = 4096;
    c->pending++;
    http_send(c->http, &request, note_done, r);
    t_int(r->ends, 0); /* done() must not be called inside http_send() */
}

__attribute__((unused)) static void send_step(struct client *c, struct call_record *r, int step,
                                              struct http_request request)
{
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/%d", c->server->port, step);
    send_url(c, r, url, request);
}

__attribute__((unused)) static void wait_all(struct client *c)
{
    struct loop_timer *patience = loop_timer_create(c->loop, on_patience_over, NULL);
    loop_timer_set(patience, PATIENCE_MS);
    loop_run(c->loop);
    loop_timer_destroy(patience);
    t_int(c->pending, 0);
    t_int(http_in_flight(c->http), 0);
}

__attribute__((unused)) static struct call_record get(struct client *c, int step)
{
    struct call_record r;
    send_step(c, &r, step, (struct http_request){0});
    wait_all(c);
    t_int(r.ends, 1);
    return r;
}

#endif
