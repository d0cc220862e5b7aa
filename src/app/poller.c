#include "app/poller.h"

#include "app/events.h"
#include "app/keeper.h"
#include "app/recorder.h"
#include "app/verdict.h"
#include "net/http.h"
#include "primary/decode.h"
#include "primary/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_BYTES     (1024 * 1024)
#define URL_BYTES      4096
#define DROP_SPREAD_MS (10 * 60 * 1000) /* after midnight, not all dropped ones in one second */

/* One instrument under watch. */
struct poll {
    struct poller *poller;
    int32_t slot;       /* in the planner */
    int32_t instrument; /* in the market */
    int generation;     /* of the token its request went out with */
    char *url;
    char *body; /* the last one that was taken; NULL = none */
    size_t body_len_bytes, body_cap_bytes;
    enum trouble_of_poll trouble;
    enum reply_class trouble_class;
    int64_t trouble_since_ms;
    long trouble_count;
    bool dropped; /* for the day */
};

struct poller {
    struct loop *loop;
    const struct config *config;
    struct keeper *keeper;
    struct recorder *recorder;
    struct events *events;

    struct http *http;
    struct json_parser *parser;
    struct planner *planner;
    struct loop_timer *timer;
    int64_t armed_ms; /* INT64_MAX = not armed */
    struct poll *polls;
    int32_t count;
    bool closing;
    int64_t down_since_ms;
    int64_t requests, answers, unchanged;
};

static void pump(struct poller *poller);

/* --- trouble, told when it begins, changes and ends ------------------------------------------- */

static const char *symbol_of(const struct poll *poll)
{
    return market_symbol(recorder_market(poll->poller->recorder), poll->instrument);
}

static void tell_trouble(struct poll *poll, const struct verdict *v, int64_t now_ms)
{
    bool news = poll->trouble != v->trouble || poll->trouble_class != v->class;
    if (poll->trouble == POLL_FINE) {
        poll->trouble_since_ms = now_ms;
        poll->trouble_count = 0;
    }
    poll->trouble = v->trouble;
    poll->trouble_class = v->class;
    poll->trouble_count++;
    if (!news)
        return;
    const char *kind = v->trouble == POLL_CONNECTION ? "poll_failed" : reply_class_name(v->class);
    events_report(poll->poller->events, LOG_LEVEL_WARN, kind, symbol_of(poll),
                  REQUEST_PATH_MARKET_DATA ": %s%s", v->why.text,
                  v->outcome == PLAN_DROPPED ? "; not asked again today" : "");
}

static void tell_trouble_over(struct poll *poll, int64_t now_ms)
{
    if (poll->trouble == POLL_FINE)
        return;
    events_report(poll->poller->events, LOG_LEVEL_INFO, "poll_recovered", symbol_of(poll),
                  "answers again after %ld failed polls in %.1f s", poll->trouble_count,
                  (double)(now_ms - poll->trouble_since_ms) / 1000);
    poll->trouble = POLL_FINE;
    poll->dropped = false;
}

static void tell_feed(struct poller *poller, unsigned news, const struct verdict *v, int64_t now_ms)
{
    struct plan_state plan = planner_state(poller->planner, now_ms);
    if (news & PLAN_NEWS_UP)
        events_report(poller->events, LOG_LEVEL_INFO, "broker_up", NULL,
                      "the broker answers again after %.1f s",
                      (double)(now_ms - poller->down_since_ms) / 1000);
    if (news & PLAN_NEWS_FULL)
        events_report(poller->events, LOG_LEVEL_INFO, "full_speed", NULL,
                      "back at %g requests per second", plan.rate);
    if (news & PLAN_NEWS_SLOWED)
        events_report(poller->events, LOG_LEVEL_WARN, "throttled", NULL,
                      "%s; asking nothing for %.1f s, then at most %g requests per second",
                      v->why.text, (double)plan.hold_ms / 1000, plan.rate);
    if (news & PLAN_NEWS_DOWN) {
        poller->down_since_ms = now_ms;
        events_report(poller->events, LOG_LEVEL_WARN, "broker_down", NULL,
                      "%s; trying one request at a time, first in %.1f s", v->why.text,
                      (double)plan.hold_ms / 1000);
    }
}

/* --- judging an answer ------------------------------------------------------------------------ */

static bool keep_body(struct poll *poll, const struct http_reply *http)
{
    if (http->body_len_bytes > poll->body_cap_bytes) {
        char *body = realloc(poll->body, http->body_len_bytes);
        if (!body) {
            poll->body_len_bytes = 0;
            return false;
        }
        poll->body = body;
        poll->body_cap_bytes = http->body_len_bytes;
    }
    memcpy(poll->body, http->body, http->body_len_bytes);
    poll->body_len_bytes = http->body_len_bytes;
    return true;
}

