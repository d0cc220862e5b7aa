#include "virtual_broker.h"

#include "base/buf.h"
#include "net/http.h"
#include "place.h"
#include "primary/request.h"
#include "tally.h"
#include "virtual_exchange.h"
#include "virtual_terminal.h"
#include "virtual_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATENCY_MS 40
#define DATA_BYTES 512
#define LIST_BYTES 65536

static struct {
    struct answer answers[ENDPOINT_COUNT], of_instrument[EXCHANGE_MAX];
    bool down, daily, unlisted[EXCHANGE_MAX];
    int token; /* the number of the valid one */
    bool token_ended;
    int64_t token_day, list_ns;
} broker;

/* --- behaviour -------------------------------------------------------------------------------- */

void broker_begin(void)
{
    broker.token_ended = true; /* none was issued */
}

void broker_answers(enum endpoint endpoint, int instrument, const struct answer *answer)
{
    struct answer *at =
        instrument >= 0 ? &broker.of_instrument[instrument] : &broker.answers[endpoint];
    free(at->body);
    *at = *answer;
}

const struct answer *broker_answer_of(enum endpoint endpoint)
{
    return broker.answers[endpoint].set ? &broker.answers[endpoint] : NULL;
}

bool broker_find_endpoint(const char *name, enum endpoint *out)
{
    static const char *const names[ENDPOINT_COUNT] = {"login",         "list",
                                                      "details",       "detail",
                                                      "segments",      "by-segment",
                                                      "by-cfi",        "data",
                                                      "invalid-token", "handshake",
                                                      "profile",       "terminal-login",
                                                      "terminal-list", "terminal-handshake"};
    for (int i = 0; i < ENDPOINT_COUNT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum endpoint)i;
            return true;
        }
    }
    return false;
}

void broker_set_down(bool down)
{
    broker.down = down;
}

bool broker_down(void)
{
    return broker.down;
}

void broker_end_token(void)
{
    broker.token_ended = true;
}

void broker_daily_tokens(void)
{
    broker.daily = true;
}

void broker_set_listed(int instrument, bool listed)
{
    broker.unlisted[instrument] = !listed;
}

