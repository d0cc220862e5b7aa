#include "base/rate_meter.h"

#include "support/t.h"

static void a_steady_rate(void **state)
{
    (void)state;
    struct rate_meter m = {0};
    int64_t now = 5000000;
    t_double(rate_meter_per_second(&m, now), 0);
    for (int i = 0; i < 2000; i++, now += 50) {
        rate_meter_count(&m, now);
        double rate = rate_meter_per_second(&m, now);
        if (i > 100)
            t_true(rate > 19 && rate < 21);
    }
    /* After the events stop, the rate falls to 0 within two intervals. */
    t_true(rate_meter_per_second(&m, now + 5000) < 20);
    t_double(rate_meter_per_second(&m, now + 20000), 0);
    t_double(rate_meter_per_second(&m, now + 2000000), 0);
}

static void the_first_seconds(void **state)
{
    (void)state;
    struct rate_meter m = {0};
    for (int64_t now = 1000; now < 3000; now += 10)
        rate_meter_count(&m, now);
    double rate = rate_meter_per_second(&m, 3000);
    t_true(rate > 60 && rate < 110);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_rate),
        cmocka_unit_test(the_first_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
