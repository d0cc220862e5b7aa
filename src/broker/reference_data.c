#include "broker/reference_data.h"

#include "base/log.h"
#include "base/rng.h"
#include "base/words.h"
#include "broker/detail_walk.h"
#include "broker/list_request.h"
#include "broker/reference_lists.h"
#include "broker/reference_merger.h"
#include "broker/segment_request.h"
#include "market/daily.h"
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
    struct segment_request *segments;
    struct list_request *request;
    struct detail_walk *walk;
    struct reference_lists *lists;
    struct reference_merger *merger;
    struct loop_timer *timer;   /* the next request */
    struct loop_timer *publish; /* of the walk's answers */

    int64_t known_ns;               /* when the broker last sent all of it; 0 = never */
    struct instrument_list *walked; /* the walk's answers; NULL = none */

    bool due;       /* request the list as soon as there is a token, after the segments */
    bool lists_due; /* when the copy was read */
    bool doubted;   /* the last list lacked too many of the known instruments */
    int failures;   /* in a row */
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
static void publish(struct reference_data *d, struct reference_work *work, int64_t ts_read)
{
    instrument_merge_news(&work->merge, on_news, d);
    struct instrument_list *list = reference_merger_accept(d->merger, work);
    if (ts_read)
        d->known_ns = ts_read;
    d->parts.fn(d->parts.arg, list, ts_read);
}

static bool knows_nothing(const struct reference_data *d)
{
    return instrument_list_count(reference_merger_known(d->merger)) == 0;
}

/* --- list by list, and one by one ------------------------------------------------------------- */

static void on_lists(void *arg, struct instrument_list *list)
{
    const struct reference_data *d = arg;
    reference_merger_read(d->merger, list);
}

static void forget_walked(struct reference_data *d)
{
    loop_timer_stop(d->publish);
    instrument_list_release(d->walked);
    d->walked = NULL;
}

static void publish_walked(void *arg)
{
    struct reference_data *d = arg;
    struct instrument_list *walked = d->walked;
    loop_timer_stop(d->publish);
    d->walked = NULL;
    if (walked)
        reference_merger_read(d->merger, walked);
}

