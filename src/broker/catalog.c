#include "broker/catalog.h"

#include "base/rng.h"
#include "base/words.h"
#include "broker/broker_http.h"
#include "broker/list_cache.h"
#include "broker/selection.h"
#include "broker/throttle.h"
#include "broker/token_keeper.h"
#include "market/daily.h"
#include "market/request_budget.h"
#include "primary/reference.h"
#include "primary/request.h"
#include "record/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_BYTES      2048
#define RETRY_MIN_MS   (5 * 1000)
#define RETRY_MAX_MS   (5 * 60 * 1000)
#define RETRY_PAGE_MS  (60 * 1000) /* at most, after a web page instead of the list */
#define DOUBTED_MS     (20 * 60 * 1000)
#define SPREAD_MS      (10 * 60 * 1000)     /* so that not all services send requests at midnight */
#define TIMEOUT_MIN_MS (60 * 1000)          /* megabytes over a slow connection */
#define LOOK_MS        (10 * 60 * 1000)     /* interval of checking the wall clock */
#define DOUBT_TOKEN_MS (4 * 60 * 60 * 1000) /* between two logins because of the list's answers */

struct catalog {
    struct loop *loop;
    const struct config *config;
    struct token_keeper *keeper;
    struct events *events;
    struct request_budget *budget;
    catalog_fn *fn;
    void *arg;
    struct instrument_list *known; /* reference data */

    struct http *http;
    struct loop_timer *timer;
    struct json_parser *parser;
    struct selection told; /* the last one passed to fn */
    bool ever_told;
    size_t unfound; /* rules that matched nothing at the last report */
    bool doubted;   /* the last list lacked too many of the recorded instruments */
    bool due;       /* request the list as soon as there is a token */
    bool asking;
    int generation;
    int64_t asked_ms; /* when the last request was sent */
    int64_t retry_ms;
    int64_t doubt_token_ms; /* monotonic: no answer makes the token doubtful before */
    int64_t next_ns;        /* wall; when tomorrow's list is requested; 0 = not scheduled */
    struct rng rng;
    char failed[sizeof(((struct err *)0)->text)]; /* last reported failure; "" = none */
};

/* --- selecting -------------------------------------------------------------------------------- */

static struct selection_input input_of(const struct catalog *catalog)
{
    return (struct selection_input){catalog->config, catalog->known,
                                    art_day(loop_now(catalog->loop).wall_ns)};
}

static void tell_matured(void *arg, const char *symbol, const char *words)
{
    struct catalog *catalog = arg;
    events_report(catalog->events, LOG_LEVEL_INFO, EVENT_MATURED, symbol, "%s", words);
}

/* Passes the selection to fn if it differs from the last one. Takes its symbols. */
static void tell(struct catalog *catalog, struct selection *s)
{
    selection_matured(s, &catalog->told.symbols, tell_matured, catalog);
    selection_forget_list(s);
    if (!catalog->ever_told || s->symbols.count != catalog->told.symbols.count ||
        selection_lost(&catalog->told.symbols, &s->symbols)) {
        selection_finish(&catalog->told);
        catalog->told = *s;
        catalog->ever_told = true;
        catalog->fn(catalog->arg, &catalog->told.symbols);
    } else {
        selection_finish(s);
    }
}

static void count_unfound(void *arg, const char *text, const char *words)
{
    (void)text;
    (void)words;
    ++*(size_t *)arg;
}

static void tell_unfound(void *arg, const char *text, const char *words)
{
    struct catalog *catalog = arg;
    (void)text;
    catalog->unfound++;
    events_report(catalog->events, LOG_LEVEL_WARN, EVENT_NO_MATCH, NULL, "%s", words);
}

/* A list that is only read again is reported again if more or fewer rules match. */
static void report_unfound(struct catalog *catalog, const struct selection *s, bool again)
{
    size_t count = 0;
    selection_unfound(s, count_unfound, &count);
    if (again && count == catalog->unfound)
        return;
    catalog->unfound = 0;
    selection_unfound(s, tell_unfound, catalog);
}

