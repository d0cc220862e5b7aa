#include "base/peak_meter.h"

#define SLOTS (PEAK_METER_MINUTES + 1)

static int64_t minute_of(int64_t mono_ms)
{
    return mono_ms / 60000;
}

/* Clears the slots of the minutes that began after the last value. */
static void move_on(struct peak_meter *m, int64_t minute)
{
    int64_t first = minute - m->minute < SLOTS ? m->minute + 1 : minute - SLOTS + 1;
    for (int64_t i = first; i <= minute; i++)
        m->of_minute[i % SLOTS] = 0;
    m->minute = minute;
}

void peak_meter_take(struct peak_meter *m, int64_t value, struct now now)
{
    int64_t minute = minute_of(now.mono_ms);
    if (minute > m->minute)
        move_on(m, minute);
    if (value > m->of_minute[minute % SLOTS])
        m->of_minute[minute % SLOTS] = value;
    if (m->highest_at_ns && value <= m->highest)
        return;
    m->highest = value;
    m->highest_at_ns = now.wall_ns;
}

int64_t peak_meter_recent(const struct peak_meter *m, int64_t now_mono_ms)
{
    int64_t oldest = minute_of(now_mono_ms) - SLOTS + 1, recent = 0;
    for (int64_t i = m->minute - SLOTS + 1; i <= m->minute; i++) {
        if (i >= oldest && i >= 0 && m->of_minute[i % SLOTS] > recent)
            recent = m->of_minute[i % SLOTS];
    }
    return recent;
}
