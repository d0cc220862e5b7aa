#include "feed/token_doubt.h"

#include "support/t.h"

static void a_token_that_ends_is_replaced(void **state)
{
    (void)state;
    struct token_doubt a = {0}, b = {0};
    struct token_proof proof = {0};
    token_doubt_accepted(&a, &proof, 1, 1000);
    t_int(token_doubt_refused(&a, &proof, 1, 2000, 0), TOKEN_ASK_AGAIN);
    t_int(token_doubt_refused(&b, &proof, 1, 2010, 0), TOKEN_ASK_AGAIN);
    t_int(token_doubt_refused(&a, &proof, 1, 2050, 0), TOKEN_INVALID);
    token_doubt_accepted(&a, &proof, 2, 2100);
    token_doubt_accepted(&b, &proof, 2, 2110);
    t_int(token_doubt_refused(&a, &proof, 2, 3000, 0), TOKEN_ASK_AGAIN); /* of the new one */
    t_int(token_doubt_refused(&a, &proof, 2, 3050, 0), TOKEN_INVALID);
}

static void others_that_are_accepted_prove_the_token(void **state)
{
    (void)state;
    struct token_doubt a = {0}, b = {0};
    struct token_proof proof = {0};
    t_int(token_doubt_refused(&a, &proof, 1, 2000, 0), TOKEN_ASK_AGAIN);
    token_doubt_accepted(&b, &proof, 1, 1990); /* sent before: the token may have ended since */
    t_int(token_doubt_refused(&a, &proof, 1, 2050, 0), TOKEN_INVALID);
    token_doubt_accepted(&b, &proof, 1, 2000); /* at the same time: not known which was first */
    t_int(token_doubt_refused(&a, &proof, 1, 2060, 0), TOKEN_INVALID);
    token_doubt_accepted(&b, &proof, 1, 2010);
    token_doubt_accepted(&b, &proof, 1, 1995); /* a slow answer */
    t_int(token_doubt_refused(&a, &proof, 1, 2100, 0), TOKEN_OTHERS_ACCEPT);
    t_int(token_doubt_refused(&a, &proof, 1, 9000, 0), TOKEN_OTHERS_ACCEPT);
    t_int(token_doubt_refused(&a, &proof, 2, 9100, 0), TOKEN_OTHERS_ACCEPT);
    token_doubt_accepted(&a, &proof, 2, 9200);
    t_int(token_doubt_refused(&a, &proof, 2, 9300, 0), TOKEN_ASK_AGAIN);
}

static void a_new_token_does_not_help_this_one(void **state)
{
    (void)state;
    struct token_doubt a = {0};
    const struct token_proof none = {0};
    t_int(token_doubt_refused(&a, &none, 1, 1000, 0), TOKEN_ASK_AGAIN);
    t_int(token_doubt_refused(&a, &none, 1, 1100, 0), TOKEN_INVALID);
    t_int(token_doubt_refused(&a, &none, 2, 1200, 0), TOKEN_NEW_ONE_TOO);
    t_int(token_doubt_refused(&a, &none, 2, 2000, 0), TOKEN_INVALID); /* no proof came */
    t_int(token_doubt_refused(&a, &none, 3, 2100, 0), TOKEN_NEW_ONE_TOO);
}

static void a_probe_waits_for_others(void **state)
{
    (void)state;
    struct token_doubt a = {0};
    const struct token_proof none = {0};
    t_int(token_doubt_refused(&a, &none, 1, 1000, 30000), TOKEN_ASK_AGAIN);
    t_int(token_doubt_refused(&a, &none, 1, 30999, 30000), TOKEN_ASK_AGAIN);
    t_int(token_doubt_refused(&a, &none, 1, 31000, 30000), TOKEN_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_that_ends_is_replaced),
        cmocka_unit_test(others_that_are_accepted_prove_the_token),
        cmocka_unit_test(a_probe_waits_for_others),
        cmocka_unit_test(a_new_token_does_not_help_this_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
