#include "support/t.h"

#include "base/json_scan.h"

#include <stdlib.h>

static int make(void **state)
{
    *state = json_parser_create();
    return *state ? 0 : -1;
}

static int drop(void **state)
{
    json_parser_destroy(*state);
    return 0;
}

/* A copy in a block of exactly that size, so that ASan detects a read past the end. */
static char *copy_of(const char *text, size_t len)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    return copy;
}

/* Whether both readers take the text; they must agree. */
static bool accepts(struct json_parser *parser, const char *text, size_t len)
{
    char *copy = copy_of(text, len);
    struct json_scan scan;
    const char *at = json_scan_begin(&scan, parser, copy, len);
    bool good = json_scan_end(&scan, json_scan_skip(&scan, at));
    t_int(json_parse(parser, copy, len, NULL) != NULL, good);
    free(copy);
    return good;
}

static void accepts_what_the_parser_accepts(void **state)
{
    static const struct row {
        const char *text;
        size_t len;
        bool good;
    } rows[] = {
#define TEXT(s) (s), sizeof(s) - 1
        /* clang-format off */
        {TEXT("{}"), true}, {TEXT("[]"), true}, {TEXT(" \t\r\n[ 1 , [ ] , { } ] \n"), true}, {TEXT("null"), true},
        {TEXT("true"), true}, {TEXT("false"), true}, {TEXT("-1.5e3"), true}, {TEXT("\"\""), true},
        {TEXT("{\"a\":{\"b\":[null,true,\"x\"]},\"a\":1}"), true}, {TEXT("[1.]"), true}, {TEXT("[-.5]"), true},
        {TEXT("[007]"), true}, {TEXT("[\x01" "1\x1f]"), true}, {TEXT("[\"a\x01\tb\"]"), true},
        {TEXT("\xef\xbb\xbf[1]"), true}, {TEXT("\xef\xbb\xbf \xef\xbb\xbf[1]"), true}, {TEXT("\xef\xbb\xbf\xef\xbb\xbf\x01[]"), true},
        {TEXT("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e1\\ud83d\\udcb8\"]"), true},
        {TEXT("[\"12345678\\\\12345678\\n\"]"), true}, {TEXT("[\"\xc3\xb3 12345678 \xf0\x9f\x92\xb8\"]"), true}, {TEXT("[\"12345\xf3\",\"\xff\x80\xa2\xdc\"]"), true},
        {TEXT("\xef\xbb\xbf\xef\xbb\xbf" "1"), false}, {TEXT("\xef\xbb\xbf\xef\xbb\xbf\xef\xbb\xbf[]"), false}, {TEXT("\xef\xbb\xbf"), false},
        {TEXT(""), false}, {TEXT(" "), false}, {TEXT("["), false}, {TEXT("[1"), false}, {TEXT("[1,"), false}, {TEXT("[1,]"), false},
        {TEXT("[,1]"), false}, {TEXT("[1 2]"), false}, {TEXT("[1}"), false}, {TEXT("{1:2}"), false}, {TEXT("{\"a\"}"), false},
        {TEXT("{\"a\":}"), false}, {TEXT("{\"a\":1,}"), false}, {TEXT("{\"a\" 1}"), false}, {TEXT("{\"a\":1"), false},
        {TEXT("{\"a"), false}, {TEXT("{\"a\\"), false}, {TEXT("{\"a\\\""), false}, {TEXT("{"), false}, {TEXT("{,}"), false},
        {TEXT("nul"), false}, {TEXT("nullx"), false}, {TEXT("True"), false}, {TEXT("[.5]"), false}, {TEXT("[+5]"), false},
        {TEXT("[-]"), false}, {TEXT("[-e5]"), false}, {TEXT("[1e]"), false}, {TEXT("[0x10]"), false}, {TEXT("[1.2.3]"), false},
        {TEXT("[nan]"), false}, {TEXT("[-inf]"), false}, {TEXT("[1]x"), false}, {TEXT("[1]\x01"), false}, {TEXT("[1]\0"), false},
        {TEXT("[\0]"), false}, {TEXT("[\"\0\"]"), false}, {TEXT("\x01[1]"), true}, {TEXT("[\"\\u0000\"]"), false},
        {TEXT("[\"\\u12\"]"), false}, {TEXT("[\"\\u00gg\"]"), false}, {TEXT("[\"\\a\"]"), false}, {TEXT("[\"\\udc00\"]"), false},
        {TEXT("[\"\\ud83d\"]"), false}, {TEXT("[\"\\ud83d\\u0041\"]"), false}, {TEXT("[\"\\ud83dudcb8\"]"), false},
        {TEXT("[\"\\ud83d\\udcb\"]"), false}, {TEXT("['a']"), false}, {TEXT("\xa0[]"), false}, {TEXT("[\x7f]"), false},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(accepts(*state, rows[i].text, rows[i].len), rows[i].good);
    }
}

/* Of any length; whether base/json reads those of more than 63 bytes depends on its library. */
static void long_numbers_are_read(void **state)
{
    for (int len = 60; len <= 70; len++) {
        char text[80];
        struct json_scan scan;
        snprintf(text, sizeof(text), "[0.%0*d]", len - 2, 0);
        t_row(text);
        const char *at = json_scan_begin(&scan, *state, text, strlen(text));
        t_true(json_scan_end(&scan, json_scan_skip(&scan, at)));
    }
}

