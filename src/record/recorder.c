#include "record/recorder.h"

#include "record/events.h"
#include "record/observers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What has been reported of one instrument. */
struct recorded {
    bool crossed;        /* the book is crossed, which was reported */
    uint32_t unreadable; /* entries that could not be read */
    uint32_t told;       /* those of them that were reported */
};

struct recorder {
    struct market *market;
    struct observers *observers;
    struct events *events;
    struct recorded *recorded; /* by instrument */
    int32_t recorded_cap;
    int64_t unreadable_count;
};

/* --- instruments ------------------------------------------------------------------------------ */

static int grow_recorded(struct recorder *recorder, int32_t count)
{
    if (count <= recorder->recorded_cap)
        return 0;
    int32_t cap = count * 2;
    struct recorded *recorded = realloc(recorder->recorded, (size_t)cap * sizeof(*recorded));
    if (!recorded)
        return -ENOMEM;
    memset(recorded + recorder->recorded_cap, 0,
           (size_t)(cap - recorder->recorded_cap) * sizeof(*recorded));
    recorder->recorded = recorded;
    recorder->recorded_cap = cap;
    return 0;
}

int32_t recorder_instrument(struct recorder *recorder, const char *market_id, const char *symbol)
{
    int32_t count = market_count(recorder->market);
    if (grow_recorded(recorder, count + 1))
        return -ENOMEM;
    int32_t i = market_add(recorder->market, market_id, symbol);
    if (i == count)
        observers_instrument(recorder->observers, i, market_id, symbol);
    return i;
}

const struct market *recorder_market(const struct recorder *recorder)
{
    return recorder->market;
}

int recorder_create(struct recorder **out, const struct recorder_parts *parts, struct err *err)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        return err_set(err, -ENOMEM, "out of memory");
    recorder->market = parts->market;
    recorder->observers = parts->observers;
    recorder->events = parts->events;
    if (grow_recorded(recorder, market_count(parts->market))) {
        free(recorder);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *out = recorder;
    return 0;
}

void recorder_destroy(struct recorder *recorder)
{
    if (!recorder)
        return;
    free(recorder->recorded);
    free(recorder);
}

/* --- updates ---------------------------------------------------------------------------------- */

static void look_for_crossed(struct recorder *recorder, int32_t i, const struct quote *quote)
{
    bool crossed = quote_crossed(quote);
    if (crossed && !recorder->recorded[i].crossed)
        events_report(recorder->events, LOG_LEVEL_WARN, EVENT_CROSSED_BOOK,
                      market_symbol(recorder->market, i), "best bid %g is above best offer %g",
                      quote->bids.level[0].price, quote->offers.level[0].price);
    recorder->recorded[i].crossed = crossed;
}

struct market_result recorder_update(struct recorder *recorder, int32_t i,
                                     const struct quote_update *update,
                                     const struct market_stamp *stamp)
{
    observers_no_call(recorder->observers);
    struct market_result result = market_apply(recorder->market, i, update, stamp);
    const struct market_quote *present = market_quote(recorder->market, i);
    if (!result.changed)
        return result;
    observers_change(recorder->observers, &(struct market_change){i, result.changed, present});
    if (result.changed & (ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF)))
        look_for_crossed(recorder, i, &present->quote);
    return result;
}

/* That the book is crossed is an event of the recorder that has seen it first. */
enum market_given recorder_give(struct recorder *recorder, int32_t i,
                                const struct market_quote *quote, uint32_t changed)
{
    observers_no_call(recorder->observers);
    enum market_given given = market_give(recorder->market, i, quote);
    if (given == MARKET_PRESENT)
        observers_change(recorder->observers,
                         &(struct market_change){i, changed, market_quote(recorder->market, i)});
    return given;
}

/* If the event would be suppressed, the next message of this instrument tries again. */
void recorder_unreadable(struct recorder *recorder, int32_t i, const char *origin,
                         const struct unreadable *unreadable)
{
    struct recorded *recorded = &recorder->recorded[i];
    uint32_t fresh = unreadable->entries & ~recorded->told;
    char words[512] = "";
    size_t used = 0;

    recorder->unreadable_count += __builtin_popcount(unreadable->entries);
    recorded->unreadable |= unreadable->entries;
    if (!fresh || !events_allowed(recorder->events, EVENT_UNREADABLE))
        return;
    recorded->told |= fresh;
    for (int e = 0; e < ENTRY_COUNT && used < sizeof(words); e++) {
        if (fresh & ENTRY_BIT(e))
            used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s", used ? ", " : "",
                                     unreadable->words[e]);
    }
    events_report(
        recorder->events, LOG_LEVEL_WARN, EVENT_UNREADABLE, market_symbol(recorder->market, i),
        "%s: %s; recorded as NULL, the rest of the message is used; further ones are only "
        "counted (\"unreadable\" in cinta status --json)",
        origin, words);
}

uint32_t recorder_unreadable_entries(const struct recorder *recorder, int32_t i)
{
    return recorder->recorded[i].unreadable;
}

int64_t recorder_unreadable_count(const struct recorder *recorder)
{
    return recorder->unreadable_count;
}

void recorder_confirm(struct recorder *recorder, int32_t i, int64_t ts_seen)
{
    market_confirm(recorder->market, i, ts_seen);
}
