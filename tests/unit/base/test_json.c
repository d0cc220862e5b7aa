#include "support/t.h"

#include "base/json.h"

#include <errno.h>
#include <pthread.h>
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

/* Parses a copy in a block of exactly that size, so that ASan detects a read past the end. */
static const struct json *parse(struct json_parser *parser, const char *text, size_t len,
                                struct err *err)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, text, len);
    const struct json *root = json_parse(parser, copy, len, err);
    free(copy); /* a document has no pointers into its text */
    return root;
}

static void refuses_invalid_json(void **state)
{
    static const struct row {
        const char *name, *text;
        size_t len;
        int code;
        const char *words;
    } rows[] = {
#define TEXT(s) (s), sizeof(s) - 1
        /* clang-format off */
        {"empty",               TEXT(""),                  -EBADMSG, "an empty body"},
        {"white space",         TEXT(" \r\n\t "),          -EBADMSG, "an empty body"},
        {"byte order mark only", TEXT("\xef\xbb\xbf"),      -EBADMSG, "an empty body"},
        {"HTML",                TEXT("<!doctype html>"),   -EBADMSG, "not JSON at byte 0 of 15"},
        {"missing value",       TEXT("{\"a\":}"),          -EBADMSG, "not JSON at byte 5 of 6"},
        {"missing comma",       TEXT("{\"a\":1 \"b\":2}"), -EBADMSG, "not JSON at byte 7 of 13"},
        {"after byte order mark and space", TEXT("\xef\xbb\xbf [1 2]"), -EBADMSG, "not JSON at byte 7 of 9"},
        {"comma at the end",    TEXT("[1,]"),              -EBADMSG, "not JSON at byte 3 of 4"},
        {"cut off",             TEXT("{\"a\":[1,2"),       -EBADMSG, "not JSON at byte "},
        {"string cut off",      TEXT("{\"a\":\"bc"),       -EBADMSG, "not JSON at byte 6 of 8"},
        {"escape cut off",      TEXT("\"\\"),              -EBADMSG, "not JSON at byte "},
        {"curly quotes",        TEXT("{\xe2\x80\x9c" "a\xe2\x80\x9d:1}"), -EBADMSG,
         "not JSON at byte 2 of 11"},
        {"half a surrogate",    TEXT("\"\\ud800\""),       -EBADMSG, "not JSON at byte "},
        {"two values",          TEXT("{} {}"),             -EBADMSG,
         "text after the JSON value at byte 3 of 5"},
        {"two numbers",         TEXT("1-2"),               -EBADMSG,
         "text after the JSON value at byte 1 of 3"},
        {"NUL at the end",      TEXT("{}\0"),              -EBADMSG, "a NUL at byte 2"},
        {"NUL in a string",     TEXT("[\"DLR\0\"]"),       -EBADMSG, "a NUL at byte 5"},
        {"escaped NUL",         TEXT("[\"DLR\\u0000/DIC26\"]"), -EBADMSG, "a NUL at byte 5"},
        {"escape without digits", TEXT("[\"DLR\\u00g0/DIC26\"]"), -EBADMSG, "hexadecimal digits at byte 5"},
        {"escape with two digits", TEXT("[\"DLR\\u00\"]"),     -EBADMSG, "hexadecimal digits at byte 5"},
        {"escape cut off",      TEXT("\"\\u00"),                -EBADMSG, "hexadecimal digits at byte 1"},
        {"stray brackets",      TEXT("]]]]"),              -EBADMSG, "not JSON at byte 0 of 4"},
    /* clang-format on */
#undef TEXT
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i].name);
        t_true(!parse(*state, rows[i].text, rows[i].len, &err));
        t_int(err.code, rows[i].code);
        t_contains(err.text, rows[i].words);
    }
    t_row("no text at all");
    t_true(!json_parse(*state, NULL, 0, NULL));
}

static void reads_scalars(void **state)
{
    static const struct row {
        const char *text;
        enum json_type type;
        double number; /* NAN: json_number() returns false */
    } rows[] = {
        {"1602.5", JSON_NUMBER, 1602.5},
        {" 6320.00 ", JSON_NUMBER, 6320},
        {"\xef\xbb\xbf"
         "7",
         JSON_NUMBER, 7},
        {"5200000000000", JSON_NUMBER, 5.2e12},
        {"9007199254740991", JSON_NUMBER, 9007199254740991.0},
        {"1e5", JSON_NUMBER, 1e5},
        {"-3.5", JSON_NUMBER, -3.5},
        {"1e999", JSON_NUMBER, NAN},
        {"-1e999", JSON_NUMBER, NAN},
        {"\"1602.5\"", JSON_STRING, 1602.5},
        {"\"NaN\"", JSON_STRING, NAN},
        {"\"Infinity\"", JSON_STRING, NAN},
        {"\"1e999\"", JSON_STRING, NAN},
        {"\"\"", JSON_STRING, NAN},
        {"\"5 contracts\"", JSON_STRING, NAN},
        {"null", JSON_NULL, NAN},
        {"true", JSON_BOOL, NAN},
        {"false", JSON_BOOL, NAN},
        {"[]", JSON_ARRAY, NAN},
        {"{}", JSON_OBJECT, NAN},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        double number = -77;
        t_row(rows[i].text);
        const struct json *root = parse(*state, rows[i].text, strlen(rows[i].text), NULL);
        t_int(json_type(root), rows[i].type);
        t_int(json_number(root, &number), !isnan(rows[i].number));
        t_double(number, isnan(rows[i].number) ? -77 : rows[i].number);
    }
}

