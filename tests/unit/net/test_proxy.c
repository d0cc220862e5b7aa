#include "net/proxy.h"

#include "support/t.h"

#include <stdlib.h>

static void exceptions(void **state)
{
    (void)state;
    static const struct {
        const char *list, *host;
        bool covered;
    } rows[] = {
        {"", "broker.com", false},
        {"*", "broker.com", true},
        {"*", "10.0.0.1", true},
        {"*", "2001:db8::1", true},
        {"other.net,*", "broker.com", true},
        {"*,other.net", "broker.com", true},
        {" * ", "broker.com", true},
        {"other.net *", "broker.com", true},
        {"*:443", "broker.com", true},
        {"*:80", "broker.com", false},
        {"broker.com", "broker.com", true},
        {"BROKER.com", "Broker.COM", true},
        {"broker.com.", "broker.com", true},
        {"broker.com", "broker.com.", true},
        {"broker.com", "api.broker.com", true},
        {".broker.com", "api.broker.com", true},
        {".broker.com", "broker.com", true},
        {"*.broker.com", "api.broker.com", true},
        {"broker.com", "mybroker.com", false},
        {"api.broker.com", "broker.com", false},
        {"broker.com:443", "broker.com", true},
        {"broker.com:8443", "broker.com", false},
        {"a,b , broker.com,c", "broker.com", true},
        {",,;, ", "broker.com", false},
        {".", "broker.com", false},
        {"*.", "broker.com", false},
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.10", false},
        {"10.0.0.0/8", "10.200.3.4", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.0.0.0/9", "10.128.0.1", false},
        {"10.0.0.0/33", "10.0.0.0", false},
        {"10.0.0.0/", "10.0.0.0", false},
        {"10.0.0.0/x", "10.0.0.0", false},
        {"0.0.0.0/0", "10.1.2.3", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"10.0.0.0/8", "10.broker.com", false},
        {"10.0.0.1:443", "10.0.0.1", true},
        {"2001:db8::/32", "2001:db8::1", true},
        {"[2001:db8::1]", "2001:db8::1", true},
        {"[2001:db8::1]:443", "2001:db8:0::1", true},
        {"[2001:db8::1]:80", "2001:db8::1", false},
        {"[2001:db8::]/32", "2001:db8:1::", true},
        {"[", "2001:db8::1", false},
        {"]:", "broker.com", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].list);
        t_int(proxy_excepts(rows[i].list, rows[i].host, 443), rows[i].covered);
    }
}

static void which_proxy(void **state)
{
    (void)state;
    static const char proxy[] = "http://proxy:3128";
    static const struct {
        const char *name, *url, *exceptions[2];
        bool tls;
        const char *host, *expected;
    } rows[] = {
        {"no variable set", NULL, {NULL, NULL}, true, "broker.com", ""},
        {"TLS to another machine", proxy, {NULL, NULL}, true, "broker.com", proxy},
        {"not used without TLS", proxy, {NULL, NULL}, false, "broker.com", ""},
        {"this machine by name", proxy, {NULL, NULL}, true, "localhost", ""},
        {"this machine by name, subdomain", proxy, {NULL, NULL}, true, "a.localhost", ""},
        {"this machine by address", proxy, {NULL, NULL}, true, "127.3.2.1", ""},
        {"this machine, IPv6", proxy, {NULL, NULL}, true, "::1", ""},
        {"excepted by one list", proxy, {"broker.com", NULL}, true, "broker.com", ""},
        {"excepted by NO_PROXY", proxy, {NULL, "broker.com"}, true, "broker.com", ""},
        {"one of two lists matches", proxy, {"other.net", "*"}, true, "broker.com", ""},
        {"neither list matches", proxy, {"other.net", "else.net"}, true, "broker.com", proxy},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct proxy_env env = {(char *)rows[i].url,
                                {(char *)rows[i].exceptions[0], (char *)rows[i].exceptions[1]}};
        t_row(rows[i].name);
        t_str(proxy_for(&env, rows[i].tls, rows[i].host, 443), rows[i].expected);
    }
}

static const char *const variables[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                        "http_proxy",  "HTTP_PROXY",  "no_proxy",  "NO_PROXY"};

static void which_variable(void **state)
{
    (void)state;
    static const struct {
        const char *name, *set[6], *url, *exceptions[2];
    } rows[] = {
        {"nothing is set", {NULL}, NULL, {NULL, NULL}},
        {"lower case", {"https_proxy", "http://a"}, "http://a", {NULL, NULL}},
        {"upper case", {"HTTPS_PROXY", "http://b"}, "http://b", {NULL, NULL}},
        {"lower case has priority", {"HTTPS_PROXY", "b", "https_proxy", "a"}, "a", {NULL, NULL}},
        {"an empty one counts as unset",
         {"https_proxy", "", "HTTPS_PROXY", "b"},
         "b",
         {NULL, NULL}},
        {"all_proxy", {"all_proxy", "c"}, "c", {NULL, NULL}},
        {"ALL_PROXY", {"ALL_PROXY", "d"}, "d", {NULL, NULL}},
        {"http_proxy is ignored", {"http_proxy", "e", "HTTP_PROXY", "f"}, NULL, {NULL, NULL}},
        {"no_proxy and NO_PROXY", {"no_proxy", "x", "NO_PROXY", "*"}, NULL, {"x", "*"}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct proxy_env env;
        t_row(rows[i].name);
        for (size_t k = 0; k < T_COUNT(variables); k++)
            unsetenv(variables[k]);
        for (int k = 0; k < 6 && rows[i].set[k]; k += 2)
            setenv(rows[i].set[k], rows[i].set[k + 1], 1);
        t_int(proxy_env_read(&env), 0);
        t_str(env.url, rows[i].url);
        t_str(env.exceptions[0], rows[i].exceptions[0]);
        t_str(env.exceptions[1], rows[i].exceptions[1]);
        proxy_env_finish(&env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exceptions),
        cmocka_unit_test(which_proxy),
        cmocka_unit_test(which_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
