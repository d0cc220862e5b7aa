#include "base/near.h"

#include "support/t.h"

static void distances(void **state)
{
    (void)state;
    static const struct {
        const char *name, *a, *b;
        int distance;
    } rows[] = {
        {"same", "poll", "poll", 0},
        {"both empty", "", "", 0},
        {"one empty", "", "poll", 4},
        {"the other empty", "poll", "", 4},
        {"one letter more", "polll", "poll", 1},
        {"one letter less", "intervl", "interval", 1},
        {"two letters swapped", "qoutes", "quotes", 2},
        {"nothing in common", "abc", "xyz", 3},
        {"longest that is measured", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 32},
        {"too long to measure", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a", NEAR_BYTES_MAX},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(near_distance(rows[i].a, rows[i].b), rows[i].distance);
        t_int(near_distance(rows[i].b, rows[i].a), rows[i].distance);
    }
}

static void limit_grows_with_the_name(void **state)
{
    (void)state;
    t_int(near_limit("ru"), 1);
    t_int(near_limit("run"), 2);
    t_int(near_limit("interval"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(limit_grows_with_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
