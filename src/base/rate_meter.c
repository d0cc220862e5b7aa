#include "base/rate_meter.h"

#include <stdbool.h>

#define INTERVAL_MS 10000

/* The meter with the interval that contains `now_ms` as the current one. */
static struct rate_meter moved_on(struct rate_meter m, int64_t now_ms)
{
    int64_t age_ms = now_ms - m.began_ms;
    if (age_ms < INTERVAL_MS)
        return m;
    bool next = age_ms < 2 * INTERVAL_MS;
    return (struct rate_meter){
        .began_ms = next ? m.began_ms + INTERVAL_MS : now_ms,
        .before = next ? m.now : 0,
    };
}

void rate_meter_count(struct rate_meter *meter, int64_t now_ms)
{
    if (now_ms - meter->began_ms >= INTERVAL_MS)
        *meter = moved_on(*meter, now_ms);
    meter->now++;
}

/* The previous interval counts in proportion to the part of the current one that is still to come.
 */
double rate_meter_per_second(const struct rate_meter *meter, int64_t now_ms)
{
    struct rate_meter m = moved_on(*meter, now_ms);
    double passed = (double)(now_ms - m.began_ms) / INTERVAL_MS;
    if (m.before == 0) /* no previous interval: average over the current one only */
        return passed > 0.1 ? (double)m.now * 1000 / (double)(now_ms - m.began_ms) : (double)m.now;
    return ((double)m.now + (double)m.before * (1 - passed)) * 1000 / INTERVAL_MS;
}
