#include "serve/query.h"

#include "support/t.h"

/* What libwebsockets has read before the first blank is always "s=MERV". */
static void rests(void **state)
{
    (void)state;
    static const struct {
        const char *version, *seen; /* NULL: there is no rest */
    } rows[] = {
        {"HTTP/1.1", NULL},
        {"", NULL},
        {"- XMEV - AL30 - CI HTTP/1.1", "s=MERV - XMEV - AL30 - CI"},
        {"- XMEV&entries=BI,LA&depth=2 HTTP/1.1", "s=MERV - XMEV|entries=BI,LA|depth=2"},
        {"- A HTTP/1.1 HTTP/1.1", "s=MERV - A HTTP/1.1"},
        {"-%20A%2FB+C&a%62=%3d HTTP/1.0", "s=MERV - A/B C|ab=="},
        {"A&x&y=1& HTTP/1.1", "s=MERV A|y=1"},
        {"A%&b=%4&c=%zz&d=%00 HTTP/1.1", "s=MERV A%|b=%4|c=%zz|d=%00"},
        {" HTTP/1.1", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char rest[128], text[128], seen[256] = "";
        struct web_request request = {.params = {{"s", "MERV"}}, .params_count = 1};
        t_row(rows[i].version);
        strcpy(rest, rows[i].version);
        t_int(query_rest_cut(rest) > 0, rows[i].seen != NULL);
        if (!rows[i].seen)
            continue;
        query_rest_add(&request, rest, text, sizeof(text));
        for (int p = 0; p < request.params_count; p++)
            snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s%s=%s", p ? "|" : "",
                     request.params[p].name, request.params[p].value);
        t_str(seen, rows[i].seen);
    }
}

static void too_much(void **state)
{
    (void)state;
    char rest[] = "x&a=1&b=2&c=3 HTTP/1.1", text[6];
    struct web_request request = {.params_count = WEB_PARAMS_MAX - 2};
    for (int i = 0; i < request.params_count; i++)
        request.params[i] = (struct web_param){"s", "MERV"};
    t_true(query_rest_cut(rest) > 0);
    query_rest_add(&request, rest, text, sizeof(text));
    t_int(request.params_count, WEB_PARAMS_MAX);
    t_str(request.params[WEB_PARAMS_MAX - 3].value, "MERV ");
    t_str(request.params[WEB_PARAMS_MAX - 1].name, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rests),
        cmocka_unit_test(too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
