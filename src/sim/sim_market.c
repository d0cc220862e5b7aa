#include "sim/sim_market.h"

#include "base/clock.h"
#include "base/rng.h"
#include "market/market.h"
#include "sim/sim_book.h"
#include "sim/sim_tape.h"
#include "sim/universe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CATCH_UP_NS (5 * NS_PER_S)

struct traded {
    struct quote quote;
    double mid; /* a multiple of the tick */
    double tick;
    double money; /* traded today, of futures and options; NAN for others */
    struct sim_tape tape;
    int64_t version;
};

struct sim_market {
    struct sim_instrument *universe;
    struct traded *traded;
    struct market *index; /* to find instruments by symbol */
    int count;
    int *lively, lively_count; /* instruments that change */
    double rate, owed;
    int64_t last_ns, day, changes;
    struct rng rng;
    struct market_source source;
    bool closed;
    struct watcher {
        sim_market_fn *fn; /* NULL: none */
        void *arg;
    } watchers[SIM_MARKET_WATCHERS];
    sim_trade_fn *on_trade; /* NULL: none */
    void *on_trade_arg;
};

/* --- changes ---------------------------------------------------------------------------------- */

static double plus(double volume, double more)
{
    return isnan(volume) ? more : volume + more;
}

static void count_volume(const struct sim_instrument *i, struct traded *t, double price,
                         double size)
{
    struct quote *q = &t->quote;
    if (i->kind == SIM_FUTURE || i->kind == SIM_OPTION) {
        q->trade_volume = plus(q->trade_volume, size);
        t->money += price * size * i->reference.multiplier;
    } else if (i->kind != SIM_REPO) {
        q->nominal_volume = plus(q->nominal_volume, size);
        q->effective_volume = plus(q->effective_volume, price * size * i->reference.price_factor);
    }
}

/* The broker lists it in milliseconds, also where the quote has whole seconds. */
static void show_trade(struct sim_market *m, int at, const struct source_trade *made)
{
    struct traded *t = &m->traded[at];
    struct quote *q = &t->quote;
    const struct sim_instrument *i = &m->universe[at];
    bool byma = i->kind != SIM_FUTURE && i->kind != SIM_OPTION;
    q->last_price = made->price;
    q->last_size = made->size;
    q->ts_last = made->ts / NS_PER_MS * NS_PER_MS;
    if (byma) /* has whole seconds only */
        q->ts_last = made->ts / NS_PER_S * NS_PER_S;
    if (isnan(q->open_price))
        q->open_price = q->last_price;
    q->high_price = isnan(q->high_price) ? q->last_price : fmax(q->high_price, q->last_price);
    q->low_price = isnan(q->low_price) ? q->last_price : fmin(q->low_price, q->last_price);
    count_volume(i, t, q->last_price, made->size);
    sim_tape_add(&t->tape, made);
}

static void trade(struct sim_market *m, int at, int64_t now_ns)
{
    const struct quote *q = &m->traded[at].quote;
    const struct side *side = q->offers.count && rng_below(&m->rng, 2) ? &q->offers : &q->bids;
    if (side->count == 0)
        return;
    const struct source_trade made = {side->level[0].price,
                                      sim_book_size(&m->rng, &m->universe[at]), now_ns};
    if (m->on_trade)
        m->on_trade(m->on_trade_arg, &(struct sim_trade){at, made});
    show_trade(m, at, &made);
}

static void move_index(struct sim_market *m, int at, int64_t now_ns)
{
    struct traded *t = &m->traded[at];
    t->mid = sim_book_on_grid(t->mid * (1 + (rng_unit(&m->rng) - 0.5) * 0.001), t->tick);
    t->quote.index_value = t->mid;
    t->quote.ts_event = now_ns / NS_PER_MS * NS_PER_MS;
}

