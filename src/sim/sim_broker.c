#include "sim/sim_broker.h"

#include "base/num.h"
#include "serve/server.h"
#include "sim/account.h"
#include "sim/faults.h"
#include "sim/sim_market.h"
#include "sim/sim_streams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_TYPE  "application/json;charset=UTF-8"
#define HUGE_BYTES (2 * 1024 * 1024 + 1)

struct sim_broker {
    struct loop *loop;
    struct server *server;
    struct sim_market *market;
    struct account account;
    struct faults faults;
    struct rng rng;
    struct sim_streams *streams;
    unsigned stream_proofs;
    int64_t start_ms;
    int64_t faults_acted, polls, lists, streams_refused;
};

/* --- faults ----------------------------------------------------------------------------------- */

static void spoil(struct sim_broker *broker, const struct fault *fault, struct api_answer *answer)
{
    switch (fault->kind) {
    case FAULT_STATUS:
        api_put(answer, fault->status, JSON_TYPE,
                *fault->body ? fault->body : "{\"status\":\"ERROR\",\"message\":\"simulated\"}");
        answer->retry_after_s = fault->retry_after_s;
        return;
    case FAULT_TYPE:
        answer->content_type = "text/plain";
        return;
    case FAULT_SHAPE:
        api_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\",\"marketData\":\"none today\"}");
        return;
    case FAULT_GARBAGE:
        api_put(answer, 200, JSON_TYPE,
                "{\"status\":\"OK\",\"marketData\":{\"BI\":[{\"price\":1601.,,");
        return;
    case FAULT_HTML:
        api_put(answer, 200, "text/html",
                "<!doctype html><title>Ingreso</title>"
                "<form method=post action=\"/j_spring_security_check\"></form>");
        return;
    case FAULT_REDIRECT:
        api_put(answer, fault->status / 100 == 3 ? fault->status : 302, "text/html", "");
        snprintf(answer->location, sizeof(answer->location), "%s", fault->location);
        return;
    case FAULT_PAGE:
        api_put(answer, fault->status, "text/html", "");
        buf_printf(&answer->body,
                   "<!doctype html><html><head><title>%s</title></head><body></body></html>",
                   fault->title);
        answer->retry_after_s = fault->retry_after_s;
        return;
    case FAULT_BLANK:
        api_put(answer, fault->status, "text/plain", "");
        return;
    case FAULT_EMPTY:
        api_put(answer, 200, JSON_TYPE, "");
        return;
    case FAULT_HUGE:
        api_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\"");
        while (answer->body.len_bytes < HUGE_BYTES)
            buf_puts(&answer->body, "                                                            ");
        buf_puts(&answer->body, "}");
        return;
    case FAULT_NO_TOKEN:
        api_put(answer, 200, "text/plain", "");
        return;
    case FAULT_REFUSE:
        broker->account.refused++;
        api_put(answer, 401, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
        return;
    case FAULT_BODY:
        api_put(answer, 200, JSON_TYPE, fault->body);
        return;
    case FAULT_ERROR:
        api_error(answer, fault->body);
        return;
    case FAULT_NONE:
    case FAULT_SLOW:
    case FAULT_HANG:
    case FAULT_RESET:
    case FAULT_CLOSE:
    case FAULT_TRUNCATED:
    case FAULT_EXPIRE:
        return;
    default: /* kinds for streams only */
        return;
    }
}

static struct server_manner manner_of(const struct fault *fault)
{
    struct server_manner manner = {.kind = MANNER_SEND};
    switch (fault ? fault->kind : FAULT_NONE) {
    case FAULT_SLOW:
        manner.delay_ms = fault->delay_ms;
        break;
    case FAULT_HANG:
        manner.kind = MANNER_HANG;
        break;
    case FAULT_RESET:
        manner.kind = MANNER_RESET;
        break;
    case FAULT_CLOSE:
        manner.kind = MANNER_CLOSE;
        break;
    case FAULT_TRUNCATED:
        manner.kind = MANNER_TRUNCATE;
        break;
    default:
        break;
    }
    return manner;
}

