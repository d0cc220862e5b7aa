#include "files/state_folder.h"

#include "support/folder.h"

#include <errno.h>

static void modes(void **state)
{
    static const struct {
        mode_t mode;
        int rc;
    } rows[] = {
        {0700, 0},      {0750, 0},      {0755, 0},      {0711, 0},  {0500, 0},
        {0770, -EPERM}, {0707, -EPERM}, {0777, -EPERM}, {01777, 0},
    };
    const char *path = folder_file(*state, "state");
    t_int(mkdir(path, 0700), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char name[16];
        struct err err = {0};
        snprintf(name, sizeof(name), "%04o", (unsigned)rows[i].mode);
        t_row(name);
        t_int(chmod(path, rows[i].mode), 0);
        t_int(state_folder_check(path, &err), rows[i].rc);
        if (rows[i].rc) {
            char command[PATH_MAX + 16];
            snprintf(command, sizeof(command), "chmod go-w %s", path);
            t_contains(err.text, command);
        }
    }
    t_int(rmdir(path), 0);
}

static void missing_or_not_a_directory(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    t_int(state_folder_check(folder_file(folder, "state"), &err), 0); /* it can be made */
    t_int(state_folder_check(folder_file(folder, "none/state"), &err), -ENOENT);
    t_contains(err.text, "mkdir -p");
    const char *path = folder_file(folder, "f");
    file_write(path, "", 0, 0600);
    t_int(state_folder_check(path, &err), -ENOTDIR);
    t_contains(err.text, "not a folder");
    unlink(path);
}

static void owners(void **state)
{
    const char *path = folder_file(*state, "state");
    struct err err = {0};
    if (geteuid() != 0)
        skip();
    t_int(mkdir(path, 0700), 0);
    t_int(chown(path, 65533, 65533), 0);
    t_int(state_folder_check(path, &err), -EPERM);
    t_contains(err.text, "belongs to user '65533' and this is user 'root'");
    t_contains(err.text, "chown root ");
    t_int(rmdir(path), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(modes),
        IN_FOLDER(missing_or_not_a_directory),
        IN_FOLDER(owners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
