#include "base/glob.h"

#include "support/t.h"

static void matches(void **state)
{
    (void)state;
    static const struct row {
        const char *pattern, *symbol;
        bool matches;
    } rows[] = {
        {"DLR/*", "DLR/DIC26", true},
        {"dlr/dic??", "DLR/DIC26", true},
        {"*", "MERV - XMEV - AL30 - 24hs", true},
        {"*30*", "MERV - XMEV - AL30 - 24hs", true}, /* '*' matches slashes and spaces */
        {"DLR*26", "DLR/DIC26", true},
        {"DLR/DIC2[5-7]", "DLR/DIC26", true},
        {"DLR", "DLR/DIC26", false},
        {"LR/*", "DLR/DIC26", false},
        {"", "DLR/DIC26", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const char *const patterns[] = {"no such", rows[i].pattern};
        t_row(rows[i].pattern);
        t_int(glob_any(patterns, 2, rows[i].symbol), rows[i].matches);
    }
}

static void no_pattern_matches_everything(void **state)
{
    (void)state;
    t_true(glob_any(NULL, 0, "DLR/DIC26"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches),
        cmocka_unit_test(no_pattern_matches_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
