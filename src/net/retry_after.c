#include "net/retry_after.h"

#include "base/clock.h"
#include "base/num.h"
#include "net/http_time.h"

#include <stdbool.h>

static int64_t bounded(double ms)
{
    return ms < (double)RETRY_AFTER_MAX_MS ? (int64_t)ms : RETRY_AFTER_MAX_MS;
}

/* For numbers with more digits than num_parse() accepts. */
static bool only_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return len > 0;
}

static int64_t until_date(const char *text, size_t len, int64_t wall_ns)
{
    int64_t then_ns;
    if (!http_time_ns(text, len, &then_ns))
        return -1;
    double ms = (double)then_ns / NS_PER_MS - (double)(wall_ns / NS_PER_MS);
    return ms >= 0 ? bounded(ms) : -1;
}

int64_t retry_after_ms(const char *text, size_t len_bytes, int64_t wall_ns)
{
    double seconds;
    if (num_parse(text, len_bytes, &seconds))
        return seconds >= 0 ? bounded(seconds * 1000) : -1;
    if (only_digits(text, len_bytes))
        return RETRY_AFTER_MAX_MS;
    return until_date(text, len_bytes, wall_ns);
}
