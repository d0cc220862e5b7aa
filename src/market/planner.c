#include "market/planner.h"

#include "market/planning.h"
#include "market/source_table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ACTIVE_MS 120000 /* streamed data within this time: active when it is polled again */

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
    struct plan_slot *slots = realloc(p->slots, ((size_t)size + 1) * sizeof(*slots));
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
        p->slots[i] = (struct plan_slot){
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

/* --- next poll -------------------------------------------------------------------------------- */

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
    const struct plan_slot *slot = &p->slots[due_queue_first(&p->due)];
    int64_t due_ms = due_queue_due_ms(&p->due), from_ms = slot->asked_ms + plan_least_ms(p, slot);
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
    struct plan_slot *slot = &p->slots[instrument];
    bool others_due = due_queue_due_ms(&p->due) <= now_ms;
    if (!is_streamed(p, instrument) || slot->in_flight || others_due || is_full(p) ||
        now_ms < p->hold_until_ms || (double)now_ms < p->next_probe_ms ||
        now_ms < budget_from_ms(p->budget, BUDGET_POLL, now_ms))
        return false;
    claim(p, instrument, now_ms);
    p->next_probe_ms = (double)now_ms + 2000.0 / budget_rate(p->budget);
    return true;
}
/* --- the end of a request --------------------------------------------------------------------- */

unsigned planner_done(struct planner *p, int32_t instrument, int64_t now_ms,
                      enum plan_outcome outcome, int64_t wait_ms)
{
    struct plan_slot *slot = &p->slots[instrument];
    int64_t due_ms = PLAN_FIRST;
    struct plan_end end = {.now_ms = now_ms, .outcome = outcome, .wait_ms = wait_ms};
    plan_share_soon(p, now_ms);
    unsigned news = plan_settle(p, instrument, &end, &due_ms);

    p->due.due_ms[instrument] = due_ms;
    slot->regular = outcome == PLAN_ANSWERED;
    slot->early = slot->regular && due_ms > slot->asked_ms + plan_least_ms(p, slot);
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
    struct plan_slot *slot = &p->slots[instrument];
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
    plan_share(p, now_ms);
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
