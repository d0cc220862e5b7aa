#include "broker/reference_data.h"

#include "base/log.h"
#include "base/rng.h"
#include "base/words.h"
#include "broker/detail_list.h"
#include "broker/detail_walk.h"
#include "broker/list_cache.h"
#include "market/daily.h"
#include "market/instrument_merge.h"
#include "primary/reference.h"
#include "primary/request.h"
#include "record/events.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_MS      5000             /* after the start: the quotes come first */
#define AFTER_LIST_NS (60 * NS_PER_S)  /* each day, after the list of broker/catalog */
#define SPREAD_MS     (10 * 60 * 1000) /* as that list: not all services at midnight */
#define LOOK_MS       (10 * 60 * 1000) /* interval of checking the wall clock */
#define RETRY_MIN_MS  (60 * 1000)
#define RETRY_MAX_MS  (60 * 60 * 1000)
#define DOUBTED_MS    (20 * 60 * 1000)
#define TELL_AFTER    3               /* failures in a row that are not the broker's refusal */
#define PUBLISH_MS    (5 * 60 * 1000) /* of the walk's answers */

struct reference_data {
    struct reference_data_parts parts;
    struct detail_list *list;
    struct detail_walk *walk;
    struct loop_timer *timer;   /* the next request */
    struct loop_timer *publish; /* of the walk's answers */

    struct instrument_list *known;  /* a share; NULL = nothing */
    int64_t known_ns;               /* when it was read completely; 0 = never */
    struct instrument_merge merge;  /* of the list that is being read */
    bool from_cache;                /* it is the list of broker/catalog, which has less */
    struct instrument_merge walked; /* of the walk's answers */

    bool due;     /* request the list as soon as there is a token */
    bool doubted; /* the last list lacked too many of the known instruments */
    int failures; /* in a row */
    int attempts;
    int64_t retry_ms;
    int64_t next_ns; /* wall; when the next day's list is requested; 0 = not scheduled */
    struct rng rng;
    char failed[sizeof(((struct err *)0)->text)]; /* of the last request; "" = it did not fail */
    char told[sizeof(((struct err *)0)->text)];   /* the failure that was last reported */
};

/* --- when ------------------------------------------------------------------------------------- */

static void schedule_next_day(struct reference_data *d)
{
    int64_t now_ns = loop_now(d->parts.loop).wall_ns;
    d->next_ns = art_next_day_ns(now_ns) + AFTER_LIST_NS + now_ns % (SPREAD_MS * NS_PER_MS);
    loop_timer_set(d->timer, LOOK_MS);
}

/* As in broker/catalog: the wall clock is looked at again, because the machine may be suspended. */
static bool wait_for_next_day(struct reference_data *d)
{
    int64_t left_ms = daily_left_ms(d->next_ns, loop_now(d->parts.loop).wall_ns);
    if (left_ms)
        loop_timer_set(d->timer, left_ms < LOOK_MS ? left_ms : LOOK_MS);
    return left_ms > 0;
}

static void schedule_retry(struct reference_data *d, int64_t retry_after_ms)
{
    int64_t wait_ms = d->retry_ms / 2 + rng_below(&d->rng, d->retry_ms / 2 + 1);
    d->retry_ms = d->retry_ms * 2 < RETRY_MAX_MS ? d->retry_ms * 2 : RETRY_MAX_MS;
    loop_timer_set(d->timer, wait_ms > retry_after_ms ? wait_ms : retry_after_ms);
}

/* --- what is known ---------------------------------------------------------------------------- */

static void on_news(void *arg, const char *symbol, const char *words)
{
    const struct reference_data *d = arg;
    events_report(d->parts.events, LOG_LEVEL_INFO, EVENT_INSTRUMENT_CHANGED, symbol, "%s", words);
}

