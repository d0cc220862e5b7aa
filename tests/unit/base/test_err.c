#include "support/t.h"

#include "base/err.h"

#include <errno.h>

static void set_returns_the_code_and_stores_the_message(void **state)
{
    (void)state;
    struct err err = {0};
    t_int(err_set(&err, -ENOENT, "%s:%d", "cinta.conf", 12), -ENOENT);
    t_int(err.code, -ENOENT);
    t_str(err.text, "cinta.conf:12");
}

static void null_is_accepted(void **state)
{
    (void)state;
    t_int(err_set(NULL, -EIO, "not stored"), -EIO);
    t_true(err_prefix(NULL, "not stored") < 0);
}

static void prefix_is_inserted_before_the_message(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, -EINVAL, "no such key");
    t_int(err_prefix(&err, "%s: ", "cinta.conf"), -EINVAL);
    t_str(err.text, "cinta.conf: no such key");
    t_int(err.code, -EINVAL);
}

static void suffix_is_appended_to_the_message(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, -EINVAL, "no such key");
    t_int(err_suffix(&err, ": %s", "see cinta.conf"), -EINVAL);
    t_str(err.text, "no such key: see cinta.conf");
    t_int(err.code, -EINVAL);
    t_true(err_suffix(NULL, "not stored") < 0);
}

static void long_messages_are_truncated(void **state)
{
    (void)state;
    struct err err = {0};
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, -EIO, "%s", text);
    t_int(strlen(err.text), sizeof(err.text) - 1);
    err_prefix(&err, "front ");
    t_int(strlen(err.text), sizeof(err.text) - 1);
    t_true(strncmp(err.text, "front xxx", 9) == 0);
    err_prefix(&err, "%s", text);
    t_int(strlen(err.text), sizeof(err.text) - 1);
    err_suffix(&err, "no room for this");
    t_int(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_returns_the_code_and_stores_the_message),
        cmocka_unit_test(null_is_accepted),
        cmocka_unit_test(prefix_is_inserted_before_the_message),
        cmocka_unit_test(suffix_is_appended_to_the_message),
        cmocka_unit_test(long_messages_are_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
