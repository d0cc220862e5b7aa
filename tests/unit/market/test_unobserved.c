#include "market/unobserved.h"

#include "support/t.h"

static void test_unobserved_from_the_last_proof_to_the_next_data(void **state)
{
    (void)state;
    struct unobserved *b = unobserved_create(3);
    struct unobserved_summary s;
    t_true(!unobserved_seen(b, 0, false, 50, &s)); /* was not lost */
    for (int32_t i = 0; i < 3; i++)
        unobserved_lost(b, i, 100 + i);
    unobserved_lost(b, 0, 500); /* unobserved since 100 already */
    t_int(unobserved_left(b), 3);
    t_true(!unobserved_seen(b, 1, false, 301, &s));
    t_true(!unobserved_seen(b, 1, false, 400, &s));
    t_true(!unobserved_seen(b, 0, true, 1100, &s));
    t_true(unobserved_seen(b, 2, false, 502, &s));
    t_int(s.by_poll, 2);
    t_int(s.by_stream, 1);
    t_int(s.shortest_ms, 200);
    t_int(s.longest_ms, 1000);
    t_int(unobserved_left(b), 0);
    /* The next loss has a summary of its own; the longest of all is kept. */
    unobserved_lost(b, 2, 2000);
    t_true(unobserved_seen(b, 2, true, 2030, &s));
    t_int(s.by_poll, 0);
    t_int(s.longest_ms, 30);
    t_int(unobserved_longest_ms(b), 1000);
    unobserved_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unobserved_from_the_last_proof_to_the_next_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
