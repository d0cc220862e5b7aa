#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define ART_OFFSET_NS (-3 * 3600 * NS_PER_S)

struct now clock_now(void)
{
    struct timespec mono, wall;
    clock_gettime(CLOCK_MONOTONIC, &mono);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct now){
        .mono_ms = (int64_t)mono.tv_sec * 1000 + mono.tv_nsec / NS_PER_MS,
        .wall_ns = (int64_t)wall.tv_sec * NS_PER_S + wall.tv_nsec,
    };
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t art_day(int64_t wall_ns)
{
    return floor_div(wall_ns + ART_OFFSET_NS, NS_PER_DAY);
}

int64_t art_next_day_ns(int64_t wall_ns)
{
    return (art_day(wall_ns) + 1) * NS_PER_DAY - ART_OFFSET_NS;
}

char *clock_text(char *out, int64_t wall_ns)
{
    time_t seconds = (time_t)floor_div(wall_ns, NS_PER_S);
    int ms = (int)((wall_ns - (int64_t)seconds * NS_PER_S) / NS_PER_MS);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    snprintf(out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
    return out;
}
