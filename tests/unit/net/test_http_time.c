#include "net/http_time.h"

#include "base/clock.h"
#include "support/t.h"

static void dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t s; /* -1 = refused */
    } rows[] = {
        {"Sun, 06 Nov 1994 08:49:37 GMT", 784111777},
        {"Sunday, 06-Nov-94 08:49:37 GMT", 784111777},
        {"Sun Nov  6 08:49:37 1994", 784111777},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"", -1},
        {"yesterday", -1},
        {"Sun, 06 Nov 1994 08:49:37 GMT and a text that no date has, longer than any", -1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t ns = -NS_PER_S;
        t_row(rows[i].text);
        t_int(http_time_ns(rows[i].text, strlen(rows[i].text), &ns), rows[i].s >= 0);
        t_int(ns, rows[i].s * NS_PER_S);
    }
}

static void the_end_of_time(void **state)
{
    (void)state;
    static const char text[] = "Fri, 31 Dec 9999 23:59:59 GMT";
    int64_t ns = 0;
    t_int(http_time_ns(text, strlen(text), &ns), true);
    t_int(ns, INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(the_end_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
