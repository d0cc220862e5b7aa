#include "broker/catalog.h"

#include "base/rng.h"
#include "base/words.h"
#include "broker/broker_http.h"
#include "broker/list_selector.h"
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

    struct http *http;
    struct loop_timer *timer;
    struct list_selector *selector;
    bool begun;     /* the first selection was started */
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

static void out_of_memory(const struct catalog *catalog)
{
    events_report(catalog->events, LOG_LEVEL_ERROR, EVENT_LIST_FAILED, NULL,
                  "out of memory: the selection of instruments stays as it is");
}

static void select_present(struct catalog *catalog, bool again)
{
    if (list_selector_select(catalog->selector, again))
        out_of_memory(catalog);
}

static size_t recorded_count(const struct catalog *catalog)
{
    const struct config_strings *selected = list_selector_selected(catalog->selector);
    return selected ? selected->count : 0;
}

/* --- what was selected ------------------------------------------------------------------------ */

static void report_notes(struct catalog *catalog, const struct list_notes *notes, bool matured)
{
    for (size_t i = 0; i < notes->count; i++) {
        const struct list_note *note = &notes->item[i];
        events_report(catalog->events, matured ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
                      matured ? EVENT_MATURED : EVENT_NO_MATCH, matured ? note->symbol : NULL, "%s",
                      note->words);
    }
}

/* A list that is only read again is reported again if more or fewer rules match. */
static void report_unfound(struct catalog *catalog, const struct list_work *work)
{
    size_t before = catalog->unfound;
    catalog->unfound = work->unfound.count;
    if (!work->again || work->unfound.count != before)
        report_notes(catalog, &work->unfound, false);
}

static void report_selection(struct catalog *catalog, const struct list_work *work)
{
    const struct selection *s = &work->selection;
    if (work->source == LIST_NAMED)
        return;
    log_info("instruments selected", LOG_NUMBER("listed", s->listed), LOG_NUMBER("found", s->found),
             LOG_NUMBER("recorded", s->symbols.count));
    if (s->unusable)
        log_warn("items of the broker's list ignored: their symbols have control characters, are "
                 "too long, or are missing",
                 LOG_NUMBER("left_out", s->unusable));
    report_unfound(catalog, work);
}

/* Passes the selection to fn if it differs from the last one. */
static void tell(struct catalog *catalog, struct list_work *work)
{
    report_notes(catalog, &work->matured, true);
    if (!work->differs)
        return;
    list_selector_accept(catalog->selector, work);
    catalog->fn(catalog->arg, list_selector_selected(catalog->selector));
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

static void report_cut(struct catalog *catalog, const struct list_work *work)
{
    if (work->cut && catalog->doubted)
        events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CUT, NULL,
                      "the broker's list of instruments, read again, still lacks %zu of the %zu "
                      "recorded ones: they are no longer recorded",
                      work->gone, work->before);
    else if (work->cut)
        events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CUT, NULL,
                      "the broker's list of %zu instruments lacks %zu of the %zu recorded ones: "
                      "their recording continues, and the list is read again within the hour",
                      work->selection.listed, work->gone, work->before);
    catalog->doubted = work->cut && !catalog->doubted;
}

/* A list in doubt is not saved: the next start would use it as the complete list. */
static void use_list(struct catalog *catalog, struct list_work *work)
{
    token_keeper_worked(catalog->keeper, catalog->generation);
    catalog->doubt_token_ms = 0;
    report_cut(catalog, work);
    if (work->kept) {
        schedule_doubted(catalog);
    } else {
        if (list_selector_save(catalog->selector, &work->body))
            out_of_memory(catalog);
        schedule_next_day(catalog);
    }
    tell(catalog, work);
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
    if (now_ms < catalog->doubt_token_ms && recorded_count(catalog))
        return false;
    if (class == REPLY_AUTH)
        token_keeper_unauthorized(catalog->keeper, catalog->generation);
    else if (!token_keeper_page(catalog->keeper, catalog->generation, class == REPLY_LOGIN_PAGE,
                                words))
        return false;
    catalog->doubt_token_ms = now_ms + DOUBT_TOKEN_MS;
    return true;
}

