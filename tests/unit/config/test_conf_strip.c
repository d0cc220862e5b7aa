#include "config/conf_strip.h"

#include "support/t.h"

#include <errno.h>

static void comments_become_spaces(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *left;
    } rows[] = {
        {"nothing", "", ""},
        {"no comment", "poll { rate = 2 }\n", "poll { rate = 2 }\n"},
        {"to the end of the line", "a = 1 # x\nb = 2", "a = 1    \nb = 2"},
        {"two slashes", "a = 1 // x\nb = 2", "a = 1     \nb = 2"},
        {"a block", "a = /* x */ 1", "a =         1"},
        {"a block over lines", "a /* x\ny */ = 1", "a     \n     = 1"},
        {"a comment directly after a block", "a /* x *//* y */# z", "a                  "},
        {"in a list", "{A, # x, B\n C}", "{A,       \n C}"},
        {"a hash in a string", "a = \"#1\" # x", "a = \"#1\"    "},
        {"a hash in single quotes", "a = '#1' # x", "a = '#1'    "},
        {"slashes in a string", "\"https://x\" // y", "\"https://x\"     "},
        {"slashes in a bare word", "url = https://x", "url = https://x"},
        {"a star in a bare word", "{DLR/*}\n{b}", "{DLR/*}\n{b}"},
        {"an escaped quote", "\"a\\\"#\" # x", "\"a\\\"#\"    "},
        {"an escaped backslash", "\"a\\\\\" # x", "\"a\\\\\"    "},
        {"a quote in a comment", "# it's\na", "      \na"},
        {"a comment in a comment", "# /* x\na", "      \na"},
        {"an extra closing brace", "}", "}"},
        {"braces in strings", "\"{\" '{'", "\"{\" '{'"},
        {"at the very end", "a #", "a  "},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[128];
        struct err err;
        t_row(rows[i].name);
        snprintf(text, sizeof(text), "%s", rows[i].text);
        t_int(conf_strip(text, "f", &err), 0);
        t_str(text, rows[i].left);
    }
}

static void errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *words;
    } rows[] = {
        {"a comment", "a\n/* x\ny", "f:2: the comment that begins here is not closed"},
        {"almost closed", "/* x *", "f:1: the comment"},
        {"a string", "a\n\nb = \"x\ny\"", "f:3: the string that begins here is not closed"},
        {"a string at the end", "\"x", "f:1: the string"},
        {"single quotes", "\n'x", "f:2: the string"},
        {"ends in a backslash", "\"x\\", "f:1: unknown escape: after '\\' only"},
        {"a NUL by escape", "\"a\\0b\"", "f:1: unknown escape"},
        {"a line break by escape", "\"a\\nb\"", "f:1: unknown escape"},
        {"a section", "a\npoll {\nrate = 2\n", "f:2: the '{' that begins here is not closed"},
        {"a list", "x {a = {b, c}\n", "f:1: the '{'"},
        {"libConfuse's section|key", "poll|rate = 7", "f:1: unexpected '|'"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[128];
        struct err err;
        t_row(rows[i].name);
        snprintf(text, sizeof(text), "%s", rows[i].text);
        t_int(conf_strip(text, "f", &err), -EINVAL);
        t_contains(err.text, rows[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_become_spaces),
        cmocka_unit_test(errors_name_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
