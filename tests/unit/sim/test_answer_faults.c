#include "sim/answer_faults.h"

#include "support/t.h"

static void each_kind(void **state)
{
    static const struct row {
        const char *name;
        enum fault_kind kind;
        int status;
        const char *type, *body, *header, *value;
        enum web_action action;
    } rows[] = {
        /* clang-format off */
        {"status",    FAULT_STATUS,    503, "json",  "simulated", "Retry-After", "9",      WEB_SEND},
        {"slow",      FAULT_SLOW,      200, "json",  "normal",    "X-Before",    "b",      WEB_SEND},
        {"hang",      FAULT_HANG,      200, "json",  "normal",    "X-Before",    "b",      WEB_HANG},
        {"reset",     FAULT_RESET,     200, "json",  "normal",    "X-Before",    "b",      WEB_RESET},
        {"close",     FAULT_CLOSE,     200, "json",  "normal",    "X-Before",    "b",      WEB_CLOSE},
        {"truncated", FAULT_TRUNCATED, 200, "json",  "normal",    "X-Before",    "b",      WEB_TRUNCATE},
        {"expire",    FAULT_EXPIRE,    200, "json",  "normal",    "X-Before",    "b",      WEB_SEND},
        {"type",      FAULT_TYPE,      200, "plain", "normal",    "X-Before",    "b",      WEB_SEND},
        {"shape",     FAULT_SHAPE,     200, "json",  "none",      "X-Before",    NULL,     WEB_SEND},
        {"garbage",   FAULT_GARBAGE,   200, "json",  ",,",        "X-Before",    NULL,     WEB_SEND},
        {"html",      FAULT_HTML,      200, "html",  "Ingreso",   "X-Before",    NULL,     WEB_SEND},
        {"redirect",  FAULT_REDIRECT,  302, "html",  "",          "Location",    "/there", WEB_SEND},
        {"empty",     FAULT_EMPTY,     200, "json",  "",          "X-Before",    NULL,     WEB_SEND},
        {"page",      FAULT_PAGE,      503, "html",  "<title>T<", "Retry-After", "9",      WEB_SEND},
        {"blank",     FAULT_BLANK,     503, "plain", "",          "Retry-After", NULL,     WEB_SEND},
        {"no token",  FAULT_NO_TOKEN,  200, "plain", "",          "X-Before",    NULL,     WEB_SEND},
        {"refuse",    FAULT_REFUSE,    401, "json",  "Unauth",    "X-Before",    NULL,     WEB_SEND},
        {"body",      FAULT_BODY,      200, "json",  "B\"",       "X-Before",    NULL,     WEB_SEND},
        {"error",     FAULT_ERROR,     200, "json",  "\"ERROR\",\"description\":\"B\\\"\"", "X-Before", NULL, WEB_SEND},
        /* clang-format on */
    };
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_answer answer;
        const struct fault fault = {.kind = rows[i].kind,
                                    .status = 503,
                                    .body = rows[i].kind == FAULT_STATUS ? "" : "B\"",
                                    .title = "T",
                                    .location = "/there",
                                    .retry_after_s = 9};
        t_row(rows[i].name);
        web_answer_init(&answer);
        web_put(&answer, 200, "application/json", "normal");
        web_add_header(&answer, "X-Before", "b");
        answer_faults_apply(&fault, &answer);
        t_int(answer.status, rows[i].status);
        t_contains(answer.content_type, rows[i].type);
        t_contains(buf_text(&answer.body), rows[i].body);
        t_true(*rows[i].body || answer.body.len_bytes == 0);
        t_str(web_answer_header(&answer, rows[i].header), rows[i].value);
        t_int(answer_faults_action(&fault), rows[i].action);
        web_answer_finish(&answer);
    }
}

static void a_huge_answer(void **state)
{
    struct web_answer answer;
    (void)state;
    web_answer_init(&answer);
    answer_faults_apply(&(struct fault){.kind = FAULT_HUGE}, &answer);
    t_true(answer.body.len_bytes > 2 * 1024 * 1024);
    t_true(!buf_failed(&answer.body));
    web_answer_finish(&answer);
}

static void a_redirect_may_have_another_status(void **state)
{
    static const int rows[][2] = {{301, 301}, {307, 307}, {200, 302}, {404, 302}, {0, 302}};
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct web_answer answer;
        struct fault fault = {.kind = FAULT_REDIRECT, .status = rows[i][0], .location = "/"};
        web_answer_init(&answer);
        answer_faults_apply(&fault, &answer);
        t_int(answer.status, rows[i][1]);
        web_answer_finish(&answer);
    }
}

static void without_a_fault_the_answer_is_sent(void **state)
{
    (void)state;
    t_int(answer_faults_action(NULL), WEB_SEND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(a_huge_answer),
        cmocka_unit_test(a_redirect_may_have_another_status),
        cmocka_unit_test(without_a_fault_the_answer_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
