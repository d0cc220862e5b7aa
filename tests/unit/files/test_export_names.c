#include "files/export_names.h"

#include "support/t.h"

static void expect_list(const char *const *list, const char *const *expected)
{
    for (; *expected; list++, expected++)
        t_str(*list, *expected);
    t_true(!*list);
}

/* They are part of the configuration and of file names: a change breaks both. */
static void the_names(void **state)
{
    (void)state;
    expect_list(export_formats, (const char *const[]){"csv", "jsonl", "excel", NULL});
    expect_list(export_compressions, (const char *const[]){"none", "gzip", "zstd", NULL});
    expect_list(export_tables,
                (const char *const[]){"snapshots", "trades", "bars", "events", "coverage", NULL});
}

/* One that is implemented is not "not built yet". */
static void a_later_format_is_not_in_the_list(void **state)
{
    (void)state;
    for (const char *const *name = export_formats; *name; name++)
        t_true(strcmp(*name, EXPORT_FORMAT_LATER) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_names),
        cmocka_unit_test(a_later_format_is_not_in_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
