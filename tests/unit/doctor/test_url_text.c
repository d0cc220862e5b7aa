#include "support/t.h"

#include "doctor/url_text.h"

#include <stdlib.h>

static void the_url_in_a_text(void **state)
{
    (void)state;
    enum { ENCLOSED = 1, BEFORE = 2, AFTER = 4, BROKEN = 8, BLANK = 16, CONTROL = 32, BACK = 64 };
    static const struct {
        const char *pasted, *url;
        int noted;
    } rows[] = {
        {"wss://a.b/ws?x=1", "wss://a.b/ws?x=1", 0},
        {" wss://a.b/ws\n", "wss://a.b/ws", ENCLOSED},
        {"\"wss://a.b/ws\"", "wss://a.b/ws", ENCLOSED},
        {"<wss://a.b/>,", "wss://a.b/", ENCLOSED},
        {"new WebSocket('wss://a.b/ws');", "wss://a.b/ws", ENCLOSED | BEFORE},
        {"url: wss://a.b/ws # it does not work", "wss://a.b/ws", BEFORE | AFTER},
        {"wss://a.b/ws HTTP/1.1", "wss://a.b/ws", AFTER},
        {"wss://a.b/ws?session_id=a b&conn_id=c", "wss://a.b/ws?session_id=a b&conn_id=c", BLANK},
        {"wss://a.b/ws?session_id=a b c&conn_id=d", "wss://a.b/ws?session_id=a b c&conn_id=d",
         BLANK},
        {"wss://a.b/ws?conn_id=3q2 7wABAgME", "wss://a.b/ws?conn_id=3q2 7wABAgME", BLANK},
        {"wss://a.b/ws?session_id=abc\ndef&conn_id=", "wss://a.b/ws?session_id=abcdef&conn_id=",
         BROKEN},
        {"wss://a.b/w\x01s", "wss://a.b/ws", CONTROL},
        {"wss:\\\\a.b\\ws", "wss://a.b/ws", BACK},
        {"wss://a.b/?u=https://c.d/", "wss://a.b/?u=https://c.d/", 0},
        {"a.b/ws", "a.b/ws", 0},
        {"", "", 0},
        {" \t\n", "", ENCLOSED},
        {"\"\"", "", ENCLOSED},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct url_text t;
        t_row(rows[i].pasted);
        url_text_read(&t, rows[i].pasted);
        t_str(t.url, rows[i].url);
        t_int(t.len_bytes, strlen(rows[i].url));
        t_int(t.pasted_bytes, strlen(rows[i].pasted));
        t_int((t.enclosed ? ENCLOSED : 0) | (t.text_before ? BEFORE : 0) |
                  (t.text_after ? AFTER : 0) | (t.broken ? BROKEN : 0) | (t.blank ? BLANK : 0) |
                  (t.control ? CONTROL : 0) | (t.backslashes ? BACK : 0),
              rows[i].noted);
        t_true(!t.too_long && !t.unusual_count);
    }
}

static void unusual_characters(void **state)
{
    (void)state;
    static const struct {
        const char *name, *pasted, *url;
        uint32_t first;
        size_t count;
    } rows[] = {
        {"full width", "wss\xef\xbc\x9a//\xef\xbd\x81.b/", "wss://a.b/", 0xff1a, 2},
        {"zero width", "wss://a\xe2\x80\x8b.b/", "wss://a.b/", 0x200b, 1},
        {"byte order mark", "\xef\xbb\xbfwss://a.b/", "wss://a.b/", 0xfeff, 1},
        {"typographic quotes", "\xe2\x80\x9cwss://a.b/\xe2\x80\x9d", "wss://a.b/", 0x201c, 2},
        {"non-breaking blank", "wss://a.b/\xc2\xa0", "wss://a.b/", 0xa0, 1},
        {"a dash", "wss://a\xe2\x80\x93z.b/", "wss://a-z.b/", 0x2013, 1},
        {"a letter", "wss://a\xc3\xb1.b/", "wss://a\xc3\xb1.b/", 0xf1, 1},
        {"an emoji", "wss://a.b/\xf0\x9f\x98\x80", "wss://a.b/\xf0\x9f\x98\x80", 0x1f600, 1},
        {"not UTF-8", "wss://a\xff.b/", "wss://a\xff.b/", 0xfffd, 1},
        {"truncated UTF-8", "wss://a.b/\xe2\x80", "wss://a.b/\xe2\x80", 0xfffd, 2},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct url_text t;
        t_row(rows[i].name);
        url_text_read(&t, rows[i].pasted);
        t_str(t.url, rows[i].url);
        t_int(t.unusual, rows[i].first);
        t_int(t.unusual_count, rows[i].count);
    }
}

static void a_megabyte(void **state)
{
    (void)state;
    static const char *const fillers[] = {"x", " ", "\xe2\x80\x8b", "\"", "\n"};
    for (size_t i = 0; i < T_COUNT(fillers); i++) {
        enum { BYTES = 1024 * 1024 };
        char *pasted = malloc(BYTES + 16);
        struct url_text t;
        size_t len = 0;
        t_row(fillers[i]);
        len += (size_t)sprintf(pasted, "wss://a.b/");
        while (len < BYTES)
            len += (size_t)sprintf(pasted + len, "%s", fillers[i]);
        url_text_read(&t, pasted);
        t_int(t.pasted_bytes, len);
        t_true(t.len_bytes <= URL_BYTES_MAX && strlen(t.url) == t.len_bytes);
        t_true(strncmp(t.url, "wss://a.b/", 10) == 0);
        t_int(t.too_long, i != 2); /* the invisible ones take no room */
        free(pasted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_url_in_a_text),
        cmocka_unit_test(unusual_characters),
        cmocka_unit_test(a_megabyte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
