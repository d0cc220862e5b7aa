#include "service/lease_view.h"

#include "support/t.h"

static void in_words(void **state)
{
    static const struct {
        enum lease_role role;
        bool asks;
        const char *host, *why, *words, *rest;
    } rows[] = {
        {LEASE_ROLE_WAITING, false, "", "", "it is not known yet who has the lease",
         "waiting: it is not known yet who has the lease"},
        {LEASE_ROLE_WAITING, false, "", "no server",
         "it is not known yet who has the lease: no server",
         "waiting: it is not known yet who has the lease: no server"},
        {LEASE_ROLE_STANDBY, false, "b.example", "", "b.example has the lease",
         "standby: b.example has the lease"},
        {LEASE_ROLE_STANDBY, false, "", "no server",
         "another recorder has the lease; it cannot be read: no server",
         "standby: another recorder has the lease; it cannot be read: no server"},
        {LEASE_ROLE_ACTIVE, true, "", "", "this recorder has the lease", ""},
        {LEASE_ROLE_ISOLATED, true, "", "no server", "the lease cannot be renewed: no server", ""},
        {LEASE_ROLE_ISOLATED, false, "", "no server", "the lease cannot be renewed: no server",
         "isolated: the lease cannot be renewed: no server"},
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[LEASE_WORDS_BYTES];
        struct lease_facts facts = {.role = rows[i].role, .asks = rows[i].asks};
        snprintf(facts.state.host, sizeof(facts.state.host), "%s", rows[i].host);
        snprintf(facts.state.why, sizeof(facts.state.why), "%s", rows[i].why);
        t_row(rows[i].words);
        t_str(lease_words(out, &facts), rows[i].words);
        t_str(lease_rest(out, &facts), rows[i].rest);
        t_str(lease_rest(out, NULL), "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
