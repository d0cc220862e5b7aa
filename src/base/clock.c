#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define ART_OFFSET_NS (INT64_C(-3) * 3600 * NS_PER_S)

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
    time_t seconds = (time_t)floor_div(wall_ns, NS_PER_S); /* in the years 1677 to 2262 */
    int64_t ns = wall_ns % NS_PER_S;
    int ms = (int)((ns < 0 ? ns + NS_PER_S : ns) / NS_PER_MS);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t used = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + used, CLOCK_TEXT - used, ".%03dZ", ms);
    return out;
}
