#include "doctor/rest_result.h"

#include "base/clock.h"
#include "support/t.h"

#define JSON "application/json"
#define HTML "text/html"
#define FORM "<html><form action=/j_spring_security_check></form>"

/* An answer; token NULL = without the header. */
struct answer {
    enum http_outcome outcome;
    int status;
    const char *type, *location, *body, *token;
    int64_t retry_after_ms;
};

struct fixture {
    struct http_fields fields;
    struct http_reply reply;
};

static const struct http_reply *reply_of(struct fixture *f, const struct answer *a)
{
    http_fields_clear(&f->fields);
    if (a->token) {
        char line[128];
        snprintf(line, sizeof(line), "X-Auth-Token: %s", a->token);
        t_int(http_fields_add(&f->fields, line, strlen(line)), 0);
    }
    f->reply = (struct http_reply){
        .outcome = a->outcome,
        .reason = a->outcome == HTTP_OK ? "" : "the reason",
        .status = a->status,
        .content_type = a->type ? a->type : "",
        .location = a->location ? a->location : "",
        .retry_after_ms = a->retry_after_ms ? a->retry_after_ms : -1,
        .fields = &f->fields,
        .body = a->body ? a->body : "",
        .body_len_bytes = a->body ? strlen(a->body) : 0,
    };
    return &f->reply;
}

static void expect(const struct step *step, enum step_state state, enum finding finding,
                   const char *words)
{
    char all[3 * STEP_TEXT + 8];
    snprintf(all, sizeof(all), "%s | %s | %s", step->came_back, step->meaning, step->todo);
    t_str(step_state_name(step->state), step_state_name(state));
    t_str(finding_key(step->finding), finding_key(finding));
    t_contains(all, words);
    t_int(*step->todo || state == STEP_OK, true);
}

/* Protocol section 4.2. */
static void logins(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct answer answer;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"a token", {0, 200, "", NULL, NULL, "abcd1234", 0}, FINDING_NONE, "of 8 characters"},
        {"401",
         {0, 401, JSON, NULL, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", NULL, 0},
         FINDING_LOGIN_REFUSED,
         "'alice'"},
        {"401 without a body", {0, 401, "", NULL, NULL, NULL, 0}, FINDING_LOGIN_REFUSED, "(401)"},
        {"403 of the broker",
         {0, 403, JSON, NULL, "{\"status\":\"ERROR\"}", NULL, 0},
         FINDING_LOGIN_REFUSED,
         "(403)"},
        {"the documented old form",
         {0, 404, JSON, NULL, "{\"error\":\"invalid_grant\"}", NULL, 0},
         FINDING_LOGIN_REFUSED,
         "(404)"},
        {"200 without a token",
         {0, 200, "", NULL, NULL, NULL, 0},
         FINDING_NO_TOKEN,
         "without a token"},
        {"a login page", {0, 200, HTML, NULL, FORM, NULL, 0}, FINDING_LOGIN_PAGE, "login page"},
        {"a redirect to the login",
         {0, 302, "", "https://h/login?error", NULL, NULL, 0},
         FINDING_LOGIN_PAGE,
         "login page"},
        {"a redirect elsewhere",
         {0, 302, "", "http://portal.hotel/", NULL, NULL, 0},
         FINDING_REDIRECTED,
         "portal.hotel"},
        {"a web site",
         {0, 200, HTML, NULL, "<title>Broker SA</title>", NULL, 0},
         FINDING_WEB_PAGE,
         "Broker SA"},
        {"a bot protection",
         {0, 403, HTML, NULL, "<title>Just a moment...</title>", NULL, 0},
         FINDING_BLOCKED,
         "Just a moment"},
        {"404", {0, 404, "", NULL, NULL, NULL, 0}, FINDING_NOT_THE_API, "auth/getToken"},
        {"405", {0, 405, "", NULL, NULL, NULL, 0}, FINDING_NOT_THE_API, "(405)"},
        {"429", {0, 429, "", NULL, NULL, NULL, 30000}, FINDING_THROTTLED, "wait 30 s"},
        {"429 without a time", {0, 429, "", NULL, NULL, NULL, 0}, FINDING_THROTTLED, "a minute"},
        {"503", {0, 503, "", NULL, NULL, NULL, 5000}, FINDING_UNAVAILABLE, "in 5 s"},
        {"500", {0, 500, "", NULL, NULL, NULL, 0}, FINDING_SERVER_ERROR, "later"},
        {"no answer",
         {HTTP_TIMEOUT, 0, NULL, NULL, NULL, NULL, 0},
         FINDING_NO_ANSWER,
         "did not answer"},
        {"a reset", {HTTP_BROKEN, 0, NULL, NULL, NULL, NULL, 0}, FINDING_BROKEN, "the reason"},
        {"a large page", {HTTP_TOO_LARGE, 0, NULL, NULL, NULL, NULL, 0}, FINDING_WEB_PAGE, "api."},
    };
    struct fixture f = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].name);
        struct step step = login_result("alice", reply_of(&f, &rows[i].answer), false, 12);
        expect(&step, rows[i].finding == FINDING_NONE ? STEP_OK : STEP_FAILED, rows[i].finding,
               rows[i].words);
        t_int(strstr(step.came_back, "abcd1234") == NULL, true);
    }
    http_fields_finish(&f.fields);
}