static void move_price(struct sim_market *m, int at)
{
    struct traded *t = &m->traded[at];
    double start = m->universe[at].start_price;
    double step = rng_below(&m->rng, 2) ? t->tick : -t->tick;
    if ((t->mid > start * 1.1 && step > 0) || (t->mid < start * 0.9 && step < 0))
        step = -step; /* daily price limit of 10 % */
    if (t->mid + step > 4 * t->tick)
        t->mid = sim_book_on_grid(t->mid + step, t->tick);
    sim_book_make(&m->rng, &m->universe[at], t->mid, &t->quote);
}

static void change_size(struct sim_market *m, int at)
{
    struct traded *t = &m->traded[at];
    struct side *side =
        rng_below(&m->rng, 2) && t->quote.offers.count ? &t->quote.offers : &t->quote.bids;
    if (side->count)
        side->level[0].size = sim_book_size(&m->rng, &m->universe[at]);
}

static void note_change(struct sim_market *m, int at)
{
    m->traded[at].version++;
    for (int n = 0; n < SIM_MARKET_WATCHERS; n++) {
        if (m->watchers[n].fn)
            m->watchers[n].fn(m->watchers[n].arg, at);
    }
}

static void change(struct sim_market *m, int at, int64_t now_ns)
{
    if (m->universe[at].kind == SIM_INDEX) {
        move_index(m, at, now_ns);
        return;
    }
    switch (rng_below(&m->rng, 4)) {
    case 0:
        move_price(m, at);
        return;
    case 1:
        trade(m, at, now_ns);
        return;
    default:
        change_size(m, at);
    }
}

static void change_one(struct sim_market *m, int64_t now_ns)
{
    int at = m->lively[rng_below(&m->rng, m->lively_count)];
    m->changes++;
    change(m, at, now_ns);
    note_change(m, at);
}

/* --- start of a day --------------------------------------------------------------------------- */

/* Everything that trades starts with yesterday's prices, futures also with open interest. */
static void begin_day(struct sim_market *m, int at, int64_t now_ns)
{
    const struct sim_instrument *i = &m->universe[at];
    struct traded *t = &m->traded[at];
    int32_t yesterday = (int32_t)art_day(now_ns) - 1;
    struct quote *q = &t->quote;

    t->tick = i->reference.price_tick;
    t->mid = sim_book_on_grid(i->start_price, t->tick);
    t->money = NAN;
    *q = quote_none();
    if (i->life == LIFE_EMPTY)
        return;
    if (i->kind == SIM_INDEX) {
        move_index(m, at, now_ns);
        return;
    }
    q->close_price =
        sim_book_on_grid(i->start_price * (1 + (rng_unit(&m->rng) - 0.5) * 0.01), t->tick);
    q->close_day = yesterday;
    if (i->kind == SIM_FUTURE || i->kind == SIM_OPTION) {
        q->settlement_price = q->close_price;
        q->settlement_day = yesterday;
        q->open_interest = (double)rng_below(&m->rng, 900000);
        q->trade_volume = 0; /* zero, not "no value" */
        t->money = 0;
    }
    sim_book_make(&m->rng, &m->universe[at], t->mid, &t->quote);
}

static void open_day(struct sim_market *m, int at, int64_t now_ns)
{
    enum sim_life life = m->universe[at].life;
    begin_day(m, at, now_ns);
    if (life != LIFE_ONE_SIDED && life != LIFE_EMPTY && m->universe[at].kind != SIM_INDEX)
        trade(m, at, now_ns);
}

/* The new day starts at the last price of the old one. */
static void next_day(struct sim_market *m, int at, int64_t now_ns)
{
    struct traded *t = &m->traded[at];
    double close = isnan(t->quote.last_price) ? t->mid : t->quote.last_price;
    double open_interest = t->quote.open_interest;
    m->universe[at].start_price = close;
    open_day(m, at, now_ns);
    if (!isnan(t->quote.close_price)) {
        t->quote.close_price = close;
        t->quote.open_interest = open_interest;
        if (t->quote.settlement_day != DAY_NONE)
            t->quote.settlement_price = close;
    }
    if (m->closed)
        sim_book_clear(&t->quote);
    note_change(m, at);
}

