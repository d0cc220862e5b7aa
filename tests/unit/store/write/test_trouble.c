#include "store/write/trouble.h"

#include "support/t.h"

static void a_failure_is_reported_at_once_and_only_once(void **state)
{
    (void)state;
    struct trouble t = {0};
    t_true(trouble_note(&t, TROUBLE_FAILING, "disk full", 1000));
    t_int(t.kind, TROUBLE_FAILING);
    t_str(t.why, "disk full");
    t_true(!trouble_note(&t, TROUBLE_FAILING, "disk full", 2000));
    t_true(!trouble_note(&t, TROUBLE_LOCKED, "locked", 3000));
    t_int(t.kind, TROUBLE_FAILING);
    t_str(t.why, "disk full");
    t_int(t.since_ms, 1000);
}

static void a_short_lock_is_not_reported(void **state)
{
    (void)state;
    struct trouble t = {0};
    t_true(!trouble_note(&t, TROUBLE_LOCKED, "locked", 1000));
    t_int(t.kind, TROUBLE_LOCKED);
    t_true(!trouble_note(&t, TROUBLE_LOCKED, "locked", 1499));
    t_true(trouble_note(&t, TROUBLE_LOCKED, "locked", 1500));
    t_true(!trouble_note(&t, TROUBLE_LOCKED, "locked", 9000));
}

static void a_lock_that_becomes_a_failure_is_reported_again(void **state)
{
    (void)state;
    struct trouble t = {0};
    trouble_note(&t, TROUBLE_LOCKED, "locked", 1000);
    t_true(trouble_note(&t, TROUBLE_LOCKED, "locked", 2000));
    t_true(trouble_note(&t, TROUBLE_FAILING, "disk full", 3000));
    t_str(t.why, "disk full");
    t_int(t.since_ms, 1000); /* nothing was written since then */
}

static void waits_grow_to_a_maximum(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum trouble_kind kind;
        int64_t first_ms, max_ms;
    } rows[] = {{"locked", TROUBLE_LOCKED, 20, 250},
                {"WAL full", TROUBLE_WAL_FULL, 20, 250},
                {"failing", TROUBLE_FAILING, 250, 5000}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct trouble t = {0};
        t_row(rows[i].name);
        trouble_note(&t, rows[i].kind, "why", 0);
        t_int(t.wait_ms, rows[i].first_ms);
        trouble_note(&t, rows[i].kind, "why", 1);
        t_int(t.wait_ms, rows[i].first_ms * 2);
        for (int n = 0; n < 100; n++)
            trouble_note(&t, rows[i].kind, "why", n);
        t_int(t.wait_ms, rows[i].max_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_reported_at_once_and_only_once),
        cmocka_unit_test(a_short_lock_is_not_reported),
        cmocka_unit_test(a_lock_that_becomes_a_failure_is_reported_again),
        cmocka_unit_test(waits_grow_to_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
