#include "sim/sim_broker.h"

#include "base/clock.h"
#include "serve/primary_api.h"
#include "serve/server.h"
#include "serve/trades_json.h"
#include "sim/account.h"
#include "sim/answer_faults.h"
#include "sim/control.h"
#include "sim/delayed_answers.h"
#include "sim/faults.h"
#include "sim/http_date.h"
#include "sim/kept_trades.h"
#include "sim/sim_market.h"
#include "sim/sim_streams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE "application/json;charset=UTF-8"

struct sim_broker {
    struct loop *loop;
    struct server *server;
    struct sim_market *market;
    struct kept_trades *kept; /* NULL: they are not kept */
    struct account account;
    struct faults faults;
    struct rng rng;
    struct sim_streams *streams;
    struct delayed_answers *delayed;
    struct terminal_host *terminal; /* NULL: there is none */
    unsigned stream_proofs;
    int64_t clock_skew_ms;
    int64_t start_ms;
    struct control_counts counts;
};

/* --- requests --------------------------------------------------------------------------------- */

static void count(struct sim_broker *broker, const struct web_request *request)
{
    broker->counts.polls += strcmp(request->path, "rest/marketdata/get") == 0;
    broker->counts.lists += strcmp(request->path, "rest/instruments/all") == 0;
    broker->counts.trades += strcmp(request->path, "rest/data/getTrades") == 0;
    broker->counts.details += strcmp(request->path, "rest/instruments/details") == 0;
}

static const struct fault *find_fault(struct sim_broker *broker, const struct fault_target *target)
{
    int64_t since_ms = loop_now(broker->loop).mono_ms - broker->start_ms;
    const struct fault *fault = faults_find(&broker->faults, target, since_ms, &broker->rng);
    broker->counts.faults_acted += fault != NULL;
    return fault;
}

/* A login also gets a session cookie, if cookies are accepted for streams. */
static void set_cookie(const struct sim_broker *broker, struct web_answer *answer)
{
    const char *token = web_answer_header(answer, "x-auth-token");
    char cookie[128];
    if (!token || !(broker->stream_proofs & ACCOUNT_COOKIE))
        return;
    snprintf(cookie, sizeof(cookie), "JSESSIONID=%s; Path=/", token);
    web_add_header(answer, "set-cookie", cookie);
}

static bool answer_control(struct sim_broker *broker, const struct web_request *request,
                           struct web_answer *answer)
{
    struct control_parts parts = {
        .server = broker->server,
        .account = &broker->account,
        .market = broker->market,
        .streams = broker->streams,
        .terminal = broker->terminal,
        .counts = broker->counts,
    };
    parts.counts.uptime_ms = loop_now(broker->loop).mono_ms - broker->start_ms;
    return control_answer(&parts, request, answer);
}

/* Trades of BYMA are in the answer only with external=true (protocol section 8). */
static void hide_external(const struct web_request *request, struct web_answer *answer)
{
    const char *symbol = web_param(request, "symbol"), *external = web_param(request, "external");
    bool listed = strcmp(request->path, "rest/data/getTrades") == 0 && symbol &&
                  strstr(symbol, " - ") && answer->status == 200;
    if (!listed || (external && strcmp(external, "true") == 0))
        return;
    web_put(answer, 200, JSON_TYPE, "");
    struct trades_json json = trades_json_begin(&answer->body, "ROFX", symbol);
    trades_json_end(&json);
}

static void spoil(struct sim_broker *broker, const struct fault *fault, struct web_answer *answer)
{
    broker->account.refused += fault->kind == FAULT_REFUSE;
    answer_faults_apply(fault, answer);
}

static void add_date(const struct sim_broker *broker, struct web_answer *answer)
{
    http_date_add(answer, loop_now(broker->loop).wall_ns + broker->clock_skew_ms * NS_PER_MS);
}

static enum web_action on_request(void *arg, struct http_connection *connection,
                                  const struct web_request *request, struct web_answer *answer)
{
    struct sim_broker *broker = arg;
    const char *symbol = web_param(request, "symbol");
    const char *symbols[] = {symbol ? symbol : ""};

    if (answer_control(broker, request, answer))
        return WEB_SEND;
    count(broker, request);
    sim_market_advance(broker->market, loop_now(broker->loop).wall_ns);
    const struct fault_target target = {FAULT_AT_REQUEST, request->path, symbols, 1};
    const struct fault *fault = find_fault(broker, &target);
    if (fault && fault->kind == FAULT_EXPIRE)
        account_forget(&broker->account);
    struct api_auth auth = account_auth(&broker->account);
    api_answer(sim_market_source(broker->market), &auth, request, answer);
    hide_external(request, answer);
    if (fault)
        spoil(broker, fault, answer);
    set_cookie(broker, answer);
    add_date(broker, answer);
    if (fault && fault->kind == FAULT_SLOW && fault->delay_ms > 0)
        delayed_answers_defer(broker->delayed, connection, fault->delay_ms);
    return answer_faults_action(fault);
}

/* --- streams ---------------------------------------------------------------------------------- */

static const struct fault *stream_fault(void *arg, const struct fault_target *target)
{
    return find_fault(arg, target);
}

/* The WebSocket is at /, and also at /ws when tokens in the query are accepted. */
static bool stream_path(const struct sim_broker *broker, const char *path)
{
    return !*path || ((broker->stream_proofs & ACCOUNT_QUERY) && strcmp(path, "ws") == 0);
}

