#include "market/daily.h"

#include "base/clock.h"

#define SPREAD_NS    (15 * 60 * NS_PER_S) /* the most that callers add to spread the load */
#define RETRY_MIN_MS (INT64_C(10) * 60 * 1000)
#define RETRY_MAX_MS (INT64_C(120) * 60 * 1000)

int64_t daily_due_ns(int64_t after_ns, int minute)
{
    int64_t day = art_day(after_ns), into_day_ns = minute * 60 * NS_PER_S;
    int64_t due_ns = art_day_begins_ns(day) + into_day_ns;
    return due_ns > after_ns ? due_ns : art_day_begins_ns(day + 1) + into_day_ns;
}

int64_t daily_last_ns(int64_t last_ns, int64_t now_ns)
{
    return last_ns <= now_ns ? last_ns : now_ns - NS_PER_DAY;
}

int64_t daily_left_ms(int64_t next_ns, int64_t now_ns)
{
    int64_t left_ns = next_ns - now_ns;
    return left_ns <= 0 || left_ns > NS_PER_DAY + SPREAD_NS ? 0 : left_ns / NS_PER_MS + 1;
}

int64_t daily_retry_ms(int failures)
{
    int64_t ms = RETRY_MIN_MS;
    for (int i = 1; i < failures && ms < RETRY_MAX_MS; i++)
        ms *= 2;
    return ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
}
