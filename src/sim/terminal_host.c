#include "sim/terminal_host.h"

#include "base/clock.h"
#include "serve/server.h"
#include "sim/answer_faults.h"
#include "sim/delayed_answers.h"
#include "sim/http_date.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_BYTES 640

struct terminal_host {
    struct terminal_host_parts parts;
    struct server *server;
    struct terminal_streams *streams;
    struct terminal_site site;
};

/* --- requests --------------------------------------------------------------------------------- */

static const struct fault *find_fault(struct terminal_host *h, enum fault_place place,
                                      const struct web_request *request)
{
    const char *none = "";
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "matriz/%s", request->path);
    const struct fault_target target = {place, path, &none, 1};
    const struct fault *fault = h->parts.fault(h->parts.arg, &target);
    if (fault && fault->kind == FAULT_EXPIRE)
        terminal_host_end_sessions(h);
    return fault;
}

static void add_date(const struct terminal_host *h, struct web_answer *answer)
{
    http_date_add(answer, loop_now(h->parts.loop).wall_ns + h->parts.clock_skew_ms * NS_PER_MS);
}

static enum web_action on_request(void *arg, struct http_connection *connection,
                                  const struct web_request *request, struct web_answer *answer)
{
    struct terminal_host *h = arg;
    const struct fault *fault = find_fault(h, FAULT_AT_REQUEST, request);
    terminal_site_answer(&h->site, request, loop_now(h->parts.loop), answer);
    if (fault)
        answer_faults_apply(fault, answer);
    add_date(h, answer);
    if (fault && fault->kind == FAULT_SLOW && fault->delay_ms > 0)
        delayed_answers_defer(h->parts.delayed, connection, fault->delay_ms);
    return answer_faults_action(fault);
}

static bool on_upgrade(void *arg, const struct web_request *request, struct web_answer *answer,
                       enum web_action *action)
{
    struct terminal_host *h = arg;
    const struct fault *fault = find_fault(h, FAULT_AT_UPGRADE, request);
    bool in = terminal_site_admits(&h->site, request, loop_now(h->parts.loop), answer);
    if (fault && fault->kind != FAULT_EXPIRE) {
        h->site.counts.refused += in;
        in = false;
        answer_faults_apply(fault, answer);
        *action = answer_faults_action(fault);
    }
    if (!in)
        add_date(h, answer);
    return in;
}

/* --- for the control requests ----------------------------------------------------------------- */

struct terminal_streams *terminal_host_streams(const struct terminal_host *h)
{
    return h->streams;
}

void terminal_host_end_sessions(struct terminal_host *h)
{
    terminal_sessions_end(&h->site.sessions);
}

struct terminal_counts terminal_host_counts(const struct terminal_host *h)
{
    return h->site.counts;
}

int terminal_host_port(const struct terminal_host *h)
{
    return server_port(h->server);
}

/* --- create and destroy ----------------------------------------------------------------------- */

static void on_opened(void *arg, struct websocket *socket)
{
    terminal_streams_opened(((struct terminal_host *)arg)->streams, socket);
}

static void on_text(void *arg, struct websocket *socket, const char *text, size_t len_bytes)
{
    terminal_streams_text(((struct terminal_host *)arg)->streams, socket, text, len_bytes);
}

static void on_closed(void *arg, struct websocket *socket)
{
    terminal_streams_closed(((struct terminal_host *)arg)->streams, socket);
}

static int open_site(struct terminal_host *h, const struct terminal_host_config *config,
                     struct err *err)
{
    const struct terminal_streams_parts streams = {
        .loop = h->parts.loop,
        .market = h->parts.market,
        .idle_ms = config->idle_ms,
        .guest = config->rules.guest,
        .keep_previous = h->parts.keep_previous,
        .fault = h->parts.fault,
        .arg = h->parts.arg,
    };
    h->site.rules = config->rules;
    h->site.account = h->parts.account;
    h->site.source = sim_market_source(h->parts.market);
    h->site.parser = json_parser_create();
    terminal_sessions_init(&h->site.sessions, config->session_ms);
    h->streams = terminal_streams_create(&streams);
    return h->site.parser && h->streams ? 0 : err_set(err, -ENOMEM, "out of memory");
}

static int open_server(struct terminal_host *h, const struct terminal_host_config *config,
                       struct err *err)
{
    const struct server_parts server = {
        .loop = h->parts.loop,
        .address = {.host = config->host, .port = config->port},
        .handler = on_request,
        .arg = h,
        .reads_bodies = true,
    };
    const struct websocket_handlers sockets = {
        .arg = h, .upgrade = on_upgrade, .opened = on_opened, .text = on_text, .closed = on_closed};
    int rc = server_create(&h->server, &server, err);
    if (rc == 0)
        server_take_websockets(h->server, &sockets);
    return rc;
}

int terminal_host_create(struct terminal_host **out, const struct terminal_host_parts *parts,
                         const struct terminal_host_config *config, struct err *err)
{
    struct terminal_host *h = calloc(1, sizeof(*h));
    if (!h)
        return err_set(err, -ENOMEM, "out of memory");
    h->parts = *parts;
    int rc = open_site(h, config, err);
    if (rc == 0)
        rc = open_server(h, config, err);
    if (rc) {
        terminal_host_destroy(h);
        return rc;
    }
    *out = h;
    return 0;
}

void terminal_host_destroy(struct terminal_host *h)
{
    if (!h)
        return;
    server_destroy(h->server);
    terminal_streams_destroy(h->streams);
    json_parser_destroy(h->site.parser);
    free(h);
}
