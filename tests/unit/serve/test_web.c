#include "serve/web.h"

#include "support/headers.h"
#include "support/t.h"

#include <errno.h>

static void headers_of_an_answer(void **state)
{
    static char long_value[WEB_HEADERS_BYTES + 1];
    static const struct row {
        const char *what, *name, *value;
        int rc;
    } rows[] = {
        {"plain", "X-Auth-Token", "3q2+7w/BAg=", 0},
        {"all characters of a name", "!#$%&'*+-.^_`|~09azAZ", "v", 0},
        {"an empty value", "X-Empty", "", 0},
        {"a tab and bytes above 127", "X-Text", "a\tb \xc3\xb3", 0},
        {"an empty name", "", "v", -EINVAL},
        {"a space in the name", "X A", "v", -EINVAL},
        {"a colon in the name", "X:", "v", -EINVAL},
        {"a line end in the name", "X\r\nY", "v", -EINVAL},
        {"a byte above 127 in the name", "X\xc3\xb3", "v", -EINVAL},
        {"CR LF in the value", "X", "1\r\nSet-Cookie: a", -EINVAL},
        {"LF in the value", "X", "1\nSet-Cookie: a", -EINVAL},
        {"CR in the value", "X", "1\r", -EINVAL},
        {"an escape in the value", "X", "\x1b[0m", -EINVAL},
        {"DEL in the value", "X", "\x7f", -EINVAL},
        {"the server's content type", "Content-Type", "v", -EINVAL},
        {"the server's content length", "content-LENGTH", "5", -EINVAL},
        {"the server's connection", "Connection", "close", -EINVAL},
        {"the server's encoding", "Transfer-Encoding", "chunked", -EINVAL},
        {"too long", "X", long_value, -EMSGSIZE},
    };
    (void)state;
    memset(long_value, 'v', sizeof(long_value) - 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_answer answer;
        t_row(rows[i].what);
        web_answer_init(&answer);
        t_int(web_add_header(&answer, rows[i].name, rows[i].value), rows[i].rc);
        t_str(web_answer_header(&answer, rows[i].name), rows[i].rc ? NULL : rows[i].value);
        t_int(web_add_header(&answer, "X-Next", "n"), 0); /* a refused one does no harm */
        t_str(web_answer_header(&answer, "x-next"), "n");
        web_answer_finish(&answer);
    }
}

static int append(void *arg, const char *name, const char *value)
{
    buf_printf(arg, "%s=%s;", name, value);
    return strcmp(name, "Stop") == 0 ? 7 : 0;
}

static void each_header_in_order(void **state)
{
    struct web_answer answer;
    struct buf seen;
    (void)state;
    web_answer_init(&answer);
    buf_init(&seen, 1000);
    t_int(web_each_header(&answer, append, &seen), 0);
    t_str(buf_text(&seen), "");
    web_add_header(&answer, "Set-Cookie", "a=1");
    web_add_header(&answer, "Empty", "");
    web_add_header(&answer, "set-cookie", "b=2");
    t_int(web_each_header(&answer, append, &seen), 0);
    t_str(buf_text(&seen), "Set-Cookie=a=1;Empty=;set-cookie=b=2;");
    t_str(web_answer_header(&answer, "SET-COOKIE"), "a=1"); /* the first */
    web_add_header(&answer, "Stop", "s");
    web_add_header(&answer, "After", "a");
    buf_clear(&seen);
    t_int(web_each_header(&answer, append, &seen), 7);
    t_true(!strstr(buf_text(&seen), "After"));
    web_answer_finish(&answer);
    buf_finish(&seen);
}

static void all_headers_together_are_bounded(void **state)
{
    struct web_answer answer;
    int count = 0;
    (void)state;
    web_answer_init(&answer);
    while (web_add_header(&answer, "name", "value") == 0)
        count++;
    t_int(count, WEB_HEADERS_BYTES / (5 + 6));
    t_true(!buf_failed(&answer.headers));
    web_put(&answer, 404, "text/html", "none");
    t_str(web_answer_header(&answer, "name"), NULL);
    t_int(web_add_header(&answer, "name", "value"), 0);
    t_int(answer.status, 404);
    t_str(buf_text(&answer.body), "none");
    web_answer_finish(&answer);
}

static void parameters_and_headers_of_a_request(void **state)
{
    struct t_header headers[] = {{"Host", "h"}, {"X-Empty", ""}, {0}};
    struct web_request request = {.path = "x",
                                  .params = {{"a", "1"}, {"A", "2"}, {"a", "3"}},
                                  .params_count = 3,
                                  .header = t_find_header,
                                  .self = headers};
    (void)state;
    t_str(web_param(&request, "a"), "1");
    t_str(web_param(&request, "A"), "2");
    t_str(web_param(&request, "b"), NULL);
    t_str(web_header(&request, "HOST"), "h");
    t_str(web_header(&request, "X-Empty"), "");
    t_str(web_header(&request, "Origin"), "");
    request.header = NULL;
    t_str(web_header(&request, "Host"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_of_an_answer),
        cmocka_unit_test(each_header_in_order),
        cmocka_unit_test(all_headers_together_are_bounded),
        cmocka_unit_test(parameters_and_headers_of_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
