#include "market/planner.h"

#include "market/due_queue.h"
#include "market/poll_shares.h"
#include "market/refusals.h"
#include "market/source_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DOUBT_MS       3600000 /* refused together with most others: polled again for so long */
#define DOUBT_FIRST_MS 60000
#define DOUBT_LAST_MS  900000
#define FIRST_IN_LINE  INT64_MIN
#define SHARES_MS      1000   /* they are computed again after so long */
#define ACTIVE_MS      120000 /* streamed data within this time: active when it is polled again */

struct slot {
    int64_t asked_ms;
    int64_t doubted_ms; /* refused together with most others and not answered since; 0 = no */
    int32_t errors;     /* in a row */
    int32_t refusals;   /* while doubted, in a row */
    int32_t moves;      /* polls until it is quiet, if none of them finds a change; 0 = quiet */
    bool watched;
    bool closed; /* its segment is, as of the last planner_session() */
    bool in_flight;
    bool paged;   /* the last outage of pages began with it; not answered since */
    bool regular; /* its due time follows from the interval, not from a failure */
    bool early;   /* it is due when its share of the rate says so: sooner, if a request is free */
};

struct planner {
    struct plan_limits limits;
    struct rng rng;
    struct source_table *sources;
    struct slot *slots;   /* by instrument */
    int32_t size;         /* length of slots */
    struct due_queue due; /* listed instruments neither in flight nor streamed */

    struct poll_shares shares, usual; /* at the present rate, at the full rate */
    double shares_rate;               /* for which they were computed */
    int64_t shares_until_ms;          /* when they must be computed again */

    struct request_budget *budget;
    double next_probe_ms;
    int64_t hold_until_ms; /* of an outage; the broker's Retry-After is in the budget */

    int in_flight;
    int broken_in_row;
    struct outage outage;
    struct refusals refusals;
};

/* --- create, destroy -------------------------------------------------------------------------- */

static bool is_closed(const struct planner *p, int32_t instrument)
{
    return source_table_level(p->sources, instrument) == SESSION_CLOSED;
}

static void queue_first_polls(struct planner *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        const struct source_row *row = source_table_row(p->sources, i);
        int64_t due_ms = now_ms + p->limits.interval_ms * k / list.count;
        p->slots[i].regular = !row->dropped_ms;
        p->slots[i].closed = is_closed(p, i);
        p->due.due_ms[i] = row->dropped_ms ? row->dropped_until_ms : due_ms;
        if (row->state != SOURCE_STREAMED)
            due_queue_put(&p->due, i, p->due.due_ms[i]);
    }
}

struct planner *planner_create(const struct plan_limits *limits, struct source_table *sources,
                               struct request_budget *budget, int64_t now_ms, uint64_t seed)
{
    struct planner *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->limits = *limits;
    p->budget = budget;
    p->rng.state = seed;
    p->sources = sources;
    if (due_queue_init(&p->due, 0) || planner_reserve(p, source_table_size(sources))) {
        planner_destroy(p);
        return NULL;
    }
    queue_first_polls(p, now_ms);
    return p;
}

void planner_destroy(struct planner *planner)
{
    if (!planner)
        return;
    free(planner->slots);
    due_queue_finish(&planner->due);
    free(planner);
}

/* --- the source table ------------------------------------------------------------------------- */

int planner_reserve(struct planner *p, int32_t size)
{
    if (size <= p->size)
        return 0;
    struct slot *slots = realloc(p->slots, ((size_t)size + 1) * sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    p->slots = slots;
    if (due_queue_reserve(&p->due, size))
        return -ENOMEM;
    memset(slots + p->size, 0, (size_t)(size - p->size) * sizeof(*slots));
    p->size = size;
    return 0;
}

static bool is_listed(const struct planner *p, int32_t instrument)
{
    return source_table_row(p->sources, instrument)->state != SOURCE_UNLISTED;
}

static bool is_new(const struct planner *p, int32_t instrument)
{
    return source_table_row(p->sources, instrument)->state != SOURCE_STREAMED &&
           !p->slots[instrument].in_flight && !due_queue_has(&p->due, instrument);
}

void planner_relisted(struct planner *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    int32_t added = 0, queued = 0;
    p->shares_until_ms = now_ms;
    for (int32_t i = 0; i < p->size; i++) {
        if (!is_listed(p, i) && due_queue_has(&p->due, i))
            due_queue_take(&p->due, i);
    }
    for (int32_t k = 0; k < list.count; k++)
        added += is_new(p, list.item[k]);
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        if (!is_new(p, i))
            continue;
        int64_t wait_ms = p->limits.interval_ms * queued++ / added;
        p->slots[i] = (struct slot){
            .regular = true, .watched = p->slots[i].watched, .closed = is_closed(p, i)};
        due_queue_put(&p->due, i,
                      source_table_row(p->sources, i)->on_trial ? now_ms : now_ms + wait_ms);
    }
}

