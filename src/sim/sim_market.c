#include "sim/sim_market.h"

#include "base/clock.h"
#include "base/rng.h"
#include "market/market.h"
#include "sim/universe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TAPE_TRADES 128
#define CATCH_UP_NS (5 * NS_PER_S)
#define LEVELS      5

struct tape {
    struct source_trade trades[TAPE_TRADES]; /* ring buffer; the oldest is overwritten */
    int64_t count;                           /* trades since the start */
};

struct traded {
    struct quote quote;
    double mid; /* a multiple of the tick */
    double tick;
    struct tape *tape; /* NULL until the first trade */
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
    sim_market_fn *on_change; /* NULL: nobody */
    void *arg;
};

/* --- books ------------------------------------------------------------------------------------ */

static double on_grid(double price, double tick)
{
    double steps = (double)(int64_t)(price / tick + 0.5);
    /* For ticks below 1, 1/tick is an integer: dividing by it gives 27.5, not 27.500000001. */
    return tick < 1 ? steps / (double)(int64_t)(1 / tick + 0.5) : steps * tick;
}

static double some_size(struct sim_market *m, const struct sim_instrument *i)
{
    double size = i->typical_size * (0.05 + rng_unit(&m->rng) * rng_unit(&m->rng) * 3);
    if (i->kind == SIM_REPO)
        return (double)(int64_t)(size * 100 + 1) / 100; /* cents */
    return (double)(int64_t)(size + 1);
}

static int some_levels(struct sim_market *m, const struct sim_instrument *i)
{
    return i->life == LIFE_FULL ? LEVELS : 1 + (int)rng_below(&m->rng, 2);
}

static void fill_side(struct sim_market *m, int at, struct side *side, double best, double step)
{
    const struct sim_instrument *i = &m->universe[at];
    double tick = m->traded[at].tick;
    int wanted = some_levels(m, i);
    memset(side, 0, sizeof(*side));
    for (int l = 0; l < wanted; l++) {
        double price = on_grid(best + step * l * (1 + (double)rng_below(&m->rng, 2)), tick);
        if (price <= 0 || (l && (price - side->level[side->count - 1].price) * step <= 0))
            continue; /* each level is worse than the one before */
        side->level[side->count++] = (struct level){price, some_size(m, i)};
    }
    /* Brokers sometimes repeat a level. */
    if (side->count >= 2 && side->count < LEVELS && rng_below(&m->rng, 40) == 0) {
        side->level[side->count] = side->level[side->count - 1];
        side->count++;
    }
}

