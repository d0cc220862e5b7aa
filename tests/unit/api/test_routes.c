#include "api/routes.h"

#include "support/t.h"

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool found, open;
    } rows[] = {
        {"auth/getToken", true, true},
        {"auth/removeToken", true, false},
        {"j_spring_security_check", true, true},
        {"rest/segment/all", true, false},
        {"rest/order/newSingleOrder", true, false},
        {"rest/accounts", true, false},
        {"status", true, false},
        {"status/x", false, false},
        {"rest", false, false},
        {"sim/stats", false, false},
        {"REST/segment/all", false, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct api_route *route = api_route_find(rows[i].path);
        t_row(rows[i].path);
        t_int(route != NULL, rows[i].found);
        if (route)
            t_int(route->open, rows[i].open);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
