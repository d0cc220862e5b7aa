#include "feed/poller.h"

#include "base/rate_meter.h"
#include "broker/broker_http.h"
#include "broker/token_keeper.h"
#include "feed/poll_memory.h"
#include "market/source_table.h"
#include "primary/decode.h"
#include "primary/request.h"
#include "record/events.h"
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_BYTES     (128 * 1024) /* uncompressed; a full answer has about 2,000 */
#define URL_BYTES      4096
#define DROP_SPREAD_MS (10 * 60 * 1000) /* dropped instruments are retried over this time */

/* One polled instrument. */
struct poll {
    struct poller *poller;
    int32_t instrument; /* index in the market */
    int generation;     /* of the token of its last request */
    int64_t asked_ms;
    char *url; /* NULL: it is not in the list */
    struct poll_memory memory;
};

struct poller {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct events *events;
    struct source_table *sources;
    poller_told_fn *told;
    void *arg;

    struct http *http;
    struct json_parser *parser;
    struct planner *planner;
    struct loop_timer *timer;
    int64_t armed_ms;   /* INT64_MAX = not armed */
    struct poll *polls; /* by instrument */
    int32_t size;
    bool closing;
    int64_t requests, answers, unchanged, outdated, answered_ms;
    struct rate_meter meter;
    char outage[sizeof(((struct err *)0)->text)]; /* first error of the last outage */
};

static void pump(struct poller *poller);

/* --- failures, reported when they begin, change and end --------------------------------------- */

static const struct source_row *row_of(const struct poll *poll)
{
    return source_table_row(poll->poller->sources, poll->instrument);
}

static const char *symbol_of(const struct poll *poll)
{
    return market_symbol(recorder_market(poll->poller->recorder), poll->instrument);
}

static enum event_kind kind_of(const struct poll_outcome *v)
{
    return v->trouble == POLL_CONNECTION ? EVENT_POLL_FAILED : reply_event(v->class);
}

static void tell_trouble(struct poll *poll, const struct poll_outcome *v, int64_t now_ms)
{
    if (!poll_memory_trouble(&poll->memory, v, now_ms))
        return;
    events_report(poll->poller->events, LOG_LEVEL_WARN, kind_of(v), symbol_of(poll),
                  REQUEST_PATH_MARKET_DATA ": %s%s", v->why.text,
                  v->outcome == PLAN_DROPPED ? "; not polled again today" : "");
}

static void tell_trouble_over(struct poll *poll, int64_t now_ms)
{
    long count;
    int64_t since_ms;
    if (poll_memory_fine(&poll->memory, &count, &since_ms))
        events_report(poll->poller->events, LOG_LEVEL_INFO, EVENT_POLL_RECOVERED, symbol_of(poll),
                      "answers again after %ld failed poll%s in %.1f s", count,
                      count == 1 ? "" : "s", (double)(now_ms - since_ms) / 1000);
}

static void tell_slowed(struct poller *poller, const struct poll_outcome *v,
                        const struct plan_state *plan)
{
    char pause[64] = "";
    if (plan->hold_ms > 0)
        snprintf(pause, sizeof(pause), "no requests for %.1f s, then ",
                 (double)plan->hold_ms / 1000);
    events_report(poller->events, LOG_LEVEL_WARN, EVENT_RATE_LIMITED, NULL,
                  "%s; %sat most %g requests per second", v->why.text, pause, plan->rate);
}

