/* Which changes may be published. */
#include "sink/limit.h"

#include "support/t.h"

static void the_end(void **state)
{
    const struct sink_limit all = {0}, closed = {.closed = true, .seq = 100};
    (void)state;
    t_int(sink_limit_end(&all, 500), 500);
    t_int(sink_limit_end(&closed, 500), 100);
    t_int(sink_limit_end(&closed, 50), 50);
}

/* A standby may take over long after it was started. */
static void the_list_of_instruments(void **state)
{
    const struct sink_limit all = {0}, taken = {.opened_ms = 500000};
    (void)state;
    t_int(sink_limit_hold_ms(&all, 1000, 6000), 25000);
    t_true(sink_limit_hold_ms(&all, 1000, 31000) <= 0);
    t_int(sink_limit_hold_ms(&taken, 1000, 501000), 29000);
    t_true(sink_limit_hold_ms(&taken, 1000, 530000) <= 0);
}

static void ranges(void **state)
{
    const struct sink_limit limit = {.withheld = {{10, 20}, {30, 31}}, .withheld_count = 2};
    static const struct {
        int64_t seq;
        bool withheld;
    } rows[] = {{10, false}, {11, true}, {20, true}, {21, false},
                {30, false}, {31, true}, {32, false}};
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++)
        t_int(sink_limit_withholds(&limit, rows[i].seq), rows[i].withheld);
    t_true(!sink_limit_withholds(&(struct sink_limit){0}, 11));
}

static void distances(void **state)
{
    static const struct {
        int64_t from, to, distance;
    } rows[] = {
        {0, 0, 0},
        {5, 17, 12},
        {17, 5, 0},
        {5, SINK_SEQ_BLOCK + 3, 3}, /* where the block before ended is not known */
        {SINK_SEQ_BLOCK + 3, SINK_SEQ_BLOCK + 4, 1},
        {5, 3 * SINK_SEQ_BLOCK, 0},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++)
        t_int(sink_seq_distance(rows[i].from, rows[i].to), rows[i].distance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end),
        cmocka_unit_test(the_list_of_instruments),
        cmocka_unit_test(ranges),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