/* Not a list that can be read. */
static void refuse_list(struct catalog *catalog, enum reply_class class, const char *words,
                        int64_t retry_after_ms)
{
    switch (class) {
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
        if (doubt_token(catalog, class, words))
            catalog_wake(catalog); /* or it is called when there is another token */
        else
            schedule_retry(catalog, words, 0, RETRY_PAGE_MS);
        break;
    default:
        schedule_retry(catalog, words, retry_after_ms, RETRY_MAX_MS);
    }
    if (!list_selector_selected(catalog->selector) && list_selector_knows(catalog->selector))
        select_present(catalog, true);
}

static void take_list(struct catalog *catalog, const struct http_reply *http)
{
    struct err why = {0};
    struct reply reply = broker_http_reply(http);
    enum reply_class class = reply_by_head(&reply, &why);
    struct buf body;
    if (class != REPLY_OK) {
        refuse_list(catalog, class, why.text, http->retry_after_ms);
        return;
    }
    if (broker_http_take_body(http, &body) ||
        list_selector_received(catalog->selector, &body, catalog->doubted))
        schedule_retry(catalog, "out of memory", 0, RETRY_MAX_MS);
    buf_finish(&body);
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

/* --- the results ------------------------------------------------------------------------------ */

/* At the start; the broker's list is requested if its copy is not of today. */
static void use_present(struct catalog *catalog, struct list_work *work)
{
    bool of_today = work->source == LIST_COPY && work->day == work->today;
    if (work->source != LIST_NONE) {
        report_selection(catalog, work);
        tell(catalog, work);
    }
    if (work->again || !instrument_rules_need_list(&catalog->config->rules))
        return;
    if (of_today) {
        schedule_next_day(catalog);
        return;
    }
    catalog->due = true;
    catalog_wake(catalog);
}

static void use_received(struct catalog *catalog, struct list_work *work)
{
    if (work->class != REPLY_OK) {
        refuse_list(catalog, work->class, work->why.text, 0);
        return;
    }
    report_selection(catalog, work);
    use_list(catalog, work);
}

static void on_work(void *arg, struct list_work *work)
{
    struct catalog *catalog = arg;
    if (work->save && work->why.code)
        events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CACHE, NULL, "%s",
                      work->why.text);
    else if (work->received)
        use_received(catalog, work);
    else if (!work->save)
        use_present(catalog, work);
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_timer(void *arg)
{
    struct catalog *catalog = arg;
    if (!catalog->begun) {
        catalog->begun = true;
        select_present(catalog, false);
        return;
    }
    if (catalog->next_ns && wait_for_next_day(catalog))
        return;
    catalog->next_ns = 0;
    catalog->due = true;
    catalog_wake(catalog);
}

void catalog_hurry(struct catalog *catalog)
{
    if (instrument_rules_need_list(&catalog->config->rules) && !catalog->asking && !catalog->due)
        loop_timer_set(catalog->timer, 0);
}

/* While the list is in doubt, or there is no selection yet, the one that comes uses it. */
void catalog_known(struct catalog *catalog, struct instrument_list *known)
{
    list_selector_known(catalog->selector, known);
    if (catalog->doubted || (!list_selector_selected(catalog->selector) && !*catalog->failed))
        return;
    select_present(catalog, true);
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
    catalog->fn = parts->fn;
    catalog->arg = parts->arg;
    catalog->retry_ms = RETRY_MIN_MS;
    catalog->rng.state = (uint64_t)loop_now(loop).wall_ns;
    catalog->timer = loop_timer_create(loop, on_timer, catalog);
    catalog->selector =
        list_selector_create(&(struct list_selector_parts){.loop = loop,
                                                           .config = config,
                                                           .known = parts->known,
                                                           .known_usable = parts->known_usable,
                                                           .fn = on_work,
                                                           .arg = catalog});
    catalog->http = broker_http_create(
        loop, &config->broker, timeout_ms > TIMEOUT_MIN_MS ? timeout_ms : TIMEOUT_MIN_MS, 1, err);
    int rc = catalog->http ? 0 : err->code;
    if (rc == 0 && (!catalog->timer || !catalog->selector))
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
    list_selector_destroy(catalog->selector);
    free(catalog);
}

const char *catalog_trouble(const struct catalog *catalog)
{
    return catalog->failed;
}
