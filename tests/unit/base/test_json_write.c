#include "support/t.h"

#include "base/json.h"
#include "base/json_write.h"

static void strings_are_escaped(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *text, *json;
    } rows[] = {
        /* clang-format off */
        {"plain",           "MERV - XMEV - AL30 - CI", "\"MERV - XMEV - AL30 - CI\""},
        {"empty",           "",              "\"\""},
        {"absent",          NULL,            "null"},
        {"quote, backslash", "a\"b\\c",      "\"a\\\"b\\\\c\""},
        {"slash stays",     "DLR/DIC26",     "\"DLR/DIC26\""},
        {"line, tab",       "a\nb\tc",       "\"a\\nb\\tc\""},
        {"C1 controls",     "a\xc2\x9b" "2J\xc2\x80", "\"a\\u009b2J\\u0080\""},
        {"C1, raw byte",    "a\x9b" "2J",     "\"a\xef\xbf\xbd" "2J\""},
        {"direction",       "\xe2\x80\xae" "a\xe2\x81\xa6\xd8\x9c", "\"\\u202ea\\u2066\\u061c\""},
        {"controls",        "\x01\x1f\x7f\r", "\"\\u0001\\u001f\\u007f\\u000d\""},
        {"accents",         "D\xc3\xb3lar",  "\"D\xc3\xb3lar\""},
        {"emoji",           "\xf0\x9f\x92\xb8", "\"\xf0\x9f\x92\xb8\""},
        {"Latin-1",         "d\xf3lar",      "\"d\xef\xbf\xbdlar\""},
        {"truncated",       "d\xe2\x80",     "\"d\xef\xbf\xbd\xef\xbf\xbd\""},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf buf;
        buf_init(&buf, 200);
        t_row(rows[i].name);
        json_put_string(&buf, rows[i].text);
        t_str(buf_text(&buf), rows[i].json);
        buf_finish(&buf);
    }
}

static void every_byte_is_read_back(void **state)
{
    (void)state;
    char text[128];
    struct buf buf;
    struct json_parser *parser = json_parser_create();
    for (int c = 1; c < 128; c++)
        text[c - 1] = (char)c;
    text[127] = '\0';
    buf_init(&buf, 2000);
    json_put_string(&buf, text);
    const struct json *root = json_parse(parser, buf.data, buf.len_bytes, NULL);
    t_str(json_string(root), text);
    buf_finish(&buf);
    json_parser_destroy(parser);
}

static void numbers(void **state)
{
    (void)state;
    static const struct row {
        double value;
        const char *json;
    } rows[] = {
        {1602.5, "1602.5"}, {5.2e12, "5200000000000"}, {0, "0"}, {-1, "-1"}, {NAN, "null"},
        {INFINITY, "null"}, {-INFINITY, "null"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf buf;
        buf_init(&buf, 100);
        t_row(rows[i].json);
        json_put_number(&buf, rows[i].value);
        t_str(buf_text(&buf), rows[i].json);
        buf_finish(&buf);
    }
}

static void a_full_buffer_is_marked_as_failed(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 4);
    json_put_string(&buf, "DLR/DIC26");
    t_true(buf_failed(&buf));
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(every_byte_is_read_back),
        cmocka_unit_test(numbers),
        cmocka_unit_test(a_full_buffer_is_marked_as_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