/* --- endpoints of the simulator --------------------------------------------------------------- */

static void put_stats(struct sim_broker *broker, struct api_answer *answer)
{
    struct server_stats s = server_stats(broker->server);
    struct sim_streams_stats st = sim_streams_stats(broker->streams);
    api_put(answer, 200, JSON_TYPE, "");
    buf_printf(&answer->body,
               "{\"requests\":%lld,\"connections\":%lld,\"in_flight\":%d,\"max_in_flight\":%d,"
               "\"logins\":%lld,\"login_refused\":%lld,\"unauthorized\":%lld,\"faults\":%lld,"
               "\"market_data\":%lld,\"instruments\":%lld,\"changes\":%lld,\"uptime_ms\":%lld,"
               "\"streams\":%d,\"stream_opened\":%lld,\"stream_refused\":%lld,\"smd\":%lld,"
               "\"smd_products\":%lld,\"stream_frames\":%lld}",
               (long long)s.requests, (long long)s.connections, s.in_flight, s.max_in_flight,
               (long long)broker->account.logins, (long long)broker->account.refused,
               (long long)broker->account.unauthorized, (long long)broker->faults_acted,
               (long long)broker->polls, (long long)broker->lists,
               (long long)sim_market_changes(broker->market),
               (long long)(loop_now(broker->loop).mono_ms - broker->start_ms), st.open,
               (long long)st.opened, (long long)broker->streams_refused, (long long)st.smd,
               (long long)st.products, (long long)st.frames);
}

static void spoil_streams(struct sim_broker *broker, const struct api_request *request,
                          struct api_answer *answer)
{
    const char *kind = api_param(request, "kind");
    const char *text = api_param(request, "code");
    double code = 1000;
    if (text && !(num_parse(text, strlen(text), &code) && code >= 1000 && code <= 4999))
        api_put(answer, 400, JSON_TYPE,
                "{\"status\":\"ERROR\",\"description\":\"code must be from 1000 to 4999\"}");
    else if (!kind || !sim_streams_do(broker->streams, fault_kind_of(kind), (int)code))
        api_put(answer, 400, JSON_TYPE,
                "{\"status\":\"ERROR\",\"description\":\"kind is not valid; allowed: mute deaf "
                "half_open reset close goodbye\"}");
}

static void set_rate(struct sim_broker *broker, const struct api_request *request,
                     struct api_answer *answer)
{
    const char *text = api_param(request, "rate");
    double rate;
    if (text && num_parse(text, strlen(text), &rate) && rate >= 0 && rate <= 1e6)
        sim_market_set_rate(broker->market, rate);
    else
        api_put(answer, 400, JSON_TYPE,
                "{\"status\":\"ERROR\",\"description\":\"rate must be from 0 to 1000000\"}");
}

static bool answer_own(struct sim_broker *broker, const struct api_request *request,
                       struct api_answer *answer)
{
    const char *password = api_param(request, "password");
    if (strncmp(request->path, "sim/", 4) != 0)
        return false;
    api_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\"}");
    if (strcmp(request->path, "sim/stats") == 0 && !request->post)
        put_stats(broker, answer);
    else if (strcmp(request->path, "sim/expire") == 0 && request->post)
        account_forget(&broker->account);
    else if (strcmp(request->path, "sim/market") == 0 && request->post)
        set_rate(broker, request, answer);
    else if (strcmp(request->path, "sim/stream") == 0 && request->post)
        spoil_streams(broker, request, answer);
    else if (strcmp(request->path, "sim/user") == 0 && request->post && password)
        snprintf(broker->account.password, sizeof(broker->account.password), "%s", password);
    else
        api_put(answer, 404, JSON_TYPE, "{\"status\":\"ERROR\"}");
    return true;
}

/* --- requests --------------------------------------------------------------------------------- */

