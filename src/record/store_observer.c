#include "record/store_observer.h"

#include "record/observers.h"
#include "store/read/reader.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_EVERY_MS 2000 /* the documentation promises a ts_seen at most 5 s late */
#define SEEN_BATCH    512

struct store_observer {
    struct observers *observers;
    struct store *store;
    const struct market *market;
    int number;
    struct loop_timer *timer;
    int64_t *seen; /* by instrument: its ts_seen as of the last time, stored or that of a change */
    int32_t seen_cap;
};

/* --- ts_seen ---------------------------------------------------------------------------------- */

static int grow(struct store_observer *o, int32_t count)
{
    if (count <= o->seen_cap)
        return 0;
    int32_t cap = count * 2;
    int64_t *seen = realloc(o->seen, (size_t)cap * sizeof(*seen));
    if (!seen)
        return -ENOMEM;
    memset(seen + o->seen_cap, 0, (size_t)(cap - o->seen_cap) * sizeof(*seen));
    o->seen = seen;
    o->seen_cap = cap;
    return 0;
}

/*
 * A change has its time in its own row, so it is stored only if the clock was set back before it.
 * Without memory for an instrument its ts_seen is not stored: that of its last change remains.
 */
static bool take_seen(struct store_observer *o, int32_t i)
{
    const struct market_quote *quote = market_quote(o->market, i);
    int64_t before = o->seen[i];
    o->seen[i] = quote->ts_seen;
    return quote->ts_seen < before || (quote->ts_seen > before && quote->ts_seen != quote->ts_recv);
}

static void write_seen(struct store_observer *o)
{
    int32_t index[SEEN_BATCH];
    int64_t ts[SEEN_BATCH];
    size_t n = 0;
    for (int32_t i = 0; i < market_count(o->market) && i < o->seen_cap; i++) {
        if (!take_seen(o, i))
            continue;
        index[n] = i;
        ts[n++] = o->seen[i];
        if (n == SEEN_BATCH) {
            store_seen(o->store, index, ts, n);
            n = 0;
        }
    }
    if (n)
        store_seen(o->store, index, ts, n);
}

static void on_timer(void *arg)
{
    struct store_observer *o = arg;
    write_seen(o);
    loop_timer_set(o->timer, SEEN_EVERY_MS);
}

/* --- observing -------------------------------------------------------------------------------- */

static void on_instrument(void *arg, int32_t instrument, const char *market_id, const char *symbol)
{
    struct store_observer *o = arg;
    grow(o, instrument + 1);
    store_instrument(o->store, instrument, market_id, symbol);
}

static void on_change(void *arg, const struct market_change *change)
{
    struct store_observer *o = arg;
    store_change(o->store, change);
}

static void on_event(void *arg, const struct observed_event *event)
{
    struct store_observer *o = arg;
    if (!event->by_store)
        store_event(o->store, event->ts, event->kind, event->symbol, event->detail);
}

/* --- the last state of the database ----------------------------------------------------------- */

struct restoring {
    struct store_observer *observer;
    struct market *market;
};

static void restore_row(void *arg, const struct reader_quote *row)
{
    const struct restoring *r = arg;
    struct store_observer *o = r->observer;
    int32_t i = market_add(r->market, row->market_id, row->symbol);
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
    on_instrument(o, i, row->market_id, row->symbol);
    market_restore(r->market, i, &quote);
    store_known(o->store, &known);
    if (i < o->seen_cap)
        o->seen[i] = quote.ts_seen;
}

static int restore(struct store_observer *o, struct market *market, const char *path,
                   struct err *err)
{
    struct restoring restoring = {o, market};
    struct reader *reader;
    int64_t seq = 0;
    int rc = reader_open(&reader, path, err);
    if (rc)
        return rc;
    rc = reader_last_seq(reader, &seq, err);
    if (rc == 0) {
        market_continue(market, seq);
        rc = reader_quotes(reader, restore_row, &restoring, err);
    }
    reader_close(reader);
    return rc;
}

/* --- life ------------------------------------------------------------------------------------- */

static int begin(struct store_observer *o, const struct store_observer_parts *parts,
                 struct err *err)
{
    const struct observer observer = {o, on_instrument, on_change, on_event, NULL};
    int rc = restore(o, parts->market, parts->path, err);
    if (rc)
        return rc;
    o->timer = loop_timer_create(parts->loop, on_timer, o);
    o->number = o->timer ? observers_add(parts->observers, &observer) : -ENOMEM;
    return o->number < 0 ? err_set(err, -ENOMEM, "out of memory") : 0;
}

int store_observer_create(struct store_observer **out, const struct store_observer_parts *parts,
                          struct err *err)
{
    struct store_observer *o = calloc(1, sizeof(*o));
    if (!o)
        return err_set(err, -ENOMEM, "out of memory");
    o->observers = parts->observers;
    o->store = parts->store;
    o->market = parts->market;
    int rc = begin(o, parts, err);
    if (rc) {
        store_observer_destroy(o);
        return rc;
    }
    loop_timer_set(o->timer, SEEN_EVERY_MS);
    *out = o;
    return 0;
}

void store_observer_destroy(struct store_observer *o)
{
    if (!o)
        return;
    if (o->number > 0)
        write_seen(o);
    observers_remove(o->observers, o->number);
    loop_timer_destroy(o->timer);
    free(o->seen);
    free(o);
}
