#include "doctor/step.h"

#include "support/t.h"

static void every_step_has_names(void **state)
{
    (void)state;
    for (int i = 0; i < STEP_COUNT; i++) {
        t_int(step_name((enum step_id)i) != NULL, true);
        t_int(strlen(step_title((enum step_id)i)) < 14, true); /* fits into its column */
    }
}

static void texts_are_truncated(void **state)
{
    char text[2 * STEP_TEXT];
    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct step step = step_begin(STEP_TCP, "%s", text);
    step_came_back(&step, "%s", text);
    step_fail(&step, FINDING_TCP_REFUSED, "%s", text);
    step_todo(&step, "%s", text);
    t_int(strlen(step.tried), STEP_TEXT - 1);
    t_int(strlen(step.came_back), STEP_TEXT - 1);
    t_int(strlen(step.meaning), STEP_TEXT - 1);
    t_int(strlen(step.todo), STEP_TEXT - 1);
}

static void states(void **state)
{
    (void)state;
    struct step step = step_begin(STEP_LOGIN, "POST %s", "x");
    t_int(step.state, STEP_OK);
    t_int(step.ms, -1);
    t_str(step.tried, "POST x");
    step_warn(&step, FINDING_CLOCK_OFF, "late");
    t_str(step_state_name(step.state), "warning");
    step_good(&step, "fine");
    t_str(step_state_name(step.state), "ok");
    t_int(step.finding, FINDING_NONE);
    step_fail(&step, FINDING_LOGIN_REFUSED, "no");
    t_str(step_state_name(step.state), "failed");
    step = step_skipped(STEP_TLS, "not needed");
    t_str(step_state_name(step.state), "skipped");
    t_str(step.meaning, "not needed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_has_names),
        cmocka_unit_test(texts_are_truncated),
        cmocka_unit_test(states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
