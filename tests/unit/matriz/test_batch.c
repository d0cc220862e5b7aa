#include "support/t.h"

#include "matriz/batch.h"

#include <errno.h>
#include <stdlib.h>

/* A letter for each value: t, e, i, o; then '.' for the end or '!' for a broken list. */
static void values(const char *text, size_t len, char *out, char *why_text)
{
    struct matriz_batch batch = {text, len, matriz_batch_begin(text, len)};
    const char *line;
    size_t bytes;
    struct err why = {0};
    t_true(batch.at > 0);
    for (;;) {
        enum matriz_batch_value value = matriz_batch_next(&batch, &line, &bytes, &why);
        *out++ = ".teio!"[value];
        if (value == MATRIZ_BATCH_END || value == MATRIZ_BATCH_BROKEN)
            break;
        t_true(line >= text && line + bytes <= text + len);
    }
    *out = '\0';
    strcpy(why_text, why.text);
}

static void lists(void **state)
{
    (void)state;
    static const struct {
        const char *text, *values, *why;
    } rows[] = {
        {"[]", ".", ""},
        {" \r\n\t[ ] \n", ".", ""},
        {"[\"a\"]", "t.", ""},
        {"[\"a\",\"b|c,d\",\"[x]\"]", "ttt.", ""},
        {"[ \"a\" , \"\" ]", "tt.", ""},
        {"[\"a\\\"b\",\"\\\\\"]", "ee.", ""},
        {"[\"0123456\\\"89abcdef\"]", "e.", ""},
        {"[\"a\nb\",\"c\"]", "it.", ""},
        {"[\"01234567890123\x01\",\"c\"]", "it.", ""},
        {"[1,null,{\"a\":[\"]\"]},[[]],\"x\"]", "oooot.", ""},
        {"[\"a\" \"b\"]", "t!", "no comma between two lines at byte 5 of 9"},
        {"[\"a\",]", "t!", "no value"},
        {"[,\"a\"]", "!", "no value"},
        {"[\"a\",,\"b\"]", "t!", "no value"},
        {"[\"a\"", "t!", "the list is truncated at byte 4 of 4"},
        {"[\"a\",", "t!", "truncated"},
        {"[\"a\",\"b", "t!", "the list is truncated in the line at byte 6 of 7"},
        {"[\"a\\", "!", "truncated in the line"},
        {"[\"a\\\"", "!", "truncated in the line"},
        {"[", "!", "truncated"},
        {"[{\"a\":1", "!", "truncated"},
        {"[{\"a", "!", "truncated"},
        {"[1", "!", "truncated"},
        {"[}", "!", "no value"},
        {"[\"a\"]x", "t!", "text after the list"},
        {"[\"a\"][]", "t!", "text after the list"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[16], why[512];
        size_t len = strlen(rows[i].text);
        char *exact = malloc(len); /* ASan detects a read past the end */
        memcpy(exact, rows[i].text, len);
        t_row(rows[i].text);
        values(exact, len, out, why);
        t_str(out, rows[i].values);
        t_contains(why, rows[i].why);
        free(exact);
    }
    t_int(matriz_batch_begin("M:x|[", 5), 0);
    t_int(matriz_batch_begin("", 0), 0);
    t_int(matriz_batch_begin("  ", 2), 0);
}

/* Strings of all lengths, with the special byte at each position of the words that are compared. */
static void strings_end_at_their_quote(void **state)
{
    (void)state;
    for (size_t len = 0; len < 40; len++) {
        char text[64], out[16], why[512];
        t_row("length");
        snprintf(text, sizeof(text), "[\"%.*s\"]", (int)len,
                 "~\x7f!#[]^_`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        values(text, strlen(text), out, why);
        t_str(out, "t.");
        for (size_t at = 0; at < len; at++) {
            text[2 + at] = '\x1f';
            values(text, len + 4, out, why);
            t_str(out, "i.");
            text[2 + at] = 'a';
        }
    }
}

static void deep_nesting_is_skipped(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(2 * DEPTH + 8), out[16], why[512];
    text[0] = '[';
    memset(text + 1, '[', DEPTH);
    memset(text + 1 + DEPTH, ']', DEPTH);
    memcpy(text + 1 + 2 * DEPTH, ",\"a\"]", 5);
    values(text, 2 * DEPTH + 6, out, why);
    t_str(out, "ot.");
    free(text);
}

static void escapes(void **state)
{
    (void)state;
    static const struct {
        const char *line, *text; /* NULL: not JSON */
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"a\\/b\\\\c\\\"", "a/b\\c\""},
        {"\\b\\f\\n\\r\\t", "\b\f\n\r\t"},
        {"\\u0041\\u00f1\\u20AC", "A\xc3\xb1\xe2\x82\xac"},
        {"\\uD83D\\ude00", "\xf0\x9f\x98\x80"},
        {"\\uD83D", NULL},
        {"\\uD83Dx", NULL},
        {"\\uD83D\\n12345", NULL},
        {"\\uD83D\\u0041", NULL},
        {"\\uDE00", NULL},
        {"\\u0000", NULL},
        {"\\u12", NULL},
        {"\\u12g4", NULL},
        {"\\x", NULL},
        {"\\", NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[64];
        size_t len = strlen(rows[i].line);
        char *exact = malloc(len ? len : 1);
        memcpy(exact, rows[i].line, len);
        t_row(rows[i].line);
        long n = matriz_batch_unescape(out, sizeof(out) - 1, exact, len);
        free(exact);
        t_int(n, rows[i].text ? (long)strlen(rows[i].text) : -EBADMSG);
        if (!rows[i].text)
            continue;
        out[n] = '\0';
        t_str(out, rows[i].text);
        t_int(matriz_batch_unescape(out, (size_t)n, rows[i].line, len), n);
        if (n)
            t_int(matriz_batch_unescape(out, (size_t)n - 1, rows[i].line, len), -EMSGSIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),
        cmocka_unit_test(strings_end_at_their_quote),
        cmocka_unit_test(deep_nesting_is_skipped),
        cmocka_unit_test(escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