static void tell_outage(struct poller *poller, const struct poll_outcome *v,
                        const struct plan_state *plan)
{
    double first_s = (double)plan->hold_ms / 1000;
    snprintf(poller->outage, sizeof(poller->outage), "%s", v->why.text);
    switch (plan->outage) {
    case OUTAGE_NONE:
        return;
    case OUTAGE_UNREACHABLE:
        events_report(poller->events, LOG_LEVEL_WARN, EVENT_BROKER_DOWN, NULL,
                      "%s; trying one request at a time, first in %.1f s", v->why.text, first_s);
        return;
    case OUTAGE_PAGES:
        events_report(poller->events, LOG_LEVEL_WARN, EVENT_PAGE, NULL,
                      REQUEST_PATH_MARKET_DATA
                      ": %s; trying one request at a time, first in %.1f s",
                      v->why.text, first_s);
        return;
    case OUTAGE_REFUSALS:
        events_report(
            poller->events, LOG_LEVEL_WARN, EVENT_MASS_REFUSAL, NULL,
            REQUEST_PATH_MARKET_DATA
            ": most instruments are refused, the last one with: %s; none of them is "
            "dropped; trying one request at a time, first in %.1f s. If it continues, ask "
            "the broker about this user's permissions",
            v->why.text, first_s);
        return;
    }
}

static void tell_feed(struct poller *poller, unsigned news, const struct poll_outcome *v,
                      int64_t now_ms)
{
    struct plan_state plan = planner_state(poller->planner, now_ms);
    if (news & PLAN_NEWS_UP)
        events_report(poller->events, LOG_LEVEL_INFO, EVENT_BROKER_UP, NULL,
                      "the broker answers again after %.1f s",
                      (double)(now_ms - plan.down_since_ms) / 1000);
    if (news & PLAN_NEWS_FULL)
        events_report(poller->events, LOG_LEVEL_INFO, EVENT_FULL_SPEED, NULL,
                      "back at %g requests per second", plan.rate);
    if (news & PLAN_NEWS_SLOWED)
        tell_slowed(poller, v, &plan);
    if (news & PLAN_NEWS_DOWN)
        tell_outage(poller, v, &plan);
}

/* --- evaluating an answer --------------------------------------------------------------------- */

static int64_t seq_of(const struct poll *poll)
{
    return market_quote(recorder_market(poll->poller->recorder), poll->instrument)->seq;
}

static bool same_body(const struct poll *poll, const struct http_reply *http)
{
    return http->outcome == HTTP_OK && http->status == 200 &&
           poll_memory_same_body(&poll->memory, seq_of(poll), http->body, http->body_len_bytes);
}

static int64_t until_tomorrow_ms(struct poll *poll)
{
    int64_t now_ns = loop_now(poll->poller->loop).wall_ns;
    return (art_next_day_ns(now_ns) - now_ns) / NS_PER_MS +
           (int64_t)poll->instrument * 7919 % DROP_SPREAD_MS;
}

/* A probe with fewer levels than the stream must not remove the other levels of the book if its own
 * agree. */
static bool confirms_shallowly(const struct poll *poll, const struct quote_update *update)
{
    const struct config *c = poll->poller->config;
    const struct market *market = recorder_market(poll->poller->recorder);
    if (row_of(poll)->state != SOURCE_STREAMED || c->poll.depth == c->stream.depth)
        return false;
    int depth = config_common_depth(c);
    struct quote known = quote_shallow(&market_quote(market, poll->instrument)->quote, depth);
    struct quote told = quote_shallow(&update->quote, depth);
    return quote_diff(&known, &told, update->entries) == 0;
}

static void take_update(struct poll *poll, const struct http_reply *http,
                        const struct quote_update *update, struct now now, struct poll_told *told)
{
    struct poller *poller = poll->poller;
    if (confirms_shallowly(poll, update)) {
        recorder_confirm(poller->recorder, poll->instrument, now.wall_ns);
        return;
    }
    const struct market_stamp stamp = {SOURCE_REST, now.wall_ns, now.mono_ms, poll->asked_ms};
    struct market_result result =
        recorder_update(poller->recorder, poll->instrument, update, &stamp);
    told->outdated = result.outdated;
    told->changed = result.changed;
    poller->outdated += result.outdated;
    if (!result.outdated)
        poll_memory_keep_body(&poll->memory, seq_of(poll), http->body, http->body_len_bytes);
}

