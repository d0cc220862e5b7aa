#include "virtual_store.h"

#include "base/clock.h"
#include "broker/tape_look.h"
#include "journal.h"
#include "place.h"
#include "primary/request.h"
#include "store/read/reader.h"
#include "tally.h"
#include "virtual_exchange.h"
#include "virtual_spans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct store {
    store_notice_fn *notice;
    void *arg;
    int32_t registered;           /* instruments */
    int instrument[EXCHANGE_MAX]; /* of the exchange, by the service's index */
    struct store_stats stats;
};

struct reader {
    int unused;
};

static struct {
    struct store *open;
    bool slow;
    int watched;
    int64_t seq;
    struct market_quote last[EXCHANGE_MAX]; /* seq 0 = none */
} database;

/* --- the script ------------------------------------------------------------------------------- */

void store_notify(enum event_kind kind, enum log_level level, const char *detail, int64_t dropped)
{
    struct store *store = database.open;
    if (!store)
        place_fail("the service does not run");
    store->stats.failing = kind == EVENT_STORE_DELAYED;
    store->stats.dropped += dropped;
    store->notice(store->arg,
                  &(struct store_notice){clock_now().wall_ns, kind, level, detail, dropped});
}

void store_set_slow(bool slow)
{
    database.slow = slow;
}

int store_watched(void)
{
    return database.watched;
}

/* --- store/write/store ------------------------------------------------------------------------ */

int store_create(struct store **out, const struct store_config *config, store_notice_fn *notice,
                 void *arg, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    (void)config;
    (void)err;
    store->notice = notice;
    store->arg = arg;
    store->stats.bytes_per_day = NAN;
    *out = database.open = store;
    return 0;
}

int store_close(struct store *store, int64_t deadline_ms, struct err *err)
{
    (void)deadline_ms;
    (void)err;
    free(store);
    database.open = NULL;
    return 0;
}

struct store_stats store_stats(const struct store *store)
{
    return store->stats;
}

void store_on_commit(struct store *store, store_commit_fn *fn, void *arg)
{
    (void)store;
    (void)fn;
    (void)arg;
}

void store_keep_days(struct store *store, int keep_days)
{
    (void)store;
    (void)keep_days;
}

void store_instrument(struct store *store, int32_t index, const char *market_id, const char *symbol)
{
    int i = exchange_find(symbol);
    if (index != store->registered || index >= EXCHANGE_MAX)
        place_fail("instrument %d was registered as number %d", (int)index, (int)store->registered);
    if (i < 0 || strcmp(symbol, exchange_symbol(i)) != 0 ||
        strcmp(market_id, REQUEST_MARKET_ROFX) != 0)
        place_fail("an unknown instrument was registered: %s %s", market_id, symbol);
    store->instrument[store->registered++] = i;
}

static int find_instrument(const struct store *store, int32_t index)
{
    if (index < 0 || index >= store->registered)
        place_fail("instrument %d was not registered", (int)index);
    return store->instrument[index];
}

void store_change(struct store *store, const struct market_change *change)
{
    const struct market_quote *present = change->present;
    int i = find_instrument(store, change->instrument);
    if (present->seq != database.seq + 1)
        place_fail("seq %lld follows %lld", (long long)present->seq, (long long)database.seq);
    database.seq = present->seq;
    database.last[i] = *present;
    store->stats.snapshots_written++;
    tally_add(TALLY_ROWS);
    exchange_record(i, present->quote.last_price, present->source);
}

void store_continue(struct store *store, int64_t from, int64_t to)
{
    (void)store;
    (void)from;
    (void)to;
}

bool store_pressed(const struct store *store)
{
    (void)store;
    return database.slow;
}

/* Only a replica calls these; the scenarios are of recorders. */
void store_past(struct store *store, const struct market_change *change)
{
    (void)store;
    (void)change;
    abort();
}

void store_given(struct store *store, const struct store_given *given)
{
    (void)store;
    (void)given;
    abort();
}

void store_place(struct store *store, const struct store_place *place)
{
    (void)store;
    (void)place;
    abort();
}

size_t store_backlog(const struct store *store)
{
    (void)store;
    abort();
}

void store_known(struct store *store, const struct store_known *known)
{
    (void)store;
    (void)known;
}

void store_seen(struct store *store, const int32_t *index, const int64_t *ts_seen, size_t count)
{
    (void)ts_seen;
    for (size_t i = 0; i < count; i++)
        find_instrument(store, index[i]);
}

void store_list(struct store *store, struct instrument_list *list, int64_t ts_read,
                const char *broker)
{
    (void)store;
    (void)list;
    (void)ts_read;
    (void)broker;
}

void store_event(struct store *store, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail)
{
    (void)ts;
    store->stats.events_written++;
    journal_add(kind, symbol, detail);
}

void store_spans_open(struct store *store, const struct store_open *open)
{
    for (size_t i = 0; i < open->count; i++)
        find_instrument(store, open->spans[i].instrument);
}

void store_spans_closed(struct store *store, const struct store_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        spans_covered(find_instrument(store, spans[i].instrument), spans[i].ts_from, spans[i].ts_to,
                      spans[i].reason);
}

void store_session(struct store *store, const struct store_session *session)
{
    (void)store;
    (void)session;
}

void store_watch(struct store *store, const int32_t *instruments, size_t count, int64_t ts)
{
    (void)ts;
    for (size_t i = 0; i < count; i++)
        find_instrument(store, instruments[i]);
    database.watched = (int)count;
}

/* Nothing asks for a list: see tape_look_start(). */
int store_tape(struct store *store, const struct store_tape *tape)
{
    (void)store;
    (void)tape;
    abort();
}

/* --- broker/tape_look: the tape in this database is never known ------------------------------- */

struct tape_look *tape_look_create(struct loop *loop, const char *path, tape_look_fn *fn, void *arg)
{
    (void)loop;
    (void)path;
    (void)fn;
    (void)arg;
    return calloc(1, 1);
}

void tape_look_destroy(struct tape_look *look)
{
    free(look);
}

int tape_look_start(struct tape_look *look, const struct tape_look_days *days,
                    const struct calendar_set *sessions, const struct tape_plan *plan)
{
    (void)look;
    (void)days;
    (void)sessions;
    (void)plan;
    return 0;
}

/* --- store/read/reader ------------------------------------------------------------------------ */

int reader_open(struct reader **out, const char *path, struct err *err)
{
    static struct reader reader;
    (void)path;
    (void)err;
    *out = &reader;
    return 0;
}

void reader_close(struct reader *reader)
{
    (void)reader;
}

int reader_select(struct reader *reader, const struct reader_query *query, reader_row_fn *fn,
                  void *arg, struct err *err)
{
    (void)reader;
    (void)query;
    (void)fn;
    (void)arg;
    (void)err;
    return 0;
}

int reader_quotes(struct reader *reader, reader_quote_fn *fn, void *arg, struct err *err)
{
    (void)reader;
    (void)err;
    for (int i = 0; i < EXCHANGE_MAX; i++) {
        const struct market_quote *last = &database.last[i];
        struct reader_quote row = {.market_id = REQUEST_MARKET_ROFX, .symbol = exchange_symbol(i)};
        row.known = (struct store_known){.state = {.source = last->source,
                                                   .seq = last->seq,
                                                   .ts_recv = last->ts_recv,
                                                   .quote = last->quote},
                                         .ts_seen = last->ts_recv};
        if (last->seq)
            fn(arg, &row);
    }
    return 0;
}

int reader_last_seq(struct reader *reader, int64_t *seq, struct err *err)
{
    (void)reader;
    (void)err;
    *seq = database.seq;
    return 0;
}
