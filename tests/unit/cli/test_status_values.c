/* Values of the status as texts. tests/unit/cli/test_status_view.c has the whole view. */
#include "cli/status_values.h"

#include "support/t.h"

#include <math.h>

#define NOW_NS 1795795200000000000 /* 2026-11-27 16:00 UTC, 13:00 in Argentina */

static void ages(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *expected;
    } rows[] = {
        {NAN, "never"},      {-3, "0.0 s"},        {0.34, "0.3 s"},
        {723, "12 min 3 s"}, {11100, "3 h 5 min"}, {187200, "2 d 4 h"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[STATUS_AGE_TEXT];
        t_row(rows[i].expected);
        t_str(status_age_text(out, rows[i].seconds), rows[i].expected);
    }
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        double bytes;
        const char *expected;
    } rows[] = {{NAN, "0 B"}, {512, "512 B"}, {12345678, "12.3 MB"}, {5e15, "5000.0 TB"}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[STATUS_AGE_TEXT];
        t_row(rows[i].expected);
        t_str(status_size_text(out, rows[i].bytes), rows[i].expected);
    }
}

static void moments(void **state)
{
    (void)state;
    char out[CLOCK_TEXT];
    t_str(status_moment(out, "2026-11-27T15:59:58.000Z", NOW_NS), "12:59:58 ART");
    t_str(status_moment(out, "", NOW_NS), "-");
    t_str(status_future(out, "2026-11-27T20:05:00.000Z"), "Fri 2026-11-27 17:05 ART");
    t_str(status_future(out, "soon"), "-");
    t_str(status_day(out, "2026-11-28T02:30:00.000Z"), "2026-11-27");
    t_str(status_day(out, ""), "-");
}

static void members(void **state)
{
    (void)state;
    static const char json[] = "{\"n\":7,\"t\":\"x\",\"f\":true,\"age\":3.25}";
    char out[STATUS_AGE_TEXT];
    struct json_parser *parser = json_parser_create();
    const struct json *of = json_parse(parser, json, sizeof(json) - 1, NULL);
    assert_non_null(of);
    t_double(status_number(of, "n"), 7);
    t_true(isnan(status_number(of, "none")));
    t_double(status_count(of, "none"), 0);
    t_str(status_text(of, "t"), "x");
    t_str(status_text(of, "none"), "");
    t_true(status_flag(of, "f"));
    t_true(!status_flag(of, "none"));
    t_str(status_ago(out, of, "age"), "3.2 s ago");
    t_str(status_ago(out, of, "none"), "never");
    json_parser_destroy(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages),
        cmocka_unit_test(sizes),
        cmocka_unit_test(moments),
        cmocka_unit_test(members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
