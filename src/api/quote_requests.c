#include "api/quote_requests.h"

#include <stdio.h>
#include <stdlib.h>

struct waiting {
    struct waiting *next;
    struct deferred *deferred;
    struct api_quote quote;
    int64_t until_ms;
};

/* All wait equally long, so the list is in the order in which the waits end. */
struct quote_requests {
    struct loop *loop;
    const struct market_source *source;
    struct loop_timer *timer;
    struct waiting *first, **last;
    int count;
};

/* --- answers ---------------------------------------------------------------------------------- */

static const struct instrument *instrument_of(const struct quote_requests *r,
                                              const struct api_quote *quote)
{
    return r->source->instrument(r->source->self, quote->index);
}

static void put_no_data(const struct quote_requests *r, const struct api_quote *quote,
                        struct web_answer *answer)
{
    char words[256];
    const struct instrument *i = instrument_of(r, quote);
    snprintf(words, sizeof(words), "No market data of %.128s:%.16s yet: ask again later", i->symbol,
             i->market_id);
    api_error(answer, words);
}

static void put_unknown(const struct quote_requests *r, const struct api_quote *quote,
                        struct web_answer *answer)
{
    const struct instrument *i = instrument_of(r, quote);
    api_unknown(answer, i->market_id, i->symbol);
}

/* --- the list --------------------------------------------------------------------------------- */

static struct waiting *take_out(struct quote_requests *r, struct waiting **from)
{
    struct waiting *w = *from;
    *from = w->next;
    if (!w->next)
        r->last = from;
    r->count--;
    return w;
}

static void complete(struct waiting *w, enum web_action action)
{
    deferred_complete(w->deferred, action);
    free(w);
}

static void set_timer(struct quote_requests *r)
{
    if (r->first)
        loop_timer_set(r->timer, r->first->until_ms - loop_now(r->loop).mono_ms);
}

static void on_timer(void *arg)
{
    struct quote_requests *r = arg;
    int64_t now_ms = loop_now(r->loop).mono_ms;
    while (r->first && r->first->until_ms <= now_ms) {
        struct waiting *w = take_out(r, &r->first);
        put_no_data(r, &w->quote, deferred_answer(w->deferred));
        complete(w, WEB_SEND);
    }
    set_timer(r);
}

void quote_requests_tried(struct quote_requests *r, int32_t instrument, bool has_data)
{
    struct waiting **from = &r->first;
    while (*from) {
        if ((*from)->quote.index != instrument) {
            from = &(*from)->next;
            continue;
        }
        struct waiting *w = take_out(r, from);
        if (has_data)
            api_quote_answer(r->source, &w->quote, deferred_answer(w->deferred));
        else
            put_unknown(r, &w->quote, deferred_answer(w->deferred));
        complete(w, WEB_SEND);
    }
}

bool quote_requests_has(const struct quote_requests *r, int32_t instrument)
{
    for (const struct waiting *w = r->first; w; w = w->next) {
        if (w->quote.index == instrument)
            return true;
    }
    return false;
}

/* --- requests --------------------------------------------------------------------------------- */

/* False: it cannot wait. */
static bool defer(struct quote_requests *r, const struct api_call *call,
                  const struct api_quote *quote)
{
    struct waiting *w = r->count < QUOTE_REQUESTS_MAX ? calloc(1, sizeof(*w)) : NULL;
    struct deferred *deferred = w ? http_connection_defer(call->connection) : NULL;
    if (!deferred) {
        free(w);
        return false;
    }
    *w = (struct waiting){.deferred = deferred,
                          .quote = *quote,
                          .until_ms = loop_now(r->loop).mono_ms + QUOTE_REQUESTS_WAIT_MS};
    *r->last = w;
    r->last = &w->next;
    r->count++;
    set_timer(r);
    return true;
}

enum web_action quote_requests_answer(struct quote_requests *r, const struct api_call *call)
{
    struct api_quote quote;
    if (call->request->post)
        api_error(call->answer, "Invalid URL");
    else if (!api_quote_parse(r->source, call->request, call->answer, &quote))
        return WEB_SEND;
    else if (source_ready(r->source, quote.index))
        api_quote_answer(r->source, &quote, call->answer);
    else if (!defer(r, call, &quote))
        put_no_data(r, &quote, call->answer);
    return WEB_SEND;
}

/* --- create and destroy ----------------------------------------------------------------------- */

struct quote_requests *quote_requests_create(struct loop *loop, const struct market_source *source)
{
    struct quote_requests *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->loop = loop;
    r->source = source;
    r->last = &r->first;
    r->timer = loop_timer_create(loop, on_timer, r);
    if (!r->timer) {
        free(r);
        return NULL;
    }
    return r;
}

void quote_requests_destroy(struct quote_requests *r)
{
    if (!r)
        return;
    while (r->first)
        complete(take_out(r, &r->first), WEB_CLOSE);
    loop_timer_destroy(r->timer);
    free(r);
}