static bool same_body(const struct poll *poll, const struct http_reply *http)
{
    return http->outcome == HTTP_OK && http->status == 200 && poll->body_len_bytes &&
           poll->body_len_bytes == http->body_len_bytes &&
           memcmp(poll->body, http->body, http->body_len_bytes) == 0;
}

static int64_t until_tomorrow_ms(struct poll *poll)
{
    int64_t now_ns = loop_now(poll->poller->loop).wall_ns;
    return (art_next_day_ns(now_ns) - now_ns) / NS_PER_MS +
           (int64_t)poll->slot * 7919 % DROP_SPREAD_MS;
}

static struct verdict judge_answer(struct poll *poll, const struct http_reply *http,
                                   int64_t ts_recv)
{
    struct poller *poller = poll->poller;
    struct quote_update update;
    struct err why = {0};
    struct reply reply = {
        .status = http->status,
        .content_type = http->content_type,
        .location = http->location,
        .body = http->body,
        .body_len_bytes = http->body_len_bytes,
    };
    enum reply_class class =
        decode_market_data(poller->parser, &reply, poller->config->poll.entries, &update, &why);
    if (class == REPLY_OK) {
        recorder_update(poller->recorder, poll->instrument, &update, SOURCE_REST, ts_recv);
        keep_body(poll, http);
    }
    return verdict_of_answer(class, &why, http->retry_after_ms, until_tomorrow_ms(poll));
}

static void settle(struct poll *poll, const struct verdict *v)
{
    struct poller *poller = poll->poller;
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    unsigned news = planner_done(poller->planner, poll->slot, now_ms, v->outcome, v->wait_ms);

    poll->dropped = v->outcome == PLAN_DROPPED;
    if (v->outcome == PLAN_ANSWERED)
        tell_trouble_over(poll, now_ms);
    else if (v->outcome == PLAN_REFUSED || v->outcome == PLAN_BROKEN ||
             v->outcome == PLAN_NO_DATA || v->outcome == PLAN_DROPPED)
        tell_trouble(poll, v, now_ms);
    if (news)
        tell_feed(poller, news, v, now_ms);
}

