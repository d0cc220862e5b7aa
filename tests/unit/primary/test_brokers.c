#include "primary/brokers.h"

#include "support/t.h"

static void every_row_is_an_api_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < broker_hosts_count; i++) {
        const struct broker_host *host = &broker_hosts[i];
        t_row(host->name);
        t_true(strncmp(host->url, "https://api.", 12) == 0);
        t_true(host->url[strlen(host->url) - 1] == '/');
        t_int(strspn(host->name, "abcdefghijklmnopqrstuvwxyz"), strlen(host->name));
        t_contains(host->url, host->name);
        t_true(broker_host_find(host->name) == host);
        t_true(broker_host_of_url(host->url) == host);
    }
}

static void by_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *url;
    } rows[] = {
        {"remarkets", "https://api.remarkets.primary.com.ar/"},
        {"reMarkets", "https://api.remarkets.primary.com.ar/"},
        {"COCOS", "https://api.cocos.xoms.com.ar/"},
        {"latinsecurities", "https://api.latinsecurities.matrizoms.com.ar/"},
        {"coco", NULL},
        {"", NULL},
        {"cocos ", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        const struct broker_host *host = broker_host_find(rows[i].name);
        t_str(host ? host->url : NULL, rows[i].url);
    }
}

static void by_similar_name(void **state)
{
    (void)state;
    static const struct {
        const char *name, *by_similar_name;
    } rows[] = {
        {"remarket", "remarkets"},
        {"coccos", "cocos"},
        {"vetta", "veta"},
        {"primarry", "primary"},
        {"latinsecurity", "latinsecurities"},
        {"vxtx", "veta"}, /* at the limit of two letters */
        {"xxtx", NULL},
        {"deco", "eco"}, /* as near as demo, and before it */
        {"anotherbroker", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        const struct broker_host *host = broker_host_near(rows[i].name);
        t_str(host ? host->name : NULL, rows[i].by_similar_name);
    }
}

static void by_url(void **state)
{
    (void)state;
    static const struct {
        const char *url, *name;
    } rows[] = {
        {"https://api.remarkets.primary.com.ar", "remarkets"},
        {"https://API.reMarkets.primary.com.ar/", "remarkets"},
        {"https://api.remarkets.primary.com.ar:443/", "remarkets"},
        {"https://api.remarkets.primary.com.ar/base/", "remarkets"},
        {"https://api.remarkets.primary.com.ar.evil.example/", NULL},
        {"http://api.remarkets.primary.com.ar/", NULL},
        {"https://api.broker.example/", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].url);
        const struct broker_host *host = broker_host_of_url(rows[i].url);
        t_str(host ? host->name : NULL, rows[i].name);
    }
}

static void only_the_sandbox_is_always_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < broker_hosts_count; i++) {
        t_row(broker_hosts[i].name);
        t_int(broker_hosts[i].always, strcmp(broker_hosts[i].name, "remarkets") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_an_api_host),
        cmocka_unit_test(by_name),
        cmocka_unit_test(by_similar_name),
        cmocka_unit_test(by_url),
        cmocka_unit_test(only_the_sandbox_is_always_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
