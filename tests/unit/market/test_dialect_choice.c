#include "market/dialect_choice.h"

#include "support/t.h"

#define A 1U
#define B 2U
#define C 4U

static unsigned bit_of(int64_t dialect)
{
    return 1U << dialect;
}

/* What is told at a time, and what follows. */
struct look {
    const char *name;
    int64_t at_s;
    unsigned streaming;
    bool closed; /* the market is */
    int main;
    unsigned wanted;
};

static struct dialect_choice walk(struct dialect_choice c, const struct look *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int before = c.main;
        t_row(rows[i].name);
        struct dialect_step s =
            dialect_choice_step(c, rows[i].streaming, !rows[i].closed, rows[i].at_s * 1000);
        c = s.next;
        t_int(c.main, rows[i].main);
        t_int(c.wanted, rows[i].wanted);
        t_int(s.changed, c.main != before);
        t_int(s.why != NULL, s.changed);
        t_true(s.wake_ms > rows[i].at_s * 1000);
    }
    return c;
}

static void the_next_one_connects_after_half_a_minute(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"the first alone", 0, 0, false, 0, A},
        {"not yet", 29, 0, false, 0, A},
        {"both", 30, 0, false, 0, A | B},
        {"still both", 300, 0, false, 0, A | B},
        {"the second is the first that streams", 310, B, false, 1, B},
        {"it goes on", 320, B, false, 1, B},
    };
    walk(dialect_choice_init(2, 0, 0, 1), rows, T_COUNT(rows));
}

static void the_first_may_win(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"the first alone", 0, 0, false, 0, A},
        {"both", 30, 0, false, 0, A | B},
        {"the first streams after all", 31, A, false, 0, A},
        {"lost for a moment", 100, 0, false, 0, A},
        {"back before the half minute", 129, A, false, 0, A},
        {"lost again", 140, 0, false, 0, A},
        {"the half minute begins anew", 169, 0, false, 0, A},
        {"over", 170, 0, false, 0, A | B},
        {"both stream: the preferred one", 171, A | B, false, 0, A},
    };
    walk(dialect_choice_init(2, 0, 0, 1), rows, T_COUNT(rows));
}

static void all_of_three_connect_one_after_another(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"the first", 0, 0, false, 0, A},     {"two", 30, 0, false, 0, A | B},
        {"two", 59, 0, false, 0, A | B},      {"three", 60, 0, false, 0, A | B | C},
        {"the last one", 61, C, false, 2, C},
    };
    walk(dialect_choice_init(3, 0, 0, 1), rows, T_COUNT(rows));
}

static void the_preferred_one_is_tried_and_returns(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"the second streams", 0, B, false, 1, B},
        {"no trial yet", 299, B, false, 1, B},
        {"a trial: 5 min and jitter", 330, B, false, 1, A | B},
        {"it has a minute", 389, B, false, 1, A | B},
        {"it failed", 390, B, false, 1, B},
        {"the next one is later", 980, B, false, 1, B},
        {"10 min and jitter", 1051, B, false, 1, A | B},
        {"it delivers", 1053, A | B, false, 1, A | B},
        {"not for 10 s yet", 1062, A | B, false, 1, A | B},
        {"proved: the second stays while its instruments move", 1063, A | B, false, 0, A | B},
        {"moving", 1072, A | B, false, 0, A | B},
        {"closed", 1073, A | B, false, 0, A},
        {"no trials of itself", 9000, A, false, 0, A},
    };
    walk(dialect_choice_init(2, 1, 0, 1), rows, T_COUNT(rows));
}

static void a_preferred_one_that_breaks_is_not_used(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"a trial", 330, B, false, 1, A | B},
        {"it delivers", 331, A | B, false, 1, A | B},
        {"and breaks", 340, B, false, 1, A | B},
        {"it delivers again", 342, A | B, false, 1, A | B},
        {"and has not proved itself", 351, A | B, false, 1, A | B},
        {"and breaks after its minute", 391, B, false, 1, B},
    };
    struct dialect_choice c = dialect_choice_init(2, 1, 0, 1);
    c = dialect_choice_step(c, B, true, 0).next;
    /* Between 351 and 391 nothing told the choice of the time. */
    c = walk(c, rows, T_COUNT(rows) - 1);
    t_int(dialect_choice_step(c, A | B, true, 352000).next.main, 0);
    walk(c, rows + T_COUNT(rows) - 1, 1);
}