static void poll_done(void *arg, const struct http_reply *http)
{
    struct poll *poll = arg;
    struct poller *poller = poll->poller;
    struct verdict v = {.outcome = PLAN_ANSWERED};

    if (poller->closing)
        return;
    int64_t ts_recv = loop_now(poller->loop).wall_ns;
    if (same_body(poll, http)) {
        poller->unchanged++;
        recorder_confirm(poller->recorder, poll->instrument, ts_recv);
    } else if (http->outcome == HTTP_OK) {
        v = judge_answer(poll, http, ts_recv);
    } else {
        v = verdict_of_failure(http->outcome, http->reason);
    }
    poller->answers += v.outcome == PLAN_ANSWERED;
    settle(poll, &v);
    if (v.outcome == PLAN_REPEAT && v.class == REPLY_AUTH)
        keeper_unauthorized(poller->keeper, poll->generation);
    else if (http->outcome == HTTP_OK && http->status == 200)
        keeper_worked(poller->keeper, poll->generation);
    pump(poller);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void ask(struct poller *poller, struct poll *poll, const struct http_headers *headers)
{
    struct http_request request = {
        .url = poll->url,
        .headers = headers,
        .body_max_bytes = BODY_BYTES,
    };
    poll->generation = keeper_generation(poller->keeper);
    poller->requests++;
    http_send(poller->http, &request, poll_done, poll);
}

static void arm(struct poller *poller, int64_t wake_ms, int64_t now_ms)
{
    if (wake_ms == poller->armed_ms)
        return;
    poller->armed_ms = wake_ms;
    if (wake_ms == INT64_MAX)
        loop_timer_stop(poller->timer);
    else
        loop_timer_set(poller->timer, wake_ms - now_ms);
}

/* Sends all that may be sent now and sleeps until the planner wants to be asked again. */
static void pump(struct poller *poller)
{
    const struct http_headers *headers = keeper_headers(poller->keeper);
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    struct plan_next next = {.wake_ms = INT64_MAX};

    if (headers) {
        while ((next = planner_next(poller->planner, now_ms)).instrument >= 0)
            ask(poller, &poller->polls[next.instrument], headers);
    }
    arm(poller, next.wake_ms, now_ms);
}

static void on_timer(void *arg)
{
    struct poller *poller = arg;
    poller->armed_ms = INT64_MAX;
    pump(poller);
}

void poller_wake(struct poller *poller)
{
    pump(poller);
}

/* --- life ------------------------------------------------------------------------------------- */

static char *poll_url(const struct config *config, const char *symbol)
{
    struct buf url;
    buf_init(&url, URL_BYTES);
    request_market_data(&url, config->broker.url, REQUEST_MARKET_ROFX, symbol, config->poll.entries,
                        config->poll.depth);
    char *text = buf_failed(&url) ? NULL : strdup(buf_text(&url));
    buf_finish(&url);
    return text;
}

static int add_polls(struct poller *poller, const struct config_strings *symbols)
{
    poller->polls = calloc(symbols->count + 1, sizeof(*poller->polls));
    if (!poller->polls)
        return -ENOMEM;
    for (size_t i = 0; i < symbols->count; i++) {
        struct poll *poll = &poller->polls[i];
        poll->poller = poller;
        poll->slot = (int32_t)i;
        poll->instrument =
            recorder_instrument(poller->recorder, REQUEST_MARKET_ROFX, symbols->item[i]);
        poll->url = poll_url(poller->config, symbols->item[i]);
        poller->count++;
        if (poll->instrument < 0 || !poll->url)
            return -ENOMEM;
    }
    return 0;
}

static int open_parts(struct poller *poller, const struct config_strings *symbols, struct err *err)
{
    const struct config *config = poller->config;
    struct http_config http = {
        .ca_file = config->broker.ca_file,
        .timeout_ms = config->broker.timeout_ms,
        .connect_timeout_ms = config->broker.timeout_ms,
        .connections = config->poll.in_flight,
    };
    struct plan_limits limits = {config->poll.interval_ms, config->poll.rate,
                                 config->poll.in_flight};
    struct now now = loop_now(poller->loop);

    poller->http = http_create(poller->loop, &http, err);
    if (!poller->http)
        return err->code;
    poller->timer = loop_timer_create(poller->loop, on_timer, poller);
    poller->parser = json_parser_create();
    poller->planner =
        planner_create(&limits, (int32_t)symbols->count, now.mono_ms, (uint64_t)now.wall_ns);
    if (!poller->timer || !poller->parser || !poller->planner || add_polls(poller, symbols))
        return err_set(err, -ENOMEM, "out of memory");
    int64_t refresh_ms = plan_refresh_ms(&limits, poller->count);
    log_info("polling", LOG_NUMBER("instruments", poller->count), LOG_NUMBER("rate", limits.rate),
             LOG_NUMBER("interval_s", (double)limits.interval_ms / 1000),
             LOG_NUMBER("each_refreshed_every_s", (double)refresh_ms / 1000));
    return 0;
}

int poller_create(struct poller **out, struct loop *loop, const struct config *config,
                  const struct config_strings *symbols, struct keeper *keeper,
                  struct recorder *recorder, struct events *events, struct err *err)
{
    struct poller *poller = calloc(1, sizeof(*poller));
    if (!poller)
        return err_set(err, -ENOMEM, "out of memory");
    poller->loop = loop;
    poller->config = config;
    poller->keeper = keeper;
    poller->recorder = recorder;
    poller->events = events;
    poller->armed_ms = INT64_MAX;
    int rc = open_parts(poller, symbols, err);
    if (rc) {
        poller_destroy(poller);
        return rc;
    }
    arm(poller, loop_now(loop).mono_ms, loop_now(loop).mono_ms);
    *out = poller;
    return 0;
}

void poller_destroy(struct poller *poller)
{
    if (!poller)
        return;
    poller->closing = true;
    http_destroy(poller->http);
    loop_timer_destroy(poller->timer);
    planner_destroy(poller->planner);
    json_parser_destroy(poller->parser);
    for (int32_t i = 0; i < poller->count; i++) {
        free(poller->polls[i].url);
        free(poller->polls[i].body);
    }
    free(poller->polls);
    free(poller);
}

struct poller_state poller_state(const struct poller *poller)
{
    struct poller_state state = {
        .requests = poller->requests,
        .answers = poller->answers,
        .unchanged = poller->unchanged,
        .instruments = poller->count,
        .plan = planner_state(poller->planner, loop_now(poller->loop).mono_ms),
    };
    for (int32_t i = 0; i < poller->count; i++) {
        state.dropped += poller->polls[i].dropped;
        state.failing += poller->polls[i].trouble != POLL_FINE && !poller->polls[i].dropped;
    }
    return state;
}
