#include "api/live_source.h"

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
};

static void list(struct bench *b, const int32_t *instruments, int32_t count)
{
    t_int(source_table_list(b->sources, instruments, count, loop_now(b->loop).mono_ms, NULL), 0);
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
    const struct live_source_parts parts = {b.loop, b.market, b.sources};
    b.live = live_source_create(&parts);
    b.api = live_source_api(b.live);
    list(&b, recorded, 2);
    return b;
}

static void end(struct bench *b)
{
    live_source_destroy(b->live);
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
    live_source_reference(b.live, NULL);
    t_true(!b.api->instrument(b.api->self, 0)->cfi_code);
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
        cmocka_unit_test(quotes_and_where_they_are_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
