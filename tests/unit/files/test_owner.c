#include "files/owner.h"

#include "support/t.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static void by_name_or_number(void **state)
{
    (void)state;
    char name[OWNER_NAME];
    t_str(owner_name(name, 0), "root");
    t_str(owner_name(name, 4123456789U), "4123456789"); /* no user has so high a number */
}

static void the_nearest_existing_folder(void **state)
{
    (void)state;
    static const struct {
        const char *path, *found;
    } rows[] = {
        {"/tmp", "/tmp"},
        {"/tmp/cinta-none/of/these", "/tmp"},
        {"/cinta-none", "/"},
        {"cinta-none/of/these", "."},
    };
    char found[PATH_MAX];
    struct stat st;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].path);
        t_int(owner_nearest(rows[i].path, found, &st), 0);
        t_str(found, rows[i].found);
        t_true(S_ISDIR(st.st_mode));
    }
    t_int(owner_nearest("/dev/null/x", found, &st), -ENOTDIR);
}

static void names_the_owner_and_how_to_join_the_group(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        mode_t mode;
        gid_t group;
        const char *words, *join;
    } rows[] = {
        {"its own folder", 0700, 65532, "belongs to user '65533', group '65532'", NULL},
        {"readable by a group", 0750, 65532, "group '65532'", "usermod -aG 65532 4123456789"},
        {"readable by root's group", 0750, 0, "group 'root'", NULL},
    };
    char dir[] = "/tmp/cinta-owner-XXXXXX", path[64];
    if (geteuid() != 0)
        skip();
    t_true(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/x", dir);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct err err = {0};
        t_row(rows[i].name);
        t_int(chown(dir, 65533, rows[i].group), 0);
        t_int(chmod(dir, rows[i].mode), 0);
        t_int(seteuid(4123456789U), 0);
        int rc = owner_denied(&err, path);
        t_int(seteuid(0), 0);
        t_int(rc, -EACCES);
        t_contains(err.text, path);
        t_contains(err.text, "as user '4123456789'");
        t_contains(err.text, rows[i].words);
        t_int(strstr(err.text, "usermod") != NULL, rows[i].join != NULL);
        if (rows[i].join)
            t_contains(err.text, rows[i].join);
    }
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name_or_number),
        cmocka_unit_test(the_nearest_existing_folder),
        cmocka_unit_test(names_the_owner_and_how_to_join_the_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
