#include "market/planner.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

#define BUNCH_MS       20.0 /* a loop that wakes late may catch up this much */
#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 60000
#define RATE_FLOOR     (1.0 / 60) /* slowed down, the feed still asks once a minute */
#define STEP_MS        5000       /* after a slow-down: this long without another, then a step up */
#define STEPS          16         /* steps from nothing to the full rate */
#define FIRST_IN_LINE  INT64_MIN

struct slot {
    int64_t due_ms;
    int64_t asked_ms;
    int32_t heap_at; /* -1: in flight, or parked */
    int32_t errors;  /* in a row */
    bool in_flight, parked;
    bool regular; /* its turn follows from the interval, not from trouble */
};

struct planner {
    struct plan_limits limits;
    struct rng rng;
    struct slot *slots;
    int32_t *heap; /* instruments not in flight, the least due_ms at the top */
    int32_t count, heap_count;

    double rate;
    double next_slot_ms; /* when the rate allows the next request */
    double next_probe_ms;
    int64_t slowed_ms; /* answers to requests from before this say nothing new */
    int64_t step_ms;
    int64_t hold_until_ms;

    int in_flight;
    int broken_in_row;
    int outage; /* probes failed in this outage; 0 = the broker answers */
    int64_t down_since_ms;
};

/* --- the heap --------------------------------------------------------------------------------- */

static int64_t key(const struct planner *p, int32_t at)
{
    return p->slots[p->heap[at]].due_ms;
}

static void place(struct planner *p, int32_t at, int32_t instrument)
{
    p->heap[at] = instrument;
    p->slots[instrument].heap_at = at;
}