/* REPLY_OK: `s` is the selection from the list, which comes from the broker or from disk. */
static enum reply_class select_from(struct catalog *catalog, const struct reply *reply, bool again,
                                    struct selection *s, struct err *why)
{
    const struct selection_input input = input_of(catalog);
    enum reply_class class = selection_read(s, &input, catalog->parser, reply, why);
    json_parser_release(catalog->parser);
    if (class != REPLY_OK)
        return class;
    log_info("instruments selected", LOG_NUMBER("listed", s->listed), LOG_NUMBER("found", s->found),
             LOG_NUMBER("recorded", s->symbols.count));
    if (s->unusable)
        log_warn("items of the broker's list ignored: their symbols have control characters, are "
                 "too long, or are missing",
                 LOG_NUMBER("left_out", s->unusable));
    report_unfound(catalog, s, again);
    return REPLY_OK;
}

/*
 * The broker may return a list without one of its markets. The missing instruments are recorded
 * until a second list, within the hour, lacks them too. Returns whether the list is in doubt.
 */
static bool doubt_list(struct catalog *catalog, struct selection *s)
{
    size_t before = catalog->told.symbols.count;
    size_t lost = selection_gone(s, &catalog->told.symbols);
    bool cut = catalog->ever_told && selection_is_cut(lost, before);
    if (cut && catalog->doubted)
        events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CUT, NULL,
                      "the broker's list of instruments, read again, still lacks %zu of the %zu "
                      "recorded ones: they are no longer recorded",
                      lost, before);
    catalog->doubted = cut && !catalog->doubted;
    if (!catalog->doubted)
        return false;
    events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CUT, NULL,
                  "the broker's list of %zu instruments lacks %zu of the %zu recorded ones: their "
                  "recording continues, and the list is read again within the hour",
                  s->listed, lost, before);
    return selection_keep(s, &catalog->told.symbols) == 0;
}

/* --- asking the broker ------------------------------------------------------------------------ */

static void schedule_next_day(struct catalog *catalog)
{
    int64_t now_ns = loop_now(catalog->loop).wall_ns;
    catalog->due = false;
    catalog->retry_ms = RETRY_MIN_MS;
    catalog->failed[0] = '\0';
    catalog->next_ns = art_next_day_ns(now_ns) + now_ns % (SPREAD_MS * NS_PER_MS);
    loop_timer_set(catalog->timer, LOOK_MS);
}

/* The wall clock is checked repeatedly, because a timer alone would be late by the time that the
 * machine was suspended. True: it is not time yet. */
static bool wait_for_next_day(struct catalog *catalog)
{
    int64_t left_ms = daily_left_ms(catalog->next_ns, loop_now(catalog->loop).wall_ns);
    if (left_ms)
        loop_timer_set(catalog->timer, left_ms < LOOK_MS ? left_ms : LOOK_MS);
    return left_ms > 0;
}

/* An outage is reported when it begins and when its reason changes, not at each try. */
static void tell_failed(struct catalog *catalog, const char *words, int64_t wait_ms)
{
    if (words_alike(words, catalog->failed))
        return;
    snprintf(catalog->failed, sizeof(catalog->failed), "%s", words);
    events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_FAILED, NULL,
                  REQUEST_PATH_INSTRUMENTS ": %s; next try in %lld s, then less often", words,
                  (long long)((wait_ms + 999) / 1000));
}

static void schedule_retry(struct catalog *catalog, const char *words, int64_t retry_after_ms,
                           int64_t max_ms)
{
    int64_t ceiling_ms = catalog->retry_ms < max_ms ? catalog->retry_ms : max_ms;
    int64_t wait_ms = ceiling_ms / 2 + rng_below(&catalog->rng, ceiling_ms / 2 + 1);
    if (wait_ms < retry_after_ms)
        wait_ms = retry_after_ms;
    tell_failed(catalog, words, wait_ms);
    catalog->retry_ms = ceiling_ms * 2;
    catalog->due = false;
    loop_timer_set(catalog->timer, wait_ms);
}