static void only_true_is_true(void **state)
{
    static const struct {
        const char *text;
        bool expected;
    } rows[] = {
        {"true", true}, {"false", false}, {"1", false}, {"\"true\"", false}, {"null", false}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].text);
        t_int(json_is_true(parse(*state, rows[i].text, strlen(rows[i].text), NULL)),
              rows[i].expected);
    }
    t_true(!json_is_true(NULL));
}

static void minus_zero_is_zero(void **state)
{
    double number = 1;
    t_true(json_number(parse(*state, "-0.0", 4, NULL), &number));
    t_true(number == 0 && !signbit(number));
    t_true(json_number(parse(*state, "\"-0\"", 4, NULL), &number));
    t_true(number == 0 && !signbit(number));
}

/* Which of the two depends on the library; a truncated number would be a wrong price. */
static void long_numbers_are_exact_or_refused(void **state)
{
    char text[128];
    double number;
    snprintf(text, sizeof(text), "[0.1%078d]", 0);
    const struct json *root = parse(*state, text, strlen(text), NULL);
    if (!root)
        return;
    t_true(json_number(json_first(root), &number));
    t_double(number, 0.1);
    t_true(!json_next(json_first(root)));
}

static void walks_members_and_items(void **state)
{
    static const char text[] = "{\"a\":1,\"\":2,\"b\":[10,\"x\",null],\"a\":3,\"ab\":{\"c\":4}}";
    const struct json *root = parse(*state, text, strlen(text), NULL);
    double number = 0;

    t_row("the first of two equal keys");
    t_true(json_number(json_get(root, "a"), &number));
    t_double(number, 1);
    t_row("the empty key");
    t_true(json_number(json_get(root, ""), &number));
    t_double(number, 2);
    t_row("a key with the same prefix as another");
    t_true(json_number(json_get(json_get(root, "ab"), "c"), &number));
    t_double(number, 4);
    t_row("keys are case-sensitive");
    t_int(json_type(json_get(root, "A")), JSON_ABSENT);

    t_row("items in order");
    const struct json *item = json_first(json_get(root, "b"));
    t_true(json_number(item, &number));
    t_double(number, 10);
    t_str(json_key(item), "");
    item = json_next(item);
    t_str(json_string(item), "x");
    item = json_next(item);
    t_int(json_type(item), JSON_NULL);
    t_true(!json_next(item));

    t_row("members in order");
    const struct json *member = json_first(root);
    t_str(json_key(member), "a");
    t_str(json_key(json_next(member)), "");
}

static void absent_values_can_be_chained(void **state)
{
    double number = 5;
    (void)state;
    t_int(json_type(NULL), JSON_ABSENT);
    t_true(!json_get(NULL, "a"));
    t_true(!json_get(json_get(NULL, "a"), "b"));
    t_true(!json_first(NULL));
    t_true(!json_next(NULL));
    t_str(json_key(NULL), "");
    t_true(!json_string(NULL));
    t_true(!json_number(NULL, &number));
    t_double(number, 5);
    t_row("a look-up in a value that is not an object");
    const struct json *list = parse(*state, "[{\"a\":1}]", 9, NULL);
    t_true(!json_get(list, "a"));
    t_true(!json_first(parse(*state, "\"a\"", 3, NULL)));
}

static void reads_escapes(void **state)
{
    static const char text[] = "\"D\\u00f3lar \\\"A3500\\\" \\\\u0000 \\/ \\n \\ud83d\\udcb8\"";
    t_str(json_string(parse(*state, text, strlen(text), NULL)),
          "D\xc3\xb3lar \"A3500\" \\u0000 / \n \xf0\x9f\x92\xb8");
}

static size_t nest(char *out, int depth, const char *open, const char *close)
{
    out[0] = '\0';
    for (int i = 0; i < depth; i++)
        strcat(out, open);
    for (int i = 0; i < depth; i++)
        strcat(out, close);
    return strlen(out);
}

