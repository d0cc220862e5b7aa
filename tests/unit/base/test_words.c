#include "base/words.h"

#include "support/t.h"

static void differences_in_digits_are_ignored(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool alike;
    } rows[] = {
        {"after 3 ms", "after 512 ms", true},
        {"", "", true},
        {"a", "a", true},
        {"a", "b", false},
        {"3", "", true},
        {"port 80: x", "port : x", true},
        {"refused", "refused (1)", false},
        {"1a2", "3a44", true},
        {"1a2", "3b44", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].a);
        t_int(words_alike(rows[i].a, rows[i].b), rows[i].alike);
        t_int(words_alike(rows[i].b, rows[i].a), rows[i].alike);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(differences_in_digits_are_ignored)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
