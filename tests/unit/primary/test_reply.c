#include "support/t.h"

#include "primary/reply.h"

#define JSON_TYPE "application/json"
#define HTML_TYPE "Text/HTML;charset=UTF-8"

static void classes_by_status_and_headers(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int status;
        const char *type, *location, *body;
        enum reply_class class;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"OK",               200, JSON_TYPE, "", "{}",  REPLY_OK, ""},
        {"any 2xx",          206, JSON_TYPE, "", "{}",  REPLY_OK, ""},
        {"no type",          200, "", "", "{}",         REPLY_OK, ""},
        {"JSON called HTML", 200, HTML_TYPE, "", " {\"status\":\"OK\"}", REPLY_OK, ""},
        {"text called HTML", 200, HTML_TYPE, "", "Ingreso", REPLY_PAGE, "the text \"Ingreso\" instead"},
        {"empty",            200, JSON_TYPE, "", "",    REPLY_PAGE, "an empty body instead of JSON (200)"},
        {"HTML by body",     200, JSON_TYPE, "", "\r\n <html>", REPLY_PAGE, "an HTML page"},
        {"HTML, 201",        201, "", "", "<p>",        REPLY_PAGE, "(201)"},
        {"login page",       200, HTML_TYPE, "", "<form action=\"/j_spring_security_check\">",
         REPLY_LOGIN_PAGE, "a login page"},
        {"redirect to a login", 302, "", "/login;jsessionid=5E5510?ticket=5EC2E7", "", REPLY_LOGIN_PAGE,
         "a redirect to \"/login;jsessionid=***?ticket=***\" instead of JSON (302)"},
        {"redirect, query",  303, "", "https://sso.test/in?ticket=5EC2E7#login", "", REPLY_PAGE,
         "\"https://sso.test/in?ticket=***#***\""},
        {"redirect without a location", 307, "", "", "",           REPLY_PAGE, "(307)"},
        {"redirect, control characters", 302, "", "/a\x1b[2J", "", REPLY_PAGE, "\"/a [2J\""},
        {"invalid token",    401, JSON_TYPE, "", "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}",
         REPLY_AUTH, "token"},
        {"invalid token, empty", 401, "", "", "",          REPLY_AUTH, "(401)"},
        {"401 with a page",  401, HTML_TYPE, "", "<title>401</title>", REPLY_LOGIN_PAGE, "title \"401\""},
        {"401 with text",    401, "", "", "Unauthorized", REPLY_LOGIN_PAGE, "the text \"Unauthorized\""},
        {"bot protection",         403, HTML_TYPE, "", "<title>Just a moment...</title>", REPLY_PAGE,
         "an HTML page, title \"Just a moment...\", instead of JSON (403)"},
        {"403, empty",       403, "", "", "",           REPLY_PAGE, "an empty body instead of JSON (403)"},
        {"a gateway's 403",  403, JSON_TYPE, "", "{\"message\":\"Forbidden\"}", REPLY_PAGE,
         "JSON without the broker's \"status\" (403): {\"message\":\"Forbidden\"}"},
        {"broken 403",       403, JSON_TYPE, "", "{\"status\":", REPLY_PAGE, "(403)"},
        {"forbidden",        403, JSON_TYPE, "", "{\"status\":\"ERROR\",\"message\":\"No\"}", REPLY_ACCESS,
         "(403)"},
        {"forbidden, known text", 403, JSON_TYPE, "",
         "{\"status\":\"ERROR\",\"description\":\"Access Denied\"}", REPLY_ACCESS, "\"Access Denied\""},
        {"invalid token as 403", 403, JSON_TYPE, "", "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}",
         REPLY_AUTH, "Unauthorized"},
        {"404 with a page",  404, HTML_TYPE, "", "<html>", REPLY_PAGE, "an HTML page"},
        {"404, empty",       404, "", "", "",           REPLY_PAGE, "an empty body"},
        {"no such path",     404, JSON_TYPE, "", "{\"status\":\"ERROR\",\"message\":\"Not Found\"}",
         REPLY_BAD_PATH, "broker.url"},
        {"unknown as 404",   404, JSON_TYPE, "", "{\"status\":\"ERROR\",\"description\":\"Product X:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SYMBOL, "X:ROFX"},
        {"bad request",      400, JSON_TYPE, "", "{\"description\":\"Falta\nsymbol\"}",
         REPLY_BAD_REQUEST, "(400): {\"description\":\"Falta symbol\"}"},
        {"bad, one byte",    400, "", "", "{",          REPLY_BAD_REQUEST, "(400): {"},
        {"bad, with a page", 400, HTML_TYPE, "", "<html>", REPLY_PAGE, "(400)"},
        {"bad, empty",      405, "", "", "",           REPLY_PAGE, "(405)"},
        {"too many",         429, "", "", "",           REPLY_THROTTLED, "(429)"},
        {"not available",    503, HTML_TYPE, "", "<html>", REPLY_THROTTLED, "(503)"},
        {"server",           500, "", "", "",           REPLY_SERVER, "(500)"},
        {"gateway",          502, HTML_TYPE, "", "<html>", REPLY_SERVER,
         "(502): an HTML page without a title"},
        {"no status",        0,   "", "", "",           REPLY_MALFORMED, "0 is not a final HTTP status"},
        {"informational",       100, "", "", "",           REPLY_MALFORMED, "100"},
        {"above 599",           600, "", "", "{}",         REPLY_MALFORMED, "600"},
        /* clang-format on */
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct reply reply = {rows[i].status, rows[i].type, rows[i].location, rows[i].body,
                              strlen(rows[i].body)};
        struct err why = {0};
        t_row(rows[i].name);
        t_str(reply_class_name(reply_by_head(&reply, &why)), reply_class_name(rows[i].class));
        t_contains(why.text, rows[i].words);
        t_true(!strstr(why.text, "5EC2E7") && !strstr(why.text, "5E5510"));
        t_int(why.code < 0, rows[i].class != REPLY_OK);
    }
}

