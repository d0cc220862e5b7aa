#include "market/planning.h"
#include "market/source_table.h"

#define DOUBT_MS       3600000 /* refused together with most others: polled again for so long */
#define DOUBT_FIRST_MS 60000
#define DOUBT_LAST_MS  900000

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

/* --- answers ---------------------------------------------------------------------------------- */

/* Keeps the phase of an instrument that is polled as often as the user wants, unless it is late by
 * an interval or more. */
static int64_t next_turn_ms(struct planner *p, int32_t instrument, int64_t now_ms)
{
    const struct plan_slot *slot = &p->slots[instrument];
    int64_t interval = plan_share_ms(p, instrument, now_ms);
    int64_t due_ms = p->due.due_ms[instrument];
    bool in_phase = due_ms != PLAN_FIRST && slot->asked_ms - due_ms < interval &&
                    interval <= plan_least_ms(p, slot);
    return (in_phase ? due_ms : slot->asked_ms) + interval;
}

/* No sooner than an instrument that is answered. */
static int64_t failed_turn_ms(struct planner *p, int32_t instrument, int64_t now_ms)
{
    struct plan_slot *slot = &p->slots[instrument];
    int64_t first = p->limits.interval_ms;
    int64_t from_ms = slot->asked_ms + planner_refresh_ms(p, instrument, false);
    slot->errors++;
    int64_t due_ms =
        now_ms + backoff_ms(&p->rng, first < BACKOFF_MIN_MS ? BACKOFF_MIN_MS : first, slot->errors);
    return due_ms > from_ms ? due_ms : from_ms;
}

static unsigned broker_fails(struct planner *p, enum outage_cause cause,
                             const struct plan_slot *slot, int64_t now_ms)
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
    struct plan_slot *slot = &p->slots[instrument];
    slot->errors = slot->refusals = 0;
    slot->doubted_ms = 0;
    restore(p, instrument, now_ms);
    slot->paged = false;
    refusals_answered(&p->refusals);
    return broker_answers(p);
}

/* An answer without a quote: it does not end an outage of refusals. */
static unsigned broker_says_no(struct planner *p, const struct plan_slot *slot, int64_t now_ms)
{
    budget_answered(p->budget, false, now_ms);
    return p->outage.cause == OUTAGE_REFUSALS ? broker_fails(p, OUTAGE_REFUSALS, slot, now_ms)
                                              : broker_answers(p);
}

static unsigned slow_down(struct planner *p, const struct plan_slot *slot, int64_t now_ms,
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
    struct plan_slot *slot = &p->slots[instrument];
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
        struct plan_slot *slot = &p->slots[i];
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
    struct plan_slot *slot = &p->slots[instrument];
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
    struct plan_slot *slot = &p->slots[instrument];
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

unsigned plan_settle(struct planner *p, int32_t instrument, const struct plan_end *end,
                     int64_t *due_ms)
{
    struct plan_slot *slot = &p->slots[instrument];
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
