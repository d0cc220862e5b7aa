#include "broker/terminal_answer.h"

#include "support/t.h"

#define IDS  "{\"csrfToken\":\"c\",\"sessionId\":\"s+/=\",\"connectionId\":\"k\"}"
#define CSRF "{\"csrfToken\":\"c\"}"

static struct reply reply_of(int status, const char *location, const char *body)
{
    return (struct reply){.status = status,
                          .content_type = "",
                          .location = location,
                          .body = body,
                          .body_len_bytes = strlen(body)};
}

static void profiles(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
        bool guest;
        const char *location, *body;
        enum matriz_session_event_kind kind;
        const char *why;
    } rows[] = {
        /* clang-format off */
        {"logged in",        200, false, "", IDS, MATRIZ_EV_IDS, ""},
        {"not logged in",    200, false, "", CSRF, MATRIZ_EV_ANONYMOUS, ""},
        {"a guest",          200, true,  "", CSRF, MATRIZ_EV_IDS, ""},
        {"redirect",         302, false, "https://x.test/auth/login", "", MATRIZ_EV_NOT_ALLOWED, "302"},
        {"401",              401, false, "", "{}", MATRIZ_EV_NOT_ALLOWED, "401: {}"},
        {"403",              403, false, "", "", MATRIZ_EV_NOT_ALLOWED, "403"},
        {"the login page",   200, false, "", "<html><title>Login</title>", MATRIZ_EV_NOT_ALLOWED, "title \"Login\""},
        {"a guest's page",   200, true,  "", "<html>", MATRIZ_EV_NOT_ALLOWED, "an HTML page"},
        {"an empty body",    200, false, "", "", MATRIZ_EV_NOT_ALLOWED, "200"},
        {"other JSON",       200, false, "", "{\"a\":1}", MATRIZ_EV_UNAVAILABLE, "neither"},
        {"a list",           200, false, "", "[1]", MATRIZ_EV_UNAVAILABLE, "not a JSON object"},
        {"half of it",       200, false, "", "{\"csrfToken\":", MATRIZ_EV_UNAVAILABLE, ""},
        {"not found",        404, false, "", "{}", MATRIZ_EV_UNAVAILABLE, "404"},
        {"too many",         429, false, "", "", MATRIZ_EV_UNAVAILABLE, "429"},
        {"maintenance",      503, false, "", "<title>Wait</title>", MATRIZ_EV_UNAVAILABLE, "\"Wait\""},
        /* clang-format on */
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct matriz_profile profile = {0};
        struct err why = {0};
        const struct reply reply = reply_of(rows[i].status, rows[i].location, rows[i].body);
        t_row(rows[i].name);
        t_int(terminal_answer_profile(parser, &reply, rows[i].guest, &profile, &why), rows[i].kind);
        t_contains(why.text, rows[i].why);
        t_str(profile.csrf_token, rows[i].kind <= MATRIZ_EV_ANONYMOUS ? "c" : "");
        t_str(profile.session_id, strcmp(rows[i].body, IDS) == 0 ? "s+/=" : "");
    }
    json_parser_destroy(parser);
}

static void logins(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int status;
        const char *location, *body;
        enum matriz_session_event_kind kind;
        const char *why;
    } rows[] = {
        /* clang-format off */
        {"accepted",              200, "", "{\"ok\":true}", MATRIZ_EV_LOGGED_IN, ""},
        {"accepted, empty",       204, "", "", MATRIZ_EV_LOGGED_IN, ""},
        {"accepted, to the page", 302, "https://x.test/", "", MATRIZ_EV_LOGGED_IN, ""},
        {"back to the login",     302, "https://x.test/auth/login", "", MATRIZ_EV_NOT_ALLOWED, "302"},
        {"refused",               401, "", "{\"error\":\"invalid\"}", MATRIZ_EV_REFUSED, "401: {\"error\""},
        {"refused with a page",   401, "", "<html>", MATRIZ_EV_REFUSED, "401"},
        {"not valid",             422, "", "{}", MATRIZ_EV_REFUSED, "422"},
        {"bad request",           400, "", "{}", MATRIZ_EV_REFUSED, "400"},
        {"CSRF",                  403, "", "invalid CSRF token", MATRIZ_EV_NOT_ALLOWED, "CSRF"},
        {"bot protection",        403, "", "<title>Moment</title>", MATRIZ_EV_NOT_ALLOWED, "Moment"},
        {"not found",             404, "", "{}", MATRIZ_EV_UNAVAILABLE, "404"},
        {"too many",              429, "", "", MATRIZ_EV_UNAVAILABLE, "429"},
        {"server",                500, "", "<title>Oops</title>", MATRIZ_EV_UNAVAILABLE, "Oops"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err why = {0};
        const struct reply reply = reply_of(rows[i].status, rows[i].location, rows[i].body);
        t_row(rows[i].name);
        t_int(terminal_answer_login(&reply, &why), rows[i].kind);
        t_contains(why.text, rows[i].why);
    }
}

static void handshakes_that_end_a_session(void **state)
{
    (void)state;
    static const int ends[] = {200, 301, 302, 303, 307, 401, 403};
    static const int other[] = {0, 101, 400, 404, 408, 429, 500, 502, 503};
    for (size_t i = 0; i < T_COUNT(ends); i++)
        t_true(terminal_answer_ends_session(ends[i]));
    for (size_t i = 0; i < T_COUNT(other); i++)
        t_true(!terminal_answer_ends_session(other[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profiles),
        cmocka_unit_test(logins),
        cmocka_unit_test(handshakes_that_end_a_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
