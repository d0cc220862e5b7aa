/*
 * rate_meter: events per second, averaged over about the last ten seconds.
 */
#ifndef BASE_RATE_METER_H
#define BASE_RATE_METER_H

#include <stdint.h>

/* Zero-initialised, it has counted nothing. */
struct rate_meter {
    int64_t began_ms;    /* start of the current interval; monotonic */
    int64_t now, before; /* counts of the current and of the previous interval */
};

void rate_meter_count(struct rate_meter *meter, int64_t now_ms);
double rate_meter_per_second(const struct rate_meter *meter, int64_t now_ms);

#endif
