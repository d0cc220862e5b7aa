#include "sim/sim_market.h"

#include "support/t.h"

#include "base/clock.h"
#include "sim/universe.h"

#include <stdlib.h>

#define NOON_NS  (INT64_C(1795446000) * NS_PER_S) /* 2026-11-23 12:00 in Argentina */
#define MANY     400
#define DEPTH    5
#define INDEX_AT 6 /* I.RFX20 */

static struct sim_market *made(int instruments, double rate, uint64_t seed)
{
    struct sim_market_config config = {instruments, rate, seed};
    struct sim_market *market = NULL;
    struct err err = {0};
    if (sim_market_create(&market, &config, NOON_NS, &err))
        fail_msg("%s: %s", t_row_name, err.text);
    return market;
}

static const struct quote *quote_of(const struct sim_market *market, int32_t at)
{
    const struct market_source *source = sim_market_source(market);
    return source->quote(source->self, at);
}

static const struct instrument *instrument_of(const struct sim_market *market, int32_t at)
{
    const struct market_source *source = sim_market_source(market);
    return source->instrument(source->self, at);
}

/* --- invariants of quotes --------------------------------------------------------------------- */

static bool on_step(double value, double step)
{
    return fabs(remainder(value, step)) < step * 1e-6;
}

static void check_price(double price, double tick)
{
    t_true(isnan(price) || (isfinite(price) && price > 0));
    t_true(isnan(price) || on_step(price, tick));
}

static void check_side(const struct side *side, const struct instrument *i, int direction)
{
    t_true(side->count >= 0 && side->count <= DEPTH);
    for (int l = 0; l < side->count; l++) {
        const struct level *level = &side->level[l], *better = level - 1;
        check_price(level->price, i->price_tick);
        t_true(isfinite(level->size) && level->size > 0);
        t_true(on_step(level->size, i->size_step));
        if (l == 0)
            continue;
        t_true((level->price - better->price) * direction >= 0);
        t_true(level->price != better->price || level->size == better->size); /* a repeated level */
    }
    for (int l = side->count; l < QUOTE_DEPTH_MAX; l++)
        t_true(side->level[l].price == 0 && side->level[l].size == 0);
}

static void check_day(const struct quote *q)
{
    t_true(isnan(q->last_price) == isnan(q->last_size));
    t_true(isnan(q->last_price) == isnan(q->open_price));
    t_true(isnan(q->last_price) == isnan(q->high_price));
    t_true(isnan(q->last_price) == isnan(q->low_price));
    t_true(isnan(q->last_price) == (q->ts_last == 0));
    if (isnan(q->last_price))
        return;
    t_true(q->last_size > 0);
    t_true(q->low_price <= q->last_price && q->last_price <= q->high_price);
    t_true(q->low_price <= q->open_price && q->open_price <= q->high_price);
}

static void check_quote(const struct quote *q, const struct instrument *i, int64_t now_ns)
{
    const double prices[] = {q->last_price,  q->open_price,       q->high_price, q->low_price,
                             q->close_price, q->settlement_price, q->index_value};
    t_row(i->symbol);
    for (size_t p = 0; p < T_COUNT(prices); p++)
        check_price(prices[p], i->price_tick);
    check_side(&q->bids, i, -1);
    check_side(&q->offers, i, 1);
    if (q->bids.count && q->offers.count)
        t_true(q->bids.level[0].price < q->offers.level[0].price);
    check_day(q);
    t_true(q->ts_last <= now_ns && q->ts_event <= now_ns);
    t_true(q->ts_last % NS_PER_MS == 0 && q->ts_event % NS_PER_MS == 0);
    t_true(isnan(q->auction_price));
}

/* NAN means no value yet: then any value may follow. */
static bool fell(double before, double now)
{
    return !isnan(before) && !(now >= before);
}

static void check_volumes(const struct quote *before, const struct quote *q)
{
    t_true(!fell(before->trade_volume, q->trade_volume));
    t_true(!fell(before->nominal_volume, q->nominal_volume));
    t_true(!fell(before->effective_volume, q->effective_volume));
    t_true(!fell(before->high_price, q->high_price));
    t_true(!fell(-before->low_price, -q->low_price));
    t_true(q->ts_last >= before->ts_last && q->ts_event >= before->ts_event);
    t_true(isnan(q->trade_volume) || isnan(q->nominal_volume)); /* one per market */
}

