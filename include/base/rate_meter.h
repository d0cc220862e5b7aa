/*
 * rate_meter: how many a second, lately: over the last ten seconds or so.
 */
#ifndef BASE_RATE_METER_H
#define BASE_RATE_METER_H

#include <stdint.h>

/* All zero is a meter that has counted nothing. */
struct rate_meter {
    int64_t began_ms;    /* of this stretch; monotonic */
    int64_t now, before; /* counted in this stretch, and in the one before */
};

void rate_meter_count(struct rate_meter *meter, int64_t now_ms);
double rate_meter_per_second(const struct rate_meter *meter, int64_t now_ms);

#endif
