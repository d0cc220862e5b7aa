#include "api/detail_requests.h"

#include "serve/reference_json.h"

#include <stdlib.h>

#define JSON_TYPE "application/json;charset=UTF-8"
#define SLICE     500 /* instruments in one turn of the loop: a millisecond */

struct waiting {
    struct waiting *next;
    struct deferred *deferred;
    struct reference_progress progress;
};

/* The first one is being written. */
struct detail_requests {
    const struct market_source *source;
    struct loop_timer *timer;
    struct waiting *first, **last;
};

static void complete_first(struct detail_requests *r, enum web_action action)
{
    struct waiting *w = r->first;
    r->first = w->next;
    if (!r->first)
        r->last = &r->first;
    deferred_complete(w->deferred, action);
    free(w);
}

static void on_timer(void *arg)
{
    struct detail_requests *r = arg;
    struct waiting *w = r->first;
    struct buf *body = &deferred_answer(w->deferred)->body;
    if (!deferred_wanted(w->deferred))
        complete_first(r, WEB_CLOSE);
    else if (!reference_json_details_step(body, r->source, &w->progress, SLICE))
        complete_first(r, WEB_SEND);
    if (r->first)
        loop_timer_set(r->timer, 0);
}

enum web_action detail_requests_answer(struct detail_requests *r, const struct api_call *call)
{
    struct waiting *w = call->request->post ? NULL : calloc(1, sizeof(*w));
    if (call->request->post)
        api_error(call->answer, "Invalid URL");
    if (!w)
        return WEB_SEND;
    w->deferred = http_connection_defer(call->connection);
    if (!w->deferred) {
        free(w);
        api_error(call->answer, "out of memory");
        return WEB_SEND;
    }
    web_put(deferred_answer(w->deferred), 200, JSON_TYPE, "");
    *r->last = w;
    r->last = &w->next;
    loop_timer_set(r->timer, 0);
    return WEB_SEND;
}

struct detail_requests *detail_requests_create(struct loop *loop,
                                               const struct market_source *source)
{
    struct detail_requests *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->source = source;
    r->last = &r->first;
    r->timer = loop_timer_create(loop, on_timer, r);
    if (r->timer)
        return r;
    free(r);
    return NULL;
}

void detail_requests_destroy(struct detail_requests *r)
{
    if (!r)
        return;
    while (r->first)
        complete_first(r, WEB_CLOSE);
    loop_timer_destroy(r->timer);
    free(r);
}
