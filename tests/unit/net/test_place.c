#include "net/place.h"

#include "support/t.h"

static void urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *scheme, *host;
        int port;
    } rows[] = {
        {"https://api.x.xoms.com.ar/", "https", "api.x.xoms.com.ar", 443},
        {"http://127.0.0.1:8080/x?y", "http", "127.0.0.1", 8080},
        {"https://[::1]:8443/", "https", "::1", 8443},
        {"https://u:p@h.example/", "https", "h.example", 443},
        {"not a url", "", "", -1},
        {"", "", "", -1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct place place = place_of_url(rows[i].url);
        t_row(rows[i].url);
        t_int(place.port, rows[i].port);
        if (place.port < 0)
            continue;
        t_str(place.scheme, rows[i].scheme);
        t_str(place.host, rows[i].host);
    }
}

/* libcurl's defaults for proxies are not those of URLs. */
static void proxies(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        int port;
    } rows[] = {
        {"proxy", "proxy", 1080},
        {"proxy:3128", "proxy", 3128},
        {"http://u:p@proxy", "proxy", 1080},
        {"http://u:p@proxy:80", "proxy", 80},
        {"https://proxy", "proxy", 443},
        {"socks5://[::1]:9050", "::1", 9050},
        {"socks5h://proxy", "proxy", 1080},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct place place = place_of_proxy(rows[i].url);
        t_row(rows[i].url);
        t_str(place.host, rows[i].host);
        t_int(place.port, rows[i].port);
    }
}

static void look_ups(void **state)
{
    (void)state;
    t_int(place_needs_no_look_up("127.0.0.1"), true);
    t_int(place_needs_no_look_up("::1"), true);
    t_int(place_needs_no_look_up("localhost"), true);
    t_int(place_needs_no_look_up("a.localhost"), true);
    t_int(place_needs_no_look_up("localhost.example"), false);
    t_int(place_needs_no_look_up("1.2.3.4.example"), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(proxies),
        cmocka_unit_test(look_ups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
