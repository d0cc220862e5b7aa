#include "config/conf_lint.h"

#include "support/t.h"

#include <errno.h>

static void valid_text_is_accepted(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "poll { rate = 2 }",
        "poll { rate = 2.5 interval = 1 }",
        "poll { rate = 1\n interval = 2 }",
        "poll { rate = 1 }\npoll { interval = 2 }",
        "poll { rate = 1 }\nstream { rate = 1 }",
        "a = b c = d",
        "a = b c { d = e }",
        "a = b c += {d}",
        "a = b include(c)",
        "a = \"b c\" d = 'e f'",
        "a = \"2,5\"",
        "a = {1,2, 3}\nb = 1",
        "a = {b c}", /* left to libConfuse */
        "a = {b}\na += {c}",
        "a = \"“b”\" d = '«e»'",
        "a = \"\\\"\" b = 1",
        "a = \"x\\\\\" b = 1",
        "a = 1 }",
        "a = 2, b = 3",
        "a = x,5",
        "a = {\"x\",\n\"y\"}\nb = {c,\nd}",
        "segment \"A\" { a = 1 }\nsegment \"B\" { a = 1 }",
        "segment A { a = 1 }\nsegment B { a = 1 }\ns { a = 1 }",
        "segment A { }\ns { a = 1 }\nsegment 'B' { }",
        "a = ",
        "=",
        "a",
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i]);
        if (conf_lint(rows[i], "f", &err))
            fail_msg("%s: refused: %s", t_row_name, err.text);
    }
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"poll { rate = 2,5 }",
         "f:1: poll.rate: '2,5' is not a number: decimals take a point, 2.5"},
        {"poll {\n interval = 0,25\n}", "f:2: poll.interval: '0,25' is not a number"},
        {"a = 0,5", "f:1: a: '0,5' is not a number"},
        {"a = yes please", "f:1: a: 'yes please' is more than one value: put text with spaces in"},
        {"s { a = b c\n d = 1 }", "f:1: s.a: 'b c' is more than one value"},
        {"a = b c }", "f:1: a: 'b c' is more than one value"},
        {"a = DLR/DIC26 380 C", "f:1: a: 'DLR/DIC26 380' is more than one value"},
        {"a = 1\na = 2", "f:2: a: given twice, first on line 1: remove one"},
        {"segment A { a = 1\na = 2 }", "f:2: segment.a: given twice, first on line 1"},
        {"segment \"A\" { a = 1 }\nsegment \"A\" { a = 2 }", "f:2: segment.a: given twice"},
        {"segment { a = 1 }", "f:1: section segment needs the name of a segment"},
        {"segment \"\" { a = 1 }", "f:1: section segment needs the name of a segment"},
        {"x = 1\nsession MERV { a = 1 }", "f:2: section session has no name"},
        {"x = 1\nsession \"MERV\" { a = 1 }",
         "f:2: section session has no name: the hours of a segment are in a section of their own, "
         "segment \"MERV\" { ... }"},
        {"poll { rate = 1 rate = 2 }", "f:1: poll.rate: given twice, first on line 1"},
        {"poll { rate = 1 }\n\npoll { rate = 2 }", "f:3: poll.rate: given twice, first on line 1"},
        {"a = {b}\na = {c}", "f:2: a: given twice"},
        {"a = {b,\nc}\na = {c}", "f:3: a: given twice, first on line 1"},
        {"a = “b”", "f:1: typographic quotation marks: use the plain ones, \" or '"},
        {"\na = ‘b’", "f:2: typographic"},
        {"a = {\n“b”}", "f:2: typographic"},
        {"a = {\"x\",«b»}", "f:1: typographic"},
        {"“a” = 1", "f:1: typographic"},
        {"a = x“b”", "f:1: typographic"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i].text);
        t_int(conf_lint(rows[i].text, "f", &err), -EINVAL);
        t_contains(err.text, rows[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_text_is_accepted),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