static void nesting_is_limited(void **state)
{
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        char text[400] = "";
        size_t len = 0;
        for (int i = 0; i < depth; i++)
            len += (size_t)sprintf(text + len, i % 2 ? "[" : i + 1 < depth ? "{\"a\":" : "{");
        for (int i = depth - 1; i >= 0; i--)
            text[len++] = i % 2 ? ']' : '}';
        t_row(text);
        t_int(accepts(*state, text, len), depth <= JSON_DEPTH_MAX);
    }
    t_row("many brackets, not deep");
    char flat[200] = "[";
    for (int i = 0; i < 50; i++)
        strcat(flat, i ? ",[]" : "[]");
    strcat(flat, "]");
    t_true(accepts(*state, flat, strlen(flat)));
}

static void reads_numbers(void **state)
{
    static const struct row {
        const char *text;
        enum json_number_kind kind;
        double value;
    } rows[] = {
        /* clang-format off */
        {"7.25", JSON_NUMBER_FINITE, 7.25}, {"-0", JSON_NUMBER_FINITE, 0}, {"\"-0.0\"", JSON_NUMBER_FINITE, 0},
        {"\"1.5\"", JSON_NUMBER_FINITE, 1.5}, {"\"+.5\"", JSON_NUMBER_FINITE, 0.5}, {"\"\\u0031.5\"", JSON_NUMBER_FINITE, 1.5},
        {"null", JSON_NUMBER_NONE, NAN}, {"[]", JSON_NUMBER_NONE, NAN}, {"[ \n ]", JSON_NUMBER_NONE, NAN},
        {"1e999", JSON_NUMBER_INFINITE, NAN}, {"-1e999", JSON_NUMBER_INFINITE, NAN}, {"\"NaN\"", JSON_NUMBER_INFINITE, NAN},
        {"\"-Infinity\"", JSON_NUMBER_INFINITE, NAN}, {"\" inf\"", JSON_NUMBER_INFINITE, NAN},
        {"\"1e\\u0039999\"", JSON_NUMBER_INFINITE, NAN}, {"\"\\u0009inf\"", JSON_NUMBER_INFINITE, NAN},
        {"\"nan(12)\"", JSON_NUMBER_INFINITE, NAN},
        {"\"\"", JSON_NUMBER_OTHER, NAN}, {"\"1,5\"", JSON_NUMBER_OTHER, NAN}, {"\" 1\"", JSON_NUMBER_OTHER, NAN},
        {"\"1 \"", JSON_NUMBER_OTHER, NAN}, {"\"inf \"", JSON_NUMBER_OTHER, NAN}, {"true", JSON_NUMBER_OTHER, NAN},
        {"[null]", JSON_NUMBER_OTHER, NAN}, {"[1]", JSON_NUMBER_OTHER, NAN}, {"{}", JSON_NUMBER_OTHER, NAN},
        {"\"1\\n\"", JSON_NUMBER_OTHER, NAN},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct json_scan scan;
        struct json_scan_number number;
        size_t len = strlen(rows[i].text);
        char *copy = copy_of(rows[i].text, len);
        double value = NAN;
        t_row(rows[i].text);
        const char *at = json_scan_begin(&scan, *state, copy, len);
        t_true(json_scan_end(&scan, json_scan_number(&scan, at, &number)));
        t_int(number.kind, rows[i].kind);
        t_double(number.value, rows[i].value);
        t_true(number.value != 0 || !signbit(number.value));
        json_number(json_parse(*state, copy, len, NULL), &value);
        t_double(value, rows[i].value);
        free(copy);
    }
}

static void reads_the_members_of_an_object(void **state)
{
    static const char text[] = "{\"a\": 1 , \"\\u0062\":[2,3],\"c\":\"x\\ty\"} ";
    char seen[32] = "";
    struct json_scan scan;
    struct json_scan_number number;
    struct json_text key, value = {0};
    const char *at = json_scan_begin(&scan, *state, text, strlen(text));
    t_row(text);
    for (bool more = json_scan_open(&scan, &at, '}'); more;
         more = json_scan_more(&scan, &at, '}')) {
        at = json_scan_key(&scan, at, &key);
        if (json_text_is(*state, &key, "a")) {
            at = json_scan_number(&scan, at, &number);
            strcat(seen, number.value == 1 ? "a" : "?");
        } else if (json_text_is(*state, &key, "b")) {
            at = json_scan_skip(&scan, at);
            strcat(seen, "b");
        } else {
            at = json_scan_text(&scan, at, &value);
        }
    }
    t_true(json_scan_end(&scan, at));
    t_str(seen, "ab");
    t_true(value.escaped && value.len_bytes == 4);
    t_str(json_text_plain(*state, &value), "x\ty");
    t_true(!json_text_is(*state, &(struct json_text){0}, ""));
    t_row("cut off behind an escape");
    json_scan_text(&scan, json_scan_begin(&scan, *state, "\"\\n", 3), &key);
    t_true(scan.failed && !key.text && !key.escaped);
}

/* After a failure nothing more is found. */
static void ends_after_a_failure(void **state)
{
    static const char text[] = "[1,x,2]";
    struct json_scan scan;
    struct json_scan_number number;
    int count = 0;
    const char *at = json_scan_begin(&scan, *state, text, strlen(text));
    for (bool more = json_scan_open(&scan, &at, ']'); more;
         more = json_scan_more(&scan, &at, ']')) {
        at = json_scan_number(&scan, at, &number);
        count++;
    }
    t_row(text);
    t_int(count, 2);
    t_true(scan.failed && at == scan.end && !json_scan_end(&scan, at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_the_parser_accepts),
        cmocka_unit_test(long_numbers_are_read),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_the_members_of_an_object),
        cmocka_unit_test(ends_after_a_failure),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