static bool is_streamed(const struct planner *p, int32_t instrument)
{
    return source_table_row(p->sources, instrument)->state == SOURCE_STREAMED;
}

static bool is_dropped(const struct planner *p, int32_t instrument)
{
    return source_table_row(p->sources, instrument)->dropped_ms != 0;
}

static void drop(struct planner *p, int32_t instrument, int64_t now_ms, int64_t until_ms)
{
    source_table_step(
        p->sources, instrument,
        &(struct source_event){.kind = SOURCE_EV_DROPPED, .now_ms = now_ms, .at_ms = until_ms});
}

static void restore(struct planner *p, int32_t instrument, int64_t now_ms)
{
    source_table_step(p->sources, instrument,
                      &(struct source_event){.kind = SOURCE_EV_RESTORED, .now_ms = now_ms});
}

/* --- next poll -------------------------------------------------------------------------------- */

/* Between two polls of it, at least. */
static int64_t least_ms(const struct planner *p, const struct slot *slot)
{
    int64_t ms = p->limits.interval_ms;
    return slot->closed && ms < SESSION_CLOSED_INTERVAL_MS ? SESSION_CLOSED_INTERVAL_MS : ms;
}

static struct plan_next wait_until(int64_t wake_ms)
{
    return (struct plan_next){.instrument = -1, .wake_ms = wake_ms};
}

static void claim(struct planner *p, int32_t instrument, int64_t now_ms)
{
    budget_spend(p->budget, BUDGET_POLL, now_ms);
    p->slots[instrument].asked_ms = now_ms;
    p->slots[instrument].in_flight = true;
    p->in_flight++;
}

/* In an outage, and after a hold, one request at a time tries whether it is over. */
static bool is_full(const struct planner *p)
{
    bool one = p->outage.cause != OUTAGE_NONE || p->budget->trying;
    return p->in_flight >= (one ? 1 : p->limits.in_flight);
}

/* When the first instrument may be polled: as soon as the interval allows if it waits for its share
 * of the rate only. */
static int64_t first_from_ms(const struct planner *p)
{
    const struct slot *slot = &p->slots[due_queue_first(&p->due)];
    int64_t due_ms = due_queue_due_ms(&p->due), from_ms = slot->asked_ms + least_ms(p, slot);
    return slot->early && from_ms < due_ms ? from_ms : due_ms;
}

struct plan_next planner_next(struct planner *p, int64_t now_ms)
{
    if (is_full(p) || p->due.count == 0)
        return wait_until(INT64_MAX);
    if (now_ms < p->hold_until_ms)
        return wait_until(p->hold_until_ms);
    int64_t slot_ms = budget_from_ms(p->budget, BUDGET_POLL, now_ms);
    int64_t from_ms = first_from_ms(p);
    if (now_ms < slot_ms || now_ms < from_ms)
        return wait_until(slot_ms > from_ms ? slot_ms : from_ms);
    int32_t instrument = due_queue_first(&p->due);
    due_queue_take(&p->due, instrument);
    claim(p, instrument, now_ms);
    return (struct plan_next){.instrument = instrument, .wake_ms = now_ms};
}

