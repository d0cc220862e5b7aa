/* What the test of the sink's servers means: a fault is a warning with a remedy. */
#include "doctor/nats_result.h"

#include "support/t.h"

#include <errno.h>

#define COPIES(leader_, missing_, servers)                                                         \
    {                                                                                              \
        .connected = true, .server = "nats://a", .differs = "", .replicas = 3,                     \
        .leader = (leader_), .missing = (missing_), .missing_servers = (servers)                   \
    }

static void results(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct nats_facts facts;
        enum step_state expected;
        const char *meaning, *todo;
    } rows[] = {
        {"as configured",
         {.connected = true, .leader = true, .server = "nats://a", .differs = "", .messages = 7},
         STEP_OK,
         "as configured",
         ""},
        {"other limits",
         {.connected = true,
          .leader = true,
          .server = "nats://a",
          .differs = "replicas is 1 instead of 3"},
         STEP_OK,
         "replicas is 1",
         ""},
        {"one of three servers does not run", COPIES(true, 1, "n2"), STEP_WARNING,
         "publishing works, but of the 3 copies of the stream CINTA these are missing or not up to "
         "date: n2",
         "which of the servers run"},
        {"two of three", COPIES(true, 2, "n2, n3"), STEP_WARNING,
         "nothing is published: more than half of the 3 copies of the stream CINTA are needed; "
         "missing or not up to date: n2, n3",
         "which of the servers run"},
        {"no leader", COPIES(false, 3, "n1, n2, n3"), STEP_WARNING,
         "nothing is published: the stream CINTA has no leader", "which of the servers run"},
        {"full, which only the service notices",
         {.connected = true,
          .leader = true,
          .server = "nats://a",
          .differs = "",
          .service_why = "no room"},
         STEP_WARNING,
         "the service publishes nothing: no room",
         "cinta status"},
        {"another stream has the subjects",
         {.connected = true,
          .server = "nats://a",
          .differs = "",
          .rc = -ENOENT,
          .service_why = "subjects overlap"},
         STEP_WARNING,
         "the service publishes nothing: subjects overlap",
         "cinta status"},
        {"no stream yet",
         {.connected = true, .server = "nats://a", .differs = "", .rc = -ENOENT},
         STEP_OK,
         "the service creates it",
         ""},
        {"no password file", {.rc = -ENOENT}, STEP_WARNING, "the reason", "log of nats-server"},
        {"no server", {.rc = -EHOSTUNREACH}, STEP_WARNING, "the reason", "start nats-server"},
        {"a wrong password", {.rc = -EACCES}, STEP_WARNING, "the reason", "sink.password_file"},
        {"TLS", {.rc = -EPROTO}, STEP_WARNING, "the reason", "tls://"},
        {"no JetStream", {.rc = -EOPNOTSUPP}, STEP_WARNING, "the reason", "jetstream {}"},
        {"another stream", {.rc = -EBUSY}, STEP_WARNING, "the reason", "another sink.stream"},
        {"a full server", {.rc = -ENOSPC}, STEP_WARNING, "the reason", "max_file_store"},
        {"no library", {.rc = -ENOPKG}, STEP_WARNING, "the reason", "install"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct err err = {.text = "the reason"};
        struct nats_facts facts = rows[i].facts;
        facts.servers = "nats://a";
        facts.stream = "CINTA";
        facts.err = &err;
        if (!facts.service_why)
            facts.service_why = "";
        t_row(rows[i].name);
        struct step step = nats_result(&facts);
        t_int(step.id, STEP_NATS);
        t_int(step.state, rows[i].expected);
        t_contains(step.meaning, rows[i].meaning);
        t_contains(step.todo, rows[i].todo);
        t_int(step.finding, rows[i].expected == STEP_OK ? FINDING_NONE : FINDING_NATS);
    }
}

static void of_a_replica(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct nats_facts facts;
        enum step_state expected;
        const char *meaning, *todo;
    } rows[] = {
        {"there",
         {.connected = true, .server = "nats://a", .differs = "", .messages = 7},
         STEP_OK,
         "can read the stream",
         ""},
        {"no stream", {.connected = true, .rc = -ENOENT}, STEP_FAILED, "the reason", "sink.stream"},
        {"no password file", {.rc = -ENOENT}, STEP_FAILED, "the reason", "log of nats-server"},
        {"no server", {.rc = -EHOSTUNREACH}, STEP_FAILED, "the reason", "correct source.nats"},
        {"a wrong password", {.rc = -EACCES}, STEP_FAILED, "the reason", "source.password_file"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct err err = {.text = "the reason"};
        struct nats_facts facts = rows[i].facts;
        facts.source = true;
        facts.service_why = "";
        facts.servers = "nats://a";
        facts.stream = "CINTA";
        facts.err = &err;
        t_row(rows[i].name);
        struct step step = nats_result(&facts);
        t_int(step.state, rows[i].expected);
        t_contains(step.meaning, rows[i].meaning);
        t_contains(step.todo, rows[i].todo);
        t_int(step.finding, rows[i].expected == STEP_OK ? FINDING_NONE : FINDING_SOURCE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(results), cmocka_unit_test(of_a_replica)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