static void sift_up(struct planner *p, int32_t at)
{
    int32_t moving = p->heap[at];
    while (at > 0 && key(p, (at - 1) / 2) > p->slots[moving].due_ms) {
        place(p, at, p->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    place(p, at, moving);
}

static void sift_down(struct planner *p, int32_t at)
{
    int32_t moving = p->heap[at];
    for (;;) {
        int32_t child = 2 * at + 1;
        if (child >= p->heap_count)
            break;
        if (child + 1 < p->heap_count && key(p, child + 1) < key(p, child))
            child++;
        if (key(p, child) >= p->slots[moving].due_ms)
            break;
        place(p, at, p->heap[child]);
        at = child;
    }
    place(p, at, moving);
}

static void push(struct planner *p, int32_t instrument)
{
    place(p, p->heap_count++, instrument);
    sift_up(p, p->heap_count - 1);
}

static void take_out(struct planner *p, int32_t instrument)
{
    int32_t at = p->slots[instrument].heap_at;
    p->slots[instrument].heap_at = -1;
    if (at == --p->heap_count)
        return;
    place(p, at, p->heap[p->heap_count]);
    sift_up(p, at);
    sift_down(p, p->slots[p->heap[at]].heap_at);
}

static int32_t pop(struct planner *p)
{
    int32_t top = p->heap[0];
    take_out(p, top);
    return top;
}

/* --- life ------------------------------------------------------------------------------------- */

struct planner *planner_create(const struct plan_limits *limits, int32_t count, int64_t now_ms,
                               uint64_t seed)
{
    struct planner *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->limits = *limits;
    p->rate = limits->rate;
    p->rng.state = seed;
    p->slowed_ms = INT64_MIN;
    p->count = count;
    p->slots = calloc((size_t)count + 1, sizeof(*p->slots));
    p->heap = calloc((size_t)count + 1, sizeof(*p->heap));
    if (!p->slots || !p->heap) {
        planner_destroy(p);
        return NULL;
    }
    for (int32_t i = 0; i < count; i++) {
        p->slots[i].due_ms = now_ms + limits->interval_ms * i / count;
        p->slots[i].regular = true;
        push(p, i);
    }
    return p;
}

void planner_destroy(struct planner *planner)
{
    if (!planner)
        return;
    free(planner->slots);
    free(planner->heap);
    free(planner);
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct plan_next wait_until(int64_t wake_ms)
{
    return (struct plan_next){.instrument = -1, .wake_ms = wake_ms};
}

/* Spends one slot of the rate. A late caller may use slots it missed, BUNCH_MS of them at most. */
static void take_slot(struct planner *p, int64_t now_ms)
{
    double earliest = (double)now_ms - BUNCH_MS;
    double spacing = 1000.0 / p->rate;
    if (spacing >= BUNCH_MS)
        earliest = (double)now_ms;
    p->next_slot_ms = fmax(p->next_slot_ms, earliest) + spacing;
}

static void claim(struct planner *p, int32_t instrument, int64_t now_ms)
{
    take_slot(p, now_ms);
    p->slots[instrument].asked_ms = now_ms;
    p->slots[instrument].in_flight = true;
    p->in_flight++;
}

/* With the broker down a single request at a time finds out whether it is back. */
static bool is_full(const struct planner *p)
{
    return p->in_flight >= (p->outage ? 1 : p->limits.in_flight);
}

struct plan_next planner_next(struct planner *p, int64_t now_ms)
{
    if (is_full(p) || p->heap_count == 0)
        return wait_until(INT64_MAX);
    if (now_ms < p->hold_until_ms)
        return wait_until(p->hold_until_ms);
    int64_t slot_ms = (int64_t)ceil(p->next_slot_ms);
    int64_t due_ms = key(p, 0);
    if (now_ms < slot_ms || now_ms < due_ms)
        return wait_until(slot_ms > due_ms ? slot_ms : due_ms);
    int32_t instrument = pop(p);
    claim(p, instrument, now_ms);
    return (struct plan_next){.instrument = instrument, .wake_ms = now_ms};
}

bool planner_probe(struct planner *p, int32_t instrument, int64_t now_ms)
{
    struct slot *slot = &p->slots[instrument];
    bool others = p->heap_count && key(p, 0) <= now_ms;
    if (!slot->parked || slot->in_flight || others || is_full(p) || now_ms < p->hold_until_ms ||
        (double)now_ms < p->next_slot_ms || (double)now_ms < p->next_probe_ms)
        return false;
    claim(p, instrument, now_ms);
    p->next_probe_ms = (double)now_ms + 2000.0 / p->rate;
    return true;
}

/* --- what came back --------------------------------------------------------------------------- */

/* Full jitter, but never at once: some time between a quarter of the ceiling and all of it. */
static int64_t backoff_ms(struct planner *p, int64_t first_ms, int failures)
{
    int64_t ceiling = first_ms;
    for (int i = 1; i < failures && ceiling < BACKOFF_MAX_MS; i++)
        ceiling *= 2;
    if (ceiling > BACKOFF_MAX_MS)
        ceiling = BACKOFF_MAX_MS;
    return ceiling / 4 + rng_below(&p->rng, ceiling - ceiling / 4 + 1);
}

/* Keeps each instrument on its own beat, unless it is so late that the beat is lost. */
static int64_t next_turn_ms(const struct planner *p, const struct slot *slot)
{
    int64_t interval = p->limits.interval_ms;
    bool on_beat = slot->due_ms != FIRST_IN_LINE && slot->asked_ms - slot->due_ms < interval;
    return (on_beat ? slot->due_ms : slot->asked_ms) + interval;
}

static int64_t failed_turn_ms(struct planner *p, struct slot *slot, int64_t now_ms)
{
    int64_t first = p->limits.interval_ms;
    slot->errors++;
    return now_ms + backoff_ms(p, first < BACKOFF_MIN_MS ? BACKOFF_MIN_MS : first, slot->errors);
}

static unsigned broker_fails(struct planner *p, const struct slot *slot, int64_t now_ms)
{
    /* Requests that were on their way when it went down fail with it: that is one failure. */
    if (p->outage && slot->asked_ms <= p->slowed_ms)
        return 0;
    bool news = p->outage == 0;
    if (news)
        p->down_since_ms = now_ms;
    p->outage++;
    p->slowed_ms = now_ms;
    int64_t until = now_ms + backoff_ms(p, BACKOFF_MIN_MS, p->outage);
    if (until > p->hold_until_ms)
        p->hold_until_ms = until;
    return news ? PLAN_NEWS_DOWN : 0;
}

static unsigned slow_down(struct planner *p, const struct slot *slot, int64_t now_ms,
                          int64_t retry_after_ms)
{
    bool told = slot->asked_ms <= p->slowed_ms; /* sent before the last slow-down could help */
    if (retry_after_ms >= 0 && now_ms + retry_after_ms > p->hold_until_ms)
        p->hold_until_ms = now_ms + retry_after_ms;
    if (told)
        return 0;
    p->slowed_ms = p->step_ms = now_ms;
    if (retry_after_ms <= 0)
        p->rate = fmax(p->rate / 2, fmin(RATE_FLOOR, p->limits.rate));
    p->next_slot_ms = fmax(p->next_slot_ms, (double)now_ms + 1000.0 / p->rate);
    return PLAN_NEWS_SLOWED;
}

/* An answer of whatever kind: the broker is there. */
static unsigned broker_answers(struct planner *p)
{
    p->broken_in_row = 0;
    if (!p->outage)
        return 0;
    p->outage = 0;
    p->hold_until_ms = 0;
    return PLAN_NEWS_UP;
}

static unsigned speed_up(struct planner *p, int64_t now_ms)
{
    if (p->rate >= p->limits.rate || now_ms - p->step_ms < STEP_MS)
        return 0;
    p->step_ms = now_ms;
    p->rate = fmin(p->rate + p->limits.rate / STEPS, p->limits.rate);
    return p->rate >= p->limits.rate ? PLAN_NEWS_FULL : 0;
}

unsigned planner_done(struct planner *p, int32_t instrument, int64_t now_ms,
                      enum plan_outcome outcome, int64_t wait_ms)
{
    struct slot *slot = &p->slots[instrument];
    unsigned news = 0;
    int64_t due_ms = FIRST_IN_LINE;

    switch (outcome) {
    case PLAN_ANSWERED:
        slot->errors = 0;
        due_ms = next_turn_ms(p, slot);
        news = broker_answers(p) | speed_up(p, now_ms);
        break;
    case PLAN_NO_DATA:
        slot->errors = 0;
        due_ms = now_ms + (p->limits.interval_ms > PLAN_NO_DATA_MS ? p->limits.interval_ms
                                                                   : PLAN_NO_DATA_MS);
        news = broker_answers(p);
        break;
    case PLAN_REFUSED:
        due_ms = failed_turn_ms(p, slot, now_ms);
        news = broker_answers(p);
        break;
    case PLAN_BROKEN:
        due_ms = failed_turn_ms(p, slot, now_ms);
        if (++p->broken_in_row > p->limits.in_flight || p->outage)
            news = broker_fails(p, slot, now_ms);
        break;
    case PLAN_UNREACHABLE:
        news = broker_fails(p, slot, now_ms);
        break;
    case PLAN_THROTTLED:
        due_ms = now_ms;
        news = broker_answers(p);
        news |= slow_down(p, slot, now_ms, wait_ms);
        break;
    case PLAN_REPEAT:
        break;
    case PLAN_DROPPED:
        slot->errors = 0;
        due_ms = now_ms + wait_ms;
        news = broker_answers(p);
        break;
    }
    slot->due_ms = due_ms;
    slot->regular = outcome == PLAN_ANSWERED;
    slot->in_flight = false;
    if (!slot->parked)
        push(p, instrument);
    p->in_flight--;
    return news;
}

void planner_postpone(struct planner *p, int32_t instrument, int64_t due_ms)
{
    struct slot *slot = &p->slots[instrument];
    if (slot->heap_at < 0 || due_ms <= slot->due_ms)
        return;
    slot->due_ms = due_ms;
    slot->regular = false;
    sift_down(p, slot->heap_at);
}

void planner_park(struct planner *p, int32_t instrument)
{
    struct slot *slot = &p->slots[instrument];
    slot->parked = true;
    if (slot->heap_at >= 0)
        take_out(p, instrument);
}

void planner_unpark(struct planner *p, int32_t instrument, int64_t due_ms)
{
    struct slot *slot = &p->slots[instrument];
    if (!slot->parked)
        return;
    slot->parked = false;
    if (slot->in_flight)
        return;
    slot->due_ms = due_ms;
    slot->regular = true;
    push(p, instrument);
}

void planner_set_interval(struct planner *p, int64_t interval_ms, int64_t now_ms)
{
    bool shorter = interval_ms < p->limits.interval_ms;
    p->limits.interval_ms = interval_ms;
    for (int32_t i = 0; shorter && i < p->count; i++) {
        struct slot *slot = &p->slots[i];
        int64_t due_ms = now_ms + interval_ms * i / p->count;
        if (slot->heap_at < 0 || !slot->regular || slot->due_ms <= due_ms)
            continue;
        slot->due_ms = due_ms;
        sift_up(p, slot->heap_at);
    }
}

struct plan_feed planner_feed(const struct planner *p)
{
    return (struct plan_feed){
        .slowness = p->rate / p->limits.rate,
        .next_slot_ms = p->next_slot_ms,
        .slowed_ms = p->slowed_ms,
        .step_ms = p->step_ms,
        .hold_until_ms = p->hold_until_ms,
        .down_since_ms = p->down_since_ms,
        .outage = p->outage,
    };
}

void planner_resume(struct planner *p, const struct plan_feed *feed)
{
    if (feed->slowness <= 0)
        return;
    p->rate = fmax(p->limits.rate * feed->slowness, fmin(RATE_FLOOR, p->limits.rate));
    p->next_slot_ms = feed->next_slot_ms;
    p->slowed_ms = feed->slowed_ms;
    p->step_ms = feed->step_ms;
    p->hold_until_ms = feed->hold_until_ms;
    p->down_since_ms = feed->down_since_ms;
    p->outage = feed->outage;
}

struct plan_state planner_state(const struct planner *p, int64_t now_ms)
{
    struct plan_state state = {
        .rate = p->rate,
        .hold_ms = p->hold_until_ms > now_ms ? p->hold_until_ms - now_ms : 0,
        .down_since_ms = p->down_since_ms,
        .down_ms = p->outage ? now_ms - p->down_since_ms + 1 : 0,
        .in_flight = p->in_flight,
    };
    for (int32_t i = 0; i < p->count; i++)
        state.parked += p->slots[i].parked;
    for (int32_t i = 0; i < p->heap_count; i++)
        state.overdue += key(p, i) <= now_ms;
    return state;
}

int64_t plan_refresh_ms(const struct plan_limits *limits, int32_t count)
{
    int64_t at_rate = (int64_t)ceil(count * 1000.0 / limits->rate);
    return at_rate > limits->interval_ms ? at_rate : limits->interval_ms;
}