static void a_token_that_is_reused(void **state)
{
    (void)state;
    struct step step = login_reused("alice", 44, 90 * NS_PER_MIN);
    expect(&step, STEP_OK, FINDING_NONE, "44 characters, 1.5 h old");
    expect(&step, STEP_OK, FINDING_NONE, "the password was not tried");
}

static void segments(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct answer answer;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"two",
         {0, 200, JSON, NULL, "{\"status\":\"OK\",\"segments\":[{},{}]}", NULL, 0},
         FINDING_NONE,
         "2 market segments"},
        {"none",
         {0, 200, JSON, NULL, "{\"status\":\"OK\",\"segments\":[]}", NULL, 0},
         FINDING_NO_PERMISSION,
         "no market segment"},
        {"no list",
         {0, 200, JSON, NULL, "{\"status\":\"OK\"}", NULL, 0},
         FINDING_MALFORMED,
         "no list"},
        {"401",
         {0, 401, JSON, NULL, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}", NULL, 0},
         FINDING_TOKEN_REFUSED,
         "removeToken"},
        {"the login page", {0, 200, HTML, NULL, FORM, NULL, 0}, FINDING_TOKEN_REFUSED, "token"},
        {"denied",
         {0, 200, JSON, NULL, "{\"status\":\"ERROR\",\"description\":\"Access Denied.\"}", NULL, 0},
         FINDING_NO_PERMISSION,
         "Access Denied"},
        {"no such path",
         {0, 404, JSON, NULL, "{\"status\":\"ERROR\",\"description\":\"Invalid URL\"}", NULL, 0},
         FINDING_NOT_THE_API,
         "broker.url"},
        {"not JSON",
         {0, 200, JSON, NULL, "{\"status\":\"OK\",", NULL, 0},
         FINDING_MALFORMED,
         "not JSON"},
        {"a page", {0, 200, HTML, NULL, "<title>Hola</title>", NULL, 0}, FINDING_WEB_PAGE, "Hola"},
        {"429", {0, 429, "", NULL, NULL, NULL, 1000}, FINDING_THROTTLED, "wait 1 s"},
        {"503", {0, 503, "", NULL, NULL, NULL, 0}, FINDING_UNAVAILABLE, "503"},
        {"502", {0, 502, "", NULL, NULL, NULL, 0}, FINDING_SERVER_ERROR, "502"},
        {"no answer", {HTTP_TIMEOUT, 0, NULL, NULL, NULL, NULL, 0}, FINDING_NO_ANSWER, "later"},
    };
    struct fixture f = {0};
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(rows[i].name);
        struct step step = segments_result(parser, reply_of(&f, &rows[i].answer), true, 1);
        expect(&step, rows[i].finding == FINDING_NONE ? STEP_OK : STEP_FAILED, rows[i].finding,
               rows[i].words);
    }
    json_parser_destroy(parser);
    http_fields_finish(&f.fields);
}