/* Between 20 and 40 minutes, because a broker's list may be incomplete at the start of its day. */
static void schedule_doubted(struct catalog *catalog)
{
    int64_t spread_ms = loop_now(catalog->loop).wall_ns / NS_PER_MS % DOUBTED_MS;
    catalog->due = false;
    loop_timer_set(catalog->timer, DOUBTED_MS + spread_ms);
}

/* A list in doubt is not cached: the next start would use it as the complete list. */
static void use_list(struct catalog *catalog, struct selection *s, const struct http_reply *http)
{
    struct err why;
    token_keeper_worked(catalog->keeper, catalog->generation);
    catalog->doubt_token_ms = 0;
    if (doubt_list(catalog, s)) {
        schedule_doubted(catalog);
    } else {
        if (list_cache_save(catalog->config, http->body, http->body_len_bytes, &why))
            events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CACHE, NULL, "%s", why.text);
        schedule_next_day(catalog);
    }
    tell(catalog, s);
}

/*
 * Passes to the keeper that the answer makes the token doubtful; true: it gets another one. If the
 * list is answered in the same way with that one, the list may be the cause: while instruments are
 * recorded, their requests show whether the token is good, and it is not given up because of the
 * list.
 */
static bool doubt_token(struct catalog *catalog, enum reply_class class, const char *words)
{
    int64_t now_ms = loop_now(catalog->loop).mono_ms;
    if (now_ms < catalog->doubt_token_ms && catalog->told.symbols.count)
        return false;
    if (class == REPLY_AUTH)
        token_keeper_unauthorized(catalog->keeper, catalog->generation);
    else if (!token_keeper_page(catalog->keeper, catalog->generation, class == REPLY_LOGIN_PAGE,
                                words))
        return false;
    catalog->doubt_token_ms = now_ms + DOUBT_TOKEN_MS;
    return true;
}

static void take_list(struct catalog *catalog, const struct http_reply *http)
{
    struct err why = {0};
    struct selection s;
    struct reply reply = broker_http_reply(http);
    enum reply_class class = select_from(catalog, &reply, false, &s, &why);
    switch (class) {
    case REPLY_OK:
        use_list(catalog, &s, http);
        return;
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
        if (doubt_token(catalog, class, why.text))
            catalog_wake(catalog); /* or it is called when there is another token */
        else
            schedule_retry(catalog, why.text, 0, RETRY_PAGE_MS);
        return;
    default:
        schedule_retry(catalog, why.text, http->retry_after_ms, RETRY_MAX_MS);
    }
}

static void list_done(void *arg, const struct http_reply *http)
{
    struct catalog *catalog = arg;
    int64_t now_ms = loop_now(catalog->loop).mono_ms;
    const struct throttle_answer answer = {http->status, http->retry_after_ms, catalog->asked_ms,
                                           now_ms, REQUEST_PATH_INSTRUMENTS};
    catalog->asking = false;
    for (int i = 1; i < http->sends; i++)
        budget_spend(catalog->budget, BUDGET_LIST, now_ms);
    throttle_take(catalog->budget, catalog->events, &answer);
    if (http->outcome == HTTP_OK)
        take_list(catalog, http);
    else if (http->outcome != HTTP_CANCELLED)
        schedule_retry(catalog, http->reason, 0, RETRY_MAX_MS);
}

void catalog_wake(struct catalog *catalog)
{
    char url[URL_BYTES];
    struct http_request request = {.url = url, .body_max_bytes = REFERENCE_LIST_BYTES};

    request.headers = token_keeper_headers(catalog->keeper);
    if (!catalog->due || catalog->asking || !request.headers)
        return;
    int64_t now_ms = loop_now(catalog->loop).mono_ms;
    int64_t wait_ms = budget_from_ms(catalog->budget, BUDGET_LIST, now_ms) - now_ms;
    if (wait_ms > 0) {
        loop_timer_set(catalog->timer, wait_ms);
        return;
    }
    budget_spend(catalog->budget, BUDGET_LIST, now_ms);
    catalog->asked_ms = now_ms;
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_INSTRUMENTS, catalog->config->broker.url);
    catalog->asking = true;
    catalog->generation = token_keeper_generation(catalog->keeper);
    http_send(catalog->http, &request, list_done, catalog);
}

