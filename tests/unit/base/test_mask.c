#include "base/mask.h"

#include "support/t.h"

struct row {
    const char *name, *text, *masked;
};

static void secrets(void **state)
{
    (void)state;
    static const char secret[] = "3q2+7w/ABC\"d\\e&f==";
    static const struct row rows[] = {
        {"nothing", "", ""},
        {"another text", "no such token", "no such token"},
        {"not escaped", "3q2+7w/ABC\"d\\e&f==", "***"},
        {"inside", "x 3q2+7w/ABC\"d\\e&f== y", "x *** y"},
        {"twice", "3q2+7w/ABC\"d\\e&f==3q2+7w/ABC\"d\\e&f==", "******"},
        {"JSON", "{\"t\":\"3q2+7w/ABC\\\"d\\\\e&f==\"}", "{\"t\":\"***\"}"},
        {"JSON with slashes escaped", "3q2+7w\\/ABC\\\"d\\\\e&f==", "***"},
        {"JSON in JSON", "3q2+7w/ABC\\\\\\\"d\\\\\\\\e&f== z", "*** z"},
        {"\\u", "3q2\\u002b7w\\u002FABC\\u0022d\\u005ce\\u0026f\\u003d\\u003d", "***"},
        {"URL", "?t=3q2%2B7w%2fABC%22d%5Ce%26f%3D%3D&x=1", "?t=***&x=1"},
        {"URL in URL", "3q2%252B7w%252FABC%2522d%255Ce%2526f%253D%253D.", "***."},
        {"HTML", "<b>3q2+7w/ABC&quot;d\\e&amp;f==</b>", "<b>***</b>"},
        {"HTML by number", "3q2&#43;7w&#x2f;ABC&#34;d&#92;e&#x26;f&#61;&#61;", "***"},
        {"truncated", "token 3q2+7w/AB", "token ***"},
        {"truncated, with dots", "token 3q2+7w/AB...", "token ***..."},
        {"a prefix that is too short", "token 3q2+7w/", "token 3q2+7w/"},
        {"truncated inside a longer text", "3q2+7w/AB; again in 5 s", "***; again in 5 s"},
        {"a backslash at the end", "\\", "\\"},
        {"a percent sign at the end", "%2", "%2"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[128];
        t_row(rows[i].name);
        snprintf(text, sizeof(text), "%s", rows[i].text);
        mask_secret(text, secret);
        t_str(text, rows[i].masked);
    }
}

static void other_secrets(void **state)
{
    (void)state;
    static const struct {
        const char *secret, *text, *masked;
    } rows[] = {
        {"abc", "abc", "abc"},
        {"", "abc", "abc"},
        {"two words", "two+words two%20words", "*** ***"},
        {"contrase\xc3\xb1"
         "a",
         "contrase\xc3\xb1"
         "a contrase%C3%b1a contrase?\?a",
         "*** *** ***"},
        {"100% sure", "100% sure 100%25+sure", "*** ***"},
        {"25252525", "25252525 %32%35%3252525", "*** ***"},
        {"aaaa", "aaaaaaa", "***aaa"},
        {"q?mark", "q?mark q\\?mark", "*** ***"},
        {"ab\\\\cd", "ab\\\\cd ab\\\\\\\\cd ab\\u005c\\u005Ccd ab%5C%5ccd", "*** *** *** ***"},
        {"ab\\\\cd", "ab\\cd", "ab\\cd"},
        {"\\\\\\\\", "\\\\\\\\", "***"},
        {"ab\\&cd", "ab\\&cd ab\\\\\\u0026cd", "*** ***"},
        {"ab\\u0026", "ab\\u0026 ab\\\\u0026", "*** ***"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[128];
        t_row(rows[i].text);
        snprintf(text, sizeof(text), "%s", rows[i].text);
        mask_secret(text, rows[i].secret);
        t_str(text, rows[i].masked);
    }
}

static void credentials(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Set-Cookie", "HTTP/1.1 401\r\nSet-Cookie: a=b; Path=/\r\nX: y",
         "HTTP/1.1 401\r\nSet-Cookie: ***\r\nX: y"},
        {"without case", "set-cookie:a=b", "set-cookie:***"},
        {"Authorization", "Authorization: Basic YWxpY2U6cw==\nx", "Authorization: ***\nx"},
        {"in JSON", "{\"head\":\"X-Auth-Token: abc\"}", "{\"head\":\"X-Auth-Token: ***\"}"},
        {"empty", "Cookie:\r\nX: y", "Cookie:\r\nX: y"},
        {"short", "Cookie: a", "Cookie: *"},
        {"query", "GET /ws?session_id=abc%2F&conn_id=def HTTP/1.1",
         "GET /ws?session_id=***&conn_id=*** HTTP/1.1"},
        {"token", "wss://h/?token=abcdef", "wss://h/?token=***"},
        {"the end of another name", "mytoken=abcdef xcookie: y", "mytoken=abcdef xcookie: y"},
        {"a word", "no token, no stream", "no token, no stream"},
        {"repeated", "token=token=token=x", "token=***"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[128];
        t_row(rows[i].name);
        snprintf(text, sizeof(text), "%s", rows[i].text);
        mask_credentials(text);
        t_str(text, rows[i].masked);
        mask_credentials(text); /* masking again changes nothing */
        t_str(text, rows[i].masked);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets),
        cmocka_unit_test(other_secrets),
        cmocka_unit_test(credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
