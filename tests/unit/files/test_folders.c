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

static void below_a_file(void **state)
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
}

static void relative_paths(void **state)
{
    static const char *const rows[] = {"a", "a/b", "./a", "./a/b/", "a//b"};
    struct folder *folder = *state;
    struct folders folders;
    char before[PATH_MAX];
    t_true(getcwd(before, sizeof(before)) != NULL);
    t_int(chdir(folder->path), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i]);
        t_int(folders_possible(rows[i], NULL), 0);
        t_int(access("a", F_OK), -1);
        t_int(folders_make(&folders, rows[i], 0700, NULL), 0);
        t_int(file_mode(rows[i]), 0700);
        folders_take_back(&folders);
        t_int(access("a", F_OK), -1);
    }
    t_int(chdir(before), 0);
}

static void invalid_names(void **state)
{
    (void)state;
    struct folders folders;
    struct err err = {0};
    char text[PATH_MAX + 1];
    memset(text, 'x', sizeof(text) - 1);
    text[PATH_MAX] = '\0';
    const struct {
        const char *name, *path;
        int rc;
    } rows[] = {{"an empty name", "", -EINVAL}, {"a name that is too long", text, -ENAMETOOLONG}};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(folders_possible(rows[i].path, &err), rows[i].rc);
        t_contains(err.text, "is not a valid name of a folder");
        t_int(folders_make(&folders, rows[i].path, 0700, &err), rows[i].rc);
    }
}

/* Its name is taken, but there is no directory behind it. */
static void a_dangling_link(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    t_int(symlink("/nowhere", folder_file(folder, "link")), 0);
    t_int(folders_keep(folder_file(folder, "link/a"), 0700, &err), -ENOTDIR);
    t_contains(err.text, "it exists and is not a folder");
    t_int(unlink(folder_file(folder, "link")), 0);
}

static void writable(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    t_int(folders_writable(folder->path, &err), 0); /* and leaves no file: see folder_drop() */
    t_int(folders_writable(folder_file(folder, "none"), &err), -ENOENT);
    t_contains(err.text, folder->file);
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
        IN_FOLDER(below_a_file),
        IN_FOLDER(relative_paths),
        cmocka_unit_test(invalid_names),
        IN_FOLDER(a_dangling_link),
        IN_FOLDER(writable),
        IN_FOLDER(without_write_permission),
        IN_FOLDER(root_gives_them_to_the_owner_of_the_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
