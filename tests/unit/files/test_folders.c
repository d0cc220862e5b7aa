#include "files/folders.h"

#include "support/folder.h"

#include <errno.h>

static void made_and_taken_back(void **state)
{
    static const struct {
        const char *name, *there, *path; /* below the test's directory; "" = the directory itself */
    } rows[] = {
        {"one", "", "a"},
        {"a chain", "", "a/b/c"},
        {"the end of a chain", "a", "a/b/c"},
        {"nothing to make", "a", "a"},
        {"slashes", "", "a//b///c"},
        {"a slash at the end", "", "a/b/"},
    };
    struct folder *folder = *state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct folders folders;
        char path[PATH_MAX];
        t_row(rows[i].name);
        if (*rows[i].there)
            t_int(mkdir(folder_file(folder, rows[i].there), 0700), 0);
        snprintf(path, sizeof(path), "%s", folder_file(folder, rows[i].path));
        mode_t mask = umask(022);
        t_int(folders_possible(path, NULL), 0);
        t_int(folders_make(&folders, path, 0750, NULL), 0);
        umask(mask);
        t_int(file_mode(path), strcmp(rows[i].there, rows[i].path) ? 0750 : 0700);
        folders_take_back(&folders);
        if (*rows[i].there)
            t_int(rmdir(folder_file(folder, rows[i].there)), 0);
        t_int(access(folder_file(folder, "a"), F_OK), -1);
    }
}

/* A directory with a file of another program is kept. */
static void only_empty_ones_are_taken_back(void **state)
{
    struct folder *folder = *state;
    struct folders folders;
    t_int(folders_make(&folders, folder_file(folder, "a/b/c"), 0700, NULL), 0);
    file_write(folder_file(folder, "a/f"), "x", 1, 0600);
    folders_take_back(&folders);
    t_int(access(folder_file(folder, "a/b"), F_OK), -1);
    t_int(unlink(folder_file(folder, "a/f")), 0);
    t_int(rmdir(folder_file(folder, "a")), 0);
    folders_take_back(&(struct folders){0}); /* never made */
}

static void below_a_file_or_a_relative_path(void **state)
{
    struct folder *folder = *state;
    struct folders folders;
    struct err err = {0};
    char path[PATH_MAX];
    file_write(folder_file(folder, "f"), "x", 1, 0600);
    static const char *const below[] = {"f", "f/a", "f/a/b"};
    for (size_t i = 0; i < T_COUNT(below); i++) {
        t_row(below[i]);
        snprintf(path, sizeof(path), "%s", folder_file(folder, below[i]));
        t_int(folders_possible(path, &err), -ENOTDIR);
        t_contains(err.text, folder_file(folder, "f"));
        if (i)
            t_int(folders_make(&folders, path, 0700, &err), -ENOTDIR);
    }
    unlink(folder_file(folder, "f"));
    t_int(folders_possible("here", &err), -EINVAL);
    t_int(folders_make(&folders, "here", 0700, &err), -EINVAL);
}

/* root can write everywhere, so it temporarily changes to another user. */
static void without_write_permission(void **state)
{
    struct folder *folder = *state;
    struct folders folders;
    struct err err = {0};
    char path[PATH_MAX], closed[PATH_MAX];
    bool root = geteuid() == 0;
    t_int(chmod(folder->path, 0755), 0);
    snprintf(closed, sizeof(closed), "%s", folder_file(folder, "closed"));
    snprintf(path, sizeof(path), "%s", folder_file(folder, "closed/a/b"));
    t_int(mkdir(closed, 0500), 0);
    t_true(!root || seteuid(65534) == 0);
    int possible = folders_possible(path, &err), made = folders_make(&folders, path, 0700, NULL);
    t_true(!root || seteuid(0) == 0);
    t_int(possible, -EACCES);
    t_int(made, -EACCES);
    t_contains(err.text, closed);
    t_int(rmdir(closed), 0);
}

static void root_gives_them_to_the_owner_of_the_parent(void **state)
{
    struct folder *folder = *state;
    struct folders folders;
    struct stat st;
    if (geteuid() != 0)
        skip();
    t_int(chown(folder->path, 65533, 65532), 0);
    t_int(folders_make(&folders, folder_file(folder, "a/b"), 0750, NULL), 0);
    t_int(stat(folder_file(folder, "a/b"), &st), 0);
    t_int(st.st_uid, 65533);
    t_int(st.st_gid, 65532);
    t_int(stat(folder_file(folder, "a"), &st), 0);
    t_int(st.st_uid, 65533);
    folders_take_back(&folders);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(made_and_taken_back),
        IN_FOLDER(only_empty_ones_are_taken_back),
        IN_FOLDER(below_a_file_or_a_relative_path),
        IN_FOLDER(without_write_permission),
        IN_FOLDER(root_gives_them_to_the_owner_of_the_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