int64_t broker_list_ns(void)
{
    return broker.list_ns;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static int64_t today(void)
{
    return art_day(time_broker_ns(time_ms()));
}

/* The number of the token in a request. */
static int token_of(const struct http_headers *headers)
{
    struct line { /* of libcurl's list */
        char *data;
        struct line *next;
    };
    for (const struct line *l = headers ? http_headers_native(headers) : NULL; l; l = l->next) {
        int token;
        if (sscanf(l->data, "X-Auth-Token: token-%d", &token) == 1)
            return token;
    }
    return -1;
}

bool broker_token_valid(const struct http_headers *headers)
{
    return !broker.token_ended && token_of(headers) == broker.token &&
           (!broker.daily || broker.token_day == today());
}

static void issue_token(char *out, size_t size)
{
    broker.token++;
    broker.token_ended = false;
    broker.token_day = today();
    tally_add(TALLY_LOGINS);
    snprintf(out, size, "token-%d", broker.token);
}

/* --- answers ---------------------------------------------------------------------------------- */

struct http {
    struct loop *loop;
    int64_t timeout_ms;
    struct call *first;
    int in_flight;
};

struct call { /* a request in flight */
    struct call *next;
    struct http *http;
    http_done *done;
    void *arg;
    struct loop_timer *timer;
    struct http_headers *headers;
    enum endpoint endpoint;
    int instrument; /* of ENDPOINT_DATA */
    bool has_all;   /* this list of a segment or a code has all instruments */
};

static void finish(struct call *c, const struct http_reply *reply)
{
    struct call **at = &c->http->first;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    c->http->in_flight--;
    c->done(c->arg, reply);
    loop_timer_destroy(c->timer);
    http_headers_destroy(c->headers);
    free(c);
}

static const char *words_of(enum http_outcome outcome)
{
    switch (outcome) {
    case HTTP_RESOLVE:
        return "no such host: simulated";
    case HTTP_CONNECT:
        return "no connection: simulated";
    case HTTP_TLS:
        return "the certificate is not valid: simulated";
    case HTTP_TIMEOUT:
        return "no answer in time: simulated";
    case HTTP_BROKEN:
        return "connection reset: simulated";
    case HTTP_TOO_LARGE:
        return "the answer is too large: simulated";
    case HTTP_CANCELLED:
        return "cancelled";
    case HTTP_OK:
        break;
    }
    return "";
}

static struct http_reply reply_of(enum http_outcome outcome, int status)
{
    static const struct http_fields no_fields;
    return (struct http_reply){.outcome = outcome,
                               .reason = words_of(outcome),
                               .status = status,
                               .sends = 1,
                               .content_type = "application/json",
                               .location = "",
                               .fields = &no_fields,
                               .retry_after_ms = -1,
                               .body = ""};
}

static void set_body(struct http_reply *reply, const char *body)
{
    reply->body = body;
    reply->body_len_bytes = strlen(body);
}

static struct http_reply scripted(const struct answer *answer)
{
    struct http_reply reply = reply_of(answer->outcome, answer->status);
    set_body(&reply, answer->body ? answer->body : "");
    reply.location = answer->location ? answer->location : "";
    reply.retry_after_ms = answer->retry_after_ms;
    return reply;
}

static void put_list(struct buf *out)
{
    const char *comma = "";
    buf_puts(out, "{\"status\":\"OK\",\"instruments\":[");
    for (int i = 0; i < exchange_count(); i++) {
        if (broker.unlisted[i])
            continue;
        buf_printf(out,
                   "%s{\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"%s\"},"
                   "\"cficode\":\"FXXXSX\"}",
                   comma, exchange_symbol(i));
        comma = ",";
    }
    buf_puts(out, "]}");
}

static void answer_list(struct call *c)
{
    struct http_reply reply = reply_of(HTTP_OK, 200);
    struct buf list;
    buf_init(&list, LIST_BYTES);
    put_list(&list);
    broker.list_ns = time_wall_ns();
    set_body(&reply, buf_text(&list));
    finish(c, &reply);
    buf_finish(&list);
}

static void put_detail(struct buf *out, int i)
{
    buf_printf(out,
               "{\"symbol\":null,\"instrumentId\":{\"marketId\":\"ROFX\",\"symbol\":\"%s\"},"
               "\"cficode\":\"FXXXSX\",\"minPriceIncrement\":0.5,\"contractMultiplier\":1000}",
               exchange_symbol(i));
}

static void answer_details(struct call *c)
{
    struct http_reply reply = reply_of(HTTP_OK, 200);
    struct buf list;
    buf_init(&list, LIST_BYTES);
    buf_puts(&list, "{\"status\":\"OK\",\"instruments\":[");
    for (int i = 0; i < exchange_count(); i++) {
        buf_puts(&list, i ? "," : "");
        put_detail(&list, i);
    }
    buf_puts(&list, "]}");
    set_body(&reply, buf_text(&list));
    finish(c, &reply);
    buf_finish(&list);
}

static void answer_detail(struct call *c)
{
    struct http_reply reply = reply_of(HTTP_OK, 200);
    struct buf one;
    buf_init(&one, LIST_BYTES);
    buf_puts(&one, "{\"status\":\"OK\",\"instrument\":");
    put_detail(&one, c->instrument);
    buf_puts(&one, "}");
    set_body(&reply, buf_text(&one));
    finish(c, &reply);
    buf_finish(&one);
}

static void answer_text(struct call *c, const char *text)
{
    struct http_reply reply = reply_of(HTTP_OK, 200);
    set_body(&reply, text);
    finish(c, &reply);
}

/* Segment DDF has all instruments, and TEST has none. */
static void answer_segments(struct call *c)
{
    answer_text(c, "{\"status\":\"OK\",\"segments\":["
                   "{\"marketSegmentId\":\"DDF\",\"marketId\":\"ROFX\"},"
                   "{\"marketSegmentId\":\"TEST\",\"marketId\":\"ROFX\"}]}");
}

/* Flat; all are futures of DDF. */
static void answer_part(struct call *c, bool has_all)
{
    struct buf list;
    buf_init(&list, LIST_BYTES);
    buf_puts(&list, "{\"status\":\"OK\",\"instruments\":[");
    for (int i = 0; has_all && i < exchange_count(); i++)
        buf_printf(&list, "%s{\"marketId\":\"ROFX\",\"symbol\":\"%s\"}", i ? "," : "",
                   exchange_symbol(i));
    buf_puts(&list, "]}");
    answer_text(c, buf_text(&list));
    buf_finish(&list);
}

static void answer_data(struct call *c)
{
    char data[DATA_BYTES], body[DATA_BYTES + 64];
    struct http_reply reply = reply_of(HTTP_OK, 200);
    exchange_put(data, sizeof(data), c->instrument);
    snprintf(body, sizeof(body), "{\"status\":\"OK\",\"marketData\":%s,\"depth\":1}", data);
    set_body(&reply, body);
    finish(c, &reply);
}

static void answer_login(struct call *c)
{
    char token[32], line[64];
    struct http_fields fields = {0};
    struct http_reply reply = reply_of(HTTP_OK, 200);
    issue_token(token, sizeof(token));
    http_fields_add(&fields, line, (size_t)snprintf(line, sizeof(line), "X-Auth-Token: %s", token));
    reply.fields = &fields;
    finish(c, &reply);
    http_fields_finish(&fields);
}

static void answer_profile(struct call *c)
{
    static const char server[] = "Set-Cookie: SERVERID=s1; path=/";
    char body[DATA_BYTES];
    struct http_fields fields = {0};
    struct http_reply reply = reply_of(HTTP_OK, 200);
    terminal_put_profile(c->headers, body, sizeof(body));
    set_body(&reply, body);
    http_fields_add(&fields, server, sizeof(server) - 1);
    reply.fields = &fields;
    finish(c, &reply);
    http_fields_finish(&fields);
}

static void answer_terminal_login(struct call *c)
{
    char cookie[128];
    struct http_fields fields = {0};
    bool accepted = terminal_log_in(c->headers, cookie, sizeof(cookie));
    struct http_reply reply = reply_of(HTTP_OK, accepted ? 200 : 403);
    if (accepted)
        http_fields_add(&fields, cookie, strlen(cookie));
    reply.fields = &fields;
    finish(c, &reply);
    http_fields_finish(&fields);
}

static void answer_terminal_list(struct call *c)
{
    char body[DATA_BYTES * 8];
    struct http_reply reply = reply_of(HTTP_OK, 200);
    terminal_put_list(body, sizeof(body));
    set_body(&reply, body);
    finish(c, &reply);
}

static void answer_normally(struct call *c)
{
    struct http_reply unauthorized = reply_of(HTTP_OK, 401);
    const struct answer *invalid = broker_answer_of(ENDPOINT_INVALID_TOKEN);
    if (c->endpoint == ENDPOINT_LOGIN) {
        answer_login(c);
    } else if (c->endpoint == ENDPOINT_PROFILE) {
        answer_profile(c);
    } else if (c->endpoint == ENDPOINT_TERMINAL_LOGIN) {
        answer_terminal_login(c);
    } else if (c->endpoint == ENDPOINT_TERMINAL_LIST) {
        answer_terminal_list(c);
    } else if (!broker_token_valid(c->headers)) {
        if (invalid)
            unauthorized = scripted(invalid);
        finish(c, &unauthorized);
    } else if (c->endpoint == ENDPOINT_LIST) {
        answer_list(c);
    } else if (c->endpoint == ENDPOINT_DETAILS) {
        answer_details(c);
    } else if (c->endpoint == ENDPOINT_DETAIL) {
        answer_detail(c);
    } else if (c->endpoint == ENDPOINT_SEGMENTS) {
        answer_segments(c);
    } else if (c->endpoint == ENDPOINT_BY_SEGMENT || c->endpoint == ENDPOINT_BY_CFI) {
        answer_part(c, c->has_all);
    } else {
        answer_data(c);
    }
}

/* The answer that the script has set for this request; NULL = none. */
static const struct answer *answer_to(const struct call *c)
{
    static const struct answer unreachable = {.set = true, .outcome = HTTP_CONNECT};
    if (broker.down)
        return &unreachable;
    if (c->endpoint == ENDPOINT_DATA && broker.of_instrument[c->instrument].set)
        return &broker.of_instrument[c->instrument];
    return broker_answer_of(c->endpoint);
}

static void on_answer(void *arg)
{
    struct call *c = arg;
    const struct answer *answer = answer_to(c);
    if (!answer) {
        answer_normally(c);
        return;
    }
    struct http_reply reply = scripted(answer);
    finish(c, &reply);
}

/* --- net/http --------------------------------------------------------------------------------- */

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err)
{
    struct http *http = calloc(1, sizeof(*http));
    (void)err;
    http->loop = loop;
    http->timeout_ms = config->timeout_ms;
    return http;
}

