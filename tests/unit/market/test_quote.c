#include "support/t.h"

#include "market/quote.h"

static void no_value_is_not_zero(void **state)
{
    (void)state;
    struct quote q = quote_none();
    const double values[] = {q.last_price,   q.last_size,      q.open_price,       q.high_price,
                             q.low_price,    q.close_price,    q.settlement_price, q.open_interest,
                             q.trade_volume, q.nominal_volume, q.effective_volume, q.index_value,
                             q.auction_price};
    for (size_t i = 0; i < T_COUNT(values); i++)
        t_double(values[i], NAN);
    t_int(q.bids.count, 0);
    t_int(q.offers.count, 0);
    t_int(q.ts_last, 0);
    t_int(q.ts_event, 0);
    t_int(q.close_day, DAY_NONE);
    t_int(q.settlement_day, DAY_NONE);
}

static struct quote full(void)
{
    struct quote q = quote_none();
    q.bids = (struct side){2, {{1601.5, 12}, {1601, NAN}}};
    q.offers = (struct side){1, {{1602.5, 35}}};
    q.last_price = 1602;
    q.last_size = 5;
    q.ts_last = 1000;
    q.open_price = 1598;
    q.close_price = 1597.5;
    q.close_day = 20775;
    q.settlement_price = 1597;
    q.settlement_day = 20775;
    q.high_price = 1604.5;
    q.low_price = 1596.5;
    q.trade_volume = 45120;
    q.open_interest = 812345;
    q.effective_volume = 5.2e12;
    q.nominal_volume = 7;
    q.index_value = 8;
    q.auction_price = 9;
    return q;
}

struct change {
    const char *name;
    enum entry entry;
    void (*apply)(struct quote *q);
};

#define CHANGE(fn, statement)                                                                      \
    static void fn(struct quote *q)                                                                \
    {                                                                                              \
        statement;                                                                                 \
    }
CHANGE(bid_price, q->bids.level[1].price = 1600)
CHANGE(bid_size, q->bids.level[0].size = 13)
CHANGE(bid_size_known, q->bids.level[1].size = 1)
CHANGE(bid_removed, q->bids.count = 1)
CHANGE(offer_price, q->offers.level[0].price = 1602)
CHANGE(last_price, q->last_price = 1602.5)
CHANGE(last_size, q->last_size = 6)
CHANGE(last_time, q->ts_last++)
CHANGE(last_removed, q->last_price = NAN)
CHANGE(open_price, q->open_price = 1)
CHANGE(close_price, q->close_price = 1)
CHANGE(close_day, q->close_day++)
CHANGE(settlement_price, q->settlement_price = 1)
CHANGE(settlement_day, q->settlement_day = DAY_NONE)
CHANGE(high_price, q->high_price = 1)
CHANGE(low_price, q->low_price = 1)
CHANGE(trade_volume, q->trade_volume = 0)
CHANGE(open_interest, q->open_interest = NAN)
CHANGE(effective_volume, q->effective_volume += 0.01)
CHANGE(nominal_volume, q->nominal_volume = 1)
CHANGE(index_value, q->index_value = 1)
CHANGE(auction_price, q->auction_price = NAN)

static const struct change changes[] = {
    /* clang-format off */
    {"a bid's price",       ENTRY_BI,  bid_price},
    {"a bid's size",        ENTRY_BI,  bid_size},
    {"a bid's size, unknown before", ENTRY_BI, bid_size_known},
    {"a bid removed",          ENTRY_BI,  bid_removed},
    {"an offer's price",    ENTRY_OF,  offer_price},
    {"the last price",      ENTRY_LA,  last_price},
    {"the last size",       ENTRY_LA,  last_size},
    {"the last time alone", ENTRY_LA,  last_time},
    {"last removed",    ENTRY_LA,  last_removed},
    {"open",                ENTRY_OP,  open_price},
    {"close",               ENTRY_CL,  close_price},
    {"the day of the close", ENTRY_CL, close_day},
    {"settlement",          ENTRY_SE,  settlement_price},
    {"the day of the settlement", ENTRY_SE, settlement_day},
    {"high",                ENTRY_HI,  high_price},
    {"low",                 ENTRY_LO,  low_price},
    {"volume",              ENTRY_TV,  trade_volume},
    {"open interest removed",  ENTRY_OI,  open_interest},
    {"a cent in 5.2e12",    ENTRY_EV,  effective_volume},
    {"nominal volume",      ENTRY_NV,  nominal_volume},
    {"index",               ENTRY_IV,  index_value},
    {"auction removed",        ENTRY_ACP, auction_price},
    /* clang-format on */
};

