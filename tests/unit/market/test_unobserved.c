#include "market/unobserved.h"

#include "support/t.h"

static void test_summarizes_until_the_last_is_observed(void **state)
{
    (void)state;
    struct unobserved u = unobserved_init();
    struct unobserved_summary s;
    t_true(!unobserved_end(&u, 200, false, 2, &s));
    t_true(!unobserved_end(&u, 1000, true, 1, &s));
    t_true(unobserved_end(&u, 400, false, 0, &s));
    t_int(s.by_poll, 2);
    t_int(s.by_stream, 1);
    t_int(s.shortest_ms, 200);
    t_int(s.longest_ms, 1000);
    /* The next loss has a summary of its own; the longest of all is kept. */
    t_true(unobserved_end(&u, 30, true, 0, &s));
    t_int(s.by_poll, 0);
    t_int(s.by_stream, 1);
    t_int(s.shortest_ms, 30);
    t_int(s.longest_ms, 30);
    t_int(u.longest_ms, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summarizes_until_the_last_is_observed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
