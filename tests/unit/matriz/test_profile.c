#include "support/t.h"

#include "matriz/profile.h"

#include <errno.h>

#define ID "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs3q2+7wABAgMEBQYHCA=="

static struct json_parser *parser;

static void profiles(void **state)
{
    (void)state;
    static const struct {
        const char *body, *csrf, *session, *connection; /* csrf NULL: an error */
        const char *why;
    } rows[] = {
        {"{\"csrfToken\":\"c0ffee\"}", "c0ffee", "", "", ""},
        {"{\"csrfToken\":\"c0ffee\",\"sessionId\":\"" ID "\",\"connectionId\":\"x\","
         "\"account\":{\"id\":\"1234\"}}",
         "c0ffee", ID, "x", ""},
        {"{\"sessionId\":\"a\",\"connectionId\":\"b\"}", "", "a", "b", ""},
        {"{\"csrfToken\":\"c\",\"sessionId\":null,\"connectionId\":\"\"}", "c", "", "", ""},
        {"{\"csrfToken\":\"c\",\"sessionId\":\"a\"}", NULL, "", "", "only one of"},
        {"{\"csrfToken\":\"c\",\"connectionId\":\"a\"}", NULL, "", "", "only one of"},
        {"{\"csrfToken\":5}", NULL, "", "", "neither csrfToken nor sessionId"},
        {"{}", NULL, "", "", "neither csrfToken nor sessionId"},
        {"{\"csrfToken\":\"a b\"}", NULL, "", "", "csrfToken of the profile"},
        {"{\"csrfToken\":\"a\\r\\nX: y\"}", NULL, "", "", "printable"},
        {"{\"csrfToken\":\"c\",\"sessionId\":\"\xc3\xb1\",\"connectionId\":\"b\"}", NULL, "", "",
         "sessionId of the profile"},
        {"[]", NULL, "", "", "not a JSON object"},
        {"<html>Ingreso</html>", NULL, "", "", "not JSON"},
        {"", NULL, "", "", "empty"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct matriz_profile profile = {"old", "old", "old"};
        struct err err = {0};
        t_row(rows[i].body);
        int rc = matriz_profile_read(parser, rows[i].body, strlen(rows[i].body), &profile, &err);
        t_int(rc, rows[i].csrf ? 0 : -EBADMSG);
        t_str(profile.csrf_token, rows[i].csrf ? rows[i].csrf : "old");
        t_str(profile.session_id, rows[i].csrf ? rows[i].session : "old");
        t_str(profile.connection_id, rows[i].csrf ? rows[i].connection : "old");
        t_contains(err.text, rows[i].why);
    }
}

static void the_longest_values(void **state)
{
    (void)state;
    for (int longer = 0; longer <= 1; longer++) {
        char body[2048];
        struct matriz_profile profile;
        struct err err = {0};
        int len = snprintf(body, sizeof(body), "{\"csrfToken\":\"%0*d\"}",
                           MATRIZ_CSRF_BYTES - 1 + longer, 7);
        t_row(longer ? "too long" : "the longest");
        t_int(matriz_profile_read(parser, body, (size_t)len, &profile, &err),
              longer ? -EBADMSG : 0);
        t_true(!strstr(err.text, "0000"));
    }
}

static void the_login(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 256);
    matriz_put_login(&out, "alice", "a\"b\\c\n");
    t_str(buf_text(&out), "{\"username\":\"alice\",\"password\":\"a\\\"b\\\\c\\n\"}");
    buf_finish(&out);
}

static int setup(void **state)
{
    (void)state;
    parser = json_parser_create();
    return parser ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    json_parser_destroy(parser);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles),
        cmocka_unit_test(the_longest_values),
        cmocka_unit_test(the_login),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