static struct poll_outcome judge_answer(struct poll *poll, const struct http_reply *http,
                                        struct now now, struct poll_told *told)
{
    struct poller *poller = poll->poller;
    struct quote_update update;
    struct unreadable unreadable;
    struct err why = {0};
    struct reply reply = broker_http_reply(http);
    enum reply_class class = decode_market_data(
        poller->parser, &reply, poller->config->poll.entries, &update, &unreadable, &why);
    if (class == REPLY_OK) {
        if (unreadable.entries)
            recorder_unreadable(poller->recorder, poll->instrument, REQUEST_PATH_MARKET_DATA,
                                &unreadable);
        take_update(poll, http, &update, now, told);
    }
    return poll_outcome_of_answer(class, &why, http->retry_after_ms, until_tomorrow_ms(poll));
}

static struct poll_outcome judge(struct poll *poll, const struct http_reply *http,
                                 struct poll_told *told)
{
    struct poller *poller = poll->poller;
    struct now now = loop_now(poller->loop);
    if (http->outcome != HTTP_OK)
        return poll_outcome_of_failure(http->outcome, http->reason);
    poller->answered_ms = now.mono_ms;
    if (!same_body(poll, http))
        return judge_answer(poll, http, now, told);
    poller->unchanged++;
    recorder_confirm(poller->recorder, poll->instrument, now.wall_ns);
    return (struct poll_outcome){.outcome = PLAN_ANSWERED};
}

/* Clears `dropped` of the instruments that the planner polls again. */
static void undrop(struct poller *poller)
{
    struct source_list list = source_table_listed(poller->sources);
    for (int32_t k = 0; k < list.count; k++) {
        struct poll *poll = &poller->polls[list.item[k]];
        poll->memory.dropped &= row_of(poll)->dropped_ms != 0;
    }
}

/* During an outage that affects all instruments, failures of single ones are not reported. */
static bool is_own_trouble(const struct poller *poller, const struct poll_outcome *v)
{
    enum outage_cause outage = planner_outage(poller->planner);
    switch (v->outcome) {
    case PLAN_REFUSED:
    case PLAN_BROKEN:
    case PLAN_NO_DATA:
    case PLAN_DROPPED:
        return outage != OUTAGE_REFUSALS;
    case PLAN_PAGE:
        return outage == OUTAGE_NONE;
    default:
        return false;
    }
}

/* PLAN_DROPPED becomes PLAN_REFUSED if the planner has not dropped the instrument. */
static void settle(struct poll *poll, struct poll_outcome *v)
{
    struct poller *poller = poll->poller;
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    unsigned news = planner_done(poller->planner, poll->instrument, now_ms, v->outcome, v->wait_ms);

    if (v->outcome == PLAN_DROPPED && !row_of(poll)->dropped_ms)
        v->outcome = PLAN_REFUSED;
    if (v->outcome == PLAN_ANSWERED)
        tell_trouble_over(poll, now_ms);
    else if (is_own_trouble(poller, v))
        tell_trouble(poll, v, now_ms);
    if (news)
        tell_feed(poller, news, v, now_ms);
    if (news & PLAN_NEWS_DOWN)
        undrop(poller);
}

/* Reports to the keeper what the answer shows about the token. */
static void tell_keeper(struct poll *poll, struct poll_outcome *v, const struct http_reply *http)
{
    struct token_keeper *keeper = poll->poller->keeper;
    bool page = v->class == REPLY_PAGE || v->class == REPLY_LOGIN_PAGE;
    if (v->outcome == PLAN_REPEAT && v->class == REPLY_AUTH)
        token_keeper_unauthorized(keeper, poll->generation);
    else if (v->outcome == PLAN_PAGE &&
             token_keeper_page(keeper, poll->generation, v->class == REPLY_LOGIN_PAGE, v->why.text))
        v->outcome = PLAN_REPEAT;
    else if (http->outcome == HTTP_OK && http->status == 200 && !page)
        token_keeper_worked(keeper, poll->generation);
}

