#include "support/t.h"

#include "primary/login.h"

#define TOKEN "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="

static void answers_mean(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int status;
        const char *token, *location, *type, *body;
        enum login_outcome outcome;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"accepted",           200, TOKEN, "", "", "",  LOGIN_OK, ""},
        {"accepted, 201",      201, TOKEN, "", "", "",  LOGIN_OK, ""},
        {"accepted, with a page", 200, TOKEN, "", "text/html", "<html>", LOGIN_OK, ""},
        {"no header",          200, "", "", "", "",     LOGIN_NOT_LOGGED_IN, "without a token"},
        {"no header, page",    200, "", "", "text/html",
         "<!doctype html><title>Ingreso</title><form method=post action=\"/j_spring_security_check\">",
         LOGIN_NOT_LOGGED_IN, "a web page (200)"},
        {"no header, JSON",    200, "", "", "application/json", "{\"status\":\"OK\",\"x\":\"s3cret\"}",
         LOGIN_NOT_LOGGED_IN, "with text in place of a token"},
        {"blank in the token", 200, "abc def", "", "", "", LOGIN_NOT_LOGGED_IN, "7 bytes"},
        {"line in the token",  200, "abc\r\nX: s3cret", "", "", "", LOGIN_NOT_LOGGED_IN, "cannot be"},
        {"redirect",           302, "", "https://login.test/in?u=s3cret", "", "",
         LOGIN_NOT_LOGGED_IN, "redirected (302) to \"https://login.test/in\""},
        {"redirect with token", 303, TOKEN, "/", "", "", LOGIN_NOT_LOGGED_IN, "redirected"},
        {"refused",            401, "", "", "application/json",
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}",
         LOGIN_REFUSED, "check broker.user and the password"},
        {"forbidden",          403, "", "", "", "",     LOGIN_REFUSED, "(403)"},
        {"old refusal",        404, "", "", "application/json",
         "{\"error\":\"invalid_grant\",\"error_description\":\"s3cret\"}", LOGIN_REFUSED, "reMarkets"},
        {"no such path",       404, "", "", "text/html", "<html>", LOGIN_NOT_LOGGED_IN,
         "no auth/getToken at this address (404): check broker.url"},
        {"no such path, empty", 404, "", "", "", "",    LOGIN_NOT_LOGGED_IN, "check broker.url"},
        {"method",             405, "", "", "", "s3cret", LOGIN_NOT_LOGGED_IN, "405"},
        {"slow",               408, "", "", "", "",     LOGIN_UNAVAILABLE, "(408)"},
        {"too many",           429, "", "", "", "",     LOGIN_UNAVAILABLE, "(429)"},
        {"server",             500, "", "", "", "s3cret", LOGIN_UNAVAILABLE, "(500)"},
        {"not available",      503, TOKEN, "", "", "",  LOGIN_UNAVAILABLE, "(503)"},
        {"no status",          0,   TOKEN, "", "", "",  LOGIN_NOT_LOGGED_IN, "no status"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct reply reply = {rows[i].status, rows[i].type, rows[i].location, rows[i].body,
                              strlen(rows[i].body)};
        struct err why = {0};
        t_row(rows[i].name);
        t_int(login_decode(&reply, rows[i].token, &why), rows[i].outcome);
        t_contains(why.text, rows[i].words);
        t_true(!strstr(why.text, "s3cret"));
        t_true(!strstr(why.text, TOKEN));
        t_int(why.code < 0, rows[i].outcome != LOGIN_OK);
    }
}

static void tokens_that_may_be_kept(void **state)
{
    (void)state;
    char text[TOKEN_BYTES_MAX + 1];
    t_true(login_token_valid(TOKEN));
    t_true(login_token_valid("a"));
    t_true(!login_token_valid(""));
    t_true(!login_token_valid("a b"));
    t_true(!login_token_valid("a\tb"));
    t_true(!login_token_valid("a\n"));
    t_true(!login_token_valid("a\x7f"));
    t_true(!login_token_valid("\xc3\xb3"));
    memset(text, 'x', sizeof(text));
    text[TOKEN_BYTES_MAX] = '\0';
    t_true(!login_token_valid(text)); /* no room left for its NUL */
    text[TOKEN_BYTES_MAX - 1] = '\0';
    t_true(login_token_valid(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_mean),
        cmocka_unit_test(tokens_that_may_be_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
