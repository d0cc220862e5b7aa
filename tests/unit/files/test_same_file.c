#include "files/same_file.h"

#include "support/t.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void make(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    t_true(fd >= 0);
    close(fd);
}

static void paths_are_compared_by_file(void **state)
{
    (void)state;
    static const struct {
        const char *name, *a, *b;
        bool same;
    } rows[] = {
        {"one name", "f", "f", true},
        {"another path to it", "f", "./sub/../f", true},
        {"a symbolic link", "f", "link", true},
        {"a hard link", "f", "hard", true},
        {"through a link to the folder", "sub/g", "subl/g", true},
        {"another file", "f", "sub/g", false},
        {"missing, same name", "none", "./none", true},
        {"missing, same name through a link to the folder", "sub/none", "subl//none", true},
        {"missing, two names", "none", "nothing", false},
        {"missing, two folders", "none", "sub/none", false},
        {"only one exists", "f", "none", false},
        {"no such folder", "no/f", "no/f", false},
        {"a file used as a folder", "f/x", "f/x", false},
        {"a name in the root", "/cinta-none", "//cinta-none", true},
        {"empty", "", "f", false},
    };
    char dir[] = "/tmp/cinta-same-XXXXXX", before[1024];
    t_true(mkdtemp(dir) != NULL && getcwd(before, sizeof(before)) && chdir(dir) == 0);
    t_int(mkdir("sub", 0700), 0);
    make("f");
    make("sub/g");
    t_int(symlink("f", "link"), 0);
    t_int(link("f", "hard"), 0);
    t_int(symlink("sub", "subl"), 0);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_int(same_file(rows[i].a, rows[i].b), rows[i].same);
        t_int(same_file(rows[i].b, rows[i].a), rows[i].same);
    }
    static const char *const made[] = {"f", "sub/g", "link", "hard", "subl"};
    for (size_t i = 0; i < T_COUNT(made); i++)
        unlink(made[i]);
    rmdir("sub");
    t_int(chdir(before), 0);
    t_int(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(paths_are_compared_by_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