/* The merged list is what is known from now on; its news are events. */
static void publish(struct reference_data *d, struct instrument_merge *merge, int64_t ts_read)
{
    instrument_merge_news(merge, on_news, d);
    struct instrument_list *list = instrument_merge_take(merge);
    instrument_list_release(d->known);
    d->known = list;
    if (ts_read)
        d->known_ns = ts_read;
    d->parts.fn(d->parts.arg, list, ts_read);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Without memory the item is left out; the end reports it. */
static void add(struct instrument_merge *merge, const struct reference_data *d,
                const struct instrument *instrument)
{
    if (merge->after ||
        instrument_merge_begin(merge, d->known, loop_now(d->parts.loop).wall_ns) == 0)
        instrument_merge_add(merge, instrument);
}

static void on_item(void *arg, const struct instrument *instrument)
{
    struct reference_data *d = arg;
    add(&d->merge, d, instrument);
}

/* The list of broker/catalog has the CFI codes at least. Used while nothing else is known. */
static void read_cache(struct reference_data *d)
{
    struct buf body;
    int64_t day;
    buf_init(&body, REFERENCE_LIST_BYTES);
    if (instrument_list_count(d->known) == 0 && list_cache_load(d->parts.config, &body, &day) == 0)
        d->from_cache = detail_list_read(d->list, &body) == 0;
    buf_finish(&body);
}

/* --- one by one ------------------------------------------------------------------------------- */

static void publish_walked(void *arg)
{
    struct reference_data *d = arg;
    struct err err;
    loop_timer_stop(d->publish);
    if (d->walked.after && instrument_merge_end(&d->walked, false, &err) == 0)
        publish(d, &d->walked, 0);
    instrument_merge_finish(&d->walked);
}

static void on_walked(void *arg, const struct instrument *instrument)
{
    struct reference_data *d = arg;
    if (!d->walked.after)
        loop_timer_set(d->publish, PUBLISH_MS);
    add(&d->walked, d, instrument);
}

static const char *walk_symbol(void *arg, int32_t index)
{
    const struct reference_data *d = arg;
    return d->parts.symbol(d->parts.arg, index);
}

/* --- failures --------------------------------------------------------------------------------- */

/* Reported when it begins and when its reason changes, not at each try. */
static void tell_failed(struct reference_data *d, const char *then)
{
    if (words_alike(d->failed, d->told))
        return;
    snprintf(d->told, sizeof(d->told), "%s", d->failed);
    events_report(d->parts.events, LOG_LEVEL_WARN, EVENT_LIST_FAILED, NULL,
                  REQUEST_PATH_DETAILS ": %s; %s", d->failed, then);
}

static void note_failed(struct reference_data *d, const char *words)
{
    d->attempts++;
    d->failures++;
    snprintf(d->failed, sizeof(d->failed), "%s", words);
    log_info("reference data not read", LOG_TEXT("why", words),
             LOG_NUMBER("failures", d->failures));
    read_cache(d);
}

/* The broker answers, and has no such list for this account. */
static void refused(struct reference_data *d)
{
    tell_failed(d,
                "the recorded instruments are requested one by one, and the list again tomorrow");
    schedule_next_day(d);
    detail_walk_start(d->walk);
}

/* Whatever fails for all requests is reported by others. */
static void failed(struct reference_data *d, enum reply_class class, const char *words,
                   int64_t retry_after_ms)
{
    note_failed(d, words);
    switch (class) {
    case REPLY_OK:
    case REPLY_MALFORMED:
        tell_failed(d, "what was known before stays, and it is requested again later");
        break;
    case REPLY_AUTH:
    case REPLY_LOGIN_PAGE:
    case REPLY_PAGE:
    case REPLY_THROTTLED:
    case REPLY_SERVER:
        if (d->failures >= TELL_AFTER)
            tell_failed(d, "it is requested again later");
        break;
    case REPLY_UNKNOWN_SYMBOL:
    case REPLY_NO_DATA:
    case REPLY_UNKNOWN_SEGMENT:
    case REPLY_ACCESS:
    case REPLY_BAD_PATH:
    case REPLY_BAD_REQUEST:
    case REPLY_OTHER:
        refused(d);
        return;
    }
    schedule_retry(d, retry_after_ms);
}

static void no_answer(struct reference_data *d, const char *words)
{
    note_failed(d, words);
    schedule_retry(d, 0);
}

/* --- a list that was read --------------------------------------------------------------------- */

/* As broker/catalog: a list without one of the markets is confirmed by a second one, within the
 * hour, before the missing instruments count as not listed. */
static bool doubt_list(struct reference_data *d)
{
    size_t missing = instrument_merge_missing(&d->merge), before = d->merge.listed_before;
    bool cut = missing * 10 > before;
    if (cut)
        events_report(d->parts.events, LOG_LEVEL_WARN, EVENT_LIST_CUT, NULL,
                      d->doubted ? REQUEST_PATH_DETAILS
                          ", read again, still lacks %zu of %zu instruments: they are not listed "
                          "any more"
                                 : REQUEST_PATH_DETAILS
                          " lacks %zu of %zu instruments: they stay listed, and it is read again "
                          "within the hour",
                      missing, before);
    d->doubted = cut && !d->doubted;
    return d->doubted;
}

static void schedule_next(struct reference_data *d)
{
    if (d->doubted)
        loop_timer_set(d->timer, DOUBTED_MS + rng_below(&d->rng, DOUBTED_MS));
    else
        schedule_next_day(d);
}

static void note_read(struct reference_data *d, int unreadable)
{
    d->attempts++;
    d->failures = 0;
    d->retry_ms = RETRY_MIN_MS;
    d->failed[0] = d->told[0] = '\0';
    log_info("reference data read",
             LOG_NUMBER("instruments", instrument_list_count(d->merge.after)),
             LOG_NUMBER("unreadable", unreadable));
}

static void take_list(struct reference_data *d, int unreadable)
{
    int64_t ts_read = d->merge.ts_read;
    struct err err;
    note_read(d, unreadable);
    bool whole = !doubt_list(d);
    if (instrument_merge_end(&d->merge, whole, &err))
        events_report(d->parts.events, LOG_LEVEL_WARN, EVENT_LIST_FAILED, NULL,
                      REQUEST_PATH_DETAILS ": %s", err.text);
    else
        publish(d, &d->merge, whole ? ts_read : 0);
    instrument_merge_finish(&d->walked); /* older than the list */
    schedule_next(d);
}

static void take_cache(struct reference_data *d, enum reply_class class)
{
    struct err err;
    d->from_cache = false;
    if (class == REPLY_OK && d->merge.after && instrument_merge_end(&d->merge, true, &err) == 0)
        publish(d, &d->merge, 0);
    instrument_merge_finish(&d->merge);
    if (d->due)
        reference_data_wake(d);
}

static void on_list(void *arg, const struct detail_list_end *end)
{
    struct reference_data *d = arg;
    if (d->from_cache) {
        take_cache(d, end->class);
    } else if (end->answered && end->class == REPLY_OK && d->merge.after) {
        take_list(d, end->unreadable);
        instrument_merge_finish(&d->merge);
    } else {
        instrument_merge_finish(&d->merge);
        if (!end->answered)
            no_answer(d, end->words);
        else if (end->class == REPLY_OK)
            failed(d, REPLY_MALFORMED, "the list is empty", 0);
        else
            failed(d, end->class, end->words, end->retry_after_ms);
    }
}

/* --- asking the broker ------------------------------------------------------------------------ */

void reference_data_wake(struct reference_data *d)
{
    detail_walk_wake(d->walk);
    int64_t wait_ms = d->due ? detail_list_ask(d->list) : -1;
    if (wait_ms > 0)
        loop_timer_set(d->timer, wait_ms);
    else if (wait_ms == 0)
        d->due = false;
}

static void on_timer(void *arg)
{
    struct reference_data *d = arg;
    if (d->next_ns && wait_for_next_day(d))
        return;
    d->next_ns = 0;
    d->due = true;
    reference_data_wake(d);
}

void reference_data_refresh(struct reference_data *d)
{
    if (detail_list_busy(d->list) && !d->from_cache)
        return;
    d->next_ns = 0;
    d->due = true;
    loop_timer_stop(d->timer);
    reference_data_wake(d);
}

struct reference_data_state reference_data_state(const struct reference_data *d)
{
    struct reference_data_state state = {
        .ts_read = d->known_ns, .attempts = d->attempts, .failed = d->failed};
    for (size_t i = 0; i < instrument_list_count(d->known); i++)
        state.listed += instrument_list_at(d->known, i)->listed;
    return state;
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_parts(struct reference_data *d, struct err *err)
{
    const struct reference_data_parts *p = &d->parts;
    const struct detail_list_parts list = {p->loop,   p->config, p->keeper, p->events,
                                           p->budget, on_item,   on_list,   d};
    const struct detail_walk_parts walk = {p->loop,   p->config,      p->keeper,
                                           p->events, p->budget,      walk_symbol,
                                           on_walked, publish_walked, d};
    d->timer = loop_timer_create(p->loop, on_timer, d);
    d->publish = loop_timer_create(p->loop, publish_walked, d);
    if (!d->timer || !d->publish)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = detail_list_create(&d->list, &list, err);
    return rc ? rc : detail_walk_create(&d->walk, &walk, err);
}

/* A list of today is not requested again after a restart. */
static void schedule_first(struct reference_data *d)
{
    int64_t now_ns = loop_now(d->parts.loop).wall_ns;
    if (d->known_ns && art_day(d->known_ns) == art_day(now_ns))
        schedule_next_day(d);
    else
        loop_timer_set(d->timer, FIRST_MS);
}

int reference_data_create(struct reference_data **out, const struct reference_data_parts *parts,
                          struct err *err)
{
    struct reference_data *d = calloc(1, sizeof(*d));
    if (!d)
        return err_set(err, -ENOMEM, "out of memory");
    d->parts = *parts;
    d->known = parts->known ? instrument_list_share(parts->known) : NULL;
    d->known_ns = parts->known_ns;
    d->retry_ms = RETRY_MIN_MS;
    d->rng.state = (uint64_t)loop_now(parts->loop).wall_ns;
    int rc = open_parts(d, err);
    if (rc) {
        reference_data_destroy(d);
        return rc;
    }
    schedule_first(d);
    *out = d;
    return 0;
}

void reference_data_destroy(struct reference_data *d)
{
    if (!d)
        return;
    detail_list_destroy(d->list);
    detail_walk_destroy(d->walk);
    loop_timer_destroy(d->timer);
    loop_timer_destroy(d->publish);
    instrument_merge_finish(&d->merge);
    instrument_merge_finish(&d->walked);
    instrument_list_release(d->known);
    free(d);
}
