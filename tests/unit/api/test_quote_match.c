#include "api/quote_match.h"

#include "support/t.h"

static struct web_request request_for(int count, const struct web_param *params)
{
    struct web_request request = {.params_count = count};
    for (int i = 0; i < count; i++)
        request.params[i] = params[i];
    return request;
}

static void what_matches(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct web_param params[3];
        int count;
        const char *symbol;
        bool matches;
    } rows[] = {
        {"none: all", {{"seen", "1"}}, 1, "DLR/DIC26", true},
        {"a glob", {{"match", "DLR/*"}}, 1, "DLR/DIC26", true},
        {"any case", {{"match", "dlr/*"}}, 1, "DLR/DIC26", true},
        {"another product", {{"match", "DLR/*"}}, 1, "GGAL/DIC26", false},
        {"the first of two", {{"match", "DLR/*"}, {"match", "*AL30*"}}, 2, "DLR/DIC26", true},
        {"the second of two",
         {{"match", "DLR/*"}, {"seen", "1"}, {"match", "*AL30*"}},
         3,
         "MERV - XMEV - AL30 - 24hs",
         true},
        {"none of two", {{"match", "DLR/*"}, {"match", "*AL30*"}}, 2, "GGAL/DIC26", false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_request request = request_for(rows[i].count, rows[i].params);
        struct quote_match match;
        t_row(rows[i].name);
        t_int(quote_match_read(&match, &request), 0);
        t_int(quote_match_has(&match, rows[i].symbol), rows[i].matches);
        quote_match_finish(&match);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
