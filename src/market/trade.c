#include "market/trade.h"

#include "base/clock.h"

#include <math.h>
#include <stddef.h>

#define NS_PER_MINUTE (60 * NS_PER_S)

const char *trade_origin_name(int64_t origin)
{
    switch (origin) {
    case TRADE_FROM_REST:
        return "rest";
    case TRADE_FROM_STREAM:
        return "stream";
    case TRADE_FROM_MATRIZ:
        return "matriz";
    case TRADE_FROM_HISTORY:
        return "history";
    default:
        return NULL;
    }
}

static int64_t best_time(const struct trade_report *report)
{
    if (report->ts_last)
        return report->ts_last;
    return report->ts_event ? report->ts_event : report->ts_recv;
}

bool trade_shown(const struct trade_report *report, struct trade *out)
{
    if (!(report->changed & TRADE_ENTRIES) || isnan(report->price))
        return false;
    *out = (struct trade){.ts_event = best_time(report) / NS_PER_MS * NS_PER_MS,
                          .price = report->price,
                          .size = report->size,
                          .origin = (enum trade_origin)report->source};
    return true;
}

bool trade_same(const struct trade *a, const struct trade *b)
{
    return a->ts_event == b->ts_event && a->price == b->price &&
           (a->size == b->size || (isnan(a->size) && isnan(b->size)));
}

int64_t trade_minute(int64_t ts_event)
{
    return ts_event / NS_PER_MINUTE * NS_PER_MINUTE;
}
