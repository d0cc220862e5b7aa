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
        {"abcdefgh", "abc\\\\\\\\\\\\\\\\\\efgh", "abc\\\\\\\\\\\\\\\\\\efgh"},
        {"abyb\\xzzzz", "ab\\xzzzz", "ab\\xzzzz"},
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

static void urls(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"plain", "https://api.broker.test:8443/a/b", "https://api.broker.test:8443/a/b"},
        {"empty", "", ""},
        {"relative", "/login", "/login"},
        {"ids of a session", "wss://h/ws?session_id=3q2%2B7w&conn_id=x%3D%3D",
         "wss://h/ws?session_id=***&conn_id=***"},
        {"empty ids are shown as empty",
         "wss://h/ws?session_id=&conn_id=", "wss://h/ws?session_id=&conn_id="},
        {"token and password", "https://h/?token=t&password=p",
         "https://h/?token=***&password=***"},
        {"any name", "https://h/?_ds=1&symbol=DLR", "https://h/?_ds=***&symbol=***"},
        {"a short value", "https://h/?t=a", "https://h/?t=***"},
        {"a value with '='", "https://h/?t=a=b==&x=", "https://h/?t=***&x="},
        {"without a name", "https://h/?3q2+7w/ABC", "https://h/?***"},
        {"an empty query", "https://h/?", "https://h/?"},
        {"two question marks", "https://h/?a=b?c=d", "https://h/?a=***"},
        {"semicolons", "https://h/?a=b;c=d", "https://h/?a=***;c=***"},
        {"fragment", "https://h/p#access_token=t&x=y", "https://h/p#access_token=***&x=***"},
        {"query and fragment", "https://h/?a=b#c", "https://h/?a=***#***"},
        {"a URL in a query", "/login?next=https://u:p@h/", "/login?next=***"},
        {"path parameter", "/login;jsessionid=5E55?error=1", "/login;jsessionid=***?error=***"},
        {"path after a parameter", "/a;v=1/b;w=2/c?d", "/a;v=***/b;w=***/c?***"},
        {"path parameter without a value", "/a;v/b", "/a;***/b"},
        {"user", "https://alice@h/p", "https://***@h/p"},
        {"user and password", "https://alice:s3cret@h:1/p?q=r", "https://***@h:1/p?q=***"},
        {"without a scheme", "alice:s3cret@h/p", "***@h/p"},
        {"'@' in the password", "https://a:b@c@h/", "https://***@h/"},
        {"'/' in the password", "https://a:b/c@h/", "https://***@h/"},
        {"'?' in the password", "https://a:b?c@h/", "https://***@h/"},
        {"'@' in the path", "https://h:1/@a", "https://h:1/@a"},
        {"'@' in the query", "https://h/?mail=a@b", "https://h/?mail=***"},
        {"IPv6", "ws://[::1]:80/?a=b@c", "ws://[::1]:80/?a=***"},
        {"a blank", "wss://h/ws?session_id=a b", "wss://h/ws?session_id=***"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[128], again[128];
        t_row(rows[i].name);
        t_str(mask_url(text, sizeof(text), rows[i].text), rows[i].masked);
        t_str(mask_url(again, sizeof(again), text), rows[i].masked);
    }
}

static void a_long_url_is_truncated(void **state)
{
    (void)state;
    char text[24], none[1];
    t_str(mask_url(text, sizeof(text), "https://host.test/path?token=abc"),
          "https://host.test/path?");
    t_str(mask_url(text, 9, "https://host.test/"), "https://");
    t_str(mask_url(none, sizeof(none), "https://host.test/?a=b"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets),
        cmocka_unit_test(other_secrets),
        cmocka_unit_test(credentials),
        cmocka_unit_test(urls),
        cmocka_unit_test(a_long_url_is_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
