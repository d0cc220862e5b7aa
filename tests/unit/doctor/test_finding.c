#include "doctor/finding.h"

#include "support/t.h"

/* Scripts compare these names: no two are the same, and they have one form. */
static void keys(void **state)
{
    (void)state;
    for (int i = 0; i < FINDING_COUNT; i++) {
        const char *key = finding_key((enum finding)i);
        t_row(key);
        t_int(strspn(key, "abcdefghijklmnopqrstuvwxyz_"), strlen(key));
        t_int(strlen(key) > 1, true);
        for (int j = 0; j < i; j++)
            t_int(strcmp(key, finding_key((enum finding)j)) != 0, true);
    }
}

static void classes(void **state)
{
    (void)state;
    static const struct {
        enum finding finding;
        const char *class;
    } rows[] = {
        {FINDING_NONE, "OK"},
        {FINDING_MARKET_CLOSED, "OK"},
        {FINDING_SILENT, "SILENT"},
        {FINDING_TLS_EXPIRED, "NETWORK"},
        {FINDING_THROTTLED, "NETWORK"},
        {FINDING_LOGIN_REFUSED, "AUTH"},
        {FINDING_STREAM_DENIED, "PERMISSION"},
        {FINDING_STREAM_PATH, "PATH"},
        {FINDING_TERMINAL_ADDRESS, "PATH"},
        {FINDING_CONFIG_MISSING, "CONFIG"},
        {FINDING_CLOCK_WRONG, "CONFIG"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        t_row(finding_key(rows[i].finding));
        t_str(doctor_class_name(finding_class(rows[i].finding)), rows[i].class);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys), cmocka_unit_test(classes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
