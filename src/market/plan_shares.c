#include "market/planning.h"
#include "market/source_table.h"

#define SHARES_MS 1000 /* they are computed again after so long */

int64_t plan_least_ms(const struct planner *p, const struct plan_slot *slot)
{
    int64_t ms = p->limits.interval_ms;
    return slot->closed && ms < SESSION_CLOSED_INTERVAL_MS ? SESSION_CLOSED_INTERVAL_MS : ms;
}

static enum poll_class class_of(const struct plan_slot *slot)
{
    if (slot->closed)
        return POLL_CLOSED;
    if (slot->watched)
        return POLL_WATCHED;
    return slot->moves ? POLL_ACTIVE : POLL_QUIET;
}

void plan_share(struct planner *p, int64_t now_ms)
{
    struct source_list list = source_table_listed(p->sources);
    const struct plan_slot closed = {.closed = true};
    struct poll_demand demand = {.interval_ms = p->limits.interval_ms,
                                 .closed_ms = plan_least_ms(p, &closed),
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
        const struct plan_slot *slot = &p->slots[i];
        if (slot->early && due_queue_has(&p->due, i))
            due_queue_move(&p->due, i, slot->asked_ms + p->shares.interval_ms[class_of(slot)]);
    }
}

void plan_share_soon(struct planner *p, int64_t now_ms)
{
    bool other_rate = p->shares_rate != budget_rate(p->budget);
    if (other_rate || now_ms >= p->shares_until_ms)
        plan_share(p, now_ms);
    if (other_rate)
        share_again(p);
}

int64_t plan_share_ms(struct planner *p, int32_t instrument, int64_t now_ms)
{
    plan_share_soon(p, now_ms);
    return p->shares.interval_ms[class_of(&p->slots[instrument])];
}

int64_t planner_refresh_ms(const struct planner *p, int32_t instrument, bool no_data)
{
    enum poll_class class = class_of(&p->slots[instrument]);
    int64_t ms = p->usual.interval_ms[no_data && class != POLL_CLOSED ? POLL_QUIET : class];
    return no_data && ms < PLAN_NO_DATA_MS ? PLAN_NO_DATA_MS : ms;
}

void planner_observed(struct planner *p, int32_t instrument, bool changed)
{
    struct plan_slot *slot = &p->slots[instrument];
    if (changed)
        slot->moves = PLAN_STILL_POLLS;
    else if (slot->moves)
        slot->moves--;
}

bool planner_watch(struct planner *p, int32_t instrument, bool watched, int64_t now_ms)
{
    struct plan_slot *slot = &p->slots[instrument];
    bool sooner = watched && !slot->watched;
    slot->watched = watched;
    if (!sooner || !slot->regular || !due_queue_has(&p->due, instrument))
        return false;
    int64_t due_ms = slot->asked_ms + plan_share_ms(p, instrument, now_ms);
    if (due_ms >= p->due.due_ms[instrument])
        return false;
    due_queue_move(&p->due, instrument, due_ms);
    return true;
}
