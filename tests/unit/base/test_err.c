#include "support/t.h"

#include "base/err.h"

#include <errno.h>

static void set_returns_the_code_and_keeps_the_words(void **state)
{
    (void)state;
    struct err err = {0};
    t_int(err_set(&err, -ENOENT, "%s:%d", "cinta.conf", 12), -ENOENT);
    t_int(err.code, -ENOENT);
    t_str(err.text, "cinta.conf:12");
}

static void nobody_need_want_the_words(void **state)
{
    (void)state;
    t_int(err_set(NULL, -EIO, "unheard"), -EIO);
    t_true(err_prefix(NULL, "unheard") < 0);
}

static void prefix_goes_in_front(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, -EINVAL, "no such key");
    t_int(err_prefix(&err, "%s: ", "cinta.conf"), -EINVAL);
    t_str(err.text, "cinta.conf: no such key");
    t_int(err.code, -EINVAL);
}

static void long_words_are_cut_not_overrun(void **state)
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
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_returns_the_code_and_keeps_the_words),
        cmocka_unit_test(nobody_need_want_the_words),
        cmocka_unit_test(prefix_goes_in_front),
        cmocka_unit_test(long_words_are_cut_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
