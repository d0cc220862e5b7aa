#include "cli/doctor_view.h"

#include "base/json.h"
#include "support/t.h"

static struct step sample(void)
{
    struct step step = step_begin(STEP_LOGIN, "POST auth/getToken as alice");
    step.ms = 12;
    step_came_back(&step, "401, 0 bytes");
    step_fail(&step, FINDING_LOGIN_REFUSED, "the broker refused user 'alice' or the password");
    step_todo(&step, "correct broker.user or the password; they are valid at one broker only");
    return step;
}

static void lines(void **state)
{
    (void)state;
    struct buf out;
    struct step step = sample();
    buf_init(&out, 4096);
    doctor_view_step(&out, &step, 60, false);
    t_str(buf_text(&out), "failed   login         POST auth/getToken as alice (12 ms)\n"
                          "                       -> 401, 0 bytes\n"
                          "                       means: the broker refused user\n"
                          "                       'alice' or the password\n"
                          "                       do: correct broker.user or the\n"
                          "                       password; they are valid at one\n"
                          "                       broker only\n");
    buf_clear(&out);
    step_good(&step, "accepted");
    doctor_view_step(&out, &step, 80, true);
    t_str(buf_text(&out), "\033[32mok      \033[0m login         POST auth/getToken as alice "
                          "(12 ms)\n"
                          "                       -> 401, 0 bytes; accepted\n");
    buf_clear(&out);
    step = step_skipped(STEP_TLS, "not needed");
    doctor_view_step(&out, &step, 80, false);
    t_str(buf_text(&out), "skipped  TLS           not needed\n");
    buf_finish(&out);
}

/* Any text of a broker gives valid JSON. */
static void json(void **state)
{
    (void)state;
    struct buf step_json, out;
    struct step step = sample();
    struct conclusion conclusion = {FINDING_LOGIN_REFUSED, DOCTOR_AUTH, "It says \"no\"\\."};
    struct err err;
    buf_init(&step_json, 4096);
    buf_init(&out, 8192);
    step_came_back(&step, "a \"body\" with \\, a line\nend and \xff");
    doctor_view_step_json(&step_json, &step);
    doctor_view_json(&out, &conclusion, buf_text(&step_json));
    struct json_parser *parser = json_parser_create();
    const struct json *root = json_parse(parser, buf_text(&out), out.len_bytes, &err);
    t_int(root != NULL, true);
    t_str(json_string(json_get(root, "cause")), "login_refused");
    t_str(json_string(json_get(root, "class")), "AUTH");
    t_str(json_string(json_get(root, "sentence")), "It says \"no\"\\.");
    const struct json *first = json_first(json_get(root, "steps"));
    t_str(json_string(json_get(first, "name")), "login");
    t_str(json_string(json_get(first, "state")), "failed");
    double ms = 0;
    t_int(json_number(json_get(first, "ms"), &ms), true);
    t_double(ms, 12);
    json_parser_destroy(parser);
    buf_finish(&step_json);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines), cmocka_unit_test(json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
