#include "net/http_target.h"

#include "support/t.h"

#include <errno.h>

static void the_path_is_sent_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *url, *base, *path;
    } rows[] = {
        {"https://h.example/", "https://h.example/", "/"},
        {"http://127.0.0.1:8080/rest/x?symbol=DLR%2FDIC26&entries=BI,OF", "http://127.0.0.1:8080/",
         "/rest/x?symbol=DLR%2FDIC26&entries=BI,OF"},
        {"https://u:p@[::1]:8443/a/b", "https://u:p@[::1]:8443/", "/a/b"},
        {"https://h/a.b?c=..//d~", "https://h/", "/a.b?c=..//d~"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct http_target target;
        t_row(rows[i].url);
        t_int(http_target_of(&target, rows[i].url), 0);
        t_str(target.base, rows[i].base);
        t_str(target.path, rows[i].path);
    }
}

/* A line end in a target would begin another header. */
static void libcurl_reads_all_others(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "h.example/x",
        "https://h.example",
        "https://h.example?x=1",
        "https://h.example?x=/1/../2",
        "https://h/a/../b",
        "https://h/.",
        "https://h/a/./b",
        "https://h/a#part",
        "https://h/a b",
        "https://h/a\tb",
        "https://h/a\r\nHost: other",
        "https://h/a\x7f",
        "https://h/D\xc3\xb3lar",
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct http_target target;
        t_row(rows[i]);
        t_int(http_target_of(&target, rows[i]), -EINVAL);
    }
}

static void a_host_is_as_long_as_there_is_room(void **state)
{
    (void)state;
    char url[HTTP_TARGET_BASE_BYTES + 16];
    struct http_target target;
    for (int more = 0; more < 2; more++) {
        int host = HTTP_TARGET_BASE_BYTES - 1 - (int)strlen("http:///") + more;
        snprintf(url, sizeof(url), "http://%0*d/x", host, 0);
        t_int(http_target_of(&target, url), more ? -EINVAL : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_is_sent_as_it_is),
        cmocka_unit_test(libcurl_reads_all_others),
        cmocka_unit_test(a_host_is_as_long_as_there_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
