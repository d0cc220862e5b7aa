#include "sim/base64.h"

#include "support/t.h"

static void texts(void **state)
{
    (void)state;
    /* RFC 4648 section 10, and bytes that give the last two letters. */
    static const struct {
        const char *bytes, *padded, *url;
    } rows[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/", "-_-_"},
        {"\xff", "/w==", "_w"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[BASE64_TEXT(6)];
        t_row(rows[i].padded);
        base64_text(out, BASE64_PADDED, rows[i].bytes, strlen(rows[i].bytes));
        t_str(out, rows[i].padded);
        base64_text(out, BASE64_URL, rows[i].bytes, strlen(rows[i].bytes));
        t_str(out, rows[i].url);
    }
}

static void random_texts_differ_and_have_their_length(void **state)
{
    char a[BASE64_TEXT(32)], b[BASE64_TEXT(32)];
    (void)state;
    base64_random(a, BASE64_PADDED, 32);
    base64_random(b, BASE64_PADDED, 32);
    t_int(strlen(a), 44);
    t_str(a + 43, "=");
    t_true(strcmp(a, b) != 0);
    base64_random(a, BASE64_URL, 32);
    t_int(strlen(a), 43);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(random_texts_differ_and_have_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