static void recognise(struct call *c, const char *url)
{
    const char *symbol = strstr(url, "symbol=");
    if (terminal_has(url)) {
        c->endpoint = strstr(url, "profile")    ? ENDPOINT_PROFILE
                      : strstr(url, "ref-data") ? ENDPOINT_TERMINAL_LIST
                                                : ENDPOINT_TERMINAL_LOGIN;
    } else if (strstr(url, REQUEST_PATH_TOKEN)) {
        c->endpoint = ENDPOINT_LOGIN;
        tally_add(TALLY_LOGIN_TRIES);
    } else if (strstr(url, REQUEST_PATH_INSTRUMENTS)) {
        c->endpoint = ENDPOINT_LIST;
        tally_add(TALLY_LISTS);
    } else if (strstr(url, REQUEST_PATH_SEGMENTS)) {
        c->endpoint = ENDPOINT_SEGMENTS;
        tally_add(TALLY_SEGMENTS);
    } else if (strstr(url, "bySegment") || strstr(url, "byCFICode")) {
        c->endpoint = strstr(url, "bySegment") ? ENDPOINT_BY_SEGMENT : ENDPOINT_BY_CFI;
        c->has_all = strstr(url, "MarketSegmentID=DDF&MarketID=ROFX") || strstr(url, "=FXXXSX");
        tally_add(TALLY_PART_LISTS);
    } else if (strstr(url, REQUEST_PATH_DETAILS)) {
        c->endpoint = ENDPOINT_DETAILS;
        tally_add(TALLY_DETAILS);
    } else if (strstr(url, REQUEST_PATH_DETAIL)) {
        c->endpoint = ENDPOINT_DETAIL;
        c->instrument = symbol ? exchange_find(symbol + 7) : -1;
        tally_add(TALLY_SINGLE_DETAILS);
    } else {
        c->endpoint = ENDPOINT_DATA;
        c->instrument = symbol ? exchange_find(symbol + 7) : -1;
        tally_add(TALLY_REQUESTS);
    }
    if (c->instrument < 0)
        place_fail("a request that the virtual broker does not know: %s", url);
}

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg)
{
    struct call *c = calloc(1, sizeof(*c));
    *c = (struct call){.next = http->first, .http = http, .done = done, .arg = arg};
    recognise(c, request->url);
    if (request->headers)
        c->headers = http_headers_hold(request->headers);
    http->first = c;
    http->in_flight++;
    c->timer = loop_timer_create(http->loop, on_answer, c);
    const struct answer *answer = answer_to(c);
    bool late = answer && answer->outcome == HTTP_TIMEOUT;
    loop_timer_set(c->timer, late ? http->timeout_ms : LATENCY_MS);
}

void http_cancel_all(struct http *http)
{
    struct http_reply reply = reply_of(HTTP_CANCELLED, 0);
    while (http->first)
        finish(http->first, &reply);
}

int http_in_flight(const struct http *http)
{
    return http->in_flight;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    http_cancel_all(http);
    free(http);
}
