#include "support/t.h"

#include "base/utf8.h"

static void recognises_well_formed_characters(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *text;
        size_t len, sequence;
    } rows[] = {
        /* clang-format off */
        {"nothing",               "",                 0, 0},
        {"ASCII",                 "a",                1, 1},
        {"NUL",                   "\0",               1, 1},
        {"two bytes",             "\xc3\xb3",         2, 2},
        {"lowest of two",         "\xc2\x80",         2, 2},
        {"three bytes",           "\xe2\x80\x99",     3, 3},
        {"lowest of three",       "\xe0\xa0\x80",     3, 3},
        {"last before surrogates", "\xed\x9f\xbf",    3, 3},
        {"four bytes",            "\xf0\x9f\x92\xb8", 4, 4},
        {"lowest of four",        "\xf0\x90\x80\x80", 4, 4},
        {"U+10FFFF",              "\xf4\x8f\xbf\xbf", 4, 4},
        {"truncated",             "\xc3",             1, 0},
        {"truncated, of three",   "\xe2\x80",         2, 0},
        {"continuation first",    "\x80",             1, 0},
        {"second byte is ASCII",  "\xc3x",            2, 0},
        {"overlong slash",        "\xc0\xaf",         2, 0},
        {"overlong, of three",    "\xe0\x9f\xbf",     3, 0},
        {"overlong, of four",     "\xf0\x8f\xbf\xbf", 4, 0},
        {"surrogate",             "\xed\xa0\x80",     3, 0},
        {"beyond U+10FFFF",       "\xf4\x90\x80\x80", 4, 0},
        {"lead byte beyond U+10FFFF", "\xf5\x80\x80\x80", 4, 0},
        {"continuation bytes only", "\x80\x80\x80\x80", 4, 0},
        {"overlong lead byte",    "\xc1\x80\x80\x80", 4, 0},
        {"no such lead byte",     "\xff",             1, 0},
        {"Latin-1",               "\xf3lar",          4, 0},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(utf8_sequence(rows[i].text, rows[i].len), rows[i].sequence);
    }
}

static void cleans_text_for_display(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *text, *clean;
        size_t room;
    } rows[] = {
        /* clang-format off */
        {"unchanged",             "D\xc3\xb3lar",     "D\xc3\xb3lar",     20},
        {"fits exactly",          "123456789",        "123456789",        10},
        {"one byte too long",     "1234567890",       "123456...",        10},
        {"two bytes, fit exactly", "1234567\xc3\xb3", "1234567\xc3\xb3",  10},
        {"two bytes across the limit", "12345678\xc3\xb3", "123456...",      10},
        {"dots at a character boundary", "12345\xc3\xb3" "890", "12345...",      10},
        {"four bytes do not fit", "1234\xf0\x9f\x92\xb8", "1234...",      8},
        {"line break, tab",       "a\nb\tc",          "a b c",            20},
        {"escape, DEL",           "a\x1b[2Jb\x7f",    "a [2Jb ",          20},
        {"C1 control",            "a\xc2\x9b" "2Jb",  "a 2Jb",            20},
        {"C1 control, raw byte",  "a\x9b" "2Jb",      "a?2Jb",            20},
        {"all of C1",             "\xc2\x80\xc2\x85\xc2\x9f", "   ",    20},
        {"right to left override", "a\xe2\x80\xae" "b", "a b",            20},
        {"isolates",              "\xe2\x81\xa6" "a\xe2\x81\xa9", " a ", 20},
        {"marks of direction",    "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "   ", 20},
        {"separators",            "\xe2\x80\xa8\xe2\x80\xa9", "  ",    20},
        {"quotes and dashes stay", "\xe2\x80\x9c\xe2\x80\x93", "\xe2\x80\x9c\xe2\x80\x93", 20},
        {"no-break space stays",  "a\xc2\xa0" "b",    "a\xc2\xa0" "b",    20},
        {"Latin-1",               "d\xf3lar",         "d?lar",            20},
        {"truncated",             "d\xc3",            "d?",               20},
        {"room for the dots only", "12345",           "...",              4},
        {"no room for dots",      "12345",            "12",               3},
        {"room for NUL only",     "12345",            "",                 1},
        {"nothing",               "",                 "",                 4},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char out[32];
        memset(out, '#', sizeof(out));
        t_row(rows[i].name);
        utf8_clean(out, rows[i].room, rows[i].text, strlen(rows[i].text));
        t_str(out, rows[i].clean);
        t_int(out[rows[i].room], '#');
    }
}

static void cleans_in_place(void **state)
{
    (void)state;
    char text[] = "a\xc2\x9b"
                  "b\xe2\x80\xae"
                  "c\x9b"
                  "d\xc3\xb3";
    utf8_clean(text, sizeof(text), text, strlen(text));
    t_str(text, "a b c?d\xc3\xb3");
}

static void reads_len_bytes_not_up_to_nul(void **state)
{
    (void)state;
    char out[8] = "#######";
    utf8_clean(out, sizeof(out), "a\0b", 3);
    t_str(out, "a b");
    utf8_clean(out, sizeof(out), "abcdef", 2);
    t_str(out, "ab");
    out[0] = '#';
    utf8_clean(out, 0, "abc", 3);
    t_int(out[0], '#');
}

static void valid_at_every_position(void **state)
{
    (void)state;
    char text[64];
    memset(text, 'a', sizeof(text));
    t_true(utf8_valid(text, sizeof(text)));
    t_true(utf8_valid("", 0));
    for (size_t at = 0; at < sizeof(text) - 1; at++) {
        memcpy(text + at, "\xc3\xb3", 2);
        t_true(utf8_valid(text, sizeof(text)));
        t_true(!utf8_valid(text, at + 1)); /* cut in the middle */
        text[at] = 'a';
        t_true(!utf8_valid(text, sizeof(text)));
        text[at + 1] = 'a';
    }
}

static void one_wrong_byte_at_every_position_of_every_length(void **state)
{
    (void)state;
    char text[80];
    memset(text, 'a', sizeof(text));
    for (size_t len = 1; len <= sizeof(text); len++) {
        t_true(utf8_valid(text, len));
        for (size_t at = 0; at < len; at++) {
            text[at] = (char)0xff;
            t_true(!utf8_valid(text, len));
            t_true(utf8_valid(text, at)); /* it ends before */
            text[at] = 'a';
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recognises_well_formed_characters),
        cmocka_unit_test(cleans_text_for_display),
        cmocka_unit_test(cleans_in_place),
        cmocka_unit_test(reads_len_bytes_not_up_to_nul),
        cmocka_unit_test(valid_at_every_position),
        cmocka_unit_test(one_wrong_byte_at_every_position_of_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
