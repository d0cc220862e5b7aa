#include "api/live_source.h"

#include "market/demand.h"
#include "support/t.h"

#include "base/clock.h"

#include <math.h>

#define BOND "MERV - XMEV - AL30 - CI"

struct bench {
    struct loop *loop;
    struct market *market;
    struct source_table *sources;
    struct live_source *live;
    const struct market_source *api;
    struct demand *demand;
};

static void list(struct bench *b, const int32_t *instruments, int32_t count)
{
    t_int(source_table_list(b->sources, instruments, count, loop_now(b->loop).mono_ms, NULL), 0);
}

static struct market *taking_market;

static void on_ended(void *arg, const struct demand_item *item, enum demand_end why)
{
    (void)arg;
    (void)item;
    (void)why;
}

/* The broker's list of today has what begins with 'L'; nothing is known of what begins with 'D'. */
static enum demand_listing listing(void *arg, const char *symbol)
{
    (void)arg;
    return *symbol == 'L' ? DEMAND_LISTED : *symbol == 'D' ? DEMAND_NO_LIST : DEMAND_UNLISTED;
}

static int32_t take_up(void *arg, const char *symbol)
{
    return market_add(*(struct market **)arg, "ROFX", symbol);
}

/* DLR/DIC26 (0) and the bond (2) are recorded, DLR/OLD (1) no longer is. */
static struct bench begin(void)
{
    static const int32_t recorded[] = {0, 2};
    struct bench b = {.loop = loop_create(), .market = market_create(41)};
    b.sources = source_table_create();
    market_add(b.market, "ROFX", "DLR/DIC26");
    market_add(b.market, "ROFX", "DLR/OLD");
    market_add(b.market, "ROFX", BOND);
    b.demand = demand_create(on_ended, NULL);
    demand_set_max(b.demand, 2);
    const struct live_source_parts parts = {.loop = b.loop,
                                            .market = b.market,
                                            .sources = b.sources,
                                            .demand = {b.demand, listing, take_up, &taking_market}};
    taking_market = b.market;
    b.live = live_source_create(&parts);
    b.api = live_source_api(b.live);
    list(&b, recorded, 2);
    return b;
}

static void end(struct bench *b)
{
    live_source_destroy(b->live);
    demand_destroy(b->demand);
    source_table_destroy(b->sources);
    market_destroy(b->market);
    loop_destroy(b->loop);
}

static void only_recorded_instruments_are_offered(void **state)
{
    (void)state;
    struct bench b = begin();
    static const int32_t other[] = {1};
    t_int(b.api->count(b.api->self), 3);
    t_int(b.api->find(b.api->self, "ROFX", "DLR/DIC26"), 0);
    t_int(b.api->find(b.api->self, "ROFX", "DLR/OLD"), -1);
    t_int(b.api->find(b.api->self, "MERV", BOND), 2);
    t_int(b.api->find(b.api->self, "BYMA", BOND), -1);
    t_true(b.api->offered(b.api->self, 2) && !b.api->offered(b.api->self, 1));
    list(&b, other, 1);
    t_int(b.api->find(b.api->self, "ROFX", "DLR/OLD"), 1);
    t_int(b.api->find(b.api->self, "ROFX", "DLR/DIC26"), -1);
    end(&b);
}

static void segments(void **state)
{
    (void)state;
    struct bench b = begin();
    t_true(!b.api->instrument(b.api->self, 0)->segment);
    t_str(b.api->instrument(b.api->self, 2)->segment, "MERV");
    t_true(b.api->has_segment(b.api->self, "DDF"));
    t_true(!b.api->has_segment(b.api->self, "ddf"));
    end(&b);
}

