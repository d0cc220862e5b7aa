#include "feed/poller.h"

#include "base/log.h"
#include "base/rate_meter.h"
#include "broker/broker_http.h"
#include "broker/token_keeper.h"
#include "feed/poll_answer.h"
#include "feed/poll_memory.h"
#include "feed/poll_messages.h"
#include "market/source_table.h"
#include "primary/decode.h"
#include "primary/request.h"
#include "record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_BYTES   (128 * 1024) /* uncompressed; a full answer has about 2,000 */
#define URL_BYTES    4096
#define OTHERS_FIRST 6 /* requests of others before an unauthorized one is repeated */
#define PROBE_PATIENCE_MS                                                                          \
    (30 * 1000)                         /* a probe is not urgent: others show if the token is good \
                                         */
#define DROP_SPREAD_MS (10 * 60 * 1000) /* dropped instruments are retried over this time */

/* One polled instrument. */
struct poll {
    struct poller *poller;
    int32_t instrument; /* index in the market */
    int generation;     /* of the token of its last request */
    int64_t asked_ms;
    bool listed; /* as of the last poller_relisted() */
    struct poll_memory memory;
};

struct poller {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct recorder *recorder;
    struct source_table *sources;
    struct request_budget *budget;
    poller_told_fn *told;
    void *arg;

