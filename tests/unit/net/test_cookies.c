#include "net/cookies.h"

#include "net/http_headers.h"
#include "support/t.h"

#define NOW INT64_C(1795446000000000000) /* November 2026 */

static void take(struct cookies *cookies, const char *value)
{
    char line[8192];
    struct http_fields fields = {0};
    int len = snprintf(line, sizeof(line), "Set-Cookie: %s", value);
    t_int(http_fields_add(&fields, line, (size_t)len), 0);
    cookies_take(cookies, &fields, NOW);
    http_fields_finish(&fields);
}

static const char *text_of(struct cookies *cookies)
{
    static char text[2048];
    size_t used = 0;
    *text = '\0';
    for (const char *const *p = cookies_pairs(cookies); *p; p += 2)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=%s", used ? "; " : "",
                                 p[0], p[1]);
    struct http_headers *headers = /* all of them can be sent */
        http_headers_create((const char *const[]){NULL}, cookies_pairs(cookies));
    t_true(headers);
    http_headers_destroy(headers);
    return text;
}

/* Lines in a row, and what is kept. */
static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *name, *lines[4], *kept;
    } rows[] = {
        {"one", {"a=1"}, "a=1"},
        {"with attributes",
         {"_mtz_web_key=SFM.g3Q.x-y_z; path=/; HttpOnly"},
         "_mtz_web_key=SFM.g3Q.x-y_z"},
        {"two", {"a=1; path=/", "SERVERID=s2; path=/"}, "a=1; SERVERID=s2"},
        {"replaced", {"a=1", "b=2", "a=3; path=/x"}, "a=3; b=2"},
        {"names are compared with case", {"a=1", "A=2"}, "a=1; A=2"},
        {"a value with '=' and quotes", {"a=\"b=c==\""}, "a=\"b=c==\""},
        {"an empty value", {"a="}, "a="},
        {"blanks around", {"  a  =  1  ; x"}, "a=1"},
        {"removed by Max-Age", {"a=1", "b=2", "a=; Max-Age=0"}, "b=2"},
        {"removed by a negative Max-Age", {"a=1", "a=x; max-age=-1"}, ""},
        {"removed by Expires", {"a=1", "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/"}, ""},
        {"removed with dashes", {"a=1", "a=x; expires=Thu, 01-Jan-1970 00:00:00 GMT"}, ""},
        {"Max-Age counts before Expires",
         {"a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60"},
         "a=1"},
        {"Expires in the future", {"a=1; Expires=Fri, 01 Jan 2049 00:00:00 GMT"}, "a=1"},
        {"attributes that cannot be read", {"a=1; Max-Age=soon; Expires=never"}, "a=1"},
        {"removed, and none was there", {"a=1; Max-Age=0"}, ""},
        {"no '='", {"a"}, "a="},
        {"no name", {"=1", ";", "; a=1"}, ""},
        {"a name that cannot be sent", {"a b=1", "a,b=1", "a:b=1"}, ""},
        {"a control character", {"a=1\x01"}, ""},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct cookies *cookies = cookies_create();
        t_row(rows[i].name);
        for (int k = 0; k < 4 && rows[i].lines[k]; k++)
            take(cookies, rows[i].lines[k]);
        t_str(text_of(cookies), rows[i].kept);
        cookies_destroy(cookies);
    }
}

static void several_in_one_answer(void **state)
{
    (void)state;
    struct cookies *cookies = cookies_create();
    struct http_fields fields = {0};
    static const char *const answer[] = {"set-cookie: a=1", "Date: x", "Set-Cookie: b=2; path=/"};
    for (size_t i = 0; i < T_COUNT(answer); i++)
        http_fields_add(&fields, answer[i], strlen(answer[i]));
    cookies_take(cookies, &fields, NOW);
    t_str(text_of(cookies), "a=1; b=2");
    cookies_forget(cookies);
    t_str(text_of(cookies), "");
    http_fields_finish(&fields);
    cookies_destroy(cookies);
    cookies_destroy(NULL);
}

static void bounds(void **state)
{
    (void)state;
    struct cookies *cookies = cookies_create();
    char line[6000];
    int count = 0;
    for (int i = 0; i < 40; i++) {
        snprintf(line, sizeof(line), "c%d=%d", i, i);
        take(cookies, line);
    }
    take(cookies, "c3=again");
    for (const char *const *p = cookies_pairs(cookies); *p; p += 2)
        count++;
    t_int(count, COOKIES_MAX);
    t_str(cookies_pairs(cookies)[7], "again");
    cookies_forget(cookies);

    memset(line, 'x', sizeof(line));
    line[1] = '=';
    line[2 + COOKIE_VALUE_BYTES] = '\0';
    take(cookies, line);
    t_row("a value that is too long");
    t_true(cookies_pairs(cookies)[0] == NULL);
    line[2 + COOKIE_VALUE_BYTES - 1] = '\0';
    take(cookies, line);
    t_row("the longest value");
    t_int(strlen(cookies_pairs(cookies)[1]), COOKIE_VALUE_BYTES - 1);
    cookies_forget(cookies);
    memset(line, 'x', COOKIE_NAME_BYTES);
    line[COOKIE_NAME_BYTES] = '=';
    line[COOKIE_NAME_BYTES + 1] = '\0';
    t_row("a name that is too long");
    take(cookies, line);
    t_true(cookies_pairs(cookies)[0] == NULL);
    take(cookies, line + 1);
    t_row("the longest name");
    t_int(strlen(cookies_pairs(cookies)[0]), COOKIE_NAME_BYTES - 1);
    cookies_destroy(cookies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(several_in_one_answer),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
