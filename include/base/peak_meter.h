/*
 * peak_meter: the highest value since the start, and the highest of the last minutes.
 */
#ifndef BASE_PEAK_METER_H
#define BASE_PEAK_METER_H

#include "base/clock.h"

#define PEAK_METER_MINUTES 5

/* Zero-initialised, it has no value yet. Values are not negative. */
struct peak_meter {
    int64_t highest, highest_at_ns;            /* the time is wall-clock; 0 = no value yet */
    int64_t minute;                            /* of the newest slot, monotonic */
    int64_t of_minute[PEAK_METER_MINUTES + 1]; /* index: minute modulo size; one more for the
                                                  current minute */
};

void peak_meter_take(struct peak_meter *meter, int64_t value, struct now now);
/* The highest of the last PEAK_METER_MINUTES minutes and the current one. */
int64_t peak_meter_recent(const struct peak_meter *meter, int64_t now_mono_ms);

#endif