static void count(struct sim_broker *broker, const struct api_request *request)
{
    broker->polls += strcmp(request->path, "rest/marketdata/get") == 0;
    broker->lists += strcmp(request->path, "rest/instruments/all") == 0;
}

static const struct fault *find_fault(struct sim_broker *broker, const struct fault_target *target)
{
    int64_t since_ms = loop_now(broker->loop).mono_ms - broker->start_ms;
    const struct fault *fault = faults_find(&broker->faults, target, since_ms, &broker->rng);
    broker->faults_acted += fault != NULL;
    return fault;
}

/* A login also gets a session cookie, if cookies are accepted for streams. */
static void set_cookie(const struct sim_broker *broker, struct api_answer *answer)
{
    if (*answer->token && (broker->stream_proofs & ACCOUNT_COOKIE))
        snprintf(answer->cookie, sizeof(answer->cookie), "JSESSIONID=%s; Path=/", answer->token);
}

static struct server_manner on_request(void *arg, const struct api_request *request,
                                       struct api_answer *answer)
{
    struct sim_broker *broker = arg;
    struct now now = loop_now(broker->loop);
    const char *symbol = api_param(request, "symbol");
    const char *symbols[] = {symbol ? symbol : ""};

    if (answer_own(broker, request, answer))
        return (struct server_manner){.kind = MANNER_SEND};
    count(broker, request);
    sim_market_advance(broker->market, now.wall_ns);
    const struct fault_target target = {FAULT_AT_REQUEST, request->path, symbols, 1};
    const struct fault *fault = find_fault(broker, &target);
    if (fault && fault->kind == FAULT_EXPIRE)
        account_forget(&broker->account);
    struct api_auth auth = account_auth(&broker->account);
    api_answer(sim_market_source(broker->market), &auth, request, answer);
    if (fault)
        spoil(broker, fault, answer);
    set_cookie(broker, answer);
    return manner_of(fault);
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

static bool judge_upgrade(struct sim_broker *broker, const struct api_request *request,
                          struct api_answer *answer)
{
    if (!stream_path(broker, request->path))
        api_put(answer, 404, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Not Found\"}");
    else if (account_allows(&broker->account, request, broker->stream_proofs))
        return true;
    else
        api_put(answer, 401, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
    return false;
}

static bool on_upgrade(void *arg, const struct api_request *request, struct api_answer *answer,
                       struct server_manner *manner)
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
        *manner = manner_of(fault);
    }
    broker->streams_refused += !in;
    return in;
}

static void on_opened(void *arg, struct websocket *socket)
{
    sim_streams_opened(((struct sim_broker *)arg)->streams, socket);
}

static void on_text(void *arg, struct websocket *socket, const char *text, size_t len_bytes)
{
    sim_streams_text(((struct sim_broker *)arg)->streams, socket, text, len_bytes);
}

static void on_closed(void *arg, struct websocket *socket)
{
    sim_streams_closed(((struct sim_broker *)arg)->streams, socket);
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
    if (rc)
        return rc;
    account_init(&broker->account, broker->loop, config->user, config->password,
                 config->token_ttl_ms);
    broker->rng.state = config->seed;
    broker->start_ms = now.mono_ms;
    const struct sim_streams_config streams = {broker->loop, broker->market, config->stream_idle_ms,
                                               stream_fault, broker};
    broker->stream_proofs = config->stream_proofs;
    broker->streams = sim_streams_create(&streams);
    if (!broker->streams)
        return err_set(err, -ENOMEM, "out of memory");
    rc = server_create(&broker->server, broker->loop, config->host, config->port, on_request,
                       broker, err);
    if (rc == 0)
        server_take_websockets(
            broker->server,
            &(struct websocket_handlers){broker, on_upgrade, on_opened, on_text, on_closed});
    return rc;
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
    server_destroy(broker->server);
    sim_streams_destroy(broker->streams);
    sim_market_destroy(broker->market);
    faults_finish(&broker->faults);
    free(broker);
}

int sim_broker_port(const struct sim_broker *broker)
{
    return server_port(broker->server);
}
