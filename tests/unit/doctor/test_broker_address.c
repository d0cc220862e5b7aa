#include "doctor/broker_address.h"

#include "support/t.h"

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        enum address_kind kind;
        const char *api;
    } rows[] = {
        {"https://api.cocos.xoms.com.ar/", ADDRESS_API, "https://api.cocos.xoms.com.ar/"},
        {"https://api.remarkets.primary.com.ar", ADDRESS_API,
         "https://api.remarkets.primary.com.ar/"},
        {"http://127.0.0.1:8080/", ADDRESS_API, "http://127.0.0.1:8080/"},
        {"https://matriz.cocos.xoms.com.ar/", ADDRESS_TERMINAL, "https://api.cocos.xoms.com.ar/"},
        {"wss://MATRIZ.eco.xoms.com.ar/ws", ADDRESS_TERMINAL, "https://api.eco.xoms.com.ar/"},
        {"https://matriz.local:8443/", ADDRESS_TERMINAL, "https://api.local:8443/"},
        {"https://mtr.primary.ventures/", ADDRESS_TERMINAL, ""},
        {"https://matbarofex.primary.ventures:443/ws", ADDRESS_TERMINAL, ""},
        {"https://api.x.xoms.com.ar/marketdata.html/", ADDRESS_PAGE, "https://api.x.xoms.com.ar/"},
        {"https://api.x.xoms.com.ar/index.jsp;jsessionid=1", ADDRESS_PAGE,
         "https://api.x.xoms.com.ar/"},
        {"https://api.x.xoms.com.ar/login/", ADDRESS_PAGE, "https://api.x.xoms.com.ar/"},
        {"https://api.x.xoms.com.ar/ws/", ADDRESS_ENDPOINT, "https://api.x.xoms.com.ar/"},
        {"wss://api.x.xoms.com.ar/ws", ADDRESS_ENDPOINT, "https://api.x.xoms.com.ar/"},
        {"https://api.x.xoms.com.ar/rest/", ADDRESS_ENDPOINT, "https://api.x.xoms.com.ar/"},
        {"https://api.x.xoms.com.ar/auth/getToken/", ADDRESS_ENDPOINT,
         "https://api.x.xoms.com.ar/"},
        {"https://gateway.example/broker/", ADDRESS_PATH, "https://gateway.example/"},
        {"https://www.broker.com.ar/", ADDRESS_WEBSITE, "https://www.broker.com.ar/"},
        {"https://notmatriz.example/", ADDRESS_API, "https://notmatriz.example/"},
        {"", ADDRESS_API, ""},
    };
    char api[ADDRESS_BYTES];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].url);
        t_int(address_kind(rows[i].url), rows[i].kind);
        t_str(address_of_api(api, rows[i].url), rows[i].api);
    }
}

static void a_long_host_is_bounded(void **state)
{
    char url[600], api[ADDRESS_BYTES];
    (void)state;
    snprintf(url, sizeof(url), "https://matriz.%0500d/", 7);
    t_int(address_kind(url), ADDRESS_TERMINAL);
    t_int(strlen(address_of_api(api, url)) < ADDRESS_BYTES, true);
    snprintf(url, sizeof(url), "https://%0500d/", 7);
    t_str(address_of_api(api, url), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(a_long_host_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