    struct http *http;
    struct json_parser *parser;
    struct planner *planner;
    struct loop_timer *timer;
    int64_t armed_ms;    /* INT64_MAX = not armed */
    struct poll **polls; /* by instrument; requests in flight point to them */
    int32_t size;
    struct buf url;    /* of the request being sent */
    int32_t announced; /* number of instruments */
    bool closing;
    int64_t requests, answers, unchanged, outdated, answered_ms;
    struct rate_meter meter;
    struct poll_messages messages;
    struct token_proof proof; /* of the token, by the answers */
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

static void tell_trouble(struct poll *poll, const struct poll_outcome *v, int64_t now_ms)
{
    if (poll_memory_trouble(&poll->memory, v, now_ms))
        poll_messages_trouble(&poll->poller->messages, symbol_of(poll), v);
}

static void tell_trouble_over(struct poll *poll, int64_t now_ms)
{
    long failures;
    int64_t since_ms;
    if (poll_memory_fine(&poll->memory, &failures, &since_ms))
        poll_messages_recovered(&poll->poller->messages, symbol_of(poll), failures,
                                now_ms - since_ms);
}

/* --- the end of a request --------------------------------------------------------------------- */

/* Until tomorrow, at a time of its own. */
static int64_t drop_ms(const struct poll *poll, struct now now)
{
    return (art_next_day_ns(now.wall_ns) - now.wall_ns) / NS_PER_MS +
           (int64_t)poll->instrument * 7919 % DROP_SPREAD_MS;
}

static struct poll_answer take_answer(struct poll *poll, const struct http_reply *http,
                                      struct now now)
{
    struct poller *poller = poll->poller;
    const struct poll_answer_parts parts = {.recorder = poller->recorder,
                                            .config = poller->config,
                                            .parser = poller->parser,
                                            .instrument = poll->instrument,
                                            .streamed = row_of(poll)->state == SOURCE_STREAMED,
                                            .asked_ms = poll->asked_ms,
                                            .drop_ms = drop_ms(poll, now),
                                            .now = now};
    struct poll_answer answer = poll_answer_take(&parts, http, &poll->memory);
    if (http->outcome == HTTP_OK)
        poller->answered_ms = now.mono_ms;
    poller->unchanged += answer.unchanged;
    poller->outdated += answer.outdated;
    return answer;
}

/* Clears `dropped` of the instruments that the planner polls again. */
static void undrop(struct poller *poller)
{
    struct source_list list = source_table_listed(poller->sources);
    for (int32_t k = 0; k < list.count; k++) {
        struct poll *poll = poller->polls[list.item[k]];
        poll->memory.dropped &= row_of(poll)->dropped_ms != 0;
    }
}

/* PLAN_DROPPED becomes PLAN_REFUSED if the planner has not dropped the instrument. */
static void settle(struct poll *poll, struct poll_outcome *v, int64_t now_ms)
{
    struct poller *poller = poll->poller;
    unsigned news = planner_done(poller->planner, poll->instrument, now_ms, v->outcome, v->wait_ms);

    if (v->outcome == PLAN_DROPPED && !row_of(poll)->dropped_ms)
        v->outcome = PLAN_REFUSED;
    if (v->outcome == PLAN_ANSWERED)
        tell_trouble_over(poll, now_ms);
    else if (poll_outcome_is_own(v, planner_outage(poller->planner)))
        tell_trouble(poll, v, now_ms);
    if (news) {
        struct plan_state plan = planner_state(poller->planner, now_ms);
        poll_messages_broker(&poller->messages, news, v, &plan, now_ms);
    }
    if (news & PLAN_NEWS_DOWN)
        undrop(poller);
}

/* Becomes PLAN_REFUSED if the token is not the cause. */
static void doubt_token(struct poll *poll, struct poll_outcome *v)
{
    struct poller *poller = poll->poller;
    int64_t patience_ms = row_of(poll)->state == SOURCE_STREAMED ? PROBE_PATIENCE_MS : 0;
    const char *because = "; a new token is answered in the same way";
    switch (token_doubt_refused(&poll->memory.doubt, &poller->proof, poll->generation,
                                poll->asked_ms, patience_ms)) {
    case TOKEN_ASK_AGAIN:
        v->wait_ms = (int64_t)(1000 * OTHERS_FIRST / poller->config->poll.rate);
        return;
    case TOKEN_INVALID:
        token_keeper_unauthorized(poller->keeper, poll->generation);
        return;
    case TOKEN_OTHERS_ACCEPT:
        because = "; other instruments are answered with the same token";
        break;
    case TOKEN_NEW_ONE_TOO:
        break;
    }
    v->outcome = PLAN_REFUSED;
    strncat(v->why.text, because, sizeof(v->why.text) - strlen(v->why.text) - 1);
}

/* Reports to the keeper what the answer shows about the token. */
static void tell_keeper(struct poll *poll, struct poll_outcome *v, const struct http_reply *http)
{
    struct poller *poller = poll->poller;
    bool page = v->class == REPLY_PAGE || v->class == REPLY_LOGIN_PAGE;
    if (v->outcome == PLAN_REPEAT && v->class == REPLY_AUTH)
        doubt_token(poll, v);
    else if (v->outcome == PLAN_PAGE &&
             token_keeper_page(poller->keeper, poll->generation, v->class == REPLY_LOGIN_PAGE,
                               v->why.text))
        v->outcome = PLAN_REPEAT;
    else if (http->outcome == HTTP_OK && http->status == 200 && !page) {
        token_doubt_accepted(&poll->memory.doubt, &poller->proof, poll->generation, poll->asked_ms);
        token_keeper_worked(poller->keeper, poll->generation);
    }
}

/* Repeated requests count like all others, or the broker would get more than poll.rate. */
static void count_repeats(struct poller *poller, int sends, int64_t now_ms)
{
    for (int i = 1; i < sends; i++) {
        poller->requests++;
        rate_meter_count(&poller->meter, now_ms);
        planner_repeated(poller->planner, now_ms);
    }
}

/* It left the list meanwhile: its values are not recorded any more. */
static void put_aside(struct poll *poll, int64_t now_ms)
{
    struct poller *poller = poll->poller;
    planner_done(poller->planner, poll->instrument, now_ms, PLAN_REPEAT, 0);
    poller->told(poller->arg, &(struct poll_told){.instrument = poll->instrument,
                                                  .trouble = EVENT_INSTRUMENTS_CHANGED,
                                                  .now_ms = now_ms});
}

static void take_reply(struct poll *poll, const struct http_reply *http, struct now now)
{
    struct poller *poller = poll->poller;
    struct poll_answer answer = take_answer(poll, http, now);
    tell_keeper(poll, &answer.outcome, http);
    if (answer.outcome.outcome == PLAN_ANSWERED)
        planner_observed(poller->planner, poll->instrument, answer.changed);
    settle(poll, &answer.outcome, now.mono_ms);
    enum plan_outcome outcome = answer.outcome.outcome;
    poller->answers += outcome == PLAN_ANSWERED;
    poller->told(poller->arg, &(struct poll_told){
                                  .instrument = poll->instrument,
                                  .answered = outcome == PLAN_ANSWERED || outcome == PLAN_NO_DATA,
                                  .no_data = outcome == PLAN_NO_DATA,
                                  .dropped = outcome == PLAN_DROPPED,
                                  .outdated = answer.outdated,
                                  .trouble = poll_messages_kind(&answer.outcome),
                                  .now_ms = now.mono_ms,
                                  .refresh_ms = planner_refresh_ms(
                                      poller->planner, poll->instrument, outcome == PLAN_NO_DATA)});
}

static void poll_done(void *arg, const struct http_reply *http)
{
    struct poll *poll = arg;
    struct poller *poller = poll->poller;
    if (poller->closing)
        return;
    struct now now = loop_now(poller->loop);
    count_repeats(poller, http->sends, now.mono_ms);
    if (row_of(poll)->state == SOURCE_UNLISTED)
        put_aside(poll, now.mono_ms);
    else
        take_reply(poll, http, now);
    pump(poller);
}

/* --- requests --------------------------------------------------------------------------------- */

static void put_url(struct poller *poller, const char *symbol)
{
    const struct config *config = poller->config;
    buf_clear(&poller->url);
    request_market_data(&poller->url, config->broker.url,
                        &(struct request_quote){REQUEST_MARKET_ROFX, symbol, config->poll.entries,
                                                config->poll.depth});
}

static void ask(struct poller *poller, struct poll *poll, const struct http_headers *headers,
                int64_t now_ms)
{
    put_url(poller, symbol_of(poll));
    struct http_request request = {
        .url = buf_text(&poller->url),
        .headers = headers,
        .body_max_bytes = BODY_BYTES,
    };
    poll->generation = token_keeper_generation(poller->keeper);
    poll->asked_ms = now_ms;
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
            ask(poller, poller->polls[next.instrument], headers, now_ms);
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
    struct poll *poll = poller->polls[instrument];
    long failures;
    int64_t since_ms;
    if (!poll->memory.dropped && poll_memory_fine(&poll->memory, &failures, &since_ms))
        poll_messages_streamed(&poller->messages, symbol_of(poll), failures);
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
    ask(poller, poller->polls[instrument], headers, now_ms);
    return true;
}

void poller_watch(struct poller *poller, poller_watched_fn *watched, void *arg)
{
    struct source_list list = source_table_listed(poller->sources);
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    bool sooner = false;
    for (int32_t k = 0; k < list.count; k++)
        sooner |= planner_watch(poller->planner, list.item[k], watched(arg, list.item[k]), now_ms);
    if (sooner)
        pump(poller);
}

int64_t poller_refresh_ms(const struct poller *poller, int32_t instrument)
{
    return planner_refresh_ms(poller->planner, instrument, false);
}

void poller_session(struct poller *poller)
{
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    planner_session(poller->planner, now_ms);
    arm(poller, now_ms, now_ms);
}

/* --- life ------------------------------------------------------------------------------------- */

static struct plan_limits limits_of(const struct config_poll *poll)
{
    return (struct plan_limits){poll->interval_ms, poll->rate, poll->in_flight};
}

static void announce(struct poller *poller)
{
    const struct config_poll *poll = &poller->config->poll;
    struct plan_limits limits = limits_of(poll);
    int32_t count = source_table_listed(poller->sources).count;
    int64_t refresh_ms = plan_refresh_ms(&limits, count);
    log_info("polling", LOG_NUMBER("instruments", count), LOG_NUMBER("rate", poll->rate),
             LOG_NUMBER("interval_s", (double)poll->interval_ms / 1000),
             LOG_NUMBER("each_refreshed_every_s", (double)refresh_ms / 1000));
    poller->announced = count;
}

/* Instruments that were listed again begin anew. */
static void look_at_list(struct poller *poller)
{
    for (int32_t i = 0; i < poller->size; i++) {
        struct poll *poll = poller->polls[i];
        bool listed = row_of(poll)->state != SOURCE_UNLISTED;
        if (listed && !poll->listed)
            poll->memory = (struct poll_memory){0};
        poll->listed = listed;
    }
}

static int add_polls(struct poller *poller, int32_t size)
{
    struct poll **polls = realloc(poller->polls, ((size_t)size + 1) * sizeof(*polls));
    if (!polls)
        return -ENOMEM;
    poller->polls = polls;
    for (; poller->size < size; poller->size++) {
        struct poll *poll = calloc(1, sizeof(*poll));
        if (!poll)
            return -ENOMEM;
        poll->poller = poller;
        poll->instrument = poller->size;
        polls[poller->size] = poll;
    }
    return 0;
}

int poller_reserve(struct poller *poller, int32_t size)
{
    int rc = size > poller->size ? add_polls(poller, size) : 0;
    return rc ? rc : planner_reserve(poller->planner, size);
}

void poller_relisted(struct poller *poller)
{
    int64_t now_ms = loop_now(poller->loop).mono_ms;
    look_at_list(poller);
    planner_relisted(poller->planner, now_ms);
    if (poller->announced != source_table_counts(poller->sources)->listed)
        announce(poller);
    arm(poller, now_ms, now_ms);
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
    poller->planner = planner_create(&limits, poller->sources, poller->budget, now.mono_ms,
                                     (uint64_t)now.wall_ns);
    if (!poller->timer || !poller->parser || !poller->planner ||
        poller_reserve(poller, source_table_size(poller->sources)))
        return err_set(err, -ENOMEM, "out of memory");
    look_at_list(poller);
    return 0;
}

int poller_create(struct poller **out, const struct poller_parts *parts,
                  const struct plan_feed *feed, struct err *err)
{
    struct poller *poller = calloc(1, sizeof(*poller));
    if (!poller)
        return err_set(err, -ENOMEM, "out of memory");
    poller->loop = parts->loop;
    poller->config = parts->config;
    poller->keeper = parts->keeper;
    poller->recorder = parts->recorder;
    poller->messages.events = parts->events;
    poller->sources = parts->sources;
    poller->budget = parts->budget;
    poller->told = parts->told;
    poller->arg = parts->arg;
    poller->armed_ms = INT64_MAX;
    buf_init(&poller->url, URL_BYTES);
    int rc = open_parts(poller, err);
    if (rc) {
        poller_destroy(poller);
        return rc;
    }
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
        free(poller->polls[i]);
    free(poller->polls);
    buf_finish(&poller->url);
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
        .outage = poller->messages.outage,
    };
    struct source_list list = source_table_listed(poller->sources);
    for (int32_t k = 0; k < list.count; k++) {
        const struct poll_memory *memory = &poller->polls[list.item[k]]->memory;
        state.failing += memory->trouble != POLL_FINE && !memory->dropped;
    }
    return state;
}