/* Without memory it is left out. */
static void on_walked(void *arg, const struct instrument *instrument)
{
    struct reference_data *d = arg;
    if (!d->walked) {
        d->walked = instrument_list_create();
        loop_timer_set(d->publish, PUBLISH_MS);
    }
    if (d->walked)
        instrument_list_put(d->walked, instrument);
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

static void start_lists(struct reference_data *d)
{
    if (reference_merger_has_segments(d->merger) &&
        reference_merger_read(d->merger, instrument_list_create()) == 0)
        return; /* they are merged first, and then it is called again */
    d->lists_due = false;
    reference_lists_start(d->lists, reference_merger_known(d->merger));
}

static void note_failed(struct reference_data *d, const char *words)
{
    d->attempts++;
    d->failures++;
    snprintf(d->failed, sizeof(d->failed), "%s", words);
    log_info("reference data not read", LOG_TEXT("why", words),
             LOG_NUMBER("failures", d->failures));
    if (knows_nothing(d))
        reference_merger_copy(d->merger, 0);
}

/* What other requests give: today's list of symbols, the lists by segment, and the details of the
 * recorded instruments. */
static void ask_otherwise(struct reference_data *d)
{
    d->lists_due = true;
    if (!knows_nothing(d)) /* else the copy is being read */
        reference_merger_copy(d->merger, art_day(loop_now(d->parts.loop).wall_ns));
    if (!reference_merger_busy(d->merger))
        start_lists(d);
    detail_walk_start(d->walk);
}

/* The broker answers, and has no such list for this account. */
static void refused(struct reference_data *d)
{
    tell_failed(d,
                "the recorded instruments are requested one by one, and the list again tomorrow");
    schedule_next_day(d);
    ask_otherwise(d);
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
        if (d->failures == TELL_AFTER)
            ask_otherwise(d);
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
static void report_cut(struct reference_data *d, const struct reference_work *work)
{
    if (work->cut)
        events_report(d->parts.events, LOG_LEVEL_WARN, EVENT_LIST_CUT, NULL,
                      work->whole ? REQUEST_PATH_DETAILS
                          ", read again, still lacks %zu of %zu instruments: they are not listed "
                          "any more"
                                  : REQUEST_PATH_DETAILS
                          " lacks %zu of %zu instruments: they stay listed, and it is read again "
                          "within the hour",
                      work->missing, work->merge.listed_before);
    d->doubted = work->cut && !work->whole;
}

static void schedule_next(struct reference_data *d)
{
    if (d->doubted)
        loop_timer_set(d->timer, DOUBTED_MS + rng_below(&d->rng, DOUBTED_MS));
    else
        schedule_next_day(d);
}

static void note_read(struct reference_data *d, const struct reference_work *work)
{
    d->attempts++;
    d->failures = 0;
    d->retry_ms = RETRY_MIN_MS;
    d->failed[0] = d->told[0] = '\0';
    log_info("reference data read", LOG_NUMBER("instruments", work->items),
             LOG_NUMBER("unreadable", work->unreadable));
}

static void take_list(struct reference_data *d, struct reference_work *work)
{
    list_request_worked(d->request);
    note_read(d, work);
    report_cut(d, work);
    if (!work->merged)
        events_report(d->parts.events, LOG_LEVEL_WARN, EVENT_LIST_FAILED, NULL,
                      REQUEST_PATH_DETAILS ": %s", work->why.text);
    else
        publish(d, work, work->whole ? work->merge.ts_read : 0);
    forget_walked(d); /* older than the list */
    schedule_next(d);
}

static void take_body(struct reference_data *d, struct reference_work *work)
{
    if (work->class != REPLY_OK)
        failed(d, work->class, work->why.text, 0);
    else if (work->items == 0)
        failed(d, REPLY_MALFORMED, "the list is empty", 0);
    else
        take_list(d, work);
}

static void on_merged(void *arg, struct reference_work *work)
{
    struct reference_data *d = arg;
    if (work->source == REFERENCE_BODY)
        take_body(d, work);
    else if (work->merged)
        publish(d, work, 0);
    if (work->source != REFERENCE_BODY && d->lists_due)
        start_lists(d);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void on_segments(void *arg, struct instrument_list *segments)
{
    struct reference_data *d = arg;
    if (segments)
        reference_merger_segments(d->merger, segments);
    reference_data_wake(d); /* the list follows */
}

static void on_end(void *arg, const struct list_request_end *e)
{
    struct reference_data *d = arg;
    if (!e->answered)
        no_answer(d, e->words);
    else if (e->class != REPLY_OK)
        failed(d, e->class, e->words, e->retry_after_ms);
    else if (reference_merger_body(d->merger, e->body, d->doubted))
        no_answer(d, "out of memory");
}

/* --- asking the broker ------------------------------------------------------------------------ */

/* The segments first, because the lists by segment need them. */
static void ask(struct reference_data *d)
{
    const struct list_request_target list = {BUDGET_REFERENCE, REQUEST_PATH_DETAILS};
    bool segments = segment_request_pending(d->segments);
    if (!d->due || (!segments && reference_merger_busy(d->merger)))
        return;
    int64_t wait_ms =
        segments ? segment_request_ask(d->segments) : list_request_ask(d->request, &list);
    if (wait_ms > 0)
        loop_timer_set(d->timer, wait_ms);
    if (wait_ms == 0 && !segments)
        d->due = false;
}

void reference_data_wake(struct reference_data *d)
{
    detail_walk_wake(d->walk);
    reference_lists_wake(d->lists);
    ask(d);
}

static void on_timer(void *arg)
{
    struct reference_data *d = arg;
    if (d->next_ns && wait_for_next_day(d))
        return;
    if (d->next_ns)
        segment_request_want(d->segments);
    d->next_ns = 0;
    d->due = true;
    ask(d);
}

void reference_data_hurry(struct reference_data *d)
{
    if (!d->due && !list_request_busy(d->request) && !reference_merger_busy(d->merger))
        loop_timer_set(d->timer, 0);
}

void reference_data_refresh(struct reference_data *d)
{
    if (list_request_busy(d->request) || reference_merger_busy(d->merger))
        return; /* one is under way */
    d->next_ns = 0;
    d->due = true;
    segment_request_want(d->segments);
    loop_timer_stop(d->timer);
    ask(d);
}

struct reference_data_state reference_data_state(const struct reference_data *d)
{
    const struct instrument_list *known = reference_merger_known(d->merger);
    struct reference_data_state state = {
        .ts_read = d->known_ns, .attempts = d->attempts, .failed = d->failed};
    for (size_t i = 0; i < instrument_list_count(known); i++)
        state.listed += instrument_list_at(known, i)->listed;
    return state;
}

/* --- life ------------------------------------------------------------------------------------- */

static int open_requests(struct reference_data *d, struct err *err)
{
    const struct reference_data_parts *p = &d->parts;
    const struct list_request_parts request = {p->loop,   p->config, p->keeper, p->events,
                                               p->budget, on_end,    d};
    const struct detail_walk_parts walk = {p->loop,   p->config,      p->keeper,
                                           p->events, p->budget,      walk_symbol,
                                           on_walked, publish_walked, d};
    const struct reference_lists_parts lists = {p->loop,   p->config, p->keeper, p->events,
                                                p->budget, on_lists,  d};
    const struct segment_request_parts segments = {p->loop,   p->config,   p->keeper, p->events,
                                                   p->budget, on_segments, d};
    int rc = segment_request_create(&d->segments, &segments, err);
    if (rc == 0)
        rc = list_request_create(&d->request, &request, err);
    if (rc == 0)
        rc = detail_walk_create(&d->walk, &walk, err);
    return rc ? rc : reference_lists_create(&d->lists, &lists, err);
}

static int open_parts(struct reference_data *d, struct err *err)
{
    const struct reference_data_parts *p = &d->parts;
    const struct reference_merger_parts merger = {p->loop, p->config, p->known, on_merged, d};
    d->timer = loop_timer_create(p->loop, on_timer, d);
    d->publish = loop_timer_create(p->loop, publish_walked, d);
    d->merger = reference_merger_create(&merger);
    if (!d->timer || !d->publish || !d->merger)
        return err_set(err, -ENOMEM, "out of memory");
    return open_requests(d, err);
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
    d->known_ns = parts->known_ns;
    d->retry_ms = RETRY_MIN_MS;
    d->rng.state = (uint64_t)loop_now(parts->loop).wall_ns;
    int rc = open_parts(d, err);
    if (rc) {
        reference_data_destroy(d);
        return rc;
    }
    segment_request_want(d->segments);
    schedule_first(d);
    *out = d;
    return 0;
}

void reference_data_destroy(struct reference_data *d)
{
    if (!d)
        return;
    segment_request_destroy(d->segments);
    list_request_destroy(d->request);
    detail_walk_destroy(d->walk);
    reference_lists_destroy(d->lists);
    reference_merger_destroy(d->merger);
    loop_timer_destroy(d->timer);
    loop_timer_destroy(d->publish);
    instrument_list_release(d->walked);
    free(d);
}
