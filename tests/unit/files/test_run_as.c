#include "files/run_as.h"

#include "files/owner.h"
#include "support/folder.h"

#include <sys/wait.h>

#define OTHER_UID 65533
#define OTHER_GID 65532

static void only_root_needs_another_user(void **state)
{
    struct folder *folder = *state;
    struct run_as who = {1, 1};
    if (geteuid() != 0) {
        t_true(!run_as_needed(folder->path, &who));
        t_true(!run_as_needed("/", &who));
        return;
    }
    t_true(!run_as_needed(folder->path, &who)); /* root's own */
    file_write(folder_file(folder, "f"), "", 0, 0600);
    t_int(chown(folder->path, OTHER_UID, OTHER_GID), 0);
    t_true(!run_as_needed(folder->file, &who)); /* the file counts, not its directory */
    t_int(who.uid, 1);
    t_int(unlink(folder->file), 0);
    t_true(run_as_needed(folder->file, &who)); /* it does not exist: the directory counts */
    t_int(who.uid, OTHER_UID);
    t_int(who.gid, OTHER_GID);
    t_true(run_as_needed(folder_file(folder, "a/b/c"), &who));
}

static void the_command(void **state)
{
    (void)state;
    char prefix[RUN_AS_PREFIX], name[OWNER_NAME], expected[RUN_AS_PREFIX];
    const struct run_as nameless = {1234567, 7654321}, root = {0, 0};
    t_str(run_as_prefix(prefix, &nameless),
          "setpriv --reuid 1234567 --regid 7654321 --clear-groups");
    snprintf(expected, sizeof(expected), "runuser -u %s --", owner_name(name, 0));
    t_str(run_as_prefix(prefix, &root), expected);
}

/* In a child, because it cannot become root again. */
static void changes_the_user_for_good(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        const struct run_as who = {OTHER_UID, OTHER_GID};
        struct err err;
        bool changed = run_as_become(&who, &err) == 0 && getuid() == OTHER_UID &&
                       geteuid() == OTHER_UID && getgid() == OTHER_GID && getgroups(0, NULL) == 0;
        bool again = run_as_become(&(struct run_as){0, 0}, &err) == 0;
        _exit(!changed ? 1 : again ? 2 : !strstr(err.text, "cannot become user") ? 3 : 0);
    }
    t_int(waitpid(pid, &status, 0), pid);
    t_true(WIFEXITED(status));
    t_int(WEXITSTATUS(status), 0);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(only_root_needs_another_user),
        cmocka_unit_test(the_command),
        cmocka_unit_test(changes_the_user_for_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
