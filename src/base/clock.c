#include "base/clock.h"

#include <stdio.h>
#include <string.h>
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

int64_t art_day_begins_ns(int64_t day)
{
    return day * NS_PER_DAY - ART_OFFSET_NS;
}

int64_t art_next_day_ns(int64_t wall_ns)
{
    return art_day_begins_ns(art_day(wall_ns) + 1);
}

static int two_digits(const char *text)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    return (text[0] - '0') * 10 + text[1] - '0';
}

bool clock_parse_day(const char *text, int32_t *out)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int century = two_digits(text), in_century = two_digits(text + 2);
    int month = two_digits(text + 5), day = two_digits(text + 8);
    int year = century * 100 + in_century;
    if (century < 0 || in_century < 0 || year < 1970 || year > 2199 || month < 1 || month > 12)
        return false;
    int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day < 1 || day > before[month] - before[month - 1] + (month == 2 && leap))
        return false;
    int leaps = (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 - (1969 / 4 - 19 + 4);
    *out = (year - 1970) * 365 + leaps + before[month - 1] + (month > 2 && leap) + day - 1;
    return true;
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