/* --- advancing -------------------------------------------------------------------------------- */

void sim_market_advance(struct sim_market *m, int64_t now_ns)
{
    int64_t since_ns = now_ns - m->last_ns;
    if (since_ns <= 0)
        return;
    m->last_ns = now_ns;
    for (int at = 0; m->day != art_day(now_ns) && at < m->count; at++)
        next_day(m, at, now_ns);
    m->day = art_day(now_ns);
    if (m->closed)
        return;
    if (since_ns > CATCH_UP_NS)
        since_ns = CATCH_UP_NS;
    m->owed += m->rate * (double)since_ns / (double)NS_PER_S;
    for (; m->owed >= 1 && m->lively_count; m->owed -= 1)
        change_one(m, now_ns);
}

void sim_market_set_rate(struct sim_market *m, double rate)
{
    m->rate = rate;
    m->owed = 0;
}

void sim_market_set_closed(struct sim_market *m, bool closed)
{
    for (int n = 0; closed != m->closed && n < m->lively_count; n++) {
        int at = m->lively[n];
        struct traded *t = &m->traded[at];
        if (m->universe[at].kind == SIM_INDEX)
            continue;
        if (closed)
            sim_book_clear(&t->quote);
        else
            sim_book_make(&m->rng, &m->universe[at], t->mid, &t->quote);
        note_change(m, at);
    }
    m->closed = closed;
}

bool sim_market_closed(const struct sim_market *m)
{
    return m->closed;
}

/* The prices go on from the last trade of each instrument. */
void sim_market_resume(struct sim_market *m, const struct sim_trade *trades, size_t count,
                       int64_t now_ns)
{
    for (int at = 0; at < m->count; at++) {
        sim_tape_finish(&m->traded[at].tape);
        begin_day(m, at, now_ns);
    }
    for (size_t n = 0; n < count; n++) {
        struct traded *t = &m->traded[trades[n].instrument];
        show_trade(m, trades[n].instrument, &trades[n].trade);
        t->mid = sim_book_on_grid(trades[n].trade.price, t->tick);
    }
    for (int n = 0; n < m->lively_count; n++) {
        int at = m->lively[n];
        if (m->universe[at].kind != SIM_INDEX)
            sim_book_make(&m->rng, &m->universe[at], m->traded[at].mid, &m->traded[at].quote);
    }
}

void sim_market_on_trade(struct sim_market *m, sim_trade_fn *fn, void *arg)
{
    m->on_trade = fn;
    m->on_trade_arg = arg;
}

void sim_market_watch(struct sim_market *m, sim_market_fn *fn, void *arg)
{
    int n = 0;
    while (n < SIM_MARKET_WATCHERS && m->watchers[n].fn)
        n++;
    if (n == SIM_MARKET_WATCHERS)
        abort();
    m->watchers[n] = (struct watcher){fn, arg};
}

void sim_market_unwatch(struct sim_market *m, const void *arg)
{
    for (int n = 0; n < SIM_MARKET_WATCHERS; n++) {
        if (m->watchers[n].arg == arg)
            m->watchers[n] = (struct watcher){0};
    }
}

double sim_market_money(const struct sim_market *m, int32_t instrument)
{
    return m->traded[instrument].money;
}

int64_t sim_market_version(const struct sim_market *m, int32_t instrument)
{
    return m->traded[instrument].version;
}

int64_t sim_market_changes(const struct sim_market *m)
{
    return m->changes;
}

static int open_market(struct sim_market *m, int64_t now_ns)
{
    for (int at = 0; at < m->count; at++) {
        if (market_add(m->index, m->universe[at].reference.market_id, m->universe[at].symbol) != at)
            return -EINVAL; /* duplicate symbol in the universe */
        open_day(m, at, now_ns);
        if (m->universe[at].life != LIFE_EMPTY)
            m->lively[m->lively_count++] = at;
    }
    return 0;
}

/* --- market source ---------------------------------------------------------------------------- */

