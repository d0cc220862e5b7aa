#include "net/http_headers.h"

#include "support/t.h"

#include <curl/curl.h>

/* All lines, joined by '|'. */
static const char *lines_of(const struct http_headers *headers)
{
    static char text[4096];
    size_t used = 0;
    text[0] = '\0';
    for (const struct curl_slist *l = http_headers_native(headers); l; l = l->next)
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? "|" : "", l->data);
    return text;
}

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *name, *pairs[7], *cookies[7], *lines; /* NULL: refused */
    } rows[] = {
        {"none", {NULL}, {NULL}, "Accept: application/json"},
        {"a header",
         {"X-Auth-Token", "a+/="},
         {NULL},
         "X-Auth-Token: a+/=|Accept: application/json"},
        {"another Accept", {"accept", "*/*", "A", "b"}, {NULL}, "accept: */*|A: b"},
        {"a cookie", {NULL}, {"k", "v"}, "Cookie: k=v|Accept: application/json"},
        {"cookies in order",
         {"Origin", "https://h"},
         {"b", "2", "a", "1=x", "c", ""},
         "Origin: https://h|Cookie: b=2; a=1=x; c=|Accept: application/json"},
        {"a cookie as some servers send them",
         {NULL},
         {"k", "\"a, b\""},
         "Cookie: k=\"a, b\"|Accept: application/json"},
        {"an empty value", {"A", ""}, {NULL}, NULL},
        {"a line break", {"A", "b\r\nC: d"}, {NULL}, NULL},
        {"a tab", {"A", "b\tc"}, {NULL}, NULL},
        {"DEL", {"A", "b\x7f"}, {NULL}, NULL},
        {"a name with a colon", {"A:", "b"}, {NULL}, NULL},
        {"a name with a line break", {"A\n", "b"}, {NULL}, NULL},
        {"an empty name", {"", "b"}, {NULL}, NULL},
        {"a semicolon in a cookie", {NULL}, {"k", "v; admin=1"}, NULL},
        {"a line break in a cookie", {NULL}, {"k", "v\r\nX: y"}, NULL},
        {"'=' in the name of a cookie", {NULL}, {"k=", "v"}, NULL},
        {"an empty name of a cookie", {NULL}, {"", "v"}, NULL},
        {"the second cookie is invalid", {NULL}, {"k", "v", "l", ";"}, NULL},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        struct http_headers *headers = http_headers_create(rows[i].pairs, rows[i].cookies);
        t_true((headers != NULL) == (rows[i].lines != NULL));
        if (headers)
            t_str(lines_of(headers), rows[i].lines);
        http_headers_destroy(headers);
    }
    struct http_headers *headers = http_headers_create((const char *const[]){NULL}, NULL);
    t_str(lines_of(headers), "Accept: application/json");
    http_headers_destroy(headers);
}

static void number_is_limited(void **state)
{
    (void)state;
    const char *pairs[2 * HTTP_HEADERS_MAX + 1] = {NULL};
    for (int i = 0; i < HTTP_HEADERS_MAX - 1; i++) {
        pairs[2 * i] = "A";
        pairs[2 * i + 1] = "b";
    }
    struct http_headers *headers = http_headers_create(pairs, NULL); /* and Accept */
    assert_non_null(headers);
    http_headers_destroy(headers);
    assert_null(http_headers_create(pairs, (const char *const[]){"k", "v", NULL}));
    pairs[2 * (HTTP_HEADERS_MAX - 1)] = "A";
    pairs[2 * (HTTP_HEADERS_MAX - 1) + 1] = "b";
    assert_null(http_headers_create(pairs, NULL));
}

static void the_last_reference_frees(void **state)
{
    (void)state;
    struct http_headers *headers = http_headers_create((const char *const[]){"A", "b", NULL}, NULL);
    struct http_headers *held = http_headers_hold(headers);
    http_headers_destroy(headers);
    t_str(lines_of(held), "A: b|Accept: application/json");
    http_headers_destroy(held); /* a leak or a second free would be reported by ASan */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(number_is_limited),
        cmocka_unit_test(the_last_reference_frees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
