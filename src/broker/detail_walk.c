#include "broker/detail_walk.h"

#include "broker/broker_http.h"
#include "broker/throttle.h"
#include "broker/token_keeper.h"
#include "market/request_budget.h"
#include "primary/instrument_decode.h"
#include "primary/request.h"

#include <errno.h>
#include <stdlib.h>

#define URL_BYTES    4096
#define DETAIL_BYTES (64 * 1024)
#define AGAIN_MS     (5 * 60 * 1000) /* after no answer, or without a token */
#define FAILURES_MAX 5               /* in a row: the walk ends */

struct detail_walk {
    struct detail_walk_parts parts;
    struct http *http;
    struct loop_timer *timer;
    struct json_parser *parser;
    struct instrument_texts texts;
    int32_t next; /* the instrument to ask for; -1 = the walk does not run */
    bool asking;
    int failures;
    int64_t asked_ms;
};

/* --- answers ---------------------------------------------------------------------------------- */

static void end(struct detail_walk *walk)
{
    walk->next = -1;
    loop_timer_stop(walk->timer);
    walk->parts.ended(walk->parts.arg);
}

/* Asked again; or given up, when the broker does not answer at all. */
static void again(struct detail_walk *walk)
{
    if (++walk->failures >= FAILURES_MAX)
        end(walk);
    else
        loop_timer_set(walk->timer, AGAIN_MS);
}

static void take(struct detail_walk *walk, const struct http_reply *http)
{
    struct instrument read;
    struct reply reply = broker_http_reply(http);
    enum reply_class class =
        instrument_decode_detail(walk->parser, &reply, &walk->texts, &read, NULL);
    switch (class) {
    case REPLY_OK:
        walk->parts.read(walk->parts.arg, &read);
        break;
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
    case REPLY_THROTTLED:
    case REPLY_SERVER:
        again(walk);
        return;
    default:
        break;
    }
    walk->failures = 0;
    walk->next++;
    loop_timer_set(walk->timer, 0);
}

static void on_done(void *arg, const struct http_reply *http)
{
    struct detail_walk *walk = arg;
    int64_t now_ms = loop_now(walk->parts.loop).mono_ms;
    const struct throttle_answer answer = {http->status, http->retry_after_ms, walk->asked_ms,
                                           now_ms, REQUEST_PATH_DETAIL};
    walk->asking = false;
    for (int i = 1; i < http->sends; i++)
        budget_spend(walk->parts.budget, BUDGET_DETAIL, now_ms);
    throttle_take(walk->parts.budget, walk->parts.events, &answer);
    if (http->outcome == HTTP_OK)
        take(walk, http);
    else if (http->outcome != HTTP_CANCELLED)
        again(walk);
}

/* --- requests --------------------------------------------------------------------------------- */

static void ask(struct detail_walk *walk, const char *symbol, const struct http_headers *headers)
{
    struct http_request request = {.body_max_bytes = DETAIL_BYTES, .headers = headers};
    struct buf url;
    buf_init(&url, URL_BYTES);
    request_detail(&url, walk->parts.config->broker.url, REQUEST_MARKET_ROFX, symbol);
    request.url = buf_text(&url);
    walk->asking = true;
    http_send(walk->http, &request, on_done, walk);
    buf_finish(&url);
}

/* Skips the instruments that are not recorded now. NULL: the walk is at its end. */
static const char *next_symbol(struct detail_walk *walk)
{
    const char *symbol;
    while ((symbol = walk->parts.symbol(walk->parts.arg, walk->next)) && !*symbol)
        walk->next++;
    return symbol;
}

static void on_timer(void *arg)
{
    struct detail_walk *walk = arg;
    const struct http_headers *headers = token_keeper_headers(walk->parts.keeper);
    int64_t now_ms = loop_now(walk->parts.loop).mono_ms;
    const char *symbol = next_symbol(walk);
    if (walk->asking)
        return;
    if (!symbol) {
        end(walk);
        return;
    }
    int64_t wait_ms =
        headers ? budget_from_ms(walk->parts.budget, BUDGET_DETAIL, now_ms) - now_ms : AGAIN_MS;
    if (wait_ms > 0) {
        loop_timer_set(walk->timer, wait_ms);
        return;
    }
    budget_spend(walk->parts.budget, BUDGET_DETAIL, now_ms);
    walk->asked_ms = now_ms;
    ask(walk, symbol, headers);
}

void detail_walk_start(struct detail_walk *walk)
{
    if (walk->next >= 0)
        return;
    walk->next = 0;
    walk->failures = 0;
    loop_timer_set(walk->timer, 0);
}

void detail_walk_wake(struct detail_walk *walk)
{
    if (walk->next >= 0 && !walk->asking)
        loop_timer_set(walk->timer, 0);
}

/* --- life ------------------------------------------------------------------------------------- */

int detail_walk_create(struct detail_walk **out, const struct detail_walk_parts *parts,
                       struct err *err)
{
    const struct config_broker *broker = &parts->config->broker;
    struct detail_walk *walk = calloc(1, sizeof(*walk));
    if (!walk)
        return err_set(err, -ENOMEM, "out of memory");
    walk->parts = *parts;
    walk->next = -1;
    walk->timer = loop_timer_create(parts->loop, on_timer, walk);
    walk->parser = json_parser_create();
    walk->http = broker_http_create(parts->loop, broker, broker->timeout_ms, 1, err);
    int rc = walk->http ? 0 : err->code;
    if (rc == 0 && (!walk->timer || !walk->parser))
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc)
        detail_walk_destroy(walk);
    else
        *out = walk;
    return rc;
}

void detail_walk_destroy(struct detail_walk *walk)
{
    if (!walk)
        return;
    http_destroy(walk->http);
    loop_timer_destroy(walk->timer);
    json_parser_destroy(walk->parser);
    free(walk);
}
