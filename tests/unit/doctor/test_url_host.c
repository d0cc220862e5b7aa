#include "support/t.h"

#include "doctor/url_host.h"
#include "url_samples.h"

#include <strings.h>

static void hosts(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        enum url_host_kind kind;
        const char *api, *terminal, *meant;
    } rows[] = {
        {"api.eco.xoms.com.ar", URL_HOST_API, "api.eco.xoms.com.ar", "matriz.eco.xoms.com.ar", ""},
        {"API.Eco.XOMS.com.ar.", URL_HOST_API, "api.Eco.xoms.com.ar", "matriz.Eco.xoms.com.ar", ""},
        {"api.bbsa.matrizoms.com.ar", URL_HOST_API, "api.bbsa.matrizoms.com.ar", "", ""},
        {"api.remarkets.primary.com.ar", URL_HOST_API, "api.remarkets.primary.com.ar", "", ""},
        {"matriz.eco.xoms.com.ar", URL_HOST_TERMINAL, "api.eco.xoms.com.ar",
         "matriz.eco.xoms.com.ar", ""},
        {"mtr.primary.ventures", URL_HOST_GUEST, "", "", ""},
        {"matbarofex.primary.ventures", URL_HOST_GUEST, "", "", ""},
        {"eco.xoms.com.ar", URL_HOST_BROKER, "api.eco.xoms.com.ar", "matriz.eco.xoms.com.ar", ""},
        {"www.eco.xoms.com.ar", URL_HOST_BROKER, "api.eco.xoms.com.ar", "matriz.eco.xoms.com.ar",
         ""},
        {"remarkets.primary.com.ar", URL_HOST_BROKER, "api.remarkets.primary.com.ar", "", ""},
        {"www.primary.com.ar", URL_HOST_BROKER, "api.primary.com.ar", "", ""},
        {"api.eco.xoms.com", URL_HOST_MISSPELT, "", "", "api.eco.xoms.com.ar"},
        {"api.remarket.primary.com.ar", URL_HOST_MISSPELT, "", "", "api.remarkets.primary.com.ar"},
        {"localhost", URL_HOST_LOCAL, "", "", ""},
        {"127.0.0.1", URL_HOST_LOCAL, "", "", ""},
        {"[::1]", URL_HOST_LOCAL, "", "", ""},
        {"0.0.0.0", URL_HOST_LOCAL, "", "", ""},
        {"192.168.1.20", URL_HOST_PRIVATE, "", "", ""},
        {"172.15.0.1", URL_HOST_ADDRESS, "", "", ""},
        {"172.16.0.1", URL_HOST_PRIVATE, "", "", ""},
        {"pi.local", URL_HOST_PRIVATE, "", "", ""},
        {"[fd00::1]", URL_HOST_PRIVATE, "", "", ""},
        {"[2001:db8::1]", URL_HOST_ADDRESS, "", "", ""},
        {"190.10.20.30", URL_HOST_ADDRESS, "", "", ""},
        {"example.com", URL_HOST_UNKNOWN, "", "", ""},
        {"xoms.com.ar", URL_HOST_UNKNOWN, "", "", ""},
        {"api.eco.xoms.com.ar.example.com", URL_HOST_UNKNOWN, "", "", ""},
        {"", URL_HOST_NONE, "", "", ""},
        {"a..b", URL_HOST_INVALID, "", "", ""},
        {".b", URL_HOST_INVALID, "", "", ""},
        {"api%2Eeco.xoms.com.ar", URL_HOST_INVALID, "", "", ""},
        {"\xce.localhost", URL_HOST_INVALID, "", "", ""},
        {"a.localhost", URL_HOST_LOCAL, "", "", ""},
        {"word", URL_HOST_UNKNOWN, "", "", ""},
        {"1.2.3", URL_HOST_INVALID, "", "", ""},
        {"[::1", URL_HOST_INVALID, "", "", ""},
        {TOKEN, URL_HOST_INVALID, "", "", ""},
        {COOKIE, URL_HOST_INVALID, "", "", ""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        size_t len = strlen(rows[i].host);
        const struct url_host host = url_host_of((struct url_part){rows[i].host, len});
        t_row(rows[i].host);
        t_int(host.kind, rows[i].kind);
        t_str(host.api, rows[i].api);
        t_str(host.terminal, rows[i].terminal);
        t_str(host.meant, rows[i].meant);
        if (host.kind == URL_HOST_INVALID || host.kind == URL_HOST_NONE)
            t_str(host.name, "");
        else
            t_true(strncasecmp(host.name, rows[i].host, strlen(host.name)) == 0);
    }
}

static void long_hosts(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'a', sizeof(text));
    for (size_t i = 20; i < sizeof(text); i += 21)
        text[i] = '.';
    for (size_t len = 100; len < sizeof(text); len += 97) {
        const struct url_host host = url_host_of((struct url_part){text, len});
        t_true(host.kind == URL_HOST_INVALID || strlen(host.name) == len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),
        cmocka_unit_test(long_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
