#include "serve/access.h"

#include "support/t.h"

static const char *const hosts[] = {"cinta.lan"};
static const char *const origins[] = {"https://app.example", "null"};
static const struct access_rules rules = {
    .listen_host = "192.168.1.5",
    .hosts = hosts,
    .hosts_count = 1,
    .origins = origins,
    .origins_count = 1,
    .token = "s3cret",
};

static const struct {
    const char *name, *host;
    bool allowed;
} host_rows[] = {
    {"the usual name", "localhost:8787", true},
    {"without a port", "localhost", true},
    {"any case", "LocalHost:1", true},
    {"fully qualified", "localhost.:8787", true},
    {"loopback address", "127.0.0.1:8787", true},
    {"another loopback address", "127.3.2.1", true},
    {"IPv6 loopback", "[::1]:8787", true},
    {"the listen address", "192.168.1.5:8787", true},
    {"a configured name", "CINTA.lan:443", true},
    {"none", NULL, false},
    {"empty", "", false},
    {"only a port", ":8787", false},
    {"DNS rebinding", "evil.example:8787", false},
    {"a name that begins like the address", "127.0.0.1.evil.example", false},
    {"a name that begins like a name", "localhost.evil.example", false},
    {"letters in the address", "127.0.0.x", false},
    {"not an address", "127.0.1", false},
    {"another address", "192.168.1.6", false},
    {"a port that is none", "localhost:80a", false},
    {"an unclosed bracket", "[::1", false},
    {"text after the bracket", "[::1]x", false},
    {"a user before it", "localhost@evil.example", false},
};

static void hosts_that_name_this_machine(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(host_rows) / sizeof(host_rows[0]); i++)
        if (access_host(&rules, host_rows[i].host) != host_rows[i].allowed)
            fail_msg("%s", host_rows[i].name);
}

static void a_long_host_is_refused(void **state)
{
    (void)state;
    char host[400];
    memset(host, 'a', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    assert_false(access_host(&rules, host));
}

static const struct {
    const char *name, *origin, *host;
    bool allowed;
} origin_rows[] = {
    {"not a web page", NULL, "localhost:8787", true},
    {"empty", "", "localhost:8787", true},
    {"the server itself", "http://localhost:8787", "localhost:8787", true},
    {"the same behind TLS", "https://cinta.lan", "cinta.lan", true},
    {"a configured one", "https://app.example", "localhost:8787", true},
    {"any case", "HTTPS://App.Example", "localhost:8787", true},
    {"another port", "http://localhost:3000", "localhost:8787", false},
    {"another site", "https://evil.example", "localhost:8787", false},
    {"without the scheme", "localhost:8787", "localhost:8787", false},
    {"a file or a sandbox", "null", "localhost:8787", false},
    {"a longer name", "https://app.example.evil.example", "localhost:8787", false},
    {"no host to compare", "http://localhost", NULL, false},
};

static void origins_of_web_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(origin_rows) / sizeof(origin_rows[0]); i++)
        if (access_origin(&rules, origin_rows[i].origin, origin_rows[i].host) !=
            origin_rows[i].allowed)
            fail_msg("%s", origin_rows[i].name);
}

static void tokens(void **state)
{
    (void)state;
    static const struct access_rules none = {.token = ""};
    static const struct access_rules null = {.token = NULL};
    assert_true(access_token(&rules, "s3cret"));
    assert_false(access_token(&rules, "s3creT"));
    assert_false(access_token(&rules, "s3cre"));
    assert_false(access_token(&rules, "s3crets3cret"));
    assert_false(access_token(&rules, ""));
    assert_false(access_token(&rules, NULL));
    assert_true(access_token(&none, NULL));
    assert_true(access_token(&null, "anything"));
}

static void loopback(void **state)
{
    (void)state;
    assert_true(access_is_loopback("127.0.0.1"));
    assert_true(access_is_loopback("::1"));
    assert_true(access_is_loopback("localhost"));
    assert_false(access_is_loopback("0.0.0.0"));
    assert_false(access_is_loopback("::"));
    assert_false(access_is_loopback(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_that_name_this_machine),
        cmocka_unit_test(a_long_host_is_refused),
        cmocka_unit_test(origins_of_web_pages),
        cmocka_unit_test(tokens),
        cmocka_unit_test(loopback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