static void diff_names_what_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(changes); i++) {
        struct quote a = full(), b = full();
        t_row(changes[i].name);
        changes[i].apply(&b);
        t_int(quote_diff(&a, &b, ENTRY_ALL), ENTRY_BIT(changes[i].entry));
        t_int(quote_diff(&b, &a, ENTRY_ALL), ENTRY_BIT(changes[i].entry));
        t_int(quote_diff(&a, &b, ENTRY_ALL & ~ENTRY_BIT(changes[i].entry)), 0);
    }
}

static void copy_takes_only_the_given_entries(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(changes); i++) {
        uint32_t bit = ENTRY_BIT(changes[i].entry);
        struct quote to = full(), from = full();
        t_row(changes[i].name);
        changes[i].apply(&from);
        quote_copy(&to, &from, ENTRY_ALL & ~bit);
        t_int(quote_diff(&to, &from, ENTRY_ALL), bit);
        quote_copy(&to, &from, bit);
        t_int(quote_diff(&to, &from, ENTRY_ALL), 0);
    }
}

static void equal_quotes_do_not_differ(void **state)
{
    (void)state;
    struct quote a = full(), b = full(), none = quote_none(), none_too = quote_none();
    t_row("equal");
    t_int(quote_diff(&a, &b, ENTRY_ALL), 0);
    t_row("NAN equals NAN");
    t_int(quote_diff(&none, &none_too, ENTRY_ALL), 0);
    t_row("the time of the message is not compared");
    b.ts_event = 77;
    t_int(quote_diff(&a, &b, ENTRY_ALL), 0);
    t_row("levels beyond the count are not compared");
    b.offers.level[1].price = 5;
    t_int(quote_diff(&a, &b, ENTRY_ALL), 0);
    t_row("everything");
    t_int(quote_diff(&a, &none, ENTRY_ALL), ENTRY_ALL);
}

/* What the browser terminal says of a trade, and what the API says of it. */
static void the_same_trade_less_exactly(void **state)
{
    (void)state;
    const int64_t s = INT64_C(1000000000), at = 1700000000 * s;
    static const double none = NAN;
    const struct {
        const char *name;
        double price, size;
        int64_t ts;
        bool same;
    } rows[] = {
        {"no size, whole seconds", 100, none, at, true},
        {"no size, no time", 100, none, 0, true},
        {"no size, another second", 100, none, at + s, false},
        {"no size, another price", 101, none, at, false},
        {"as exact, another millisecond", 100, 5, at, false},
        {"as exact, another size", 100, 6, at + 123 * s / 1000, false},
        {"equal", 100, 5, at + 123 * s / 1000, true},
    };
    struct quote exact = quote_none();
    exact.last_price = 100;
    exact.last_size = 5;
    exact.ts_last = at + 123 * s / 1000;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote q = quote_none();
        t_row(rows[i].name);
        q.last_price = rows[i].price;
        q.last_size = rows[i].size;
        q.ts_last = rows[i].ts;
        t_int(quote_diff(&exact, &q, ENTRY_ALL), rows[i].same ? 0 : ENTRY_BIT(ENTRY_LA));
        t_int(quote_diff(&q, &exact, ENTRY_ALL), rows[i].same ? 0 : ENTRY_BIT(ENTRY_LA));
    }
    struct quote a = quote_none(), b = a;
    t_row("two without a size");
    a.last_price = b.last_price = 100;
    a.ts_last = at;
    b.ts_last = at + s / 2;
    t_int(quote_diff(&a, &b, ENTRY_ALL), ENTRY_BIT(ENTRY_LA));
}

/* --- partial updates -------------------------------------------------------------------------- */

static void side_of(struct side *side, const char *text)
{
    *side = (struct side){0};
    for (const char *at = text; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        struct level *l = &side->level[side->count++];
        t_int(sscanf(at, "%lfx%lf", &l->price, &l->size), 2);
    }
}

static const char *text_of(const struct side *side)
{
    static char text[200];
    size_t used = 0;
    *text = '\0';
    for (int i = 0; i < side->count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%gx%g", i ? " " : "",
                                 side->level[i].price, side->level[i].size);
    return text;
}