static void stays_plausible_for_ten_thousand_seconds(void **state)
{
    enum { ITEMS = 100, RATE = 40, SECONDS = 10000 };
    static struct quote before[ITEMS];
    (void)state;
    struct sim_market *market = made(ITEMS, RATE, 1);
    for (int at = 0; at < ITEMS; at++)
        before[at] = *quote_of(market, at);
    for (int second = 1; second <= SECONDS; second++) {
        int64_t now_ns = NOON_NS + second * NS_PER_S;
        sim_market_advance(market, now_ns);
        for (int at = 0; at < ITEMS; at++) {
            const struct quote *q = quote_of(market, at);
            check_quote(q, instrument_of(market, at), now_ns);
            check_volumes(&before[at], q);
            before[at] = *q;
        }
    }
    t_row("changes");
    t_true(llabs(sim_market_changes(market) - RATE * SECONDS) < RATE * SECONDS / 5);
    sim_market_destroy(market);
}

static void quotes_are_plausible_at_the_start(void **state)
{
    (void)state;
    struct sim_market *market = made(UNIVERSE_MAX, 20, 1);
    for (int at = 0; at < UNIVERSE_MAX; at++)
        check_quote(quote_of(market, at), instrument_of(market, at), NOON_NS);
    sim_market_destroy(market);
}

static void changes_continue_after_midnight(void **state)
{
    (void)state;
    struct sim_market *market = made(MANY, 1000, 3);
    for (int hour = 1; hour <= 24 * 40; hour++) {
        int64_t now_ns = NOON_NS + hour * 3600 * NS_PER_S;
        sim_market_advance(market, now_ns);
        for (int at = 0; at < MANY; at++)
            check_quote(quote_of(market, at), instrument_of(market, at), now_ns);
    }
    sim_market_destroy(market);
}

static void a_new_day_begins_with_the_last_prices(void **state)
{
    (void)state;
    struct sim_market *market = made(INDEX_AT + 1, 50, 1);
    const struct market_source *source = sim_market_source(market);
    int32_t at = source->find(source->self, "ROFX", "DLR/NOV26");
    for (int second = 1; second <= 600; second++)
        sim_market_advance(market, NOON_NS + second * NS_PER_S);
    const struct quote *q = quote_of(market, at);
    double last = q->last_price, volume = q->trade_volume, interest = q->open_interest;
    t_true(volume > 0);
    t_int(q->close_day, art_day(NOON_NS) - 1);

    sim_market_advance(market, NOON_NS + NS_PER_DAY);
    t_double(q->close_price, last);
    t_double(q->settlement_price, last);
    t_double(q->open_interest, interest);
    t_int(q->close_day, art_day(NOON_NS));
    t_true(q->trade_volume < volume);
    sim_market_destroy(market);
}

/* --- kinds and activity ----------------------------------------------------------------------- */

static bool mute(const struct quote *q)
{
    const struct quote none = quote_none();
    return quote_diff(q, &none, ENTRY_ALL) == 0;
}

static void books_have_levels_according_to_their_life(void **state)
{
    int mutes = 0, one_sided = 0, thin = 0, full = 0;
    struct sim_instrument *universe = calloc(MANY, sizeof(*universe));
    (void)state;
    t_int(universe_make(universe, MANY, NOON_NS), MANY);
    struct sim_market *market = made(MANY, 200, 1);
    for (int second = 1; second <= 100; second++)
        sim_market_advance(market, NOON_NS + second * NS_PER_S);
    for (int at = 0; at < MANY; at++) {
        const struct quote *q = quote_of(market, at);
        t_row(universe[at].symbol);
        t_str(instrument_of(market, at)->symbol, universe[at].symbol);
        if (universe[at].kind == SIM_INDEX)
            continue;
        t_true(mute(q) == (universe[at].life == LIFE_EMPTY));
        t_true(q->bids.count > 0 || universe[at].life == LIFE_EMPTY);
        t_true((q->offers.count > 0) ==
               (universe[at].life == LIFE_THIN || universe[at].life == LIFE_FULL));
        t_true(universe[at].life == LIFE_FULL || q->bids.count <= 3);
        mutes += mute(q);
        one_sided += q->bids.count && !q->offers.count;
        thin += q->offers.count == 1;
        full += q->bids.count >= 3 && q->offers.count >= 3;
    }
    t_row("number of instruments per life");
    t_true(mutes > MANY / 5 && mutes < MANY / 2);
    t_true(one_sided > MANY / 20);
    t_true(thin > MANY / 40);
    t_true(full > MANY / 20);
    sim_market_destroy(market);
    free(universe);
}