bool planner_probe(struct planner *p, int32_t instrument, int64_t now_ms)
{
    struct slot *slot = &p->slots[instrument];
    bool others_due = due_queue_due_ms(&p->due) <= now_ms;
    if (!is_streamed(p, instrument) || slot->in_flight || others_due || is_full(p) ||
        now_ms < p->hold_until_ms || (double)now_ms < p->next_probe_ms ||
        now_ms < budget_from_ms(p->budget, BUDGET_POLL, now_ms))
        return false;
    claim(p, instrument, now_ms);
    p->next_probe_ms = (double)now_ms + 2000.0 / budget_rate(p->budget);
    return true;
}

/* --- shares of the rate ----------------------------------------------------------------------- */

static enum poll_class class_of(const struct slot *slot)
{
    if (slot->closed)
        return POLL_CLOSED;
    if (slot->watched)
        return POLL_WATCHED;
    return slot->moves ? POLL_ACTIVE : POLL_QUIET;
}

static void compute_shares(struct planner *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    const struct slot closed = {.closed = true};
    struct poll_demand demand = {.interval_ms = p->limits.interval_ms,
                                 .closed_ms = least_ms(p, &closed),
                                 .rate = budget_rate(p->budget)};
    for (int32_t k = 0; k < list.count; k++) {
        const struct source_row *row = source_table_row(p->sources, list.item[k]);
        if (row->state != SOURCE_STREAMED && !row->dropped_ms)
            demand.count[class_of(&p->slots[list.item[k]])]++;
    }
    p->shares = poll_shares(&demand);
    p->shares_rate = demand.rate;
    demand.rate = p->limits.rate;
    p->usual = poll_shares(&demand);
    p->shares_until_ms = now_ms + SHARES_MS;
}

/* Of those that wait for their share: another rate must not favour those that were polled after it
 * changed. */
static void share_again(struct planner *p)
{
    struct source_list list = source_table_listed(p->sources);
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        const struct slot *slot = &p->slots[i];
        if (slot->early && due_queue_has(&p->due, i))
            due_queue_move(&p->due, i, slot->asked_ms + p->shares.interval_ms[class_of(slot)]);
    }
}

static const struct poll_shares *shares_now(struct planner *p, int64_t now_ms)
{
    bool other_rate = p->shares_rate != budget_rate(p->budget);
    if (other_rate || now_ms >= p->shares_until_ms)
        compute_shares(p, now_ms);
    if (other_rate)
        share_again(p);
    return &p->shares;
}

static int64_t share_ms(struct planner *p, int32_t instrument, int64_t now_ms)
{
    return shares_now(p, now_ms)->interval_ms[class_of(&p->slots[instrument])];
}

int64_t planner_refresh_ms(const struct planner *p, int32_t instrument, bool no_data)
{
    enum poll_class class = class_of(&p->slots[instrument]);
    int64_t ms = p->usual.interval_ms[no_data && class != POLL_CLOSED ? POLL_QUIET : class];
    return no_data && ms < PLAN_NO_DATA_MS ? PLAN_NO_DATA_MS : ms;
}

void planner_observed(struct planner *p, int32_t instrument, bool changed)
{
    struct slot *slot = &p->slots[instrument];
    if (changed)
        slot->moves = PLAN_STILL_POLLS;
    else if (slot->moves)
        slot->moves--;
}

