#include "doctor/terminal_result.h"

#include "support/t.h"

static void answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum http_outcome outcome;
        int status;
        const char *body;
        enum finding finding;
        const char *words;
    } rows[] = {
        {"a terminal", HTTP_OK, 200, "{\"csrfToken\":\"c0ffee-secret\"}", FINDING_TERMINAL_ANSWERS,
         "does not know the token"},
        {"JSON of something else", HTTP_OK, 200, "{\"a\":1}", FINDING_NONE, "no browser terminal"},
        {"a page", HTTP_OK, 200, "<html>", FINDING_NONE, "no browser terminal"},
        {"404", HTTP_OK, 404, "{\"csrfToken\":\"c0ffee-secret\"}", FINDING_NONE,
         "no browser terminal"},
        {"no such host", HTTP_RESOLVE, 0, "", FINDING_NONE, "the reason"},
    };
    struct json_parser *parser = json_parser_create();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char all[2 * STEP_TEXT + 8];
        const struct http_reply reply = {.outcome = rows[i].outcome,
                                         .reason = "the reason",
                                         .status = rows[i].status,
                                         .content_type = "",
                                         .location = "",
                                         .body = rows[i].body,
                                         .body_len_bytes = strlen(rows[i].body)};
        t_row(rows[i].name);
        struct terminal_facts facts = {"https://matriz.x/", false, 5};
        struct step step = terminal_result(parser, &reply, &facts);
        snprintf(all, sizeof(all), "%s | %s", step.came_back, step.meaning);
        t_int(step.state, STEP_OK);
        t_str(finding_key(step.finding), finding_key(rows[i].finding));
        t_contains(all, rows[i].words);
        t_contains(step.tried, "https://matriz.x/api/v2/profile");
        t_int(strstr(all, "c0ffee") == NULL, true);
        facts.here = true;
        step = terminal_result(parser, &reply, &facts);
        t_str(finding_key(step.finding), rows[i].finding == FINDING_NONE ? "ok" : "terminal_here");
    }
    json_parser_destroy(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
