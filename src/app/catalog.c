#include "app/catalog.h"

#include "app/broker_http.h"
#include "app/events.h"
#include "app/keeper.h"
#include "app/list_cache.h"
#include "primary/reference.h"
#include "primary/request.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_BYTES     (64 * 1024 * 1024)
#define URL_BYTES      2048
#define RETRY_MIN_MS   (5 * 1000)
#define RETRY_MAX_MS   (5 * 60 * 1000)
#define SPREAD_MS      (10 * 60 * 1000) /* the whole country does not ask at midnight */
#define TIMEOUT_MIN_MS (60 * 1000)      /* megabytes over a slow line */

struct catalog {
    struct loop *loop;
    const struct config *config;
    struct keeper *keeper;
    struct events *events;
    catalog_fn *fn;
    void *arg;

    struct http *http;
    struct loop_timer *timer;
    struct json_parser *parser;
    struct config_strings told; /* the last selection; owned */
    bool ever_told;
    bool due; /* the list is to be asked for as soon as there is a token */
    bool asking;
    int generation;
    int64_t retry_ms;
};

/* --- selecting -------------------------------------------------------------------------------- */

struct selection {
    const struct catalog *catalog;
    struct config_strings symbols;
    size_t cap;
    size_t listed; /* instruments in the broker's list */
    bool no_memory;
};

static void strings_free(struct config_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        free(strings->item[i]);
    free(strings->item);
    *strings = (struct config_strings){0};
}

static void select_symbol(struct selection *s, const char *symbol)
{
    if (s->symbols.count == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        char **item = realloc(s->symbols.item, cap * sizeof(*item));
        if (!item) {
            s->no_memory = true;
            return;
        }
        s->symbols.item = item;
        s->cap = cap;
    }
    char *copy = strdup(symbol);
    if (copy)
        s->symbols.item[s->symbols.count++] = copy;
    else
        s->no_memory = true;
}

static bool matches(const struct config_strings *globs, const char *symbol)
{
    for (size_t i = 0; i < globs->count; i++) {
        if (fnmatch(globs->item[i], symbol, FNM_CASEFOLD) == 0)
            return true;
    }
    return false;
}

static void consider(void *arg, const struct reference_item *item)
{
    struct selection *s = arg;
    s->listed++;
    if (matches(&s->catalog->config->match, item->symbol))
        select_symbol(s, item->symbol);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct config_strings *strings)
{
    size_t kept = 0;
    qsort(strings->item, strings->count, sizeof(*strings->item), by_text);
    for (size_t i = 0; i < strings->count; i++) {
        if (kept && strcmp(strings->item[kept - 1], strings->item[i]) == 0)
            free(strings->item[i]);
        else
            strings->item[kept++] = strings->item[i];
    }
    strings->count = kept;
}

static bool equal(const struct config_strings *a, const struct config_strings *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->item[i], b->item[i]) != 0)
            return false;
    }
    return true;
}

/* Tells the selection unless it is the one told last. Takes its strings. */
static void tell(struct catalog *catalog, struct selection *s)
{
    for (size_t i = 0; i < catalog->config->symbols.count; i++)
        select_symbol(s, catalog->config->symbols.item[i]);
    if (s->symbols.count)
        sort_unique(&s->symbols);
    if (s->no_memory || (catalog->ever_told && equal(&s->symbols, &catalog->told))) {
        strings_free(&s->symbols);
        return;
    }
    strings_free(&catalog->told);
    catalog->told = s->symbols;
    catalog->ever_told = true;
    catalog->fn(catalog->arg, &catalog->told);
}

/* What a list, from the broker or from disk, makes us record. REPLY_OK: it was usable. */
static enum reply_class select_from(struct catalog *catalog, const struct reply *reply,
                                    struct err *why)
{
    struct selection s = {.catalog = catalog};
    int skipped = 0;
    enum reply_class class = reference_list(catalog->parser, reply, consider, &s, &skipped, why);
    if (class == REPLY_OK && s.listed == 0) { /* no broker trades nothing: not a list to keep */
        err_set(why, -EBADMSG, "the list is empty");
        class = REPLY_MALFORMED;
    }
    if (class != REPLY_OK) {
        strings_free(&s.symbols);
        return class;
    }
    log_info("instruments selected", LOG_NUMBER("listed", s.listed),
             LOG_NUMBER("matching", s.symbols.count),
             LOG_NUMBER("named", catalog->config->symbols.count),
             LOG_NUMBER("unusable_in_list", skipped));
    if (s.symbols.count == 0)
        events_report(catalog->events, LOG_LEVEL_WARN, EVENT_NO_MATCH, NULL,
                      "instruments.match selects nothing from the broker's list");
    tell(catalog, &s);
    return REPLY_OK;
}