bool planner_watch(struct planner *p, int32_t instrument, bool watched, int64_t now_ms)
{
    struct slot *slot = &p->slots[instrument];
    bool sooner = watched && !slot->watched;
    slot->watched = watched;
    if (!sooner || !slot->regular || !due_queue_has(&p->due, instrument))
        return false;
    int64_t due_ms = slot->asked_ms + share_ms(p, instrument, now_ms);
    if (due_ms >= p->due.due_ms[instrument])
        return false;
    due_queue_move(&p->due, instrument, due_ms);
    return true;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Keeps the phase of an instrument that is polled as often as the user wants, unless it is late by
 * an interval or more. */
static int64_t next_turn_ms(struct planner *p, int32_t instrument, int64_t now_ms)
{
    const struct slot *slot = &p->slots[instrument];
    int64_t interval = share_ms(p, instrument, now_ms);
    int64_t due_ms = p->due.due_ms[instrument];
    bool in_phase = due_ms != FIRST_IN_LINE && slot->asked_ms - due_ms < interval &&
                    interval <= least_ms(p, slot);
    return (in_phase ? due_ms : slot->asked_ms) + interval;
}

/* No sooner than an instrument that is answered. */
static int64_t failed_turn_ms(struct planner *p, int32_t instrument, int64_t now_ms)
{
    struct slot *slot = &p->slots[instrument];
    int64_t first = p->limits.interval_ms;
    int64_t from_ms = slot->asked_ms + planner_refresh_ms(p, instrument, false);
    slot->errors++;
    int64_t due_ms =
        now_ms + backoff_ms(&p->rng, first < BACKOFF_MIN_MS ? BACKOFF_MIN_MS : first, slot->errors);
    return due_ms > from_ms ? due_ms : from_ms;
}

static unsigned broker_fails(struct planner *p, enum outage_cause cause, const struct slot *slot,
                             int64_t now_ms)
{
    struct outage_failure failure = {.cause = cause, .asked_ms = slot->asked_ms, .now_ms = now_ms};
    bool began = outage_fail(&p->outage, &failure, &p->rng, &p->hold_until_ms);
    return began ? PLAN_NEWS_DOWN : 0;
}

/* Any kind of answer: the broker is reachable. */
static unsigned broker_answers(struct planner *p)
{
    p->broken_in_row = 0;
    if (!outage_answer(&p->outage))
        return 0;
    p->hold_until_ms = 0;
    return PLAN_NEWS_UP;
}

/* The broker did not refuse this one. */
static unsigned instrument_answers(struct planner *p, int32_t instrument, int64_t now_ms)
{
    struct slot *slot = &p->slots[instrument];
    slot->errors = slot->refusals = 0;
    slot->doubted_ms = 0;
    restore(p, instrument, now_ms);
    slot->paged = false;
    refusals_answered(&p->refusals);
    return broker_answers(p);
}

/* An answer without a quote: it does not end an outage of refusals. */
static unsigned broker_says_no(struct planner *p, const struct slot *slot, int64_t now_ms)
{
    budget_answered(p->budget, false, now_ms);
    return p->outage.cause == OUTAGE_REFUSALS ? broker_fails(p, OUTAGE_REFUSALS, slot, now_ms)
                                              : broker_answers(p);
}

static unsigned slow_down(struct planner *p, const struct slot *slot, int64_t now_ms,
                          int64_t retry_after_ms)
{
    unsigned news = p->outage.cause == OUTAGE_REFUSALS ? 0 : broker_answers(p);
    bool slowed = budget_slow(p->budget, slot->asked_ms, now_ms, retry_after_ms);
    return news | (slowed ? PLAN_NEWS_SLOWED : 0);
}

/*
 * Pages come from a proxy, so they concern all instruments. Only if others were answered since, and
 * this instrument gets a page again, does it concern this one alone.
 */
static unsigned page_came(struct planner *p, int32_t instrument, int64_t now_ms, int64_t *due_ms)
{
    struct slot *slot = &p->slots[instrument];
    bool outage = p->outage.cause != OUTAGE_NONE;
    if (!outage && slot->paged) {
        *due_ms = failed_turn_ms(p, instrument, now_ms);
        return 0;
    }
    *due_ms = now_ms;
    slot->paged |= !outage;
    return broker_fails(p, OUTAGE_PAGES, slot, now_ms);
}

/* --- refusals --------------------------------------------------------------------------------- */

/* Instruments dropped since the run of refusals began are polled again, after all others. */
static void take_back_drops(struct planner *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        struct slot *slot = &p->slots[i];
        int64_t dropped_ms = source_table_row(p->sources, i)->dropped_ms;
        bool queued = due_queue_has(&p->due, i);
        if (dropped_ms && dropped_ms >= p->refusals.since_ms) {
            restore(p, i, now_ms);
            slot->doubted_ms = now_ms;
            if (queued)
                due_queue_move(&p->due, i, now_ms);
        } else if (queued && slot->regular && p->due.due_ms[i] >= now_ms) {
            due_queue_move(&p->due, i, now_ms - 1);
        }
    }
}