static void an_index_has_only_its_value(void **state)
{
    (void)state;
    struct sim_market *market = made(INDEX_AT + 1, 100, 1);
    const struct quote none = quote_none();
    double first = quote_of(market, INDEX_AT)->index_value;
    t_str(instrument_of(market, INDEX_AT)->symbol, "I.RFX20");
    t_int(quote_of(market, INDEX_AT)->ts_event, NOON_NS);
    for (int second = 1; second <= 60; second++)
        sim_market_advance(market, NOON_NS + second * NS_PER_S);
    const struct quote *q = quote_of(market, INDEX_AT);
    t_int(quote_diff(q, &none, ENTRY_ALL), ENTRY_BIT(ENTRY_IV));
    t_true(q->index_value != first && fabs(q->index_value / first - 1) < 0.1);
    t_true(q->ts_event > NOON_NS);
    sim_market_destroy(market);
}

static void each_kind_has_its_entries(void **state)
{
    static const struct row {
        const char *symbol;
        uint32_t never; /* entries that it must not have */
        bool whole_seconds;
    } rows[] = {
        /* clang-format off */
        {"DLR/NOV26",                 ENTRY_BIT(ENTRY_EV) | ENTRY_BIT(ENTRY_NV) | ENTRY_BIT(ENTRY_IV) |
                                      ENTRY_BIT(ENTRY_ACP), false},
        {"MERV - XMEV - AL30 - 24hs", ENTRY_BIT(ENTRY_TV) | ENTRY_BIT(ENTRY_OI) | ENTRY_BIT(ENTRY_SE) |
                                      ENTRY_BIT(ENTRY_IV) | ENTRY_BIT(ENTRY_ACP), true},
        {"MERV - XMEV - GGAL - 24hs", ENTRY_BIT(ENTRY_TV) | ENTRY_BIT(ENTRY_OI) | ENTRY_BIT(ENTRY_SE) |
                                      ENTRY_BIT(ENTRY_IV) | ENTRY_BIT(ENTRY_ACP), true},
        {"MERV - XMEV - PESOS - 1D",  ENTRY_BIT(ENTRY_TV) | ENTRY_BIT(ENTRY_OI) | ENTRY_BIT(ENTRY_SE) |
                                      ENTRY_BIT(ENTRY_IV) | ENTRY_BIT(ENTRY_ACP) | ENTRY_BIT(ENTRY_EV) |
                                      ENTRY_BIT(ENTRY_NV), true},
        /* clang-format on */
    };
    (void)state;
    struct sim_market *market = made(INDEX_AT + 1, 100, 1);
    const struct market_source *source = sim_market_source(market);
    const struct quote none = quote_none();
    for (int n = 1; n <= 600; n++)
        sim_market_advance(market, NOON_NS + n * 137 * NS_PER_MS);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].symbol);
        int32_t at = source->find(source->self, "ROFX", rows[i].symbol);
        t_true(at >= 0);
        const struct quote *q = quote_of(market, at);
        t_int(quote_diff(q, &none, ENTRY_ALL), ENTRY_ALL & ~rows[i].never);
        t_true((q->ts_last % NS_PER_S == 0) == rows[i].whole_seconds);
        t_int(q->close_day, art_day(NOON_NS) - 1);
    }
    sim_market_destroy(market);
}

/* --- rate ------------------------------------------------------------------------------------- */

