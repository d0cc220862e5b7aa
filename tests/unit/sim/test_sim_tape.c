#include "sim/sim_tape.h"

#include "base/clock.h"
#include "support/t.h"

struct seen {
    int64_t count, first, last;
};

static void on_trade(void *arg, const struct source_trade *trade)
{
    struct seen *seen = arg;
    if (!seen->count++)
        seen->first = trade->ts;
    seen->last = trade->ts;
}

static void the_oldest_is_overwritten(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t added, from, to; /* trade n is of second n */
        struct seen seen;
    } rows[] = {
        {"empty", 0, INT64_MIN, INT64_MAX, {0, 0, 0}},
        {"all", 3, INT64_MIN, INT64_MAX, {3, 0, 2}},
        {"a period without its end", 9, 3 * NS_PER_S, 5 * NS_PER_S, {2, 3, 4}},
        {"full", SIM_TAPE_TRADES, INT64_MIN, INT64_MAX, {SIM_TAPE_TRADES, 0, SIM_TAPE_TRADES - 1}},
        {"more",
         SIM_TAPE_TRADES + 7,
         INT64_MIN,
         INT64_MAX,
         {SIM_TAPE_TRADES, 7, SIM_TAPE_TRADES + 6}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct sim_tape tape = {0};
        struct seen seen = {0};
        t_row(rows[i].name);
        for (int64_t n = 0; n < rows[i].added; n++)
            sim_tape_add(&tape, &(struct source_trade){100, 1, n * NS_PER_S + 999999});
        const struct source_period period = {0, rows[i].from, rows[i].to};
        sim_tape_each(&tape, &period, on_trade, &seen);
        t_int(seen.count, rows[i].seen.count);
        t_int(seen.first, rows[i].seen.first * NS_PER_S); /* in whole milliseconds */
        t_int(seen.last, rows[i].seen.last * NS_PER_S);
        sim_tape_finish(&tape);
        sim_tape_each(&tape, &period, on_trade, &seen);
        t_int(seen.count, rows[i].seen.count);
    }
    t_row("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_is_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