static void rebuild_book(struct sim_market *m, int at)
{
    struct traded *t = &m->traded[at];
    enum sim_life life = m->universe[at].life;
    double half = t->tick * (1 + (double)rng_below(&m->rng, life == LIFE_FULL ? 2 : 6));
    fill_side(m, at, &t->quote.bids, t->mid - half, -t->tick);
    if (life == LIFE_ONE_SIDED)
        memset(&t->quote.offers, 0, sizeof(t->quote.offers));
    else
        fill_side(m, at, &t->quote.offers, t->mid + half, t->tick);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void remember(struct traded *t, double price, double size, int64_t ts)
{
    if (!t->tape)
        t->tape = calloc(1, sizeof(*t->tape));
    if (t->tape)
        t->tape->trades[t->tape->count++ % TAPE_TRADES] = (struct source_trade){price, size, ts};
}

static double plus(double volume, double more)
{
    return isnan(volume) ? more : volume + more;
}

static void count_volume(const struct sim_instrument *i, struct quote *q, double price, double size)
{
    if (i->kind == SIM_FUTURE || i->kind == SIM_OPTION) {
        q->trade_volume = plus(q->trade_volume, size);
    } else if (i->kind != SIM_REPO) {
        q->nominal_volume = plus(q->nominal_volume, size);
        q->effective_volume = plus(q->effective_volume, price * size * i->reference.price_factor);
    }
}

static void trade(struct sim_market *m, int at, int64_t now_ns)
{
    struct traded *t = &m->traded[at];
    struct quote *q = &t->quote;
    const struct sim_instrument *i = &m->universe[at];
    const struct side *side = q->offers.count && rng_below(&m->rng, 2) ? &q->offers : &q->bids;
    if (side->count == 0)
        return;
    bool byma = i->kind != SIM_FUTURE && i->kind != SIM_OPTION;
    double size = some_size(m, i);
    q->last_price = side->level[0].price;
    q->last_size = size;
    q->ts_last = now_ns / NS_PER_MS * NS_PER_MS;
    if (byma) /* has whole seconds only */
        q->ts_last = now_ns / NS_PER_S * NS_PER_S;
    if (isnan(q->open_price))
        q->open_price = q->last_price;
    q->high_price = isnan(q->high_price) ? q->last_price : fmax(q->high_price, q->last_price);
    q->low_price = isnan(q->low_price) ? q->last_price : fmin(q->low_price, q->last_price);
    count_volume(i, q, q->last_price, size);
    remember(t, q->last_price, size, q->ts_last);
}

static void move_index(struct sim_market *m, int at, int64_t now_ns)
{
    struct traded *t = &m->traded[at];
    t->mid = on_grid(t->mid * (1 + (rng_unit(&m->rng) - 0.5) * 0.001), t->tick);
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
        t->mid = on_grid(t->mid + step, t->tick);
    rebuild_book(m, at);
}

static void change_size(struct sim_market *m, int at)
{
    struct traded *t = &m->traded[at];
    struct side *side =
        rng_below(&m->rng, 2) && t->quote.offers.count ? &t->quote.offers : &t->quote.bids;
    if (side->count)
        side->level[0].size = some_size(m, &m->universe[at]);
}

static void note_change(struct sim_market *m, int at)
{
    m->traded[at].version++;
    if (m->on_change)
        m->on_change(m->arg, at);
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
static void open_day(struct sim_market *m, int at, int64_t now_ns)
{
    const struct sim_instrument *i = &m->universe[at];
    struct traded *t = &m->traded[at];
    int32_t yesterday = (int32_t)art_day(now_ns) - 1;
    struct quote *q = &t->quote;

    t->tick = i->reference.price_tick;
    t->mid = on_grid(i->start_price, t->tick);
    *q = quote_none();
    if (i->life == LIFE_EMPTY)
        return;
    if (i->kind == SIM_INDEX) {
        move_index(m, at, now_ns);
        return;
    }
    q->close_price = on_grid(i->start_price * (1 + (rng_unit(&m->rng) - 0.5) * 0.01), t->tick);
    q->close_day = yesterday;
    if (i->kind == SIM_FUTURE || i->kind == SIM_OPTION) {
        q->settlement_price = q->close_price;
        q->settlement_day = yesterday;
        q->open_interest = (double)rng_below(&m->rng, 900000);
        q->trade_volume = 0; /* zero, not "no value" */
    }
    rebuild_book(m, at);
    if (i->life != LIFE_ONE_SIDED)
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

void sim_market_on_change(struct sim_market *m, sim_market_fn *fn, void *arg)
{
    m->on_change = fn;
    m->arg = arg;
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
    const struct tape *tape = ((struct sim_market *)self)->traded[period->instrument].tape;
    int64_t first = tape && tape->count > TAPE_TRADES ? tape->count - TAPE_TRADES : 0;
    for (int64_t n = first; tape && n < tape->count; n++) {
        const struct source_trade *t = &tape->trades[n % TAPE_TRADES];
        if (t->ts >= period->from && t->ts < period->to)
            fn(arg, t);
    }
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
        free(m->traded[at].tape);
    free(m->universe);
    free(m->traded);
    free(m->lively);
    market_destroy(m->index);
    free(m);
}
