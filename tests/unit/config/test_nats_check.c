/* The values of section sink that are checked one by one. */
#include "config/nats_check.h"

#include "config/authority.h"
#include "support/t.h"

#include <errno.h>

static void addresses_of_servers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error; /* NULL: valid */
        bool loopback, plain;
    } rows[] = {
        {"nats://127.0.0.1:4222", NULL, true, true},
        {"nats://a.example:4222, nats://b.example:4222", NULL, false, true},
        {"tls://nats.example", NULL, false, false},
        {"nats://localhost,nats://[::1]:4222", NULL, true, true},
        {"nats://127.0.0.1:4222,nats://a:4222", NULL, false, true},
        {"", NULL, false, false},
        {"127.0.0.1:4222", "is not an address like nats://", false, false},
        {"http://a:4222", "is not an address like nats://", false, false},
        {"nats://", "has no valid host and port", false, false},
        {"nats://a:port", "has no valid host and port", false, false},
        {"nats://a:4222/x", "has no valid host and port", false, false},
        {"nats://a:4222,", "is not an address like nats://", false, false},
        {"nats://u:secret@a:4222", "contains a user name", false, false},
        {"nats://a,tls://b", "with and without TLS", false, false},
        {"nats://1,nats://2,nats://3,nats://4,nats://5,nats://6,nats://7,nats://8,nats://9,nats://"
         "10,"
         "nats://11,nats://12,nats://13,nats://14,nats://15,nats://16,nats://17",
         "more than 16 servers", false, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i].text);
        t_int(check_nats(rows[i].text, &err), rows[i].error ? -EINVAL : 0);
        if (rows[i].error) {
            t_contains(err.text, rows[i].error);
            t_true(!strstr(err.text, "secret"));
            continue;
        }
        t_int(nats_is_loopback(rows[i].text), rows[i].loopback);
        t_int(nats_is_plain(rows[i].text), rows[i].plain);
    }
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool subject, stream;
    } rows[] = {
        {"md", true, true},
        {"cinta.md", true, false},
        {"CINTA_2-x", true, true},
        {"", false, false},
        {".md", false, false},
        {"md.", false, false},
        {"a..b", false, false},
        {"md.>", false, false},
        {"a b", false, false},
        {"a*", false, false},
        {"ñ", false, false},
        {"$JS", false, false},
        {"012345678901234567890123456789012", false, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err;
        t_row(rows[i].text);
        t_int(check_subject(rows[i].text, &err) == 0, rows[i].subject);
        t_int(check_stream(rows[i].text, &err) == 0, rows[i].stream);
        t_int(check_bucket(rows[i].text, &err) == 0, rows[i].stream);
        t_int(check_lease_name(rows[i].text, &err) == 0, rows[i].stream || !*rows[i].text);
    }
}

static void a_host_that_looks_like_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool loopback;
    } rows[] = {
        {"127.0.0.1", true},  {"127.1.2.3:80", true},      {"LOCALHOST", true},
        {"[::1]:4222", true}, {"127.evil.example", false}, {"1270.0.0.1", false},
        {"128.0.0.1", false}, {"localhost.evil", false},   {"127.0.0", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct authority a;
        t_row(rows[i].text);
        t_true(authority_split(rows[i].text, &a));
        t_int(authority_is_loopback(&a), rows[i].loopback);
    }
    t_str(authority_after("NATS://x", "nats://"), "x");
    t_str(authority_after("nat://x", "nats://"), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_of_servers),
        cmocka_unit_test(names),
        cmocka_unit_test(a_host_that_looks_like_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
