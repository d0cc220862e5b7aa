#include "broker/list_request.h"

#include "broker/broker_http.h"
#include "broker/throttle.h"
#include "broker/token_keeper.h"
#include "primary/instrument_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define URL_BYTES      4096
#define TIMEOUT_MIN_MS (120 * 1000) /* many megabytes over a slow connection */
#define NO_CLIENT_MS   (60 * 1000)  /* without memory for it */

struct list_request {
    struct list_request_parts parts;
    struct http *http; /* NULL: nothing is requested, so that no descriptor is open all day */
    struct loop_timer *close;          /* of the client, when its request has ended */
    struct list_request_target target; /* of the last request */
    bool asking;
    int generation; /* of the token of the last request */
    int64_t asked_ms;
};

/* The name of the path, without parameters, for messages. */
static void put_name(const struct list_request *r, char out[LIST_REQUEST_PATH_BYTES])
{
    size_t len = strcspn(r->target.path, "?");
    memcpy(out, r->target.path, len);
    out[len] = '\0';
}

/* --- answers ---------------------------------------------------------------------------------- */

static void end(struct list_request *r, const struct list_request_end *end)
{
    r->parts.ended(r->parts.arg, end);
}

static void take_answer(struct list_request *r, const struct http_reply *http)
{
    struct err why = {0};
    struct buf body;
    struct reply reply = broker_http_reply(http);
    struct list_request_end e = {.answered = true,
                                 .class = reply_by_head(&reply, &why),
                                 .words = why.text,
                                 .retry_after_ms = http->retry_after_ms};
    if (e.class != REPLY_OK) {
        end(r, &e);
        return;
    }
    e.body = &body;
    if (broker_http_take_body(http, &body)) {
        e.class = REPLY_MALFORMED;
        e.words = "out of memory";
    }
    end(r, &e);
    buf_finish(&body);
}

static void on_done(void *arg, const struct http_reply *http)
{
    struct list_request *r = arg;
    char name[LIST_REQUEST_PATH_BYTES];
    int64_t now_ms = loop_now(r->parts.loop).mono_ms;
    put_name(r, name);
    const struct throttle_answer answer = {http->status, http->retry_after_ms, r->asked_ms, now_ms,
                                           name};
    r->asking = false;
    loop_timer_set(r->close, 0);
    for (int i = 1; i < http->sends; i++)
        budget_spend(r->parts.budget, r->target.kind, now_ms);
    throttle_take(r->parts.budget, r->parts.events, &answer);
    if (http->outcome == HTTP_OK)
        take_answer(r, http);
    else if (http->outcome == HTTP_TOO_LARGE)
        end(r, &(struct list_request_end){
                   .answered = true, .class = REPLY_MALFORMED, .words = http->reason});
    else if (http->outcome != HTTP_CANCELLED)
        end(r, &(struct list_request_end){.words = http->reason});
}

/* --- requests --------------------------------------------------------------------------------- */

static struct http *create_client(const struct list_request *r, struct err *err)
{
    const struct config_broker *broker = &r->parts.config->broker;
    int64_t timeout_ms = broker->timeout_ms > TIMEOUT_MIN_MS ? broker->timeout_ms : TIMEOUT_MIN_MS;
    return broker_http_create(r->parts.loop, broker, timeout_ms, 1, err);
}

static void on_close(void *arg)
{
    struct list_request *r = arg;
    if (r->asking)
        return;
    http_destroy(r->http);
    r->http = NULL;
}

bool list_request_busy(const struct list_request *r)
{
    return r->asking;
}

int64_t list_request_ask(struct list_request *r, const struct list_request_target *target)
{
    struct buf url;
    struct http_request request = {.body_max_bytes = INSTRUMENT_READER_BYTES};
    int64_t now_ms = loop_now(r->parts.loop).mono_ms;

    request.headers = token_keeper_headers(r->parts.keeper);
    if (r->asking || !request.headers)
        return -1;
    int64_t wait_ms = budget_from_ms(r->parts.budget, target->kind, now_ms) - now_ms;
    if (wait_ms > 0)
        return wait_ms;
    if (!r->http && !(r->http = create_client(r, NULL)))
        return NO_CLIENT_MS;
    budget_spend(r->parts.budget, target->kind, now_ms);
    r->asking = true;
    r->asked_ms = now_ms;
    r->generation = token_keeper_generation(r->parts.keeper);
    r->target = *target;
    buf_init(&url, URL_BYTES);
    buf_puts(&url, r->parts.config->broker.url);
    buf_puts(&url, target->path);
    request.url = buf_text(&url);
    http_send(r->http, &request, on_done, r);
    buf_finish(&url);
    return 0;
}

void list_request_worked(struct list_request *r)
{
    token_keeper_worked(r->parts.keeper, r->generation);
}

/* --- life ------------------------------------------------------------------------------------- */

/* The client is created once to see that it can be. */
int list_request_create(struct list_request **out, const struct list_request_parts *parts,
                        struct err *err)
{
    struct list_request *r = calloc(1, sizeof(*r));
    if (!r)
        return err_set(err, -ENOMEM, "out of memory");
    r->parts = *parts;
    r->close = loop_timer_create(parts->loop, on_close, r);
    struct http *http = r->close ? create_client(r, err) : NULL;
    int rc = http ? 0 : r->close ? err->code : err_set(err, -ENOMEM, "out of memory");
    http_destroy(http);
    if (rc)
        list_request_destroy(r);
    else
        *out = r;
    return rc;
}

void list_request_destroy(struct list_request *r)
{
    if (!r)
        return;
    http_destroy(r->http);
    loop_timer_destroy(r->close);
    free(r);
}