static void a_long_body_is_truncated_in_the_message(void **state)
{
    (void)state;
    char body[5000];
    struct err why = {0};
    memset(body, 'x', sizeof(body));
    body[0] = '{';
    struct reply reply = {400, "", "", body, sizeof(body)};
    t_int(reply_by_head(&reply, &why), REPLY_BAD_REQUEST);
    t_true(strlen(why.text) < 200);
    t_contains(why.text, "xxx...");
}

static void classes_by_envelope(void **state)
{
    (void)state;
    static const struct row {
        const char *json;
        enum reply_class class;
        const char *words;
    } rows[] = {
        /* clang-format off */
        {"{\"status\":\"OK\"}", REPLY_OK, ""},
        {"{\"marketData\":{},\"status\":\"ok\"}", REPLY_OK, ""},
        {"{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", REPLY_AUTH, "\"Unauthorized\""},
        {"{\"status\":\"ERROR\",\"message\":\"UNAUTHORIZED\"}", REPLY_AUTH, "\"UNAUTHORIZED\""},
        {"{\"status\":\"ERROR\",\"description\":\"Security FOO/BAR:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SYMBOL, "FOO/BAR:ROFX"},
        {"{\"status\":\"ERROR\",\"description\":\"Product X Y:ROFX don't exist\"}",
         REPLY_UNKNOWN_SYMBOL, "X Y"},
        {"{\"status\":\"ERROR\",\"description\":\"product a:ROFX DOESN\xe2\x80\x99T exist.\"}",
         REPLY_UNKNOWN_SYMBOL, "a:ROFX"},
        {"{\"status\":\"ERROR\",\"description\":\"Product a*[:ROFX doesn\\u00b4t exist\"}",
         REPLY_UNKNOWN_SYMBOL, "a*["},
        {"{\"status\":\"ERROR\",\"message\":null,"
         "\"description\":\"No hay Market Data para MERV - XMEV - FOO - CI : ROFX\"}",
         REPLY_NO_DATA, "FOO - CI"},
        {"{\"status\":\"ERROR\",\"description\":\"Segment MVR:ROFX doesn't exist\"}",
         REPLY_UNKNOWN_SEGMENT, "MVR"},
        {"{\"status\":\"ERROR\",\"description\":\"You don't have access to account 30\"}",
         REPLY_ACCESS, "account 30"},
        {"{\"status\":\"ERROR\",\"description\":\"No tiene acceso a la cuenta 30\"}", REPLY_ACCESS, ""},
        {"{\"status\":\"ERROR\",\"description\":\"Access Denied.\"}", REPLY_ACCESS, "Access Denied."},
        {"{\"status\":\"ERROR\",\"message\":\"Invalid URL\",\"description\":\"Invalid URL\"}",
         REPLY_BAD_PATH, "Invalid URL"},
        {"{\"status\":\"ERROR\",\"description\":\"Ruta invalida\",\"message\":\"\"}", REPLY_BAD_PATH, ""},
        {"{\"status\":\"ERROR\",\"description\":\"Ruta inv\\u00e1lida\"}", REPLY_BAD_PATH, ""},
        {"{\"status\":\"ERROR\",\"description\":\"Parameter 'symbol' not found\"}",
         REPLY_BAD_REQUEST, "'symbol'"},
        {"{\"status\":\"ERROR\",\"description\":\"  \",\"message\":\"Access denied\"}", REPLY_ACCESS, ""},
        {"{\"status\":\"ERROR\",\"description\":\"Mercado cerrado\",\"message\":\"Access denied\"}",
         REPLY_OTHER, "Mercado cerrado"},
        {"{\"status\":\"ERROR\",\"message\":\"{\\\"type\\\":\\\"smd\\\"}\"}", REPLY_OTHER,
         "without a reason"},
        {"{\"status\":\"ERROR\",\"message\":\"{\\\"type\\\":\\\"smd\\\"}\","
         "\"description\":\"Product FOO/BAR:ROFX don't exist\"}", REPLY_UNKNOWN_SYMBOL, "FOO/BAR"},
        {"{\"status\":\"ERROR\"}", REPLY_OTHER, "without a reason"},
        {"{\"status\":\"ERROR\",\"description\":7,\"message\":[]}", REPLY_OTHER, "without a reason"},
        {"{\"status\":\"WARN\",\"description\":\"D\\u00f3lar\"}", REPLY_OTHER, "D\xc3\xb3lar"},
        {"{\"message\":\"Unauthorized\"}", REPLY_AUTH, "Unauthorized"},
        {"{\"status\":\"ERROR\",\"description\":\"<html><title>502</title>\"}", REPLY_PAGE,
         "a page instead of the broker's error text"},
        {"{\"error\":\"server_error\"}", REPLY_MALFORMED, "\"status\" is missing"},
        {"{\"status\":true}", REPLY_MALFORMED, "\"status\" is missing"},
        {"{}", REPLY_MALFORMED, "\"status\" is missing"},
        {"[]", REPLY_MALFORMED, "not a JSON object"},
        {"\"OK\"", REPLY_MALFORMED, "not a JSON object"},
        /* clang-format on */
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err why = {0};
        t_row(rows[i].json);
        const struct json *root = json_parse(parser, rows[i].json, strlen(rows[i].json), NULL);
        t_str(reply_class_name(reply_by_envelope(root, &why)), reply_class_name(rows[i].class));
        t_contains(why.text, rows[i].words);
    }
    t_row("no JSON");
    t_int(reply_by_envelope(NULL, NULL), REPLY_MALFORMED);
    json_parser_destroy(parser);
}

static void the_envelope_is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        bool in;
        enum reply_class class;
    } rows[] = {
        {"{\"status\":\"ERROR\",\"message\":\"Access Denied\"}", true, REPLY_ACCESS},
        {"{\"status\":\"OK\"}", true, REPLY_OK},
        {"{\"status\":403}", false, REPLY_OK},
        {"{\"message\":\"Access Denied\"}", false, REPLY_OK},
        {"{\"status\":\"ERROR\"", false, REPLY_OK},
        {"<html>", false, REPLY_OK},
        {"", false, REPLY_OK},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct reply reply = {403, "", "", rows[i].body, strlen(rows[i].body)};
        enum reply_class class = REPLY_OK;
        t_row(rows[i].body);
        t_int(reply_in_envelope(&reply, NULL), rows[i].in);
        t_int(reply_in_envelope(&reply, &class), rows[i].in);
        t_str(reply_class_name(class), reply_class_name(rows[i].class));
    }
}

static void every_class_has_its_own_name(void **state)
{
    (void)state;
    for (int a = REPLY_OK; a <= REPLY_OTHER; a++) {
        t_true(strlen(reply_class_name((enum reply_class)a)) > 1);
        for (int b = REPLY_OK; b < a; b++)
            t_true(strcmp(reply_class_name((enum reply_class)a),
                          reply_class_name((enum reply_class)b)) != 0);
    }
    t_str(reply_class_name(REPLY_UNKNOWN_SYMBOL), "unknown_symbol");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_by_status_and_headers),
        cmocka_unit_test(a_long_body_is_truncated_in_the_message),
        cmocka_unit_test(classes_by_envelope),
        cmocka_unit_test(the_envelope_is_recognised),
        cmocka_unit_test(every_class_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
