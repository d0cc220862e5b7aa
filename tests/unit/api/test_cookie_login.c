#include "api/cookie_login.h"

#include "support/t.h"

#include <strings.h>

static const char *find_cookie(void *self, const char *name)
{
    return strcasecmp(name, "cookie") == 0 ? self : NULL;
}

static void logins(void **state)
{
    (void)state;
    static const struct {
        const char *name, *token, *password, *location, *cookie;
        bool post;
    } rows[] = {
        {"no token is required", "", "any", "/", "cinta_token=local; ", true},
        {"nor a password", "", NULL, "/", "cinta_token=local; ", true},
        {"the token", "secret=", "secret=", "/", "cinta_token=secret=; ", true},
        {"a wrong one", "secret", "secre", "/?login_error=1", NULL, true},
        {"none", "secret", NULL, "/?login_error=1", NULL, true},
        {"a link", "secret", "secret", "/?login_error=1", NULL, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct access_rules rules = {.token = rows[i].token};
        struct web_request request = {.path = COOKIE_LOGIN_PATH, .post = rows[i].post};
        struct web_answer answer;
        web_answer_init(&answer);
        if (rows[i].password)
            request.params[request.params_count++] =
                (struct web_param){"j_password", rows[i].password};
        t_row(rows[i].name);
        cookie_login_answer(&rules, &request, &answer);
        t_int(answer.status, 302);
        t_str(web_answer_header(&answer, "location"), rows[i].location);
        t_int(web_answer_header(&answer, "set-cookie") != NULL, rows[i].cookie != NULL);
        if (rows[i].cookie)
            t_contains(web_answer_header(&answer, "set-cookie"), rows[i].cookie);
        web_answer_finish(&answer);
    }
}

static void cookies(void **state)
{
    (void)state;
    static char long_one[3000] = "cinta_token=";
    memset(long_one + strlen(long_one), 'x', sizeof(long_one) - strlen(long_one) - 1);
    static const struct {
        const char *token, *cookies;
        bool valid;
    } rows[] = {
        {"", NULL, true},
        {"secret", NULL, false},
        {"secret", "", false},
        {"secret", "; ;", false},
        {"secret", "cinta_token=secret", true},
        {"secret", "cinta_token=secret;", true},
        {"secret", "JSESSIONID=x; cinta_token=secret; a=b", true},
        {"secret", "a=b;cinta_token=secret", true},
        {"secret", "cinta_token=", false},
        {"secret", "cinta_token=secre", false},
        {"secret", "cinta_token=secrets", false},
        {"secret", "xcinta_token=secret", false},
        {"secret", "a=cinta_token=secret", false},
        {"secret", "cinta_token=wrong; cinta_token=secret", false},
        {"secret=", "cinta_token=secret=", true},
        {"secret", long_one, false},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct access_rules rules = {.token = rows[i].token};
        const struct web_request request = {
            .path = "", .header = find_cookie, .self = (void *)rows[i].cookies};
        t_row(rows[i].cookies ? rows[i].cookies : "none");
        t_int(cookie_login_valid(&rules, &request), rows[i].valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logins),
        cmocka_unit_test(cookies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