/* For one that was refused together with most others, and again while others are answered. */
static int64_t doubted_turn_ms(struct planner *p, int32_t instrument, int64_t now_ms,
                               int64_t drop_ms)
{
    struct slot *slot = &p->slots[instrument];
    int64_t wait_ms = DOUBT_FIRST_MS;
    for (int i = 0; i < slot->refusals && wait_ms < DOUBT_LAST_MS; i++)
        wait_ms *= 2;
    slot->refusals++;
    if (now_ms - slot->doubted_ms < DOUBT_MS)
        return now_ms + (wait_ms < DOUBT_LAST_MS ? wait_ms : DOUBT_LAST_MS);
    slot->doubted_ms = 0;
    drop(p, instrument, now_ms, now_ms + drop_ms);
    return now_ms + drop_ms;
}

static unsigned refused(struct planner *p, int32_t instrument, int64_t now_ms, int64_t drop_ms,
                        int64_t *due_ms)
{
    struct slot *slot = &p->slots[instrument];
    slot->errors = 0;
    bool held = p->outage.cause == OUTAGE_REFUSALS;
    unsigned news = broker_says_no(p, slot, now_ms);
    if (held) {
        slot->doubted_ms = slot->doubted_ms ? slot->doubted_ms : now_ms;
        *due_ms = now_ms;
        return news;
    }
    if (slot->doubted_ms) {
        *due_ms = doubted_turn_ms(p, instrument, now_ms, drop_ms);
        return news;
    }
    *due_ms = now_ms + drop_ms;
    bool on_trial = source_table_row(p->sources, instrument)->on_trial;
    drop(p, instrument, now_ms, *due_ms);
    if (on_trial || !refusals_add(&p->refusals, source_table_listed(p->sources).count, now_ms))
        return news;
    take_back_drops(p, now_ms);
    *due_ms = now_ms;
    return news | broker_fails(p, OUTAGE_REFUSALS, slot, now_ms);
}

/* --- the end of a request --------------------------------------------------------------------- */

struct request_end {
    int64_t now_ms;
    enum plan_outcome outcome;
    int64_t wait_ms;
};

/* Returns the news, and in `*due_ms` when the instrument is due next. */
static unsigned settle(struct planner *p, int32_t instrument, const struct request_end *end,
                       int64_t *due_ms)
{
    struct slot *slot = &p->slots[instrument];
    int64_t now_ms = end->now_ms, wait_ms = end->wait_ms;
    unsigned news;

    switch (end->outcome) {
    case PLAN_ANSWERED:
        *due_ms = next_turn_ms(p, instrument, now_ms);
        news = instrument_answers(p, instrument, now_ms);
        return news | (budget_answered(p->budget, true, now_ms) ? PLAN_NEWS_FULL : 0);
    case PLAN_NO_DATA:
        *due_ms = now_ms + planner_refresh_ms(p, instrument, true);
        budget_answered(p->budget, false, now_ms);
        return instrument_answers(p, instrument, now_ms);
    case PLAN_REFUSED:
        *due_ms = failed_turn_ms(p, instrument, now_ms);
        return broker_says_no(p, slot, now_ms);
    case PLAN_BROKEN:
        *due_ms = failed_turn_ms(p, instrument, now_ms);
        if (++p->broken_in_row > p->limits.in_flight || p->outage.cause != OUTAGE_NONE)
            return broker_fails(p, OUTAGE_UNREACHABLE, slot, now_ms);
        return 0;
    case PLAN_UNREACHABLE:
        return broker_fails(p, OUTAGE_UNREACHABLE, slot, now_ms);
    case PLAN_PAGE:
        return page_came(p, instrument, now_ms, due_ms);
    case PLAN_THROTTLED:
        *due_ms = now_ms;
        return slow_down(p, slot, now_ms, wait_ms);
    case PLAN_DROPPED:
        return refused(p, instrument, now_ms, wait_ms, due_ms);
    case PLAN_REPEAT:
        if (wait_ms > 0)
            *due_ms = now_ms + wait_ms;
        break;
    }
    return 0;
}

