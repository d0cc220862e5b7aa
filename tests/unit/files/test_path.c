#include "files/path.h"

#include "support/t.h"

#include <errno.h>

static void folders(void **state)
{
    (void)state;
    static const struct {
        const char *path, *folder;
    } rows[] = {
        {"a/b/c", "a/b"}, {"/a/b", "/a"}, {"/a", "/"},  {"a", "."},
        {"", "."},        {"a/", "a"},    {"./a", "."}, {"..", "."},
    };
    char out[PATH_MAX], long_path[PATH_MAX + 8];
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].path);
        t_int(path_folder(rows[i].path, out), 0);
        t_str(out, rows[i].folder);
    }
    memset(long_path, 'x', sizeof(long_path));
    strcpy(long_path + PATH_MAX, "/f");
    t_int(path_folder(long_path, out), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(folders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
