#include "rows.h"

#include "base/buf.h"
#include "base/clock.h"
#include "primary/encode.h"
#include "sim/sim_market.h"
#include "sim/universe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0       INT64_C(1795446000000000000) /* 2026-11-23 12:00:00 in Argentina */
#define SEED     7
#define UNIVERSE 6000 /* not all of them have a full book */
#define DEPTH    5
#define DELAY_NS (5 * NS_PER_MS) /* from the broker to cinta */

/* State while the rows are created. */
struct making {
    struct rows *rows;
    struct sim_market *market;
    const struct market_source *source;
    int32_t *picked;   /* per instrument: its number in the simulator */
    struct quote *now; /* per instrument: the last published quote */
    int64_t *version;
    struct buf frame;
    size_t frames_bytes;
};

static void *must(void *memory)
{
    if (memory)
        return memory;
    fprintf(stderr, "bench_store: out of memory\n");
    exit(1);
}

/* --- all entries ------------------------------------------------------------------------------ */

static double or_else(double value, double other)
{
    return isnan(value) ? other : value;
}

/* Derives the entries that this kind of instrument does not have from those that it has. */
static struct quote widen(const struct quote *from, int64_t now_ns)
{
    struct quote q = *from;
    q.trade_volume = or_else(q.trade_volume, floor(q.nominal_volume / 100));
    q.nominal_volume = or_else(q.nominal_volume, q.trade_volume * 1000);
    q.effective_volume = or_else(q.effective_volume, q.nominal_volume * q.last_price);
    q.open_interest = or_else(q.open_interest, 812345);
    q.settlement_price = or_else(q.settlement_price, q.close_price);
    if (q.settlement_day == DAY_NONE)
        q.settlement_day = q.close_day;
    q.ts_event = (now_ns - DELAY_NS) / NS_PER_MS * NS_PER_MS;
    return q;
}

static bool is_full(const struct quote *q)
{
    return q->bids.count == DEPTH && q->offers.count == DEPTH && !isnan(q->last_price) &&
           (!isnan(q->trade_volume) || !isnan(q->nominal_volume));
}

/* --- creation --------------------------------------------------------------------------------- */

/* Instruments with a full book, repeated under other names until there are enough. */
static void pick(struct making *m)
{
    int32_t all = m->source->count(m->source->self);
    int found = 0;
    for (int32_t n = 0; found < m->rows->instruments; n++) {
        const int32_t at = n % all, round = n / all;
        if (!is_full(m->source->quote(m->source->self, at)))
            continue;
        m->picked[found] = at;
        m->now[found] = quote_none();
        snprintf(m->rows->symbols[found++], sizeof(m->rows->symbols[0]), round ? "%s %d" : "%s",
                 m->source->instrument(m->source->self, at)->symbol, round + 1);
    }
}

/* Size of the frame that serve/stream_api would send. */
static void measure_frame(struct making *m, int n, const struct quote *q)
{
    buf_clear(&m->frame);
    buf_printf(&m->frame,
               "{\"type\":\"Md\",\"timestamp\":%lld,\"instrumentId\":{\"marketId\":\"ROFX\","
               "\"symbol\":\"%s\"},\"marketData\":",
               (long long)(q->ts_event / NS_PER_MS), m->rows->symbols[n]);
    encode_market_data(&m->frame, q, ENTRY_ALL, DEPTH, EMPTY_NULL);
    buf_puts(&m->frame, "}");
    m->frames_bytes += m->frame.len_bytes;
}

static void take(struct making *m, int n, int64_t now_ns)
{
    struct quote q = widen(m->source->quote(m->source->self, m->picked[n]), now_ns);
    uint32_t changed = quote_diff(&m->now[n], &q, ENTRY_ALL);
    if (!changed)
        return;
    m->now[n] = q;
    m->rows->list[m->rows->count++] = (struct store_snapshot){.instrument = n,
                                                              .source = SOURCE_STREAM,
                                                              .ts_recv = now_ns,
                                                              .changed = changed,
                                                              .quote = q};
    measure_frame(m, n, &q);
}

static void play(struct making *m, size_t wanted)
{
    int64_t now_ns = T0;
    while (m->rows->count < wanted) {
        now_ns += NS_PER_S / ROWS_PER_S + 12345; /* not whole milliseconds, as in reality */
        sim_market_advance(m->market, now_ns);
        for (int n = 0; n < m->rows->instruments && m->rows->count < wanted; n++) {
            int64_t version = sim_market_version(m->market, m->picked[n]);
            if (version == m->version[n])
                continue;
            m->version[n] = version;
            take(m, n, now_ns);
        }
    }
}

static void open_market(struct making *m)
{
    struct err err = {0};
    /* Only some of the changes are of the selected instruments. */
    struct sim_market_config config = {
        .instruments = UNIVERSE, .rate = ROWS_PER_S * 4, .seed = SEED};
    if (sim_market_create(&m->market, &config, T0, &err)) {
        fprintf(stderr, "bench_store: %s\n", err.text);
        exit(1);
    }
    m->source = sim_market_source(m->market);
}

void rows_make(struct rows *rows, int instruments, size_t count)
{
    size_t n = (size_t)instruments;
    struct making m = {.rows = rows};
    *rows = (struct rows){.instruments = instruments};
    rows->list = must(calloc(count, sizeof(*rows->list)));
    rows->symbols = must(calloc(n, sizeof(*rows->symbols)));
    m.picked = must(calloc(n, sizeof(*m.picked)));
    m.now = must(calloc(n, sizeof(*m.now)));
    m.version = must(calloc(n, sizeof(*m.version)));
    buf_init(&m.frame, 65536);
    open_market(&m);
    pick(&m);
    play(&m, count);
    rows->frame_bytes = (double)m.frames_bytes / (double)rows->count;
    sim_market_destroy(m.market);
    buf_finish(&m.frame);
    free(m.picked);
    free(m.now);
    free(m.version);
}

void rows_finish(struct rows *rows)
{
    free(rows->list);
    free(rows->symbols);
    *rows = (struct rows){0};
}

/* --- access ----------------------------------------------------------------------------------- */

struct store_snapshot rows_at(const struct rows *rows, int64_t number, int64_t seq, int64_t ts_recv)
{
    struct store_snapshot row = rows->list[number % (int64_t)rows->count];
    int64_t later = ts_recv - row.ts_recv;
    row.seq = seq;
    row.ts_recv = ts_recv;
    row.quote.ts_event = (row.quote.ts_event + later) / NS_PER_MS * NS_PER_MS;
    if (row.quote.ts_last)
        row.quote.ts_last = (row.quote.ts_last + later) / NS_PER_MS * NS_PER_MS;
    return row;
}
