#include "files/program.h"

#include "support/folder.h"

#include <errno.h>
#include <sys/stat.h>

static void programs(void **state)
{
    (void)state;
    char text[] = "/tmp/cinta-program-XXXXXX";
    int fd = mkstemp(text);
    struct err err;
    t_true(fd >= 0 && fchmod(fd, 0600) == 0);
    close(fd);
    const struct {
        const char *path;
        int rc;
    } rows[] = {
        {"/bin/sh", 0},
        {text, -EACCES},
        {"/tmp", -EACCES},
        {"/nowhere/program", -ENOENT},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].path);
        t_int(program_check(rows[i].path, &err), rows[i].rc);
        if (rows[i].rc)
            t_true(err.text[0] != '\0');
    }
    unlink(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