unsigned planner_done(struct planner *p, int32_t instrument, int64_t now_ms,
                      enum plan_outcome outcome, int64_t wait_ms)
{
    struct slot *slot = &p->slots[instrument];
    int64_t due_ms = FIRST_IN_LINE;
    struct request_end end = {.now_ms = now_ms, .outcome = outcome, .wait_ms = wait_ms};
    shares_now(p, now_ms);
    unsigned news = settle(p, instrument, &end, &due_ms);

    p->due.due_ms[instrument] = due_ms;
    slot->regular = outcome == PLAN_ANSWERED;
    slot->early = slot->regular && due_ms > slot->asked_ms + least_ms(p, slot);
    slot->in_flight = false;
    if (is_listed(p, instrument) && !is_streamed(p, instrument))
        due_queue_put(&p->due, instrument, due_ms);
    p->in_flight--;
    return news;
}

void planner_repeated(struct planner *p, int64_t now_ms)
{
    budget_spend(p->budget, BUDGET_POLL, now_ms);
}

void planner_streamed(struct planner *p, int32_t instrument)
{
    if (due_queue_has(&p->due, instrument))
        due_queue_take(&p->due, instrument);
}

void planner_unstreamed(struct planner *p, int32_t instrument, int64_t due_ms)
{
    struct slot *slot = &p->slots[instrument];
    int64_t heard_ms = source_table_row(p->sources, instrument)->heard_ms;
    if (heard_ms && due_ms - heard_ms < ACTIVE_MS)
        slot->moves = PLAN_STILL_POLLS;
    if (slot->in_flight || due_queue_has(&p->due, instrument))
        return;
    if (is_dropped(p, instrument) && p->due.due_ms[instrument] > due_ms)
        due_ms = p->due.due_ms[instrument];
    slot->regular = true;
    slot->early = false;
    due_queue_put(&p->due, instrument, due_ms);
}

/* One that is due later than this, though it does not wait because of a failure. */
static bool waits_longer(const struct planner *p, int32_t instrument, int64_t due_ms)
{
    return due_queue_has(&p->due, instrument) && p->slots[instrument].regular &&
           p->due.due_ms[instrument] > due_ms;
}

void planner_session(struct planner *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    for (int32_t k = 0; k < list.count; k++) {
        int32_t i = list.item[k];
        int64_t due_ms = now_ms + p->limits.interval_ms * k / list.count;
        bool opens = p->slots[i].closed && !is_closed(p, i);
        p->slots[i].closed = is_closed(p, i);
        if (!opens || !waits_longer(p, i, due_ms))
            continue;
        p->slots[i].early = false;
        due_queue_move(&p->due, i, due_ms);
    }
    compute_shares(p, now_ms);
}

struct plan_feed planner_feed(const struct planner *p)
{
    return (struct plan_feed){.hold_until_ms = p->hold_until_ms, .outage = p->outage};
}

struct plan_feed plan_feed_try_now(struct plan_feed feed)
{
    feed.hold_until_ms = 0;
    return feed;
}

void planner_resume(struct planner *p, const struct plan_feed *feed)
{
    p->hold_until_ms = feed->hold_until_ms;
    p->outage = feed->outage;
}

struct plan_state planner_state(const struct planner *p, int64_t now_ms)
{
    int64_t outage_ms = p->hold_until_ms > now_ms ? p->hold_until_ms - now_ms : 0;
    int64_t asked_ms = budget_hold_ms(p->budget, now_ms);
    return (struct plan_state){
        .rate = budget_rate(p->budget),
        .hold_ms = outage_ms > asked_ms ? outage_ms : asked_ms,
        .outage = p->outage.cause,
        .down_since_ms = p->outage.since_ms,
        .down_ms = p->outage.cause != OUTAGE_NONE ? now_ms - p->outage.since_ms + 1 : 0,
        .in_flight = p->in_flight,
        .overdue = due_queue_overdue(&p->due, now_ms),
    };
}

enum outage_cause planner_outage(const struct planner *p)
{
    return p->outage.cause;
}

int64_t plan_refresh_ms(const struct plan_limits *limits, int32_t count)
{
    int64_t at_rate = (int64_t)ceil(count * 1000.0 / limits->rate);
    return at_rate > limits->interval_ms ? at_rate : limits->interval_ms;
}