static void what_the_broker_says_of_them(void **state)
{
    (void)state;
    static const struct tick_range range = {0, NAN, 0.05};
    struct bench b = begin();
    struct instrument_list *list = instrument_list_create();
    struct instrument future = instrument_unknown, other = instrument_unknown;
    future.market_id = other.market_id = "ROFX";
    future.symbol = "DLR/DIC26";
    future.cfi_code = "FXXXSX";
    future.segment = "DDF";
    future.price_tick = 0.5;
    future.multiplier = 1000;
    future.ranges = &range;
    future.ranges_count = 1;
    other.symbol = "NOT/RECORDED";
    other.segment = "NEW";
    t_int(instrument_list_put(list, &future), 0);
    t_int(instrument_list_put(list, &other), 0);
    t_true(!b.api->instrument(b.api->self, 0)->cfi_code);
    t_true(!b.api->has_segment(b.api->self, "NEW"));
    t_true(!b.api->has_segment(b.api->self, "EMPTY"));
    t_true(!b.api->segments(b.api->self, 0));
    const struct market_segment old = {"ROFX", "OLD", 0, false}, empty = {"ROFX", "EMPTY", 0, true};
    t_int(instrument_list_put_segment(list, &old), 0);
    t_int(instrument_list_put_segment(list, &empty), 0);
    live_source_reference(b.live, list);
    instrument_list_release(list);
    const struct instrument *i = b.api->instrument(b.api->self, 0);
    t_str(i->symbol, "DLR/DIC26");
    t_str(i->cfi_code, "FXXXSX");
    t_str(i->segment, "DDF");
    t_double(i->price_tick, 0.5);
    t_double(i->multiplier, 1000);
    t_double(i->ranges[0].tick, 0.05);
    t_row("of another one nothing is known");
    t_true(!b.api->instrument(b.api->self, 2)->cfi_code);
    t_str(b.api->instrument(b.api->self, 2)->segment, "MERV");
    int32_t later = market_add(b.market, "ROFX", "DLR/ENE27");
    t_true(!b.api->instrument(b.api->self, later)->cfi_code);
    t_row("segments of listed instruments exist");
    t_true(b.api->has_segment(b.api->self, "NEW"));
    t_row("so do segments that the broker lists without instruments");
    t_str(b.api->segments(b.api->self, 0)->id, "EMPTY");
    t_true(!b.api->segments(b.api->self, 1));
    t_true(b.api->has_segment(b.api->self, "EMPTY"));
    t_true(!b.api->has_segment(b.api->self, "OLD"));
    live_source_reference(b.live, NULL);
    t_true(!b.api->instrument(b.api->self, 0)->cfi_code);
    end(&b);
}

/* A list with DLR/DIC26, DLR/OLD and the bond, whose prices have these decimals. */
static bool told_decimals(struct bench *b, int future, int old, int bond)
{
    static const char *const symbols[] = {"DLR/DIC26", "DLR/OLD", BOND};
    const int decimals[] = {future, old, bond};
    struct instrument_list *list = instrument_list_create();
    for (int i = 0; i < 3; i++) {
        struct instrument known = instrument_unknown;
        known.market_id = "ROFX";
        known.symbol = symbols[i];
        known.price_digits = decimals[i];
        t_int(instrument_list_put(list, &known), 0);
    }
    bool other = live_source_reference(b->live, list);
    instrument_list_release(list);
    return other;
}

static void other_decimals_are_noticed(void **state)
{
    (void)state;
    struct bench b = begin();
    t_true(!live_source_reference(b.live, NULL));
    t_true(!told_decimals(&b, -1, 1, -1)); /* DLR/OLD is not recorded */
    t_true(told_decimals(&b, 1, 1, -1));
    t_true(!told_decimals(&b, 1, 2, -1));
    t_true(told_decimals(&b, 1, 2, 0));
    t_true(told_decimals(&b, 2, 2, 0));
    t_true(live_source_reference(b.live, NULL));
    end(&b);
}

