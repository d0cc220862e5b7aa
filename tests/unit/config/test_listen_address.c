#include "config/listen_address.h"

#include "support/t.h"

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int kind; /* -1: not an address */
        const char *host;
        int port;
        bool local;
    } rows[] = {
        {"", LISTEN_NOWHERE, "", 0, true},
        {"127.0.0.1:8787", LISTEN_TCP, "127.0.0.1", 8787, true},
        {"127.1.2.3:0", LISTEN_TCP, "127.1.2.3", 0, true},
        {"localhost:80", LISTEN_TCP, "127.0.0.1", 80, true},
        {"[::1]:65535", LISTEN_TCP, "::1", 65535, true},
        {"0.0.0.0:1", LISTEN_TCP, "0.0.0.0", 1, false},
        {"[::]:1", LISTEN_TCP, "::", 1, false},
        {"[::ffff:127.0.0.1]:1", LISTEN_TCP, "::ffff:127.0.0.1", 1, false},
        {"192.168.1.5:8787", LISTEN_TCP, "192.168.1.5", 8787, false},
        {"128.0.0.1:8787", LISTEN_TCP, "128.0.0.1", 8787, false},
        {"unix:/run/cinta/cinta.sock", LISTEN_UNIX, "", 0, true},
        {"127.evil.example:80", -1, NULL, 0, false},
        {"unix:relative", -1, NULL, 0, false},
        {"127.0.0.1", -1, NULL, 0, false},
        {"[]:80", -1, NULL, 0, false},
        {":80", -1, NULL, 0, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct listen_address at;
        t_row(rows[i].text);
        t_int(listen_address_parse(rows[i].text, &at), rows[i].kind >= 0);
        if (rows[i].kind < 0)
            continue;
        t_int(at.kind, rows[i].kind);
        t_str(at.host, rows[i].host);
        t_int(at.port, rows[i].port);
        t_int(listen_address_is_local(&at), rows[i].local);
    }
}

static void the_path_of_a_socket(void **state)
{
    (void)state;
    struct listen_address at;
    t_true(listen_address_parse("unix:/run/c.sock", &at));
    t_str(at.path, "/run/c.sock");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(the_path_of_a_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
