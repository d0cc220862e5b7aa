#include "support/t.h"

#include "base/percent.h"

static void encodes_all_but_unreserved_characters(void **state)
{
    (void)state;
    static const struct row {
        const char *text, *encoded;
    } rows[] = {
        {"DLR/DIC26", "DLR%2FDIC26"},
        {"MERV - XMEV - AL30 - CI", "MERV%20-%20XMEV%20-%20AL30%20-%20CI"},
        {"SOJ.ROS/MAY27 380 C", "SOJ.ROS%2FMAY27%20380%20C"},
        {"Az09-._~", "Az09-._~"},
        {"a+b&c=d?e#f%", "a%2Bb%26c%3Dd%3Fe%23f%25"},
        {"D\xc3\xb3lar", "D%C3%B3lar"},
        {"\r\n", "%0D%0A"},
        {"", ""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf buf;
        char back[64];
        buf_init(&buf, 200);
        t_row(rows[i].text);
        percent_encode(&buf, rows[i].text);
        t_str(buf_text(&buf), rows[i].encoded);
        back[percent_decode(back, buf_text(&buf), buf.len_bytes)] = '\0';
        t_str(back, rows[i].text);
        buf_finish(&buf);
    }
}

static void decodes_only_whole_sequences(void **state)
{
    (void)state;
    static const struct row {
        const char *text, *decoded;
    } rows[] = {
        {"a%2fb%2Fc", "a/b/c"}, {"%252B", "%2B"},   {"a+b", "a+b"}, {"%", "%"},
        {"%4", "%4"},           {"%4g%41", "%4gA"}, {"%%41", "%A"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[32];
        t_row(rows[i].text);
        strcpy(text, rows[i].text);
        text[percent_decode(text, text, strlen(text))] = '\0'; /* in place */
        t_str(text, rows[i].decoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_all_but_unreserved_characters),
        cmocka_unit_test(decodes_only_whole_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
