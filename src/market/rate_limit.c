#include "market/rate_limit.h"

#include <math.h>

#define BUNCH_MS   20.0       /* an event loop that wakes late may catch up this much */
#define RATE_FLOOR (1.0 / 60) /* the lowest rate: one request per minute */
#define STEP_MS    5000       /* from a slow-down or a step up to the next step up */
#define STEPS      16         /* a step up is at most this fraction of the full rate */
#define STEP_PART  4          /* and at most this fraction of the present rate */

struct rate_limit rate_limit_init(double full)
{
    return (struct rate_limit){.full = full, .rate = full, .slowed_ms = INT64_MIN};
}

void rate_limit_spend(struct rate_limit *pace, int64_t now_ms)
{
    double earliest = (double)now_ms - BUNCH_MS;
    double spacing = 1000.0 / pace->rate;
    if (spacing >= BUNCH_MS)
        earliest = (double)now_ms;
    pace->next_slot_ms = fmax(pace->next_slot_ms, earliest) + spacing;
}

static double bounded(const struct rate_limit *pace, double rate)
{
    return fmin(fmax(rate, fmin(RATE_FLOOR, pace->full)), pace->full);
}

bool rate_limit_slow(struct rate_limit *pace, int64_t asked_ms, int64_t now_ms,
                     int64_t hold_until_ms)
{
    pace->step_ms = hold_until_ms > now_ms ? hold_until_ms : now_ms;
    if (asked_ms <= pace->slowed_ms)
        return false;
    pace->slowed_ms = now_ms;
    pace->rate = bounded(pace, pace->rate / 2);
    pace->next_slot_ms = fmax(pace->next_slot_ms, (double)now_ms + 1000.0 / pace->rate);
    return true;
}

void rate_limit_end_hold(struct rate_limit *pace)
{
    if (pace->slowed_ms != INT64_MIN)
        pace->step_ms = pace->slowed_ms;
}

bool rate_limit_recover(struct rate_limit *pace, int64_t now_ms)
{
    if (pace->rate >= pace->full || now_ms - pace->step_ms < STEP_MS)
        return false;
    pace->step_ms = now_ms;
    pace->rate = bounded(pace, pace->rate + fmin(pace->full / STEPS, pace->rate / STEP_PART));
    return pace->rate >= pace->full;
}

double rate_limit_slowness(const struct rate_limit *pace)
{
    return pace->rate / pace->full;
}

void rate_limit_resume(struct rate_limit *pace, const struct rate_limit *learned)
{
    double full = pace->full;
    *pace = *learned;
    pace->full = full;
    pace->rate = bounded(pace, full * rate_limit_slowness(learned));
}