static void the_main_one_is_lost_during_a_trial(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"the second streams", 0, B, false, 1, B},
        {"a trial", 330, B, false, 1, A | B},
        {"lost", 335, 0, false, 1, A | B},
        {"the tried one is the first", 336, A, false, 0, A},
    };
    static const struct look back[] = {
        {"it returns: the trial goes on", 337, B, false, 1, A | B},
        {"and fails", 391, B, false, 1, B},
    };
    struct dialect_choice c = walk(dialect_choice_init(2, 1, 0, 1), rows, 3);
    walk(c, rows + 3, 1);
    walk(c, back, T_COUNT(back));
}

static void the_new_main_one_is_lost_while_the_old_one_is_open(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"a trial", 330, B, false, 1, A | B},
        {"it delivers", 331, A | B, false, 1, A | B},
        {"proved", 341, A | B, false, 0, A | B},
        {"lost: the old one is used again", 345, B, false, 1, B},
    };
    struct dialect_choice c = dialect_choice_init(2, 1, 0, 1);
    walk(dialect_choice_step(c, B, true, 0).next, rows, T_COUNT(rows));
}

static void nothing_changes_while_the_market_is_closed(void **state)
{
    (void)state;
    static const struct look rows[] = {
        {"the second streams", 0, B, false, 1, B},
        {"closed: no trial", 3600, B, true, 1, B},
        {"lost", 3700, 0, true, 1, B},
        {"for hours", 20000, 0, true, 1, B},
        {"open: it has half a minute", 30000, 0, false, 1, B},
        {"over", 30031, 0, false, 1, A | B},
    };
    walk(dialect_choice_init(2, 1, 0, 1), rows, T_COUNT(rows));
}

static void one_alone(void **state)
{
    (void)state;
    struct dialect_step s = dialect_choice_step(dialect_choice_init(1, 0, 0, 1), 0, true, 999999);
    t_int(s.next.wanted, A);
    t_int(s.wake_ms, INT64_MAX);
    s = dialect_choice_step(s.next, A, true, 9999999);
    t_int(s.next.wanted, A);
    t_int(s.wake_ms, INT64_MAX);
    t_true(!s.changed);
    s = dialect_choice_step(dialect_choice_init(0, 0, 0, 1), 0, true, 999999);
    t_int(s.next.wanted, 0);
    t_int(s.wake_ms, INT64_MAX);
}

/* A day with streams that come and go at random: there is always a main one that is wanted, one
 * that streams is used, and the trials are polite. */
static void a_random_day(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rng rng = {seed};
        struct dialect_choice c = dialect_choice_init(3, 0, 0, seed);
        unsigned up = 7;
        int trials = 0, changes = 0;
        for (int64_t s = 0; s < 36000; s++) {
            if (rng_below(&rng, 600) == 0)
                up ^= bit_of(rng_below(&rng, 3));
            bool trying = c.trying;
            unsigned told = up & c.wanted;
            struct dialect_step step = dialect_choice_step(c, told, true, s * 1000);
            trials += step.next.trying && !trying;
            changes += step.changed;
            c = step.next;
            t_true(c.wanted & bit_of(c.main));
            t_true(!told || (told & bit_of(c.main)));
            t_true(step.wake_ms > s * 1000);
        }
        t_true(trials <= 36000 / 300 + changes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_one_connects_after_half_a_minute),
        cmocka_unit_test(the_first_may_win),
        cmocka_unit_test(all_of_three_connect_one_after_another),
        cmocka_unit_test(the_preferred_one_is_tried_and_returns),
        cmocka_unit_test(a_preferred_one_that_breaks_is_not_used),
        cmocka_unit_test(the_main_one_is_lost_during_a_trial),
        cmocka_unit_test(the_new_main_one_is_lost_while_the_old_one_is_open),
        cmocka_unit_test(nothing_changes_while_the_market_is_closed),
        cmocka_unit_test(one_alone),
        cmocka_unit_test(a_random_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
