#include "base/clock_watch.h"

#include <stdio.h>

static struct clock_jump classify(int64_t wall_ms, int64_t mono_ms, int64_t boot_ms)
{
    int64_t beyond_ms = wall_ms - mono_ms, slept_ms = boot_ms - mono_ms;
    if (beyond_ms <= -CLOCK_JUMP_MS)
        return (struct clock_jump){CLOCK_BACK, -beyond_ms};
    if (slept_ms >= CLOCK_JUMP_MS)
        return (struct clock_jump){CLOCK_SLEPT, slept_ms};
    if (beyond_ms >= CLOCK_JUMP_MS)
        return (struct clock_jump){CLOCK_AHEAD, beyond_ms};
    if (mono_ms >= CLOCK_STANDS_MS)
        return (struct clock_jump){CLOCK_STOPPED, mono_ms};
    return (struct clock_jump){CLOCK_STEADY, 0};
}

struct clock_jump clock_watch_look(struct clock_watch *watch, struct now now, int64_t boot_ms)
{
    struct clock_jump jump = {CLOCK_STEADY, 0};
    if (watch->boot_ms)
        jump = classify((now.wall_ns - watch->last.wall_ns) / NS_PER_MS,
                        now.mono_ms - watch->last.mono_ms, boot_ms - watch->boot_ms);
    watch->last = now;
    watch->boot_ms = boot_ms;
    return jump;
}

static void duration_words(char out[32], int64_t ms)
{
    double s = (double)ms / 1000;
    if (s < 120)
        snprintf(out, 32, "%.0f s", s);
    else if (s < 7200)
        snprintf(out, 32, "%.0f min", s / 60);
    else if (s < 48 * 3600)
        snprintf(out, 32, "%.1f h", s / 3600);
    else
        snprintf(out, 32, "%.1f days", s / 86400);
}

char *clock_jump_words(char *out, struct clock_jump jump)
{
    char by[32];
    duration_words(by, jump.by_ms);
    switch (jump.change) {
    case CLOCK_STEADY:
        snprintf(out, CLOCK_JUMP_WORDS, "no jump");
        break;
    case CLOCK_AHEAD:
        snprintf(out, CLOCK_JUMP_WORDS,
                 "the wall clock went ahead by %s: it was set, or the machine was paused", by);
        break;
    case CLOCK_BACK:
        snprintf(out, CLOCK_JUMP_WORDS, "the wall clock was set back by %s", by);
        break;
    case CLOCK_SLEPT:
        snprintf(out, CLOCK_JUMP_WORDS, "the machine was suspended for %s", by);
        break;
    case CLOCK_STOPPED:
        snprintf(out, CLOCK_JUMP_WORDS,
                 "the service did not run for %s: its process or machine was paused", by);
        break;
    }
    return out;
}
