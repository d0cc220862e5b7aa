#include "config/conf_quote.h"

#include "support/t.h"

static void texts_are_quoted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *quoted;
    } rows[] = {
        {"", "\"\""},
        {"alice", "\"alice\""},
        {"two words", "\"two words\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"ends in \\", "\"ends in \\\\\""},
        {"it's", "\"it's\""},
        {"$HOME", "\"$HOME\""},
        {"${HOME}", "'${HOME}'"},
        {"${never closed", "'${never closed'"},
        {"it's ${X}", "'it\\'s ${X}'"},
        {"\"${X}\\\"", "'\"${X}\\\\\"'"},
        {"# // /* { = }", "\"# // /* { = }\""},
        {"\xc3\xb1\xff", "\"\xc3\xb1\xff\""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf out;
        t_row(rows[i].text);
        buf_init(&out, 100);
        conf_quote(&out, rows[i].text);
        t_str(buf_text(&out), rows[i].quoted);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_quoted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
