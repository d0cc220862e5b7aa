#include "net/http.h"

#include "net/http_exchange.h"
#include "net/link.h"
#include "net/multi.h"
#include "net/route.h"
#include "net/route_plan.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>

/* One request, or a pooled one kept for the next request. */
struct call {
    struct http *http;
    struct http_exchange *x;
    struct call *next, *previous; /* in the list `active` or `pooled` */
    http_done *done;
    void *arg;
    struct route *route; /* while it is active */
    int64_t asked_ms;    /* when its route was asked for; libcurl's time starts later */
    int start_error;     /* a CURLcode: it could not be started */
    bool in_multi;
};

struct http {
    struct loop *loop;
    struct multi *multi;
    struct loop_timer *failures; /* completes requests that could not be started */
    struct call *active, *pooled;
    int in_flight;
    struct http_headers *usual;
    struct link link;
    struct route_plan *plan; /* of the last request */
    int64_t timeout_ms;
};

/* --- requests and the pool -------------------------------------------------------------------- */

static void destroy_call(struct call *call)
{
    http_exchange_destroy(call->x);
    free(call);
}

static struct call *make_call(struct http *http, bool secret)
{
    struct call *call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    call->http = http;
    call->x = http_exchange_create(&http->link, secret, call);
    if (call->x)
        return call;
    free(call);
    return NULL;
}

static struct call *take_pooled(struct http *http)
{
    struct call *call = http->pooled;
    http->pooled = call->next;
    return call;
}

static void give_back(struct call *call)
{
    struct http *http = call->http;
    if (!http_exchange_end(call->x)) {
        destroy_call(call);
        return;
    }
    call->next = http->pooled;
    http->pooled = call;
}

static void link_call(struct call *call)
{
    struct http *http = call->http;
    call->previous = NULL;
    call->next = http->active;
    if (http->active)
        http->active->previous = call;
    http->active = call;
    http->in_flight++;
}

static void unlink_call(struct call *call)
{
    struct http *http = call->http;
    if (call->previous)
        call->previous->next = call->next;
    else
        http->active = call->next;
    if (call->next)
        call->next->previous = call->previous;
    call->next = call->previous = NULL;
    http->in_flight--;
}

/* --- end of a request ------------------------------------------------------------------------- */

/* The only place where a request ends. */
static void finish(struct call *call, const struct http_reply *reply)
{
    if (call->in_multi)
        multi_remove(call->http->multi, http_exchange_native(call->x));
    call->in_multi = false;
    route_destroy(call->route);
    call->route = NULL;
    unlink_call(call);
    call->done(call->arg, reply);
    give_back(call);
}

static void end(struct call *call, int code)
{
    char words[HTTP_WORDS_BYTES];
    struct http_reply reply = http_exchange_reply(call->x, code, words);
    finish(call, &reply);
}

static void on_multi_done(void *arg, void *private, int code)
{
    (void)arg;
    end(private, code);
}

/* --- sending ---------------------------------------------------------------------------------- */

/* The time-out of the request includes the time to find its route. */
static int begin(struct call *call, int64_t waited_ms)
{
    struct http *http = call->http;
    CURL *easy = http_exchange_native(call->x);
    int64_t left_ms = http->timeout_ms - waited_ms;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1));
    route_apply(call->route, easy);
    if (multi_add(http->multi, easy))
        return CURLE_OUT_OF_MEMORY;
    call->in_multi = true;
    return CURLE_OK;
}

/* Called from the loop, so the request may end here. */
static void on_route(void *arg, const struct err *err)
{
    struct call *call = arg;
    int code = CURLE_COULDNT_RESOLVE_HOST;
    if (err->code)
        http_exchange_note(call->x, err->text);
    else
        code = begin(call, loop_now(call->http->loop).mono_ms - call->asked_ms);
    if (code)
        end(call, code);
}

static int start(struct call *call, const struct http_request *request)
{
    struct http *http = call->http;
    int64_t patience_ms = http->link.connect_timeout_ms < http->timeout_ms
                              ? http->link.connect_timeout_ms
                              : http->timeout_ms;
    int code =
        http_exchange_begin(call->x, request, request->headers ? request->headers : http->usual);
    if (code)
        return code;
    const struct route_parts parts = {.loop = http->loop,
                                      .link = &http->link,
                                      .url = request->url,
                                      .timeout_ms = patience_ms,
                                      .fn = on_route,
                                      .arg = call,
                                      .kept = &http->plan};
    int rc = route_find(&call->route, &parts);
    if (rc == -EINPROGRESS)
        call->asked_ms = loop_now(http->loop).mono_ms;
    else
        code = rc ? CURLE_OUT_OF_MEMORY : begin(call, 0);
    return code;
}

static struct call *first_failed(const struct http *http)
{
    struct call *call = http->active;
    while (call && !call->start_error)
        call = call->next;
    return call;
}

/* Search from the start each time, because done() may have changed the list. */
static void complete_failures(void *arg)
{
    struct http *http = arg;
    struct call *call;
    while ((call = first_failed(http)))
        end(call, call->start_error);
}

void http_send(struct http *http, const struct http_request *request, http_done *done, void *arg)
{
    bool make = request->secret || !http->pooled;
    struct call *call = make ? make_call(http, request->secret) : take_pooled(http);
    if (!call)
        abort(); /* no memory for 1 KiB: exactly one done() per request is impossible */
    call->done = done;
    call->arg = arg;
    link_call(call);
    call->start_error = start(call, request);
    if (call->start_error)
        loop_timer_set(http->failures, 0);
}

void http_cancel_all(struct http *http)
{
    while (http->active) {
        struct http_reply reply = http_exchange_cancelled(http->active->x);
        finish(http->active, &reply);
    }
}

int http_in_flight(const struct http *http)
{
    return http->in_flight;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct http *http_create(struct loop *loop, const struct http_config *config, struct err *err)
{
    struct http *http = calloc(1, sizeof(*http));
    if (!http) {
        err_set(err, -ENOMEM, "out of memory");
        return NULL;
    }
    http->loop = loop;
    http->timeout_ms = config->timeout_ms;
    if (link_init(&http->link, config->ca_file, config->connect_timeout_ms, err)) {
        http_destroy(http);
        return NULL;
    }
    http->failures = loop_timer_create(loop, complete_failures, http);
    http->usual = http_headers_create((const char *const[]){NULL}, NULL);
    http->multi = multi_create(loop, config->connections, on_multi_done, http);
    if (!http->failures || !http->usual || !http->multi) {
        err_set(err, -ENOMEM, "out of memory");
        http_destroy(http);
        return NULL;
    }
    return http;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    http_cancel_all(http);
    while (http->pooled)
        destroy_call(take_pooled(http));
    multi_destroy(http->multi);
    loop_timer_destroy(http->failures);
    http_headers_destroy(http->usual);
    route_plan_release(http->plan);
    link_finish(&http->link);
    free(http);
}
