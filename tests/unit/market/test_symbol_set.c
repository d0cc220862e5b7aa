#include "market/symbol_set.h"

#include "support/t.h"

static void one_after_the_other(void **state)
{
    (void)state;
    static const char *const symbols[] = {"DLR/DIC26", "A", "MERV - XMEV - AL30 - CI", "a", "B"};
    struct symbol_set set = {0};
    t_true(!symbol_set_has(&set, "A"));
    for (size_t i = 0; i < T_COUNT(symbols); i++)
        t_int(symbol_set_add(&set, symbols[i]), 0);
    t_int(symbol_set_add(&set, "A"), 0); /* it is in the set */
    t_int(set.count, T_COUNT(symbols));
    for (size_t i = 1; i < set.count; i++)
        t_true(strcmp(set.item[i - 1], set.item[i]) < 0);
    for (size_t i = 0; i < T_COUNT(symbols); i++)
        t_true(symbol_set_has(&set, symbols[i]));
    t_true(!symbol_set_has(&set, "") && !symbol_set_has(&set, "DLR/DIC2"));
    symbol_set_finish(&set);
    t_true(!symbol_set_has(&set, "A"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