static void rates(void **state)
{
    static const struct row {
        const char *name;
        double rate;
        int64_t step_ms, steps;
        double changes;
    } rows[] = {
        /* clang-format off */
        {"none at all",        0,      1000,  100, 0},
        {"one in two seconds", 0.5,    100,   1000, 50},
        {"twenty",             20,     7,     10000, 1400},
        {"a thousand",         1000,   3,     10000, 30000},
        {"steps of 5 s",       10,     5000,  100, 5000},
        {"at most 5 s of changes", 10, 6000, 100, 5000},
        {"an hour between two calls", 10, 3600000, 1, 50},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct sim_market *market = made(50, rows[i].rate, 1);
        for (int64_t n = 1; n <= rows[i].steps; n++)
            sim_market_advance(market, NOON_NS + n * rows[i].step_ms * NS_PER_MS);
        double changes = (double)sim_market_changes(market);
        t_true(fabs(changes - rows[i].changes) <= 1);
        sim_market_destroy(market);
    }
}

static void changes_update_the_version(void **state)
{
    enum { ITEMS = 60, STEPS = 3000 };
    static struct quote before[ITEMS];
    static int seen[ITEMS];
    int all = 0;
    (void)state;
    struct sim_market *market = made(ITEMS, 20, 9);
    for (int at = 0; at < ITEMS; at++)
        before[at] = *quote_of(market, at);
    for (int n = 1; n <= STEPS; n++) { /* one change per step */
        sim_market_advance(market, NOON_NS + n * 50 * NS_PER_MS);
        for (int at = 0; at < ITEMS; at++) {
            const struct quote *q = quote_of(market, at);
            int differs = quote_diff(q, &before[at], ENTRY_ALL) != 0;
            seen[at] += differs;
            all += differs;
            before[at] = *q;
        }
    }
    t_int(sim_market_changes(market), STEPS);
    t_true(all > STEPS * 4 / 5 && all <= STEPS);
    for (int at = 0; at < ITEMS; at++) {
        t_row(instrument_of(market, at)->symbol);
        t_true((seen[at] > 0) == !mute(&before[at]));
    }
    sim_market_destroy(market);
}

static void no_changes_when_time_stops_or_goes_back(void **state)
{
    (void)state;
    struct sim_market *market = made(50, 1000, 1);
    sim_market_advance(market, NOON_NS);
    t_int(sim_market_changes(market), 0);
    sim_market_advance(market, NOON_NS + NS_PER_S);
    t_int(sim_market_changes(market), 1000);
    sim_market_advance(market, NOON_NS + NS_PER_S);
    sim_market_advance(market, NOON_NS - NS_PER_DAY);
    t_int(sim_market_changes(market), 1000);
    sim_market_advance(market, NOON_NS + 2 * NS_PER_S);
    t_int(sim_market_changes(market), 2000);
    sim_market_destroy(market);
}

static uint32_t differing(const struct sim_market *a, const struct sim_market *b, int items)
{
    uint32_t all = 0;
    for (int at = 0; at < items; at++)
        all |= quote_diff(quote_of(a, at), quote_of(b, at), ENTRY_ALL);
    return all;
}

static void the_same_seed_gives_the_same_market(void **state)
{
    (void)state;
    struct sim_market *a = made(MANY, 300, 42), *b = made(MANY, 300, 42), *c = made(MANY, 300, 43);
    t_int(differing(a, b, MANY), 0);
    t_true(differing(a, c, MANY) != 0);
    for (int n = 1; n <= 300; n++) {
        int64_t now_ns = NOON_NS + n * 333 * NS_PER_MS;
        sim_market_advance(a, now_ns);
        sim_market_advance(b, now_ns);
        t_int(differing(a, b, MANY), 0);
    }
    sim_market_destroy(a);
    sim_market_destroy(b);
    sim_market_destroy(c);
}

/* --- market source ---------------------------------------------------------------------------- */

