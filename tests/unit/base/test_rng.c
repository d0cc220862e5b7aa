#include "support/t.h"

#include "base/rng.h"

/* The first values of the reference implementation for seed 1234567. */
static void is_splitmix64(void **state)
{
    (void)state;
    struct rng rng = {1234567};
    t_true(rng_next(&rng) == UINT64_C(6457827717110365317));
    t_true(rng_next(&rng) == UINT64_C(3203168211198807973));
    t_true(rng_next(&rng) == UINT64_C(9817491932198370423));
}

static void same_seed_same_sequence(void **state)
{
    (void)state;
    struct rng a = {42}, b = a, c = {43};
    int different = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t x = rng_next(&a);
        t_true(x == rng_next(&b));
        different += x != rng_next(&c);
    }
    t_int(different, 100);
}

static void unit_covers_its_interval(void **state)
{
    (void)state;
    struct rng rng = {7};
    double sum = 0, low = 1, high = 0;
    for (int i = 0; i < 100000; i++) {
        double x = rng_unit(&rng);
        t_true(x >= 0 && x < 1);
        sum += x;
        low = fmin(low, x);
        high = fmax(high, x);
    }
    t_true(fabs(sum / 100000 - 0.5) < 0.01);
    t_true(low < 0.001 && high > 0.999);
}

static void below_is_less_than_the_limit(void **state)
{
    (void)state;
    struct rng rng = {7};
    int seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        int64_t x = rng_below(&rng, 6);
        t_true(x >= 0 && x < 6);
        seen[x]++;
    }
    for (int i = 0; i < 6; i++)
        t_true(seen[i] > 800 && seen[i] < 1200);
    t_int(rng_below(&rng, 0), 0);
    t_int(rng_below(&rng, -5), 0);
    t_int(rng_below(&rng, 1), 0);
    t_true(rng_below(&rng, INT64_MAX) >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_splitmix64),
        cmocka_unit_test(same_seed_same_sequence),
        cmocka_unit_test(unit_covers_its_interval),
        cmocka_unit_test(below_is_less_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
