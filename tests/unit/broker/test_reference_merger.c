#include "broker/reference_merger.h"

#include "support/t.h"

#include <stdlib.h>

#define LIST(items)   "{\"status\":\"OK\",\"instruments\":[" items "]}"
#define ITEM(s, more) "{\"marketId\":\"ROFX\",\"symbol\":\"" s "\"" more "}"

static struct {
    struct loop *loop;
    struct reference_merger *merger;
    int wanted, results;
    bool accepts;
} owner;

static void on_result(void *arg, struct reference_work *work)
{
    (void)arg;
    if (work->merged && owner.accepts)
        t_true(reference_merger_accept(owner.merger, work) == reference_merger_known(owner.merger));
    if (++owner.results == owner.wanted)
        loop_stop(owner.loop);
}

static void begin(int wanted)
{
    memset(&owner, 0, sizeof(owner));
    owner.loop = loop_create();
    owner.wanted = wanted;
    owner.accepts = true;
    owner.merger = reference_merger_create(
        &(struct reference_merger_parts){.loop = owner.loop, .fn = on_result});
    t_true(!reference_merger_known(owner.merger));
}

static void end(void)
{
    reference_merger_destroy(owner.merger);
    reference_merger_destroy(NULL);
    loop_destroy(owner.loop);
}

static void give_body(const char *text)
{
    struct buf body;
    buf_init(&body, 4096);
    buf_puts(&body, text);
    t_int(reference_merger_body(owner.merger, &body, false), 0);
    t_true(reference_merger_busy(owner.merger));
    buf_finish(&body);
}

static struct instrument_list *one_read(const char *symbol, double tick)
{
    struct instrument_list *list = instrument_list_create();
    struct instrument one = instrument_unknown;
    one.market_id = "ROFX";
    one.symbol = symbol;
    one.price_tick = tick;
    t_int(instrument_list_put(list, &one), 0);
    return list;
}

static const struct instrument *known(const char *symbol)
{
    return instrument_list_find(reference_merger_known(owner.merger), "ROFX", symbol);
}

/* None undoes another one, although all are given at once. */
static void each_begins_with_the_one_before(void **state)
{
    (void)state;
    begin(3);
    give_body(LIST(ITEM("A", ",\"contractMultiplier\":10") "," ITEM("B", "")));
    t_int(reference_merger_read(owner.merger, one_read("A", 0.5)), 0);
    t_int(reference_merger_read(owner.merger, one_read("C", 2)), 0);
    loop_run(owner.loop);
    t_true(!reference_merger_busy(owner.merger));
    t_int(instrument_list_count(reference_merger_known(owner.merger)), 3);
    t_double(known("A")->multiplier, 10);
    t_double(known("A")->price_tick, 0.5);
    t_double(known("C")->price_tick, 2);
    end();
}

static void give_segments(const char *id)
{
    struct instrument_list *list = instrument_list_create();
    t_int(instrument_list_put_segment(list, &(struct market_segment){"ROFX", id, 5, true}), 0);
    reference_merger_segments(owner.merger, list);
    instrument_list_release(list);
}

static void segments_go_with_the_next_merge(void **state)
{
    (void)state;
    begin(2);
    give_segments("DDF");
    t_true(reference_merger_has_segments(owner.merger));
    give_body("{\"status\":");
    give_body(LIST(ITEM("A", "")));
    loop_run(owner.loop);
    t_true(!reference_merger_has_segments(owner.merger));
    t_true(instrument_list_find_segment(reference_merger_known(owner.merger), "ROFX", "DDF"));
    end();
}

static void segments_alone(void **state)
{
    (void)state;
    begin(2);
    give_body(LIST(ITEM("A", "")));
    t_int(reference_merger_read(owner.merger, NULL), -12); /* ENOMEM */
    give_segments("DDF");
    t_int(reference_merger_read(owner.merger, instrument_list_create()), 0);
    loop_run(owner.loop);
    t_true(known("A") && known("A")->listed);
    t_int(instrument_list_segments(reference_merger_known(owner.merger)), 1);
    end();
}

static void what_is_not_accepted_is_not_known(void **state)
{
    (void)state;
    begin(1);
    owner.accepts = false;
    give_body(LIST(ITEM("A", "")));
    loop_run(owner.loop);
    t_true(!reference_merger_known(owner.merger));
    end();
}

static void destroyed_while_it_works(void **state)
{
    (void)state;
    begin(0);
    for (int i = 0; i < 5; i++)
        give_body(LIST(ITEM("A", "")));
    t_int(reference_merger_copy(owner.merger, 0) == 0, 1);
    end();
    t_int(owner.results, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_begins_with_the_one_before),
        cmocka_unit_test(segments_go_with_the_next_merge),
        cmocka_unit_test(segments_alone),
        cmocka_unit_test(what_is_not_accepted_is_not_known),
        cmocka_unit_test(destroyed_while_it_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