/* --- life ------------------------------------------------------------------------------------- */

/*
 * Without globs an old list is not used: it would only report new symbols as unknown. Returns
 * whether the copy was used and is of today.
 */
static bool use_copy(struct catalog *catalog, bool again)
{
    struct err why;
    int64_t day;
    struct buf body;
    struct selection s;
    buf_init(&body, REFERENCE_LIST_BYTES);
    bool usable = list_cache_load(catalog->config, &body, &day) == 0;
    bool today = usable && day == art_day(loop_now(catalog->loop).wall_ns);
    if (usable && !today && !instrument_rules_need_list(&catalog->config->rules))
        usable = false;
    if (usable) {
        struct reply reply = list_cache_reply(&body);
        usable = select_from(catalog, &reply, again, &s, &why) == REPLY_OK;
    }
    if (usable)
        tell(catalog, &s);
    buf_finish(&body);
    return usable && today;
}

static void use_names(struct catalog *catalog)
{
    struct selection s;
    const struct selection_input input = input_of(catalog);
    if (selection_named(&s, &input) == 0)
        tell(catalog, &s);
}

static void on_timer(void *arg)
{
    struct catalog *catalog = arg;
    bool first = !catalog->ever_told;

    if (!instrument_rules_need_list(&catalog->config->rules)) {
        if (!use_copy(catalog, false))
            use_names(catalog);
        return;
    }
    if (first && use_copy(catalog, false)) {
        schedule_next_day(catalog);
        return;
    }
    if (first && !catalog->ever_told && catalog->config->rules.texts[RULE_SYMBOL].count)
        use_names(catalog);
    if (catalog->next_ns && wait_for_next_day(catalog))
        return;
    catalog->next_ns = 0;
    catalog->due = true;
    catalog_wake(catalog);
}

void catalog_known(struct catalog *catalog, struct instrument_list *known)
{
    instrument_list_release(catalog->known);
    catalog->known = instrument_list_share(known);
    if (!catalog->ever_told || catalog->doubted)
        return; /* the selection that comes uses it */
    if (!use_copy(catalog, true) && !instrument_rules_need_list(&catalog->config->rules))
        use_names(catalog);
}

int catalog_create(struct catalog **out, const struct catalog_parts *parts, struct err *err)
{
    const struct config *config = parts->config;
    struct loop *loop = parts->loop;
    int64_t timeout_ms = config->broker.timeout_ms;
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    if (!catalog)
        return err_set(err, -ENOMEM, "out of memory");
    catalog->loop = loop;
    catalog->config = config;
    catalog->keeper = parts->keeper;
    catalog->events = parts->events;
    catalog->budget = parts->budget;
    catalog->known = parts->known ? instrument_list_share(parts->known) : NULL;
    catalog->fn = parts->fn;
    catalog->arg = parts->arg;
    catalog->retry_ms = RETRY_MIN_MS;
    catalog->rng.state = (uint64_t)loop_now(loop).wall_ns;
    catalog->timer = loop_timer_create(loop, on_timer, catalog);
    catalog->parser = json_parser_create();
    catalog->http = broker_http_create(
        loop, &config->broker, timeout_ms > TIMEOUT_MIN_MS ? timeout_ms : TIMEOUT_MIN_MS, 1, err);
    int rc = catalog->http ? 0 : err->code;
    if (rc == 0 && (!catalog->timer || !catalog->parser))
        rc = err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        catalog_destroy(catalog);
        return rc;
    }
    loop_timer_set(catalog->timer, 0);
    *out = catalog;
    return 0;
}

void catalog_destroy(struct catalog *catalog)
{
    if (!catalog)
        return;
    http_destroy(catalog->http);
    loop_timer_destroy(catalog->timer);
    json_parser_destroy(catalog->parser);
    selection_finish(&catalog->told);
    instrument_list_release(catalog->known);
    free(catalog);
}

const char *catalog_trouble(const struct catalog *catalog)
{
    return catalog->failed;
}
