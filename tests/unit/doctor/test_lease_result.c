/* Who has the lease, in words; a fault is a warning with a remedy. */
#include "doctor/lease_result.h"

#include "support/t.h"

#include <errno.h>

static void results(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int rc;
        struct lease_record record;
        enum step_state expected;
        const char *meaning, *todo;
    } rows[] = {
        {"never written", -ENOENT, {.term = 0}, STEP_OK, "the first service that starts", ""},
        {"of this recorder",
         0,
         {.holder = "aa", .host = "a.example"},
         STEP_OK,
         "this recorder has the lease",
         ""},
        {"of another one",
         0,
         {.holder = "bb", .host = "b.example", .broker = "11"},
         STEP_OK,
         "b.example has the lease: a service here stands by",
         ""},
        {"of another user",
         0,
         {.holder = "bb", .host = "b.example", .broker = "22"},
         STEP_WARNING,
         "b.example has another broker.url or broker.user",
         "another lease.name"},
        {"given up", 0, {.host = "b.example"}, STEP_OK, "b.example has given it up", ""},
        {"not permitted", -EACCES, {.term = 0}, STEP_WARNING, "the reason", "permissions"},
        {"no server", -EHOSTUNREACH, {.term = 0}, STEP_WARNING, "the reason", "start nats-server"},
        {"another value", -EBADMSG, {.term = 0}, STEP_WARNING, "the reason", "log of nats-server"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct err err = {.text = "the reason"};
        const struct lease_seen seen = {.name = "market",
                                        .bucket = "CINTA_LEASE",
                                        .id = "aa",
                                        .broker = "11",
                                        .rc = rows[i].rc,
                                        .err = &err,
                                        .record = &rows[i].record};
        t_row(rows[i].name);
        struct step step = lease_result(&seen);
        t_int(step.id, STEP_LEASE);
        t_int(step.state, rows[i].expected);
        t_int(step.finding, rows[i].expected == STEP_OK ? FINDING_NONE : FINDING_LEASE);
        t_contains(step.meaning, rows[i].meaning);
        t_contains(step.todo, rows[i].todo);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(results)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