/* --- asking the broker ------------------------------------------------------------------------ */

static void schedule_next_day(struct catalog *catalog)
{
    struct now now = loop_now(catalog->loop);
    int64_t wait_ms = (art_next_day_ns(now.wall_ns) - now.wall_ns) / NS_PER_MS;
    catalog->due = false;
    catalog->retry_ms = RETRY_MIN_MS;
    loop_timer_set(catalog->timer, wait_ms + now.wall_ns / NS_PER_MS % SPREAD_MS);
}

static void schedule_retry(struct catalog *catalog, const char *words, int64_t retry_after_ms)
{
    int64_t wait_ms = catalog->retry_ms > retry_after_ms ? catalog->retry_ms : retry_after_ms;
    events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_FAILED, NULL,
                  REQUEST_PATH_INSTRUMENTS ": %s; again in %lld s", words,
                  (long long)(wait_ms / 1000));
    catalog->retry_ms = catalog->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : catalog->retry_ms * 2;
    catalog->due = false;
    loop_timer_set(catalog->timer, wait_ms);
}

static void take_list(struct catalog *catalog, const struct http_reply *http)
{
    struct err why = {0};
    struct reply reply = broker_http_reply(http);
    switch (select_from(catalog, &reply, &why)) {
    case REPLY_OK:
        keeper_worked(catalog->keeper, catalog->generation);
        if (list_cache_save(catalog->config, http->body, http->body_len_bytes, &why))
            events_report(catalog->events, LOG_LEVEL_WARN, EVENT_LIST_CACHE, NULL, "%s", why.text);
        schedule_next_day(catalog);
        return;
    case REPLY_AUTH: /* once more with the next token, which wakes us */
        keeper_unauthorized(catalog->keeper, catalog->generation);
        catalog_wake(catalog);
        return;
    default:
        schedule_retry(catalog, why.text, http->retry_after_ms);
    }
}

static void list_done(void *arg, const struct http_reply *http)
{
    struct catalog *catalog = arg;
    catalog->asking = false;
    if (http->outcome == HTTP_OK)
        take_list(catalog, http);
    else if (http->outcome != HTTP_CANCELLED)
        schedule_retry(catalog, http->reason, 0);
}

void catalog_wake(struct catalog *catalog)
{
    char url[URL_BYTES];
    struct http_request request = {.url = url, .body_max_bytes = LIST_BYTES};

    request.headers = keeper_headers(catalog->keeper);
    if (!catalog->due || catalog->asking || !request.headers)
        return;
    snprintf(url, sizeof(url), "%s" REQUEST_PATH_INSTRUMENTS, catalog->config->broker.url);
    catalog->asking = true;
    catalog->generation = keeper_generation(catalog->keeper);
    http_send(catalog->http, &request, list_done, catalog);
}

/* --- life ------------------------------------------------------------------------------------- */

/* Returns whether the copy is today's. */
static bool use_copy(struct catalog *catalog)
{
    struct err why;
    bool today = false;
    struct buf body;
    buf_init(&body, LIST_BYTES);
    bool usable = list_cache_load(catalog->config, &body, &today) == 0;
    if (usable) {
        struct reply reply = {.status = 200,
                              .content_type = "",
                              .location = "",
                              .body = buf_text(&body),
                              .body_len_bytes = body.len_bytes};
        usable = select_from(catalog, &reply, &why) == REPLY_OK;
    }
    buf_finish(&body);
    return usable && today;
}

static void on_timer(void *arg)
{
    struct catalog *catalog = arg;
    bool first = !catalog->ever_told;

    if (catalog->config->match.count == 0) {
        tell(catalog, &(struct selection){.catalog = catalog});
        return;
    }
    if (first && use_copy(catalog)) {
        schedule_next_day(catalog);
        return;
    }
    if (first && !catalog->ever_told && catalog->config->symbols.count)
        tell(catalog, &(struct selection){.catalog = catalog});
    catalog->due = true;
    catalog_wake(catalog);
}

int catalog_create(struct catalog **out, struct loop *loop, const struct config *config,
                   struct keeper *keeper, struct events *events, catalog_fn *fn, void *arg,
                   struct err *err)
{
    int64_t timeout_ms = config->broker.timeout_ms;
    struct catalog *catalog = calloc(1, sizeof(*catalog));
    if (!catalog)
        return err_set(err, -ENOMEM, "out of memory");
    catalog->loop = loop;
    catalog->config = config;
    catalog->keeper = keeper;
    catalog->events = events;
    catalog->fn = fn;
    catalog->arg = arg;
    catalog->retry_ms = RETRY_MIN_MS;
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
    strings_free(&catalog->told);
    free(catalog);
}
