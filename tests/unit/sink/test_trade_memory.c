/* The latest trades of each instrument. */
#include "sink/trade_memory.h"

#include "support/t.h"

static bool add(struct trade_memory *memory, int64_t instrument, int64_t ts, double price)
{
    const struct trade trade = {.ts_event = ts, .price = price, .size = 5};
    return trade_memory_add(memory, instrument, &trade);
}

static void a_repeated_trade_is_known(void **state)
{
    (void)state;
    struct trade_memory memory = {0};
    t_true(add(&memory, 1, 1000, 10));
    t_true(!add(&memory, 1, 1000, 10));
    t_true(add(&memory, 2, 1000, 10));
    t_true(add(&memory, 1, 2000, 10));
    t_true(!add(&memory, 1, 1000, 10)); /* not only the last one */
    const struct trade unknown = {.ts_event = 1000, .price = 10, .size = NAN};
    t_true(trade_memory_add(&memory, 1, &unknown));
    t_true(!trade_memory_add(&memory, 1, &unknown));
    trade_memory_finish(&memory);
}

static void the_oldest_is_forgotten(void **state)
{
    (void)state;
    struct trade_memory memory = {0};
    for (int i = 0; i <= TRADE_MEMORY_EACH; i++)
        t_true(add(&memory, 1, 1000 + i, 10));
    t_true(!add(&memory, 1, 1001, 10));
    t_true(add(&memory, 1, 1000, 10));
    trade_memory_finish(&memory);
}

static void many_instruments(void **state)
{
    (void)state;
    struct trade_memory memory = {0};
    for (int64_t i = 1; i <= 10000; i++)
        t_true(add(&memory, i, 1000, (double)i));
    for (int64_t i = 1; i <= 10000; i++)
        t_true(!add(&memory, i, 1000, (double)i));
    t_int(memory.count, 10000);
    trade_memory_finish(&memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_trade_is_known),
        cmocka_unit_test(the_oldest_is_forgotten),
        cmocka_unit_test(many_instruments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