static void instruments_are_found_by_name(void **state)
{
    (void)state;
    struct sim_market *market = made(MANY, 20, 1);
    const struct market_source *source = sim_market_source(market);
    t_int(source->count(source->self), MANY);
    for (int32_t at = 0; at < MANY; at++) {
        const struct instrument *i = source->instrument(source->self, at);
        t_row(i->symbol);
        t_int(source->find(source->self, i->market_id, i->symbol), at);
        t_int(source->find(source->self, "MERV", i->symbol), -1);
        enum encode_empty empty = source->empty(source->self, at);
        t_true(empty == EMPTY_NULL || empty == EMPTY_LIST || empty == EMPTY_ABSENT);
    }
    t_row("unknown");
    t_int(source->find(source->self, "ROFX", "FOO/BAR"), -1);
    t_int(source->find(source->self, "ROFX", ""), -1);
    sim_market_destroy(market);
}

struct told {
    int count;
    double volume;
    struct source_trade first, last;
};

static void on_trade(void *arg, const struct source_trade *trade)
{
    struct told *told = arg;
    t_true(trade->price > 0 && trade->size > 0);
    t_true(told->count == 0 || trade->ts >= told->last.ts);
    if (told->count++ == 0)
        told->first = *trade;
    told->last = *trade;
    told->volume += trade->size;
}

static struct told trades_of(const struct sim_market *market, int32_t at, int64_t from, int64_t to)
{
    const struct market_source *source = sim_market_source(market);
    struct told told = {0};
    source->trades(source->self, &(struct source_period){at, from, to}, on_trade, &told);
    return told;
}

static void the_last_trade_matches_the_quote(void **state)
{
    (void)state;
    struct sim_market *market = made(MANY, 500, 1);
    for (int second = 1; second <= 600; second++)
        sim_market_advance(market, NOON_NS + second * NS_PER_S);
    for (int32_t at = 0; at < MANY; at++) {
        const struct quote *q = quote_of(market, at);
        struct told told = trades_of(market, at, 0, INT64_MAX);
        t_row(instrument_of(market, at)->symbol);
        t_true((told.count > 0) == !isnan(q->last_price));
        if (told.count == 0)
            continue;
        t_double(told.last.price, q->last_price);
        t_double(told.last.size, q->last_size);
        /* The quotes of BYMA have whole seconds, the list never. */
        bool byma = strstr(instrument_of(market, at)->symbol, " - ");
        t_int(byma ? told.last.ts / NS_PER_S * NS_PER_S : told.last.ts, q->ts_last);
    }
    sim_market_destroy(market);
}

/* A list of trades has all that the quote's volume is made of, and the newest 65536 of them. */
static void trades_make_the_volume(void **state)
{
    (void)state;
    struct sim_market *market = made(MANY, 5000, 1);
    for (int second = 1; second <= 60; second++)
        sim_market_advance(market, NOON_NS + second * NS_PER_S);
    int compared = 0;
    for (int32_t at = 0; at < MANY; at++) {
        const struct quote *q = quote_of(market, at);
        double volume = isnan(q->trade_volume) ? q->nominal_volume : q->trade_volume;
        struct told told = trades_of(market, at, 0, INT64_MAX);
        t_row(instrument_of(market, at)->symbol);
        if (isnan(volume))
            continue;
        compared += told.count > 1;
        t_true(fabs(told.volume - volume) <= volume * 1e-12);
    }
    t_true(compared > 10);
    sim_market_destroy(market);
}

static void trades_are_limited_and_selected_by_time(void **state)
{
    (void)state;
    struct sim_market *market = made(1, 3000, 1);
    for (int second = 1; second <= 100; second++)
        sim_market_advance(market, NOON_NS + second * NS_PER_S);
    struct told all = trades_of(market, 0, 0, INT64_MAX);
    t_int(all.count, 65536); /* the newest of about 75000 */
    t_true(all.first.ts > NOON_NS);
    struct told before = trades_of(market, 0, 0, all.last.ts);
    struct told after = trades_of(market, 0, all.last.ts, all.last.ts + 1);
    t_true(before.count > 0 && after.count > 0);
    t_int(before.count + after.count, all.count);
    t_int(trades_of(market, 0, all.last.ts + 1, INT64_MAX).count, 0);
    t_int(trades_of(market, 0, all.last.ts, all.first.ts).count, 0);
    sim_market_destroy(market);
}

