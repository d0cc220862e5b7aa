/* The rate of publishing: a burst of one second, then the rate, also over hours. */
#include "sink/pace.h"

#include "support/t.h"

static void a_second_at_once_then_the_rate(void **state)
{
    (void)state;
    struct sink_pace pace = sink_pace_init(1000, 5000);
    t_int(sink_pace_allowed(&pace, 5000), 1000);
    sink_pace_spend(&pace, 1000);
    t_int(sink_pace_allowed(&pace, 5000), 0);
    t_int(sink_pace_wait_ms(&pace, 1), 1);
    t_int(sink_pace_wait_ms(&pace, 100), 100);
    t_int(sink_pace_wait_ms(&pace, 5000), 1000); /* more than a burst is never allowed */
    t_int(sink_pace_allowed(&pace, 5100), 100);
    t_int(sink_pace_wait_ms(&pace, 50), 0);
    t_int(sink_pace_allowed(&pace, 999999), 1000);
}

static void a_backlog_takes_its_time(void **state)
{
    (void)state;
    static const double rates[] = {1, 7.5, 1000, 1e6};
    for (size_t i = 0; i < T_COUNT(rates); i++) {
        struct sink_pace pace = sink_pace_init(rates[i], 0);
        int64_t now_ms = 0, sent = 0;
        while (now_ms < 60 * 1000) {
            int allowed = sink_pace_allowed(&pace, now_ms);
            int some = allowed < 256 ? allowed : 256;
            sink_pace_spend(&pace, some);
            sent += some;
            now_ms += some ? 0 : sink_pace_wait_ms(&pace, 1);
        }
        t_true((double)sent <= rates[i] * 61 + 1);
        t_true((double)sent >= rates[i] * 59);
    }
}

static void more_than_allowed_is_paid_later(void **state)
{
    (void)state;
    struct sink_pace pace = sink_pace_init(10, 0);
    sink_pace_spend(&pace, 15);
    t_int(sink_pace_allowed(&pace, 400), 0);
    t_int(sink_pace_allowed(&pace, 600), 1);
    t_int(sink_pace_allowed(&pace, 0), 1); /* the clock does not go back */
}

static void lots(void **state)
{
    (void)state;
    static const struct {
        double rate;
        int lot;
    } rows[] = {{1, 1}, {39, 1}, {100, 5}, {5000, 250}, {5120, 256}, {1e6, 256}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct sink_pace pace = sink_pace_init(rows[i].rate, 0);
        t_int(sink_pace_lot(&pace, 256), rows[i].lot);
        t_true(sink_pace_allowed(&pace, 0) >= rows[i].lot); /* else it would wait for ever */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_at_once_then_the_rate),
        cmocka_unit_test(a_backlog_takes_its_time),
        cmocka_unit_test(more_than_allowed_is_paid_later),
        cmocka_unit_test(lots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
