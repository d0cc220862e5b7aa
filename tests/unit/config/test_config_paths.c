#include "config/config_paths.h"

#include "support/t.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static void paths(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *file, *path; /* path NULL: unchanged */
    } rows[] = {
        {"empty", "", "/etc/cinta.conf", NULL},
        {"absolute", "/var/lib/x.db", "/etc/cinta.conf", NULL},
        {"relative", "x.db", "/etc/cinta.conf", "/etc/x.db"},
        {"in a subdirectory", "data/x.db", "/etc/cinta.conf", "/etc/data/x.db"},
        {"with a dot", "./x.db", "/etc/cinta.conf", "/etc/x.db"},
        {"the parent", "../x.db", "/etc/cinta.conf", "/etc/../x.db"},
        {"the file is in the root directory", "x.db", "/cinta.conf", "/x.db"},
        {"the directory does not exist", "x.db", "/no/such/cinta.conf", "/no/such/x.db"},
        {"home", "~/x.db", "/etc/cinta.conf", "/home/alice/x.db"},
        {"home itself", "~", "/etc/cinta.conf", "/home/alice"},
        {"home with a slash", "~/", "/etc/cinta.conf", "/home/alice"},
        {"a tilde inside", "a~/x", "/etc/cinta.conf", "/etc/a~/x"},
    };
    setenv("HOME", "/home/alice", 1);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char *out = (char *)"untouched";
        struct err err = {0};
        t_row(rows[i].name);
        t_int(config_path_resolve(rows[i].text, rows[i].file, &out, &err), 0);
        t_str(out, rows[i].path);
        free(out);
    }
}

static void relative_to_a_file_in_the_working_directory(void **state)
{
    (void)state;
    char here[PATH_MAX], expected[PATH_MAX + 8], *out;
    struct err err;
    t_row("a file name without a directory");
    t_true(getcwd(here, sizeof(here)));
    snprintf(expected, sizeof(expected), "%s/x.db", here);
    t_int(config_path_resolve("x.db", "cinta.conf", &out, &err), 0);
    t_str(out, expected);
    free(out);
}

static void other_homes_are_refused(void **state)
{
    (void)state;
    char *out;
    struct err err = {0};
    t_row("~bob");
    t_int(config_path_resolve("~bob/x.db", "/etc/cinta.conf", &out, &err), -EINVAL);
    t_contains(err.text, "'~bob/x.db' names another user's home: write the path in full");
    t_true(out == NULL);
}

static void without_home_the_user_database_is_used(void **state)
{
    (void)state;
    char *out;
    struct err err;
    t_row("$HOME empty");
    setenv("HOME", "", 1);
    int rc = config_path_resolve("~/x.db", "/etc/cinta.conf", &out, &err);
    t_true(rc == 0 ? out[0] == '/' : strstr(err.text, "no home folder") != NULL);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(relative_to_a_file_in_the_working_directory),
        cmocka_unit_test(other_homes_are_refused),
        cmocka_unit_test(without_home_the_user_database_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