static int32_t source_count(void *self)
{
    return ((struct sim_market *)self)->count;
}

static int32_t source_find(void *self, const char *market_id, const char *symbol)
{
    return market_find(((struct sim_market *)self)->index, market_id, symbol);
}

static const struct instrument *source_instrument(void *self, int32_t at)
{
    return &((struct sim_market *)self)->universe[at].reference;
}

static const struct quote *source_quote(void *self, int32_t at)
{
    return &((struct sim_market *)self)->traded[at].quote;
}

static enum encode_empty source_empty(void *self, int32_t at)
{
    return ((struct sim_market *)self)->universe[at].empty;
}

static void source_trades(void *self, const struct source_period *period, source_trade_fn *fn,
                          void *arg)
{
    sim_tape_each(&((struct sim_market *)self)->traded[period->instrument].tape, period, fn, arg);
}

/* As at a broker, most of them without instruments for this account (protocol section 6.1). */
static const struct market_segment segments[] = {
    {"ROFX", "DDF", 0, true},   {"ROFX", "DDA", 0, true},    {"ROFX", "DUAL", 0, true},
    {"ROFX", "MERV", 0, true},  {"ROFX", "RFXI", 0, true},   {"ROFX", "MAE", 0, true},
    {"ROFX", "MATBA", 0, true}, {"ROFX", "MVR", 0, true},    {"ROFX", "MVC", 0, true},
    {"ROFX", "MVM", 0, true},   {"ROFX", "TEST", 0, true},   {"ROFX", "U-DDF", 0, true},
    {"ROFX", "U-DDA", 0, true}, {"ROFX", "U-DUAL", 0, true}, {"ROFX", "UFEX", 0, true},
};
#define SEGMENTS (sizeof(segments) / sizeof(segments[0]))

static const struct market_segment *source_segments(void *self, size_t at)
{
    (void)self;
    return at < SEGMENTS ? &segments[at] : NULL;
}

static bool source_has_segment(void *self, const char *segment)
{
    (void)self;
    for (size_t i = 0; i < SEGMENTS; i++) {
        if (strcmp(segments[i].id, segment) == 0)
            return true;
    }
    return false;
}

const struct market_source *sim_market_source(const struct sim_market *m)
{
    return &m->source;
}

/* --- create and destroy ----------------------------------------------------------------------- */

int sim_market_create(struct sim_market **out, const struct sim_market_config *config,
                      int64_t now_ns, struct err *err)
{
    size_t count = (size_t)config->instruments;
    struct sim_market *m = calloc(1, sizeof(*m));
    if (!m)
        return err_set(err, -ENOMEM, "out of memory");
    m->rate = config->rate;
    m->rng.state = config->seed;
    m->last_ns = now_ns;
    m->day = art_day(now_ns);
    m->universe = calloc(count, sizeof(*m->universe));
    m->traded = calloc(count, sizeof(*m->traded));
    m->lively = calloc(count, sizeof(*m->lively));
    m->index = market_create(0);
    m->source = (struct market_source){.self = m,
                                       .count = source_count,
                                       .find = source_find,
                                       .instrument = source_instrument,
                                       .quote = source_quote,
                                       .empty = source_empty,
                                       .has_segment = source_has_segment,
                                       .segments = source_segments,
                                       .trades = source_trades};
    int rc = -ENOMEM;
    if (m->universe && m->traded && m->lively && m->index) {
        m->count = universe_make(m->universe, config->instruments, now_ns);
        rc = open_market(m, now_ns);
    }
    if (rc) {
        sim_market_destroy(m);
        return err_set(err, rc, "cannot create a market of %zu instruments", count);
    }
    *out = m;
    return 0;
}

void sim_market_destroy(struct sim_market *m)
{
    if (!m)
        return;
    for (int at = 0; m->traded && at < m->count; at++)
        sim_tape_finish(&m->traded[at].tape);
    free(m->universe);
    free(m->traded);
    free(m->lively);
    market_destroy(m->index);
    free(m);
}
