#include "record/recorder.h"

#include "record/events.h"
#include "store/read/reader.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_EVERY_MS 2000 /* the documentation promises a ts_seen at most 5 s late */
#define SEEN_BATCH    512

/* What has been reported of one instrument. */
struct recorded {
    bool crossed;        /* the book is crossed, which was reported */
    uint32_t unreadable; /* entries that could not be read */
    uint32_t told;       /* those of them that were reported */
};

struct recorder {
    struct store *store;
    struct events *events;
    struct market *market;
    struct loop_timer *seen_timer;
    bool seen_armed;
    int64_t seen_written_ns; /* a later ts_seen is still to be written */
    int64_t seen_latest_ns;
    bool pressed;
    struct recorded *recorded; /* by instrument */
    int32_t recorded_cap;
    int64_t unreadable_count;
};

static void write_seen(struct recorder *recorder)
{
    int32_t index[SEEN_BATCH];
    int64_t ts[SEEN_BATCH];
    size_t n = 0;

    for (int32_t i = 0; i < market_count(recorder->market); i++) {
        int64_t seen = market_quote(recorder->market, i)->ts_seen;
        if (seen <= recorder->seen_written_ns)
            continue;
        index[n] = i;
        ts[n++] = seen;
        if (n == SEEN_BATCH) {
            store_seen(recorder->store, index, ts, n);
            n = 0;
        }
    }
    if (n)
        store_seen(recorder->store, index, ts, n);
    recorder->seen_written_ns = recorder->seen_latest_ns;
}

static void on_seen_timer(void *arg)
{
    struct recorder *recorder = arg;
    recorder->seen_armed = false;
    write_seen(recorder);
}

static void note_seen(struct recorder *recorder, int64_t ts)
{
    /* After the wall clock was set back, everything from then on must be written. */
    if (ts < recorder->seen_latest_ns)
        recorder->seen_written_ns = ts - 1;
    recorder->seen_latest_ns = ts;
    if (recorder->seen_armed)
        return;
    recorder->seen_armed = true;
    loop_timer_set(recorder->seen_timer, SEEN_EVERY_MS);
}

/* --- loading the last state of the database --------------------------------------------------- */

static void restore_row(void *arg, const struct reader_quote *row)
{
    struct recorder *recorder = arg;
    int32_t i = recorder_instrument(recorder, row->market_id, row->symbol);
    struct store_known known = row->known;
    if (i < 0)
        return;
    known.state.instrument = i;
    const struct market_quote quote = {
        .quote = known.state.quote,
        .seq = known.state.seq,
        .ts_recv = known.state.ts_recv,
        .ts_seen = known.ts_seen,
        .source = known.state.source,
    };
    market_restore(recorder->market, i, &quote);
    store_known(recorder->store, &known);
}

static int restore(struct recorder *recorder, const char *path, struct err *err)
{
    struct reader *reader;
    int64_t seq = 0;
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_last_seq(reader, &seq, err);
    if (rc == 0) {
        recorder->market = market_create(seq);
        rc = recorder->market ? reader_quotes(reader, restore_row, recorder, err)
                              : err_set(err, -ENOMEM, "out of memory");
    }
    reader_close(reader);
    return rc;
}

int recorder_create(struct recorder **out, struct loop *loop, struct store *store,
                    struct events *events, const char *path, struct err *err)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    if (!recorder)
        return err_set(err, -ENOMEM, "out of memory");
    recorder->store = store;
    recorder->events = events;
    recorder->seen_written_ns = recorder->seen_latest_ns = loop_now(loop).wall_ns;
    recorder->seen_timer = loop_timer_create(loop, on_seen_timer, recorder);
    int rc = recorder->seen_timer ? restore(recorder, path, err)
                                  : err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        recorder_destroy(recorder);
        return rc;
    }
    *out = recorder;
    return 0;
}

void recorder_destroy(struct recorder *recorder)
{
    if (!recorder)
        return;
    if (recorder->seen_armed)
        write_seen(recorder);
    loop_timer_destroy(recorder->seen_timer);
    market_destroy(recorder->market);
    free(recorder->recorded);
    free(recorder);
}

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
        store_instrument(recorder->store, i, market_id, symbol);
    return i;
}

const struct market *recorder_market(const struct recorder *recorder)
{
    return recorder->market;
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
    struct market_result result = market_apply(recorder->market, i, update, stamp);
    const struct market_quote *present = market_quote(recorder->market, i);
    if (result.outdated)
        return result;
    note_seen(recorder, stamp->ts_recv);
    if (!result.changed)
        return result;
    struct store_snapshot snapshot = {
        .instrument = i,
        .source = stamp->source,
        .seq = present->seq,
        .ts_recv = stamp->ts_recv,
        .changed = result.changed,
        .quote = present->quote,
    };
    recorder->pressed = store_snapshot(recorder->store, &snapshot);
    if (result.changed & (ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF)))
        look_for_crossed(recorder, i, &present->quote);
    return result;
}

/* If the event would be suppressed, the next message of this instrument tries again. */
void recorder_unreadable(struct recorder *recorder, int32_t i, const char *origin,
                         const struct decode_unreadable *unreadable)
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

bool recorder_pressed(const struct recorder *recorder)
{
    return recorder->pressed;
}

void recorder_confirm(struct recorder *recorder, int32_t i, int64_t ts_seen)
{
    market_confirm(recorder->market, i, ts_seen);
    note_seen(recorder, ts_seen);
}
