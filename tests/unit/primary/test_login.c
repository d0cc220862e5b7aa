#include "support/t.h"

#include "primary/login.h"

#define TOKEN "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="

static void outcomes_of_answers(void **state)
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
        {"no header",          200, "", "", "", "",     LOGIN_NO_TOKEN, "without a token"},
        {"no header, login page", 200, "", "", "text/html",
         "<!doctype html><title>Ingreso</title><form method=post action=\"/j_spring_security_check\">",
         LOGIN_PAGE, "a login page, title \"Ingreso\", instead of a token (200): user and password were not checked"},
        {"no header, text",    200, "", "", "text/plain", "espere", LOGIN_PAGE, "the text \"espere\""},
        {"no header, JSON",    200, "", "", "application/json", "{\"status\":\"OK\",\"x\":\"s3cret\"}",
         LOGIN_NO_TOKEN, "without a token"},
        {"no header, refused", 200, "", "", "application/json",
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", LOGIN_REFUSED, "refused user or password"},
        {"no header, error",   200, "", "", "application/json",
         "{\"status\":\"ERROR\",\"message\":\"Intente mas tarde\"}", LOGIN_NO_TOKEN, "without a token"},
        {"blank in the token", 200, "abc def", "", "", "", LOGIN_NO_TOKEN, "7 bytes"},
        {"line in the token",  200, "abc\r\nX: s3cret", "", "", "", LOGIN_NO_TOKEN, "invalid token"},
        {"redirect",           302, "", "https://login.test/in?u=s3cret", "", "",
         LOGIN_PAGE, "a redirect to \"https://login.test/in?u=***\" instead of a token (302)"},
        {"redirect with token", 303, TOKEN, "/", "", "", LOGIN_PAGE, "a redirect"},
        {"moved",              301, "", "https://www.broker.test/", "", "", LOGIN_PAGE, "(301)"},
        {"refused",            401, "", "", "application/json",
         "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}",
         LOGIN_REFUSED, "check broker.user and the password"},
        {"refused, empty",     401, "", "", "", "",     LOGIN_REFUSED, "(401)"},
        {"401 with a page",    401, "", "", "text/html", "<title>Proxy</title>", LOGIN_PAGE, "\"Proxy\""},
        {"forbidden",          403, "", "", "", "{\"status\":\"ERROR\",\"message\":\"s3cret\"}",
         LOGIN_REFUSED, "(403)"},
        {"forbidden, empty",   403, "", "", "", "",     LOGIN_UNAVAILABLE, "403, without the broker's JSON"},
        {"bot protection",           403, "", "", "text/html", "<title>Just a moment...</title>", LOGIN_PAGE,
         "an HTML page, title \"Just a moment...\", instead of a token (403)"},
        {"a gateway's 403",    403, "", "", "", "{\"message\":\"s3cret\"}", LOGIN_UNAVAILABLE,
         "without the broker's JSON"},
        {"old refusal",        404, "", "", "application/json",
         "{\"error\":\"invalid_grant\",\"error_description\":\"s3cret\"}", LOGIN_REFUSED, "reMarkets"},
        {"old refusal in a page", 404, "", "", "", "<p>invalid_grant", LOGIN_PAGE, "an HTML page"},
        {"no such path, page", 404, "", "", "text/html", "<html>", LOGIN_PAGE, "check that broker.url"},
        {"no such path",       404, "", "", "", "{\"status\":\"ERROR\"}", LOGIN_UNAVAILABLE,
         "no auth/getToken at this address (404): check broker.url"},
        {"no such path, empty", 404, "", "", "", "",    LOGIN_UNAVAILABLE, "check broker.url"},
        {"method",             405, "", "", "", "{\"s3cret\":1}", LOGIN_UNAVAILABLE, "405"},
        {"slow",               408, "", "", "", "",     LOGIN_UNAVAILABLE, "(408)"},
        {"too many",           429, "", "", "", "",     LOGIN_UNAVAILABLE, "(429)"},
        {"server",             500, "", "", "", "s3cret", LOGIN_UNAVAILABLE, "(500)"},
        {"not available",      503, TOKEN, "", "", "",  LOGIN_UNAVAILABLE, "(503)"},
        {"no status",          0,   TOKEN, "", "", "",  LOGIN_UNAVAILABLE, "0 is not a final HTTP status"},
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

static void valid_tokens(void **state)
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

static void tokens_are_visible_ascii(void **state)
{
    (void)state;
    static const struct {
        const char *token;
        bool valid;
    } rows[] = {{"!", true},    {"~", true},    {"abc+/=", true}, {"", false},        {" a", false},
                {"a b", false}, {"a\n", false}, {"\x7f", false},  {"\xc3\xb3", false}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].token);
        t_int(login_token_valid(rows[i].token), rows[i].valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_of_answers),
        cmocka_unit_test(valid_tokens),
        cmocka_unit_test(tokens_are_visible_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