static void the_depth_limit_is_exact(void **state)
{
    static char text[20000];
    struct err err = {0};
    t_row("lists");
    t_true(parse(*state, text, nest(text, JSON_DEPTH_MAX, "[", "]"), NULL));
    t_true(!parse(*state, text, nest(text, JSON_DEPTH_MAX + 1, "[", "]"), &err));
    t_int(err.code, -ELOOP);
    t_contains(err.text, "byte 32");
    t_row("one too deep, never closed");
    t_true(!parse(*state, text, nest(text, JSON_DEPTH_MAX + 1, "[", ""), &err));
    t_int(err.code, -ELOOP);
    t_row("the last ones within one block of text, never closed");
    for (int open = JSON_DEPTH_MAX - 15; open <= JSON_DEPTH_MAX; open++) {
        size_t len = nest(text, open, "[", "");
        t_true(!parse(*state, text, len, &err));
        t_int(err.code, -EBADMSG); /* not too deep, only not closed */
    }
    t_row("9000 levels, never closed");
    t_true(!parse(*state, text, nest(text, 9000, "[", ""), &err));
    t_int(err.code, -ELOOP);
    t_row("brackets in strings do not nest");
    strcpy(text, "[\"");
    memset(text + 2, '[', 500);
    strcpy(text + 502, "\\\"[{\"]");
    t_true(parse(*state, text, strlen(text), NULL));
    t_row("siblings do not nest");
    strcpy(text, "[");
    for (int i = 0; i < 500; i++)
        strcat(text, "{},[],");
    strcat(text, "0]");
    t_true(parse(*state, text, strlen(text), NULL));
}

static void the_next_document_replaces_the_last(void **state)
{
    double number = 0;
    for (int i = 0; i < 1000; i++) {
        char text[64];
        int len = snprintf(text, sizeof(text), "{\"status\":\"OK\",\"n\":%d}", i);
        const struct json *root = parse(*state, text, (size_t)len, NULL);
        t_true(json_number(json_get(root, "n"), &number));
        t_double(number, i);
        t_true(!parse(*state, "{\"status\":", 10, NULL)); /* a failure does not affect the next */
    }
}

/* gzip compresses this text to little, and each "0," becomes a value of 64 bytes. */
static void memory_is_bounded(void **state)
{
    size_t len = 16 * 1024 * 1024;
    char *text = malloc(len);
    struct err err;
    for (size_t i = 0; i < len; i += 2)
        memcpy(text + i, "0,", 2);
    text[0] = '[';
    text[1] = ' ';
    text[len - 1] = ']';
    t_true(!parse(*state, text, len, &err));
    t_int(err.code, -ENOMEM);
    t_contains(err.text, "16777216 bytes of JSON need more memory than the limit of 128 MiB");
    t_true(parse(*state, "[0]", 3, NULL)); /* the parser still works */
    len = 2 * 1024 * 1024;
    text[len - 1] = ']';
    t_true(parse(*state, text, len, NULL)); /* a million values are within the limit */
    json_parser_release(*state);
    t_true(parse(*state, "[0]", 3, NULL));
    free(text);
}

static void *parse_many(void *arg)
{
    long *bad = arg;
    struct json_parser *parser = json_parser_create();
    for (int i = 0; i < 2000; i++) {
        char text[64];
        double number = -1;
        int len = snprintf(text, sizeof(text), "{\"a\":[%d,{\"b\":\"%p\"}]}", i, arg);
        const struct json *root = json_parse(parser, text, (size_t)len, NULL);
        *bad += !json_number(json_first(json_get(root, "a")), &number) || number != i;
        *bad += json_parse(parser, text, (size_t)len - 1, NULL) != NULL;
    }
    json_parser_destroy(parser);
    return NULL;
}

static void threads_do_not_interfere(void **state)
{
    pthread_t threads[4];
    long bad[4] = {0};
    (void)state;
    for (size_t i = 0; i < T_COUNT(threads); i++)
        t_int(pthread_create(&threads[i], NULL, parse_many, &bad[i]), 0);
    for (size_t i = 0; i < T_COUNT(threads); i++) {
        t_int(pthread_join(threads[i], NULL), 0);
        t_int(bad[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_invalid_json, make, drop),
        cmocka_unit_test_setup_teardown(reads_scalars, make, drop),
        cmocka_unit_test_setup_teardown(only_true_is_true, make, drop),
        cmocka_unit_test_setup_teardown(minus_zero_is_zero, make, drop),
        cmocka_unit_test_setup_teardown(long_numbers_are_exact_or_refused, make, drop),
        cmocka_unit_test_setup_teardown(walks_members_and_items, make, drop),
        cmocka_unit_test_setup_teardown(absent_values_can_be_chained, make, drop),
        cmocka_unit_test_setup_teardown(reads_escapes, make, drop),
        cmocka_unit_test_setup_teardown(the_depth_limit_is_exact, make, drop),
        cmocka_unit_test_setup_teardown(the_next_document_replaces_the_last, make, drop),
        cmocka_unit_test_setup_teardown(memory_is_bounded, make, drop),
        cmocka_unit_test(threads_do_not_interfere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
