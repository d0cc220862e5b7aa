#include "broker/detail_list.h"

#include "broker/broker_http.h"
#include "broker/throttle.h"
#include "broker/token_keeper.h"
#include "market/request_budget.h"
#include "primary/instrument_reader.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define URL_BYTES      2048
#define TIMEOUT_MIN_MS (120 * 1000) /* many megabytes over a slow connection */

struct detail_list {
    struct detail_list_parts parts;
    struct http *http;
    struct loop_timer *step;          /* the next step of reading */
    struct instrument_reader *reader; /* NULL: nothing is being read */
    bool asking, received; /* received: what is being read comes from the broker, not from a file */
    int generation;
    int64_t asked_ms;
};

static void end(struct detail_list *list, enum reply_class class, const char *words,
                int64_t retry_after_ms)
{
    const struct detail_list_end end = {
        .answered = true, .class = class, .words = words, .retry_after_ms = retry_after_ms};
    list->parts.ended(list->parts.arg, &end);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void end_reading(struct detail_list *list, enum reply_class class, const char *words)
{
    const struct detail_list_end end = {.answered = true,
                                        .class = class,
                                        .words = words,
                                        .unreadable = instrument_reader_skipped(list->reader)};
    instrument_reader_destroy(list->reader);
    list->reader = NULL;
    if (class == REPLY_OK && list->received)
        token_keeper_worked(list->parts.keeper, list->generation);
    list->parts.ended(list->parts.arg, &end);
}

static void on_step(void *arg)
{
    struct detail_list *list = arg;
    enum reply_class class;
    struct err why = {0};
    if (instrument_reader_step(list->reader, &class, &why))
        loop_timer_set(list->step, 0);
    else
        end_reading(list, class, why.text);
}

static int read_from(struct detail_list *list, struct buf *body, bool received)
{
    list->reader = instrument_reader_create(body, list->parts.item, list->parts.arg);
    if (!list->reader)
        return -ENOMEM;
    list->received = received;
    loop_timer_set(list->step, 0);
    return 0;
}

int detail_list_read(struct detail_list *list, struct buf *body)
{
    return read_from(list, body, false);
}

/* --- the request ------------------------------------------------------------------------------ */

static void take_answer(struct detail_list *list, const struct http_reply *http)
{
    struct err why = {0};
    struct buf body;
    struct reply reply = broker_http_reply(http);
    enum reply_class class = reply_by_head(&reply, &why);
    if (class != REPLY_OK) {
        end(list, class, why.text, http->retry_after_ms);
        return;
    }
    if (broker_http_take_body(http, &body) || read_from(list, &body, true))
        end(list, REPLY_MALFORMED, "out of memory", 0);
    buf_finish(&body);
}

static void on_done(void *arg, const struct http_reply *http)
{
    struct detail_list *list = arg;
    int64_t now_ms = loop_now(list->parts.loop).mono_ms;
    const struct throttle_answer answer = {http->status, http->retry_after_ms, list->asked_ms,
                                           now_ms, REQUEST_PATH_DETAILS};
    list->asking = false;
    for (int i = 1; i < http->sends; i++)
        budget_spend(list->parts.budget, BUDGET_REFERENCE, now_ms);
    throttle_take(list->parts.budget, list->parts.events, &answer);
    if (http->outcome == HTTP_OK)
        take_answer(list, http);
    else if (http->outcome == HTTP_TOO_LARGE)
        end(list, REPLY_MALFORMED, http->reason, 0);
    else if (http->outcome != HTTP_CANCELLED)
        list->parts.ended(list->parts.arg, &(struct detail_list_end){.words = http->reason});
}

bool detail_list_busy(const struct detail_list *list)
{
    return list->asking || list->reader;
}

int64_t detail_list_ask(struct detail_list *list)
{
    char url[URL_BYTES];
    struct http_request request = {.url = url, .body_max_bytes = INSTRUMENT_READER_BYTES};
    int64_t now_ms = loop_now(list->parts.loop).mono_ms;

    request.headers = token_keeper_headers(list->parts.keeper);
    if (detail_list_busy(list) || !request.headers)
        return -1;
    int64_t wait_ms = budget_from_ms(list->parts.budget, BUDGET_REFERENCE, now_ms) - now_ms;
    if (wait_ms > 0)
        return wait_ms;
    budget_spend(list->parts.budget, BUDGET_REFERENCE, now_ms);
    list->asking = true;
    list->asked_ms = now_ms;
    list->generation = token_keeper_generation(list->parts.keeper);
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_DETAILS, list->parts.config->broker.url);
    http_send(list->http, &request, on_done, list);
    return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

int detail_list_create(struct detail_list **out, const struct detail_list_parts *parts,
                       struct err *err)
{
    const struct config_broker *broker = &parts->config->broker;
    int64_t timeout_ms = broker->timeout_ms > TIMEOUT_MIN_MS ? broker->timeout_ms : TIMEOUT_MIN_MS;
    struct detail_list *list = calloc(1, sizeof(*list));
    if (!list)
        return err_set(err, -ENOMEM, "out of memory");
    list->parts = *parts;
    list->step = loop_timer_create(parts->loop, on_step, list);
    list->http = broker_http_create(parts->loop, broker, timeout_ms, 1, err);
    int rc = list->http ? 0 : err->code;
    if (rc == 0 && !list->step)
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc)
        detail_list_destroy(list);
    else
        *out = list;
    return rc;
}

void detail_list_destroy(struct detail_list *list)
{
    if (!list)
        return;
    http_destroy(list->http);
    loop_timer_destroy(list->step);
    instrument_reader_destroy(list->reader);
    free(list);
}
