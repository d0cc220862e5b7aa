#include "sim/http_date.h"

#include "base/clock.h"
#include "support/t.h"

static void dates(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_s;
        const char *text;
    } rows[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {1795096978, "Thu, 19 Nov 2026 14:02:58 GMT"},
        {1709164800, "Thu, 29 Feb 2024 00:00:00 GMT"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_answer answer;
        web_answer_init(&answer);
        t_row(rows[i].text);
        http_date_add(&answer, rows[i].wall_s * NS_PER_S + NS_PER_S - 1);
        t_str(web_answer_header(&answer, "Date"), rows[i].text);
        web_answer_finish(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(dates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
