/* A replica is configured without a broker; what has no effect in it is refused. */
#include "config/source_check.h"

#include "support/t.h"

#include <errno.h>

#define NATS "source { nats = \"nats://10.0.0.1:4222\" "

static void configurations(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *why;
    } rows[] = {
        {"nothing but the source", NATS "}", ""},
        {"what a replica has too",
         NATS "start = \"last\" }\nstore { keep_days = 7 }\nexport { at = \"18:00\" }\n"
              "serve { listen = \"127.0.0.1:1\" }",
         ""},
        {"a broker", NATS "}\nbroker { url = \"https://x.example/\" }",
         "x:2: broker.url: has no effect in a replica"},
        {"a sink", NATS "}\nsink { rate = 5 }", "x:2: sink.rate: has no effect"},
        {"a lease", NATS "}\nlease { name = \"a\" }", "x:2: lease.name: has no effect"},
        {"instruments", NATS "}\ninstruments { symbols = {\"A\"} }",
         "x:2: instruments.symbols: has no effect"},
        {"hours", NATS "}\nsession { always = true }", "x:2: session.always: has no effect"},
        {"hours of a segment", NATS "}\nsegment \"MERV\" { hours = \"11:00-17:00\" }",
         "x:2: segment.MERV: has no effect"},
        {"on demand", NATS "}\nserve { on_demand = 5 }", "x:2: serve.on_demand: has no effect"},
        {"a foreign client", NATS "}\nserve { listen = \"0.0.0.0:1\" }", "serve.token must be set"},
        {"two logins", NATS "user = \"u\" token_file = \"t\" }", "only one can be used"},
        {"a password without a user", NATS "password_file = \"p\" }", "needs source.user"},
        {"a certificate without its key", NATS "certificate_file = \"c\" }",
         "needs source.key_file"},
        {"a token in the clear", NATS "token_file = \"t\" }", "would send the password or token"},
        {"as wished", NATS "token_file = \"t\" allow_insecure = true }", ""},
        {"no such start", NATS "start = \"now\" }", "allowed: beginning, last"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct config *config = NULL;
        struct err err = {0};
        t_row(rows[i].name);
        int rc = config_parse(rows[i].text, strlen(rows[i].text), "x", &config, &err);
        t_int(rc, *rows[i].why ? -EINVAL : 0);
        t_contains(err.text, rows[i].why);
        if (rc == 0)
            t_int(source_check(config, &err), 0);
        config_free(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(configurations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