static void products_on_demand(void **state)
{
    (void)state;
    struct bench b = begin();
    const struct source_demand *demand = b.api->demand;
    static const struct {
        const char *market_id, *symbol;
    } never[] = {{"BYMA", "A"}, {"ROFX", ""}, {"ROFX", "A\nB"}, {"ROFX", "\xff"}};
    for (size_t i = 0; i < T_COUNT(never); i++) {
        t_true(!demand->want(demand->self, never[i].market_id, never[i].symbol));
        t_int(demand_count(b.demand), 0);
    }
    t_true(!demand->want(demand->self, "ROFX", "NOT/LISTED"));
    t_true(demand->want(demand->self, "ROFX", "LISTED"));
    t_true(demand_item(b.demand, 0)->known);
    demand->settle(demand->self, false);
    t_true(demand->want(demand->self, "MERV", "DLR/OLD")); /* recorded once */
    demand->settle(demand->self, true);
    t_int(demand->take_up(demand->self, "MERV", "DLR/OLD"), 1);
    t_true(!demand_item(b.demand, 0)->known); /* there is no list */
    t_int(b.api->find(b.api->self, "ROFX", "DLR/OLD"), 1);
    t_true(!b.api->offered(b.api->self, 1) && !demand->ready(demand->self, 1));
    static const int32_t all[] = {0, 1, 2};
    struct source_event event = {.kind = SOURCE_EV_DOUBTED, .rest_first = true};
    list(&b, all, 3);
    source_table_step(b.sources, 1, &event);
    t_true(!b.api->offered(b.api->self, 1) && !demand->ready(demand->self, 1));
    event = (struct source_event){.kind = SOURCE_EV_OBSERVED, .now_ms = 1};
    source_table_step(b.sources, 1, &event);
    t_true(b.api->offered(b.api->self, 1) && demand->ready(demand->self, 1));
    end(&b);
}

static void each_request_is_a_wish(void **state)
{
    (void)state;
    struct bench b = begin();
    const struct source_demand *demand = b.api->demand;
    int64_t now_ms = loop_now(b.loop).mono_ms;
    demand->want(demand->self, "ROFX", "DLR/OLD");
    demand->settle(demand->self, true);
    demand_wanted(b.demand, 0, now_ms - 50000);
    t_int(b.api->find(b.api->self, "ROFX", "DLR/OLD"), 1);
    t_true(demand_item(b.demand, 0)->wanted_ms >= now_ms);
    end(&b);
}

static void quotes_and_where_they_are_from(void **state)
{
    (void)state;
    struct bench b = begin();
    struct source_origin origin;
    struct now now = loop_now(b.loop);
    struct quote_update update = {.entries = ENTRY_BIT(ENTRY_LA), .quote = quote_none()};
    const struct market_stamp stamp = {SOURCE_REST, now.wall_ns - 3 * NS_PER_S, now.mono_ms,
                                       now.mono_ms};
    b.api->origin(b.api->self, 0, &origin);
    t_true(!origin.source);
    update.quote.last_price = 1602;
    market_apply(b.market, 0, &update, &stamp);
    t_double(b.api->quote(b.api->self, 0)->last_price, 1602);
    b.api->origin(b.api->self, 0, &origin);
    t_str(origin.source, "rest");
    t_int(origin.seq, 42);
    t_true(origin.age_ms >= 3000 && origin.age_ms < 60000);
    t_row("confirmed by an answer since");
    source_table_step(
        b.sources, 0,
        &(const struct source_event){SOURCE_EV_OBSERVED, .now_ms = loop_now(b.loop).mono_ms});
    b.api->origin(b.api->self, 0, &origin);
    t_true(origin.age_ms < 3000);
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_recorded_instruments_are_offered),
        cmocka_unit_test(segments),
        cmocka_unit_test(what_the_broker_says_of_them),
        cmocka_unit_test(other_decimals_are_noticed),
        cmocka_unit_test(quotes_and_where_they_are_from),
        cmocka_unit_test(products_on_demand),
        cmocka_unit_test(each_request_is_a_wish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