static void lists(void **state)
{
    (void)state;
    struct list_facts facts = {.listed = 900, .selected = 3, .why = ""};
    struct step step = list_result(&facts);
    expect(&step, STEP_OK, FINDING_NONE, "900 instruments, 3 of them");
    facts.unfound = 1;
    snprintf(facts.example, sizeof(facts.example), "'DLX*' matches nothing");
    step = list_result(&facts);
    expect(&step, STEP_WARNING, FINDING_SYMBOLS_UNKNOWN, "'DLX*' matches nothing");
    facts.selected = 0;
    step = list_result(&facts);
    expect(&step, STEP_FAILED, FINDING_NOTHING_LISTED,
           "none of the configured instruments: 'DLX*'");
    facts = (struct list_facts){.why = "timed out"};
    step = list_result(&facts);
    expect(&step, STEP_WARNING, FINDING_NO_LIST, "timed out");
}

static void quotes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct answer answer;
        bool listed, has_data;
        enum step_state state;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"a bid",
         {0, 200, JSON, NULL,
          "{\"status\":\"OK\",\"marketData\":{\"BI\":[{\"price\":1,\"size\":2}]}}", NULL, 0},
         true,
         true,
         STEP_OK,
         FINDING_NONE,
         "available"},
        {"empty",
         {0, 200, JSON, NULL, "{\"status\":\"OK\",\"marketData\":{\"BI\":[]}}", NULL, 0},
         true,
         false,
         STEP_WARNING,
         FINDING_NO_QUOTE,
         "no data of DLR/DIC26"},
        {"no data",
         {0, 200, JSON, NULL,
          "{\"status\":\"ERROR\",\"description\":\"No hay Market Data para DLR/DIC26 : ROFX\"}",
          NULL, 0},
         true,
         false,
         STEP_WARNING,
         FINDING_NO_QUOTE,
         "no data of DLR/DIC26"},
        {"unknown, though listed",
         {0, 200, JSON, NULL,
          "{\"status\":\"ERROR\",\"description\":\"Product DLR/DIC26:ROFX doesn't exist\"}", NULL,
          0},
         true,
         false,
         STEP_FAILED,
         FINDING_NO_PERMISSION,
         "permission"},
        {"unknown",
         {0, 200, JSON, NULL,
          "{\"status\":\"ERROR\",\"description\":\"Product DLR/DIC26:ROFX doesn't exist\"}", NULL,
          0},
         false,
         false,
         STEP_FAILED,
         FINDING_NOTHING_LISTED,
         "does not know DLR/DIC26"},
        {"denied",
         {0, 200, JSON, NULL, "{\"status\":\"ERROR\",\"description\":\"Access Denied\"}", NULL, 0},
         true,
         false,
         STEP_FAILED,
         FINDING_NO_PERMISSION,
         "ask the broker to enable it"},
        {"401",
         {0, 401, "", NULL, NULL, NULL, 0},
         true,
         false,
         STEP_FAILED,
         FINDING_TOKEN_REFUSED,
         "token"},
        {"another shape",
         {0, 200, JSON, NULL, "{\"status\":\"OK\",\"marketData\":\"x\"}", NULL, 0},
         true,
         false,
         STEP_FAILED,
         FINDING_MALFORMED,
         "proxy changes"},
    };
    struct fixture f = {0};
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool has_data = true;
        const struct quote_facts facts = {"DLR/DIC26", ENTRY_BIT(ENTRY_BI), rows[i].listed, true,
                                          5};
        t_row(rows[i].name);
        struct step step = quote_result(parser, reply_of(&f, &rows[i].answer), &facts, &has_data);
        expect(&step, rows[i].state, rows[i].finding, rows[i].words);
        t_int(has_data, rows[i].has_data);
    }
    json_parser_destroy(parser);
    http_fields_finish(&f.fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logins),   cmocka_unit_test(a_token_that_is_reused),
        cmocka_unit_test(segments), cmocka_unit_test(lists),
        cmocka_unit_test(quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