static void the_best_level_alone(void **state)
{
    (void)state;
    static const struct {
        const char *name, *present, *best, *bids, *offers;
    } rows[] = {
        {"the same", "10x1 9x2 8x3", "10x1", "10x1 9x2 8x3", "10x1"},
        {"another size", "10x1 9x2", "10x7", "10x7 9x2", "10x7"},
        {"a better bid", "10x1 9x2", "11x5", "11x5 10x1 9x2", "11x5"},
        {"a worse bid", "10x1 9x2 8x3", "8x9", "8x9", "8x9 10x1 9x2"},
        {"between two", "10x1 8x3", "9x4", "9x4 8x3", "9x4 10x1"},
        {"gone", "10x1 9x2", "", "", ""},
        {"none before", "", "10x1", "10x1", "10x1"},
        {"five at most", "9x1 8x1 7x1 6x1 5x1", "10x1", "10x1 9x1 8x1 7x1 6x1", "10x1"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote present = quote_none();
        struct quote_update u = {.entries = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF),
                                 .quote = quote_none(),
                                 .best_only = ENTRY_BIT(ENTRY_BI) | ENTRY_BIT(ENTRY_OF)};
        t_row(rows[i].name);
        side_of(&present.bids, rows[i].present);
        present.offers = present.bids;
        side_of(&u.quote.bids, rows[i].best);
        u.quote.offers = u.quote.bids;
        struct quote_update alone = u;
        quote_complete(&u, &present);
        t_str(text_of(&u.quote.bids), rows[i].bids);
        t_str(text_of(&u.quote.offers), rows[i].offers);
        alone.best_only = 0;
        quote_complete(&alone, &present);
        t_str(text_of(&alone.quote.bids), rows[i].best);
    }
}

static void fallbacks_are_used_only_without_a_value(void **state)
{
    (void)state;
    const uint32_t cl = ENTRY_BIT(ENTRY_CL), se = ENTRY_BIT(ENTRY_SE), la = ENTRY_BIT(ENTRY_LA);
    const struct quote_update u = {.entries = cl | se | la, .quote = full(), .fallback = cl | se};
    struct quote present = quote_none();
    struct quote_update used = u;
    quote_complete(&used, &present);
    t_int(used.entries, cl | se | la);
    present.close_price = 1;
    used = u;
    quote_complete(&used, &present);
    t_int(used.entries, se | la);
    present.settlement_price = 1;
    used = u;
    used.fallback = cl;
    quote_complete(&used, &present);
    t_int(used.entries, se | la);
}

static void crossed(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int bids, offers;
        double bid, offer;
        bool crossed;
    } rows[] = {
        {"not crossed", 1, 1, 10, 11, false}, {"locked", 1, 1, 11, 11, false},
        {"crossed", 1, 1, 12, 11, true},      {"no offer", 1, 0, 12, 0, false},
        {"no bid", 0, 1, 0, -5, false},       {"a spread below zero", 1, 1, -3, -2, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct quote q = quote_none();
        t_row(rows[i].name);
        q.bids.count = rows[i].bids;
        q.bids.level[0].price = rows[i].bid;
        q.offers.count = rows[i].offers;
        q.offers.level[0].price = rows[i].offer;
        t_int(quote_crossed(&q), rows[i].crossed);
    }
}

static void test_shallow(void **state)
{
    (void)state;
    struct quote q = quote_none();
    q.bids.count = 5;
    for (int i = 0; i < 5; i++)
        q.bids.level[i] = (struct level){100 - i, 1 + i};
    q.offers.count = 1;
    q.offers.level[0] = (struct level){101, 1};
    struct quote cut = quote_shallow(&q, 2);
    t_int(cut.bids.count, 2);
    t_double(cut.bids.level[1].price, 99);
    t_double(cut.bids.level[2].price, 0);
    t_int(cut.offers.count, 1);
    t_int(q.bids.count, 5);
    t_int(quote_diff(&q, &cut, ENTRY_ALL), ENTRY_BIT(ENTRY_BI));
    cut = quote_shallow(&q, 10);
    t_int(quote_diff(&q, &cut, ENTRY_ALL), 0);
    for (int i = 0; i < QUOTE_DEPTH_MAX; i++)
        q.bids.level[i] = q.offers.level[i] = (struct level){100 + i, 1};
    q.bids.count = q.offers.count = QUOTE_DEPTH_MAX;
    cut = quote_shallow(&q, 9);
    t_int(cut.bids.count, 9);
    t_int(cut.offers.count, 9);
    t_double(cut.offers.level[0].price, 100);
    t_double(cut.offers.level[8].price, 108);
    t_double(cut.offers.level[9].price, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_value_is_not_zero),
        cmocka_unit_test(diff_names_what_changed),
        cmocka_unit_test(copy_takes_only_the_given_entries),
        cmocka_unit_test(equal_quotes_do_not_differ),
        cmocka_unit_test(the_same_trade_less_exactly),
        cmocka_unit_test(the_best_level_alone),
        cmocka_unit_test(fallbacks_are_used_only_without_a_value),
        cmocka_unit_test(crossed),
        cmocka_unit_test(test_shallow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
