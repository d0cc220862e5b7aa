#include "broker/trade_request.h"

#include "broker/broker_http.h"
#include "broker/throttle.h"
#include "broker/token_keeper.h"
#include "market/request_budget.h"
#include "net/http_fields.h"
#include "net/http_time.h"
#include "primary/request.h"
#include "primary/trade_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define URL_BYTES      4096
#define TIMEOUT_MIN_MS (60 * 1000) /* megabytes over a slow connection */

struct trade_request {
    struct trade_request_parts parts;
    struct http *http;
    struct loop_timer *step; /* the next step of reading */
    struct trade_list *list; /* NULL: nothing is being read */
    bool asking;
    int generation; /* of the token */
    int64_t day;
    struct now asked;
    int64_t asked_ns;      /* by the slower of our clock and the broker's */
    int64_t doubt_from_ms; /* an answer is no reason to doubt the token before */
};

static void end(struct trade_request *r, struct trade_request_end end)
{
    end.asked_ns = r->asked_ns;
    r->parts.ended(r->parts.arg, &end);
}

/*
 * A page may hide whether the token is valid; the keeper decides. Once an hour, because other
 * requests may be accepted with this token: then the list is the cause.
 */
static void doubt_token(struct trade_request *r, enum reply_class class, const char *words)
{
    bool doubtful = class == REPLY_AUTH || class == REPLY_LOGIN_PAGE || class == REPLY_PAGE;
    if (!doubtful || r->asked.mono_ms < r->doubt_from_ms)
        return;
    r->doubt_from_ms = r->asked.mono_ms + MS_PER_HOUR;
    if (class == REPLY_AUTH)
        token_keeper_unauthorized(r->parts.keeper, r->generation);
    else
        token_keeper_page(r->parts.keeper, r->generation, class == REPLY_LOGIN_PAGE, words);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void end_reading(struct trade_request *r, enum reply_class class, const char *words)
{
    struct trade_request_end read = {
        .answered = true,
        .class = class,
        .words = words,
        .unreadable = trade_list_skipped(r->list),
    };
    if (class == REPLY_OK) {
        token_keeper_worked(r->parts.keeper, r->generation);
        read.trades = trade_list_take(r->list, &read.count);
    }
    doubt_token(r, class, words);
    trade_list_destroy(r->list);
    r->list = NULL;
    end(r, read);
}

static void on_step(void *arg)
{
    struct trade_request *r = arg;
    enum reply_class class;
    struct err why = {0};
    if (trade_list_step(r->list, &class, &why))
        loop_timer_set(r->step, 0);
    else
        end_reading(r, class, why.text);
}

static void read_from(struct trade_request *r, const struct http_reply *http)
{
    struct buf body;
    int rc = broker_http_take_body(http, &body);
    if (rc == 0)
        r->list = trade_list_create(&body, r->day);
    buf_finish(&body);
    if (r->list)
        loop_timer_set(r->step, 0);
    else
        end(r, (struct trade_request_end){.words = "out of memory"});
}

/* --- the request ------------------------------------------------------------------------------ */

/*
 * Trades up to this time, less the lag of the list, count as listed, and are recorded from no other
 * source. So a clock of ours that is ahead, even by days, must not decide it alone.
 */
static void compare_clocks(struct trade_request *r, const struct http_fields *fields)
{
    const char *date = http_fields_get(fields, "Date");
    int64_t broker_ns;
    if (http_time_ns(date, strlen(date), &broker_ns) && broker_ns + NS_PER_S < r->asked_ns)
        r->asked_ns = broker_ns;
}

static void take_answer(struct trade_request *r, const struct http_reply *http)
{
    struct err why = {0};
    struct reply reply = broker_http_reply(http);
    enum reply_class class = reply_by_head(&reply, &why);
    if (class == REPLY_OK) {
        read_from(r, http);
        return;
    }
    doubt_token(r, class, why.text);
    end(r, (struct trade_request_end){.answered = true, .class = class, .words = why.text});
}

static void on_done(void *arg, const struct http_reply *http)
{
    struct trade_request *r = arg;
    int64_t now_ms = loop_now(r->parts.loop).mono_ms;
    const struct throttle_answer answer = {http->status, http->retry_after_ms, r->asked.mono_ms,
                                           now_ms, REQUEST_PATH_TRADES};
    r->asking = false;
    compare_clocks(r, http->fields);
    for (int i = 1; i < http->sends; i++)
        budget_spend(r->parts.budget, BUDGET_TRADES, now_ms);
    throttle_take(r->parts.budget, r->parts.events, &answer);
    if (http->outcome == HTTP_OK)
        take_answer(r, http);
    else if (http->outcome == HTTP_TOO_LARGE)
        end(r, (struct trade_request_end){
                   .answered = true, .class = REPLY_MALFORMED, .words = http->reason});
    else if (http->outcome != HTTP_CANCELLED)
        end(r, (struct trade_request_end){.words = http->reason});
}

bool trade_request_busy(const struct trade_request *r)
{
    return r->asking || r->list;
}

static void send_now(struct trade_request *r, const char *market_id, const char *symbol,
                     const struct http_headers *headers)
{
    struct http_request request = {.body_max_bytes = TRADE_LIST_BYTES, .headers = headers};
    struct buf url;
    buf_init(&url, URL_BYTES);
    request_trades(&url, r->parts.config->broker.url, market_id, symbol, r->day);
    request.url = buf_text(&url);
    r->asking = true;
    http_send(r->http, &request, on_done, r);
    buf_finish(&url);
}

int64_t trade_request_send(struct trade_request *r, const char *market_id, const char *symbol,
                           int64_t day)
{
    struct now now = loop_now(r->parts.loop);
    const struct http_headers *headers = token_keeper_headers(r->parts.keeper);
    if (trade_request_busy(r) || !headers)
        return -1;
    int64_t wait_ms = budget_from_ms(r->parts.budget, BUDGET_TRADES, now.mono_ms) - now.mono_ms;
    if (wait_ms > 0)
        return wait_ms;
    budget_spend(r->parts.budget, BUDGET_TRADES, now.mono_ms);
    r->asked = now;
    r->asked_ns = now.wall_ns;
    r->day = day;
    r->generation = token_keeper_generation(r->parts.keeper);
    send_now(r, market_id, symbol, headers);
    return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

int trade_request_create(struct trade_request **out, const struct trade_request_parts *parts,
                         struct err *err)
{
    const struct config_broker *broker = &parts->config->broker;
    int64_t timeout_ms = broker->timeout_ms > TIMEOUT_MIN_MS ? broker->timeout_ms : TIMEOUT_MIN_MS;
    struct trade_request *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    r->parts = *parts;
    r->step = loop_timer_create(parts->loop, on_step, r);
    r->http = broker_http_create(parts->loop, broker, timeout_ms, 1, err);
    int rc = r->http ? 0 : err->code;
    if (rc == 0 && !r->step)
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc)
        trade_request_destroy(r);
    else
        *out = r;
    return rc;
}

void trade_request_destroy(struct trade_request *r)
{
    if (!r)
        return;
    http_destroy(r->http);
    loop_timer_destroy(r->step);
    trade_list_destroy(r->list);
    free(r);
}
