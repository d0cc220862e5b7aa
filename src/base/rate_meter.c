#include "base/rate_meter.h"

#include <stdbool.h>

#define STRETCH_MS 10000

/* The stretch that `now_ms` falls into, with the one before it. */
static struct rate_meter moved_on(struct rate_meter m, int64_t now_ms)
{
    int64_t age_ms = now_ms - m.began_ms;
    if (age_ms < STRETCH_MS)
        return m;
    bool next = age_ms < 2 * STRETCH_MS;
    return (struct rate_meter){
        .began_ms = next ? m.began_ms + STRETCH_MS : now_ms,
        .before = next ? m.now : 0,
    };
}

void rate_meter_count(struct rate_meter *meter, int64_t now_ms)
{
    if (now_ms - meter->began_ms >= STRETCH_MS)
        *meter = moved_on(*meter, now_ms);
    meter->now++;
}

/* The end of the stretch before fades out as this one fills up. */
double rate_meter_per_second(const struct rate_meter *meter, int64_t now_ms)
{
    struct rate_meter m = moved_on(*meter, now_ms);
    double passed = (double)(now_ms - m.began_ms) / STRETCH_MS;
    if (m.before == 0) /* it has just begun to count */
        return passed > 0.1 ? (double)m.now * 1000 / (double)(now_ms - m.began_ms) : (double)m.now;
    return ((double)m.now + (double)m.before * (1 - passed)) * 1000 / STRETCH_MS;
}
