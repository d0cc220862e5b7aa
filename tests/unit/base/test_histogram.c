#include "base/histogram.h"

#include "support/t.h"

static const double bounds[] = {0.1, 1, 10};

static void values_go_into_the_first_range_that_holds_them(void **state)
{
    (void)state;
    static const struct {
        double value;
        int range; /* -1: ignored */
    } rows[] = {{-1, 0}, {0, 0},    {0.1, 0},  {0.11, 1},     {1, 1},
                {10, 2}, {10.1, 3}, {NAN, -1}, {INFINITY, -1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct histogram h;
        histogram_init(&h, bounds, 3);
        histogram_add(&h, rows[i].value);
        for (int range = 0; range <= 3; range++)
            assert_int_equal(h.counts[range], range == rows[i].range);
    }
}

static void ranges_add_up(void **state)
{
    (void)state;
    struct histogram h;
    histogram_init(&h, bounds, 3);
    for (int i = 0; i < 100; i++)
        histogram_add(&h, 0.05 + i * 0.2);
    assert_int_equal(histogram_up_to(&h, 0), 1);
    assert_int_equal(histogram_up_to(&h, 1), 5);
    assert_int_equal(histogram_up_to(&h, 2), 50);
    assert_int_equal(histogram_up_to(&h, 3), 100);
    assert_true(fabs(h.sum - 995) < 1e-9);
}

static void histograms_add_up(void **state)
{
    (void)state;
    struct histogram all, more;
    histogram_init(&all, bounds, 3);
    histogram_init(&more, bounds, 3);
    histogram_add(&all, 0.5);
    histogram_add(&more, 0.5);
    histogram_add(&more, 20);
    histogram_merge(&all, &more);
    assert_int_equal(all.counts[1], 2);
    assert_int_equal(all.counts[3], 1);
    assert_true(all.sum == 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_go_into_the_first_range_that_holds_them),
        cmocka_unit_test(ranges_add_up),
        cmocka_unit_test(histograms_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