static void a_market_of_one_instrument(void **state)
{
    (void)state;
    struct sim_market *market = made(1, 20, 1);
    sim_market_advance(market, NOON_NS + NS_PER_S);
    t_int(sim_market_changes(market), 20);
    check_quote(quote_of(market, 0), instrument_of(market, 0), NOON_NS + NS_PER_S);
    sim_market_destroy(market);
    sim_market_destroy(NULL);
}

/* Row names point to symbols that are freed at the end of the test. */
static int forget_row(void **state)
{
    (void)state;
    t_row("");
    return 0;
}

static void a_closed_market(void **state)
{
    struct sim_market *market = made(7, 100, 1);
    (void)state;
    int64_t now_ns = NOON_NS + NS_PER_S;
    sim_market_advance(market, now_ns);
    int64_t changes = sim_market_changes(market), version = sim_market_version(market, 0);
    struct quote before = *quote_of(market, 0);
    t_true(before.bids.count && !sim_market_closed(market));
    sim_market_set_closed(market, true);
    t_true(sim_market_closed(market) && sim_market_version(market, 0) == version + 1);
    sim_market_set_closed(market, true); /* again: nothing changes */
    sim_market_advance(market, now_ns += NS_PER_S);
    t_int(sim_market_changes(market), changes);
    t_int(sim_market_version(market, 0), version + 1);
    t_int(quote_diff(&before, quote_of(market, 0), ENTRY_ALL),
          ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF));
    t_int(quote_of(market, 0)->bids.count + quote_of(market, 0)->offers.count, 0);
    sim_market_advance(market, now_ns += NS_PER_DAY); /* the next day */
    t_int(quote_of(market, 0)->bids.count, 0);
    sim_market_set_closed(market, false);
    t_true(quote_of(market, 0)->bids.count && quote_of(market, 0)->offers.count);
    sim_market_advance(market, now_ns + NS_PER_S);
    t_true(sim_market_changes(market) > changes);
    sim_market_destroy(market);
}

static void the_money_of_a_future(void **state)
{
    struct sim_market *market = made(7, 0, 1);
    const struct quote *q = quote_of(market, 0);
    (void)state;
    t_double(sim_market_money(market, 0), q->trade_volume * q->last_price * 1000);
    t_double(sim_market_money(market, 2), NAN); /* a bond: it is in the quote */
    sim_market_destroy(market);
}

static int watched[2];

static void on_change(void *arg, int32_t instrument)
{
    (void)instrument;
    ++*(int *)arg;
}

static void each_watcher_is_told(void **state)
{
    struct sim_market *market = made(7, 100, 1);
    (void)state;
    sim_market_watch(market, on_change, &watched[0]);
    sim_market_watch(market, on_change, &watched[1]);
    sim_market_advance(market, NOON_NS + NS_PER_S);
    t_true(watched[0] > 90 && watched[0] == watched[1]);
    sim_market_unwatch(market, &watched[0]);
    sim_market_advance(market, NOON_NS + 2 * NS_PER_S);
    t_true(watched[1] > watched[0] + 90);
    sim_market_watch(market, on_change, &watched[0]); /* there is room again */
    sim_market_destroy(market);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup(test, forget_row)
    const struct CMUnitTest tests[] = {
        TEST(stays_plausible_for_ten_thousand_seconds),
        TEST(quotes_are_plausible_at_the_start),
        TEST(changes_continue_after_midnight),
        TEST(a_new_day_begins_with_the_last_prices),
        TEST(books_have_levels_according_to_their_life),
        TEST(an_index_has_only_its_value),
        TEST(each_kind_has_its_entries),
        TEST(rates),
        TEST(changes_update_the_version),
        TEST(no_changes_when_time_stops_or_goes_back),
        TEST(the_same_seed_gives_the_same_market),
        TEST(instruments_are_found_by_name),
        TEST(the_last_trade_matches_the_quote),
        TEST(trades_make_the_volume),
        TEST(trades_are_limited_and_selected_by_time),
        TEST(a_market_of_one_instrument),
        cmocka_unit_test(a_closed_market),
        cmocka_unit_test(the_money_of_a_future),
        cmocka_unit_test(each_watcher_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
