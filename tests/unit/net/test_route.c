#include "net/route.h"

#include "fake_dns.h"

#include <errno.h>

#define PATIENCE_MS 20000

struct found {
    struct loop *loop;
    int told;
    struct err err;
};

static void note(void *arg, const struct err *err)
{
    struct found *f = arg;
    f->told++;
    f->err = *err;
    loop_stop(f->loop);
}

static int find(struct route **out, struct found *f, const struct link *link, const char *url,
                int64_t timeout_ms)
{
    const struct route_parts parts = {f->loop, link, url, timeout_ms, note, f, NULL};
    f->told = 0;
    f->err = (struct err){0};
    return route_find(out, &parts);
}

static void names_are_resolved_before_the_transfer(void **state)
{
    (void)state;
    static const struct {
        const char *name, *url;
        int rc; /* of route_find() */
        const char *words;
    } rows[] = {
        {"IPv4", "http://127.0.0.1:1/", 0, ""},
        {"IPv6", "https://[::1]:1/", 0, ""},
        {"localhost", "http://localhost/", 0, ""},
        {"below localhost", "http://a.localhost/", 0, ""},
        {"not a URL: libcurl reports it", "http://", 0, ""},
        {"another scheme: libcurl reports it", "file:///etc/passwd", 0, ""},
        {"a name", "https://good.test:1/", -EINPROGRESS, ""},
        {"the same again", "https://good.test:2/", 0, ""},
        {"no such name", "http://none.test/", -EINPROGRESS,
         "cannot resolve host 'none.test': Name or service not known"},
        {"no usable address", "http://local.test/", -EINPROGRESS,
         "cannot resolve host 'local.test': no usable address"},
    };
    struct link link;
    struct found f = {.loop = loop_create()};
    t_int(link_init(&link, NULL, 1000, NULL), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct route *route = NULL;
        t_row(rows[i].name);
        t_int(find(&route, &f, &link, rows[i].url, PATIENCE_MS), rows[i].rc);
        t_int(f.told, 0); /* never from inside the call */
        if (rows[i].rc)
            loop_run(f.loop);
        t_int(f.told, rows[i].rc != 0);
        t_str(f.err.text, rows[i].words);
        route_destroy(route);
    }
    link_finish(&link);
    loop_destroy(f.loop);
}

static void a_hanging_dns_ends_with_a_time_out(void **state)
{
    (void)state;
    struct link link;
    struct route *route = NULL;
    struct err err;
    struct found f = {.loop = loop_create()};
    t_int(link_init(&link, NULL, 1000, NULL), 0);
    t_int(find(&route, &f, &link, "http://hang.test/", 50), -EINPROGRESS);
    dns_until_hanging(1);
    route_late(route, &err); /* for a caller that does not wait any longer */
    t_contains(err.text, "cannot resolve host 'hang.test': no answer from the DNS in");
    loop_run(f.loop);
    t_int(f.told, 1);
    t_int(f.err.code, -ETIMEDOUT);
    t_contains(f.err.text, "cannot resolve host 'hang.test': no answer from the DNS in 0.05 s");
    route_destroy(route);

    t_int(find(&route, &f, &link, "http://hang.test/", PATIENCE_MS), -EINPROGRESS);
    route_destroy(route); /* cancels: `fn` is not called */
    route_destroy(NULL);
    link_finish(&link);
    loop_destroy(f.loop);
    dns_release();
    t_int(f.told, 0);
}

static void the_proxy_is_resolved_instead_of_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *proxy, *words;
    } rows[] = {
        {"http://good.test:3128", ""}, /* the proxy resolves the host, which does not exist */
        {"http://u:p@none.test:3128", "cannot resolve the environment's proxy 'none.test'"},
        {"socks5://127.0.0.1:1", "cannot resolve host 'none2.test'"}, /* we resolve it */
        {"socks5h://127.0.0.1:1", ""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct link link;
        struct route *route = NULL;
        struct found f = {.loop = loop_create()};
        t_row(rows[i].proxy);
        setenv("https_proxy", rows[i].proxy, 1);
        t_int(link_init(&link, NULL, 1000, NULL), 0);
        if (find(&route, &f, &link, "https://none2.test/", PATIENCE_MS) == -EINPROGRESS)
            loop_run(f.loop);
        t_contains(f.err.text, rows[i].words);
        t_true(*rows[i].words || !f.err.code);
        route_destroy(route);
        link_finish(&link);
        loop_destroy(f.loop);
    }
    unsetenv("https_proxy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_resolved_before_the_transfer),
        cmocka_unit_test(a_hanging_dns_ends_with_a_time_out),
        cmocka_unit_test(the_proxy_is_resolved_instead_of_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
