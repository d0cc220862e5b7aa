#include "net/route_plan.h"

#include "support/t.h"

#include <stdlib.h>

static void names_to_look_up(void **state)
{
    (void)state;
    static const struct {
        const char *proxy, *url; /* of the environment; NULL = none */
        const char *used;
        int hops_count;
        const char *names[2];
        bool is_proxy[2];
    } rows[] = {
        {NULL, "https://h.test/x", "", 1, {"h.test"}, {false}},
        {NULL, "https://127.0.0.1/", "", 0, {NULL}, {false}},
        {NULL, "http://localhost:1/", "", 0, {NULL}, {false}},
        {NULL, "ftp://h.test/", "", 0, {NULL}, {false}},
        {NULL, "http://", "", 0, {NULL}, {false}},
        {"http://p.test:3128", "https://h.test/", "http://p.test:3128", 1, {"p.test"}, {true}},
        {"http://p.test:3128", "http://h.test/", "", 1, {"h.test"}, {false}},
        {"http://p.test:3128", "https://localhost/", "", 0, {NULL}, {false}},
        {"http://1.2.3.4:3128", "https://h.test/", "http://1.2.3.4:3128", 0, {NULL}, {false}},
        {"socks5://p.test",
         "https://h.test/",
         "socks5://p.test",
         2,
         {"h.test", "p.test"},
         {false, true}},
        {"socks5h://p.test", "https://h.test/", "socks5h://p.test", 1, {"p.test"}, {true}},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct link link;
        t_row(rows[i].url);
        if (rows[i].proxy)
            setenv("https_proxy", rows[i].proxy, 1);
        t_int(link_init(&link, NULL, 1000, NULL), 0);
        struct route_plan *plan = route_plan_make(NULL, &link, rows[i].url);
        t_str(plan->proxy, rows[i].used);
        t_int(plan->hops_count, rows[i].hops_count);
        for (int k = 0; k < plan->hops_count; k++) {
            t_str(plan->hops[k].place.host, rows[i].names[k]);
            t_int(plan->hops[k].proxy, rows[i].is_proxy[k]);
        }
        route_plan_release(plan);
        link_finish(&link);
        unsetenv("https_proxy");
    }
}

/* Of the last host, whatever the path; an invalid URL is read each time. */
static void the_plan_of_the_last_host_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool same; /* as of the row before */
    } rows[] = {
        {"https://a.test:1/x?y=1", false}, {"https://a.test:1/other?z=2", true},
        {"https://a.test:1", true},        {"https://a.test:1?q", true},
        {"https://a.test:1#f", true},      {"https://a.test:12/x", false},
        {"http://a.test:12/x", false},     {"http://a.test/x", false},
        {"http://a.test.other/x", false},  {"http://a.test.other@b.test/x", false},
    };
    struct link link;
    struct route_plan *kept = NULL, *before = NULL;
    t_int(link_init(&link, NULL, 1000, NULL), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].url);
        struct route_plan *plan = route_plan_make(&kept, &link, rows[i].url);
        t_true(plan == kept);
        t_int(plan == before, rows[i].same);
        route_plan_release(before); /* held until now, so that its address is not used again */
        before = plan;
    }
    t_str(before->hops[0].place.host, "b.test");
    t_int(before->hops_count, 1);

    struct route_plan *invalid = route_plan_make(&kept, &link, "http://b.test:99999999/");
    t_int(invalid->hops_count, 0);
    t_true(kept == before);
    route_plan_release(invalid);
    route_plan_release(before);
    route_plan_release(kept);
    link_finish(&link);
}

/* A request in flight uses its plan after another host's has replaced it. */
static void a_replaced_plan_lasts_until_it_is_released(void **state)
{
    (void)state;
    struct link link;
    struct route_plan *kept = NULL;
    t_int(link_init(&link, NULL, 1000, NULL), 0);
    struct route_plan *first = route_plan_make(&kept, &link, "http://a.test/");
    struct route_plan *second = route_plan_make(&kept, &link, "http://b.test/");
    t_str(first->hops[0].place.host, "a.test");
    t_str(second->hops[0].place.host, "b.test");
    route_plan_release(kept);
    route_plan_release(first);
    route_plan_release(second);
    route_plan_release(NULL);
    link_finish(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_to_look_up),
        cmocka_unit_test(the_plan_of_the_last_host_is_kept),
        cmocka_unit_test(a_replaced_plan_lasts_until_it_is_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
