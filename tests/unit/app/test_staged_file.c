#include "app/staged_file.h"

#include "unit/app/folder.h"

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

/* Each ending, over nothing and over a file, whose folder has nothing else in it afterwards. */
static void endings(void **state)
{
    static const struct {
        const char *name;
        bool there, replace, place, settle;
        int rc;
        const char *text; /* in the end; NULL = no file */
        mode_t mode;
    } rows[] = {
        {"new, settled", false, false, true, true, 0, NEW, 0644},
        {"new, settled, could have replaced", false, true, true, true, 0, NEW, 0644},
        {"new, taken back", false, false, true, false, 0, NULL, 0},
        {"new, taken back, could have replaced", false, true, true, false, 0, NULL, 0},
        {"never placed", false, false, false, false, 0, NULL, 0},
        {"never placed over a file", true, true, false, false, 0, OLD, 0640},
        {"replaced, settled", true, true, true, true, 0, NEW, 0644},
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
        t_int(staged_file_write(&file, path, 0644, NEW, strlen(NEW), &err), 0);
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
        staged_file_take_back(&file); /* nothing more to take */
        expect_file(path, rows[i].text, rows[i].mode);
        unlink(path);
    }
}

static void may_go(void **state)
{
    struct folder *folder = *state;
    struct err err = {0};
    const char *path = folder_file(folder, "f");
    t_int(staged_file_may_go(path, false, NULL), 0);
    file_write(path, OLD, strlen(OLD), 0600);
    t_int(staged_file_may_go(path, false, &err), -EEXIST);
    t_contains(err.text, "is there already; --force replaces it");
    t_int(staged_file_may_go(path, true, NULL), 0);
    unlink(path);
    t_int(symlink("/nowhere", path), 0); /* dangling, and there all the same */
    t_int(staged_file_may_go(path, false, NULL), -EEXIST);
    unlink(path);
    t_int(mkdir(path, 0700), 0);
    t_int(staged_file_may_go(path, true, &err), -EEXIST);
    t_contains(err.text, "is no file");
    rmdir(path);
    t_int(staged_file_may_go(folder_file(folder, "none/f"), false, NULL), 0);
}

static void where_it_cannot_be_written(void **state)
{
    struct staged_file file;
    struct err err = {0};
    const char *path = folder_file(*state, "none/f");
    t_int(staged_file_write(&file, path, 0600, NEW, 1, &err), -ENOENT);
    t_contains(err.text, path);
    staged_file_take_back(&file);
    staged_file_take_back(&(struct staged_file){0});
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(endings),
        IN_FOLDER(may_go),
        IN_FOLDER(where_it_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