static bool judge_upgrade(struct sim_broker *broker, const struct web_request *request,
                          struct web_answer *answer)
{
    if (!stream_path(broker, request->path))
        web_put(answer, 404, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Not Found\"}");
    else if (account_allows(&broker->account, request, broker->stream_proofs))
        return true;
    else
        web_put(answer, 401, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
    return false;
}

static bool on_upgrade(void *arg, const struct web_request *request, struct web_answer *answer,
                       enum web_action *action)
{
    struct sim_broker *broker = arg;
    const char *symbols[] = {""};
    const struct fault_target target = {FAULT_AT_UPGRADE, request->path, symbols, 1};
    const struct fault *fault = find_fault(broker, &target);
    if (fault && fault->kind == FAULT_EXPIRE)
        account_forget(&broker->account);
    bool in = judge_upgrade(broker, request, answer);
    if (fault && fault->kind != FAULT_EXPIRE) {
        in = false;
        spoil(broker, fault, answer);
        *action = answer_faults_action(fault);
    }
    if (!in)
        add_date(broker, answer);
    broker->counts.streams_refused += !in;
    return in;
}

static struct stream_server *streams_of(void *broker)
{
    return sim_streams_server(((struct sim_broker *)broker)->streams);
}

static void on_opened(void *arg, struct websocket *socket)
{
    stream_server_opened(streams_of(arg), socket);
}

static void on_text(void *arg, struct websocket *socket, const char *text, size_t len_bytes)
{
    stream_server_text(streams_of(arg), socket, text, len_bytes);
}

static void on_closed(void *arg, struct websocket *socket)
{
    stream_server_closed(streams_of(arg), socket);
}

/* --- the browser terminal --------------------------------------------------------------------- */

static int open_terminal(struct sim_broker *broker, const struct sim_broker_config *config,
                         struct err *err)
{
    const struct terminal_host_parts parts = {
        .loop = broker->loop,
        .market = broker->market,
        .account = &broker->account,
        .delayed = broker->delayed,
        .keep_previous = faults_have(&broker->faults, FAULT_OLD),
        .clock_skew_ms = broker->clock_skew_ms,
        .fault = stream_fault,
        .arg = broker,
    };
    return config->terminal.host
               ? terminal_host_create(&broker->terminal, &parts, &config->terminal, err)
               : 0;
}

/* --- create and destroy ----------------------------------------------------------------------- */

static int open_parts(struct sim_broker *broker, const struct sim_broker_config *config,
                      struct err *err)
{
    struct sim_market_config market = {config->instruments, config->rate, config->seed};
    struct now now = loop_now(broker->loop);

    if (config->faults_path) {
        int rc = faults_load(config->faults_path, &broker->faults, err);
        if (rc)
            return rc;
    }
    int rc = sim_market_create(&broker->market, &market, now.wall_ns, err);
    if (rc == 0 && config->trades_path)
        rc = kept_trades_open(&broker->kept, config->trades_path, broker->market, now.wall_ns, err);
    if (rc)
        return rc;
    sim_market_set_closed(broker->market, config->closed);
    broker->clock_skew_ms = config->clock_skew_ms;
    account_init(&broker->account, broker->loop, config->user, config->password,
                 config->token_ttl_ms);
    broker->rng.state = config->seed;
    broker->start_ms = now.mono_ms;
    const struct sim_streams_parts streams = {
        .loop = broker->loop,
        .market = broker->market,
        .idle_ms = config->stream_idle_ms,
        .keep_previous = faults_have(&broker->faults, FAULT_OLD),
        .fault = stream_fault,
        .arg = broker,
    };
    broker->stream_proofs = config->stream_proofs;
    broker->streams = sim_streams_create(&streams);
    broker->delayed = delayed_answers_create(broker->loop);
    if (!broker->streams || !broker->delayed)
        return err_set(err, -ENOMEM, "out of memory");
    const struct server_parts server = {
        .loop = broker->loop,
        .address = {.host = config->host, .port = config->port},
        .handler = on_request,
        .arg = broker,
    };
    rc = server_create(&broker->server, &server, err);
    if (rc == 0)
        server_take_websockets(broker->server, &(struct websocket_handlers){.arg = broker,
                                                                            .upgrade = on_upgrade,
                                                                            .opened = on_opened,
                                                                            .text = on_text,
                                                                            .closed = on_closed});
    return rc ? rc : open_terminal(broker, config, err);
}

int sim_broker_create(struct sim_broker **out, struct loop *loop,
                      const struct sim_broker_config *config, struct err *err)
{
    struct sim_broker *broker = calloc(1, sizeof(*broker));
    if (!broker)
        return err_set(err, -ENOMEM, "out of memory");
    broker->loop = loop;
    int rc = open_parts(broker, config, err);
    if (rc) {
        sim_broker_destroy(broker);
        return rc;
    }
    *out = broker;
    return 0;
}

void sim_broker_destroy(struct sim_broker *broker)
{
    if (!broker)
        return;
    terminal_host_destroy(broker->terminal);
    server_destroy(broker->server);
    delayed_answers_destroy(broker->delayed);
    sim_streams_destroy(broker->streams);
    kept_trades_close(broker->kept);
    sim_market_destroy(broker->market);
    faults_finish(&broker->faults);
    free(broker);
}

int sim_broker_port(const struct sim_broker *broker)
{
    return server_port(broker->server);
}

int sim_broker_terminal_port(const struct sim_broker *broker)
{
    return broker->terminal ? terminal_host_port(broker->terminal) : 0;
}
