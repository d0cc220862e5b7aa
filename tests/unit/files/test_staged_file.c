#include "files/staged_file.h"

#include "support/folder.h"

#include <errno.h>

#define OLD "old"
#define NEW "a new one"

static void expect_file(const char *path, const char *text, mode_t mode)
{
    char found[64] = "";
    t_int(file_read(path, found, sizeof(found)), text ? (long)strlen(text) : -1);
    t_str(found, text ? text : "");
    if (text)
        t_int(file_mode(path), mode);
}

/* Each outcome, with and without an existing file. No other file may be left in the directory. */
static void outcomes(void **state)
{
    static const struct {
        const char *name;
        bool there, replace, place, settle;
        int rc;
        const char *text; /* of the file at the end; NULL = no file */
        mode_t mode;
    } rows[] = {
        {"new, settled", false, false, true, true, 0, NEW, 0644},
        {"new, settled, could have replaced", false, true, true, true, 0, NEW, 0644},
        {"new, taken back", false, false, true, false, 0, NULL, 0},
        {"new, taken back, could have replaced", false, true, true, false, 0, NULL, 0},
        {"never placed", false, false, false, false, 0, NULL, 0},
        {"never placed over a file", true, true, false, false, 0, OLD, 0640},
        {"replaced, settled", true, true, true, true, 0, NEW, 0640},
        {"replaced, taken back", true, true, true, false, 0, OLD, 0640},
        {"not to be replaced", true, false, true, false, -EEXIST, OLD, 0640},
    };
    const char *path = folder_file(*state, "f");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct staged_file file;
        struct err err = {0};
        t_row(rows[i].name);
        if (rows[i].there)
            file_write(path, OLD, strlen(OLD), 0640);
        t_int(staged_file_write(&file, &(struct staged_file_parts){path, 0644, NEW, strlen(NEW)},
                                &err),
              0);
        expect_file(path, rows[i].there ? OLD : NULL, 0640);
        if (rows[i].place)
            t_int(staged_file_place(&file, rows[i].replace, &err), rows[i].rc);
        if (rows[i].rc)
            t_contains(err.text, "--force");
        if (rows[i].settle)
            staged_file_settle(&file);
        else
            staged_file_take_back(&file);
        expect_file(path, rows[i].text, rows[i].mode);
        staged_file_take_back(&file); /* no effect after the first */
        expect_file(path, rows[i].text, rows[i].mode);
        unlink(path);
    }
}

static void the_old_mode_is_kept(void **state)
{
    static const struct {
        const char *name;
        mode_t was, asked, is;
    } rows[] = {
        {"closed to others", 0600, 0644, 0600},
        {"for a group", 0640, 0644, 0640},
        {"for a group that writes", 0660, 0644, 0660},
        {"read only", 0444, 0644, 0444},
        {"a private one", 0600, 0600, 0600},
        {"a private one that is read only", 0400, 0600, 0400},
        {"a private one that was open", 0644, 0600, 0600},
    };
    const char *path = folder_file(*state, "f");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct staged_file file;
        t_row(rows[i].name);
        file_write(path, OLD, strlen(OLD), rows[i].was);
        t_int(staged_file_write(
                  &file, &(struct staged_file_parts){path, rows[i].asked, NEW, strlen(NEW)}, NULL),
              0);
        t_int(staged_file_place(&file, true, NULL), 0);
        staged_file_settle(&file);
        expect_file(path, NEW, rows[i].is);
        unlink(path);
    }
}

static void the_old_owner_is_kept(void **state)
{
    const char *path = folder_file(*state, "f");
    struct staged_file file;
    struct stat st;
    if (geteuid() != 0)
        skip();
    file_write(path, OLD, strlen(OLD), 0640);
    t_int(chown(path, 65533, 65532), 0);
    t_int(staged_file_write(&file, &(struct staged_file_parts){path, 0644, NEW, strlen(NEW)}, NULL),
          0);
    t_int(staged_file_place(&file, true, NULL), 0);
    staged_file_settle(&file);
    t_int(stat(path, &st), 0);
    t_int(st.st_uid, 65533);
    t_int(st.st_gid, 65532);
    unlink(path);
}

/* A user's own copy, f.old, is not touched. */
static void other_files_are_not_touched(void **state)
{
    struct folder *folder = *state;
    struct staged_file file;
    file_write(folder_file(folder, "f.old"), OLD, strlen(OLD), 0600);
    const char *path = folder_file(folder, "f");
    file_write(path, OLD, strlen(OLD), 0600);
    t_int(staged_file_write(&file, &(struct staged_file_parts){path, 0600, NEW, strlen(NEW)}, NULL),
          0);
    t_int(staged_file_place(&file, true, NULL), 0);
    staged_file_settle(&file);
    unlink(path);
    expect_file(folder_file(folder, "f.old"), OLD, 0600);
    unlink(folder->file);
}

static void may_go(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    const char *path = folder_file(folder, "f");
    t_int(staged_file_may_go(path, false, NULL), 0);
    file_write(path, OLD, strlen(OLD), 0600);
    t_int(staged_file_may_go(path, false, &err), -EEXIST);
    t_contains(err.text, "exists already: --force replaces it");
    t_int(staged_file_may_go(path, true, NULL), 0);
    unlink(path);
    t_int(symlink("/nowhere", path), 0); /* a dangling link exists too */
    t_int(staged_file_may_go(path, false, NULL), -EEXIST);
    unlink(path);
    t_int(mkdir(path, 0700), 0);
    t_int(staged_file_may_go(path, true, &err), -EEXIST);
    t_contains(err.text, "is not a file");
    rmdir(path);
    t_int(staged_file_may_go(folder_file(folder, "none/f"), false, NULL), 0);
}

static void a_path_that_cannot_be_written(void **state)
{
    struct staged_file file;
    struct err err = {0};
    const char *path = folder_file(*state, "none/f");
    t_int(staged_file_write(&file, &(struct staged_file_parts){path, 0600, NEW, 1}, &err), -ENOENT);
    t_contains(err.text, path);
    staged_file_take_back(&file);
    staged_file_take_back(&(struct staged_file){0});
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(outcomes),
        IN_FOLDER(the_old_mode_is_kept),
        IN_FOLDER(the_old_owner_is_kept),
        IN_FOLDER(other_files_are_not_touched),
        IN_FOLDER(may_go),
        IN_FOLDER(a_path_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