/* Repeated requests count like all others, or the broker would get more than poll.rate. */
static void count_repeats(struct poller *poller, int sends)
{
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    for (int i = 1; i < sends; i++) {
        poller->requests++;
        rate_meter_count(&poller->meter, now_ms);
        planner_repeated(poller->planner, now_ms);
    }
}

static void poll_done(void *arg, const struct http_reply *http)
{
    struct poll *poll = arg;
    struct poller *poller = poll->poller;
    struct poll_told told = {.instrument = poll->instrument};

    if (poller->closing)
        return;
    count_repeats(poller, http->sends);
    struct poll_outcome v = judge(poll, http, &told);
    tell_keeper(poll, &v, http);
    settle(poll, &v);
    told.no_data = v.outcome == PLAN_NO_DATA;
    told.answered = v.outcome == PLAN_ANSWERED || told.no_data;
    told.dropped = v.outcome == PLAN_DROPPED;
    told.trouble = kind_of(&v);
    poller->answers += v.outcome == PLAN_ANSWERED;
    if (poller->told)
        poller->told(poller->arg, &told);
    pump(poller);
}

/* --- requests --------------------------------------------------------------------------------- */

static void ask(struct poller *poller, struct poll *poll, const struct http_headers *headers)
{
    struct http_request request = {
        .url = poll->url,
        .headers = headers,
        .body_max_bytes = BODY_BYTES,
    };
    poll->generation = token_keeper_generation(poller->keeper);
    poll->asked_ms = loop_now(poller->loop).mono_ms;
    poller->requests++;
    rate_meter_count(&poller->meter, poll->asked_ms);
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

/* Sends all requests that the planner allows now, and sets the timer for the next one. */
static void pump(struct poller *poller)
{
    const struct http_headers *headers = token_keeper_headers(poller->keeper);
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

/* --- streamed instruments --------------------------------------------------------------------- */

void poller_streamed(struct poller *poller, int32_t instrument)
{
    struct poll *poll = &poller->polls[instrument];
    long count;
    int64_t since_ms;
    if (!poll->memory.dropped && poll_memory_fine(&poll->memory, &count, &since_ms))
        events_report(poller->events, LOG_LEVEL_INFO, EVENT_POLL_RECOVERED, symbol_of(poll),
                      "received from the stream after %ld failed poll%s", count,
                      count == 1 ? "" : "s");
    planner_streamed(poller->planner, instrument);
}

void poller_unstreamed(struct poller *poller, int32_t instrument, int64_t delay_ms)
{
    int64_t now_ms = loop_now(poller->loop).mono_ms, due_ms = now_ms + delay_ms;
    planner_unstreamed(poller->planner, instrument, due_ms);
    if (due_ms < poller->armed_ms)
        arm(poller, due_ms, now_ms);
}

bool poller_probe(struct poller *poller, int32_t instrument)
{
    const struct http_headers *headers = token_keeper_headers(poller->keeper);
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    if (!headers || !planner_probe(poller->planner, instrument, now_ms))
        return false;
    ask(poller, &poller->polls[instrument], headers);
    return true;
}

void poller_set_interval(struct poller *poller, int64_t interval_ms)
{
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    planner_set_interval(poller->planner, interval_ms, now_ms);
    arm(poller, now_ms, now_ms);
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

static int add_polls(struct poller *poller)
{
    const struct market *market = recorder_market(poller->recorder);
    struct source_list list = source_table_listed(poller->sources);
    int32_t size = source_table_size(poller->sources);
    poller->polls = calloc((size_t)size + 1, sizeof(*poller->polls));
    if (!poller->polls)
        return -ENOMEM;
    poller->size = size;
    for (int32_t k = 0; k < list.count; k++) {
        struct poll *poll = &poller->polls[list.item[k]];
        poll->poller = poller;
        poll->instrument = list.item[k];
        poll->url = poll_url(poller->config, market_symbol(market, poll->instrument));
        if (!poll->url)
            return -ENOMEM;
    }
    return 0;
}

static void take_over(struct poller *poller, struct poller *previous)
{
    for (int32_t i = 0; i < poller->size && i < previous->size; i++) {
        if (poller->polls[i].url && previous->polls[i].url)
            poller->polls[i].memory = poll_memory_move(&previous->polls[i].memory);
    }
}

static struct plan_limits limits_of(const struct config_poll *poll)
{
    return (struct plan_limits){poll->interval_ms, poll->rate, poll->in_flight};
}

static int open_parts(struct poller *poller, struct err *err)
{
    const struct config *config = poller->config;
    struct plan_limits limits = limits_of(&config->poll);
    struct now now = loop_now(poller->loop);

    poller->http = broker_http_create(poller->loop, &config->broker, config->broker.timeout_ms,
                                      config->poll.in_flight, err);
    if (!poller->http)
        return err->code;
    poller->timer = loop_timer_create(poller->loop, on_timer, poller);
    poller->parser = json_parser_create();
    poller->planner = planner_create(&limits, poller->sources, now.mono_ms, (uint64_t)now.wall_ns);
    if (!poller->timer || !poller->parser || !poller->planner || add_polls(poller))
        return err_set(err, -ENOMEM, "out of memory");
    return 0;
}

static void announce(const struct poller *poller)
{
    const struct config_poll *poll = &poller->config->poll;
    struct plan_limits limits = limits_of(poll);
    int32_t count = source_table_listed(poller->sources).count;
    int64_t refresh_ms = plan_refresh_ms(&limits, count);
    log_info("polling", LOG_NUMBER("instruments", count), LOG_NUMBER("rate", poll->rate),
             LOG_NUMBER("interval_s", (double)poll->interval_ms / 1000),
             LOG_NUMBER("each_refreshed_every_s", (double)refresh_ms / 1000));
}

int poller_create(struct poller **out, const struct poller_parts *parts,
                  const struct plan_feed *feed, struct poller *previous, struct err *err)
{
    struct poller *poller = calloc(1, sizeof(*poller));
    if (!poller)
        return err_set(err, -ENOMEM, "out of memory");
    poller->loop = parts->loop;
    poller->config = parts->config;
    poller->keeper = parts->keeper;
    poller->recorder = parts->recorder;
    poller->events = parts->events;
    poller->sources = parts->sources;
    poller->told = parts->told;
    poller->arg = parts->arg;
    poller->armed_ms = INT64_MAX;
    int rc = open_parts(poller, err);
    if (rc) {
        poller_destroy(poller);
        return rc;
    }
    if (previous)
        take_over(poller, previous);
    if (feed)
        planner_resume(poller->planner, feed);
    announce(poller);
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    arm(poller, now_ms, now_ms);
    *out = poller;
    return 0;
}

struct plan_feed poller_feed(const struct poller *poller)
{
    return planner_feed(poller->planner);
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
    for (int32_t i = 0; i < poller->size; i++)
        free(poller->polls[i].url);
    free(poller->polls);
    free(poller);
}

struct poller_state poller_state(const struct poller *poller)
{
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    struct poller_state state = {
        .requests = poller->requests,
        .answers = poller->answers,
        .unchanged = poller->unchanged,
        .outdated = poller->outdated,
        .answered_ms = poller->answered_ms,
        .per_second = rate_meter_per_second(&poller->meter, now_ms),
        .plan = planner_state(poller->planner, now_ms),
        .outage = poller->outage,
    };
    struct source_list list = source_table_listed(poller->sources);
    for (int32_t k = 0; k < list.count; k++) {
        const struct poll_memory *memory = &poller->polls[list.item[k]].memory;
        state.failing += memory->trouble != POLL_FINE && !memory->dropped;
    }
    return state;
}
