#include "base/csv.h"

#include "support/t.h"

static void fields(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *field;
    } rows[] = {
        {"plain", "DLR/DIC26", "DLR/DIC26"},     {"empty", "", ""},
        {"spaces stay", " a b ", " a b "},       {"comma", "a,b", "\"a,b\""},
        {"a list", "[[1,2]]", "\"[[1,2]]\""},    {"quote", "say \"hi\"", "\"say \"\"hi\"\"\""},
        {"only a quote", "\"", "\"\"\"\""},      {"line break", "a\nb", "\"a\nb\""},
        {"carriage return", "a\rb", "\"a\rb\""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        buf_init(&out, 256);
        t_row(rows[i].name);
        csv_put(&out, rows[i].text);
        t_str(buf_text(&out), rows[i].field);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
