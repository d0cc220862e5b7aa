#include "virtual_spans.h"

#include "base/clock.h"
#include "place.h"
#include "virtual_exchange.h"

#include <stdlib.h>

struct span {
    int instrument;
    int64_t ts_from, ts_to;
    enum event_kind reason; /* of its end */
};

struct spans {
    struct span *item; /* kept until the process ends */
    size_t count, cap;
};

static struct spans covered, unseen;

static void add(struct spans *spans, struct span span)
{
    if (spans->count == spans->cap) {
        spans->cap = spans->cap ? 2 * spans->cap : 256;
        spans->item = realloc(spans->item, spans->cap * sizeof(*spans->item));
    }
    spans->item[spans->count++] = span;
}

void spans_covered(int instrument, int64_t ts_from, int64_t ts_to, enum event_kind reason)
{
    add(&covered, (struct span){instrument, ts_from, ts_to, reason});
}

void spans_unseen(int instrument, int64_t ts_from, int64_t ts_to)
{
    add(&unseen, (struct span){instrument, ts_from, ts_to, EVENT_UNSEEN});
}

static void check_order(int instrument)
{
    int64_t ts = 0;
    for (size_t i = 0; i < covered.count; i++) {
        const struct span *c = &covered.item[i];
        if (c->instrument != instrument)
            continue;
        if (c->ts_from < ts || c->ts_to < c->ts_from)
            place_fail("intervals of coverage of %s overlap", exchange_symbol(instrument));
        ts = c->reason == EVENT_CLOCK_JUMPED ? 0 : c->ts_to; /* it may have been set back */
    }
}

static void refuse(const struct span *c, const struct span *u)
{
    place_fail("%s is covered for %lld ms, ended by %s; %lld ms after its start a change was not "
               "recorded for %lld ms",
               exchange_symbol(c->instrument), (long long)((c->ts_to - c->ts_from) / NS_PER_MS),
               event_kind_name(c->reason), (long long)((u->ts_from - c->ts_from) / NS_PER_MS),
               (long long)((u->ts_to - u->ts_from) / NS_PER_MS));
}

void spans_check(void)
{
    for (int i = 0; i < exchange_count(); i++)
        check_order(i);
    for (size_t k = 0; k < unseen.count; k++) {
        const struct span *u = &unseen.item[k];
        for (size_t i = 0; i < covered.count; i++) {
            const struct span *c = &covered.item[i];
            if (c->instrument == u->instrument && c->ts_from <= u->ts_from && c->ts_to >= u->ts_to)
                refuse(c, u);
        }
    }
}

int64_t spans_covered_ms(int instrument, int64_t ts_from, int64_t ts_to)
{
    int64_t sum_ns = 0;
    for (size_t i = 0; i < covered.count; i++) {
        const struct span *c = &covered.item[i];
        int64_t from = c->ts_from > ts_from ? c->ts_from : ts_from;
        int64_t to = c->ts_to < ts_to ? c->ts_to : ts_to;
        sum_ns += c->instrument == instrument && to > from ? to - from : 0;
    }
    return sum_ns / NS_PER_MS;
}

int spans_ended(int instrument, enum event_kind reason)
{
    int times = 0;
    for (size_t i = 0; i < covered.count; i++)
        times += covered.item[i].instrument == instrument && covered.item[i].reason == reason;
    return times;
}
