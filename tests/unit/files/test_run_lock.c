#include "files/run_lock.h"

#include "support/folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static int take(const char *dir)
{
    struct err err = {0};
    int fd = run_lock_take(dir, &err);
    if (fd < 0)
        fail_msg("%s: %s", t_row_name, err.text);
    t_int(err.code, 0);
    return fd;
}

static void expect_busy(const char *dir, long pid)
{
    struct err err = {0};
    char process[64];
    snprintf(process, sizeof(process), "process %ld)", pid);
    t_int(run_lock_take(dir, &err), -EBUSY);
    t_int(err.code, -EBUSY);
    t_contains(err.text, process);
    t_contains(err.text, dir);
}

static void drop(struct folder *folder)
{
    t_int(unlink(folder_file(folder, "cinta.lock")), 0);
}

static void one_at_a_time(void **state)
{
    struct folder *folder = *state;
    int fd = take(folder->path);
    expect_busy(folder->path, getpid());
    expect_busy(folder->path, getpid()); /* a refused attempt does not release it */
    close(fd);
    fd = take(folder->path);
    close(fd);
    drop(folder);
}

/* A child process takes the lock, reports it through a pipe, and waits to be killed. */
static pid_t child_with_lock(const char *dir)
{
    int ready[2];
    char byte = 0;
    t_int(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* also if the test fails before it kills it */
        if (run_lock_take(dir, NULL) < 0 || write(ready[1], "+", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    t_int(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void of_another_process(void **state)
{
    struct folder *folder = *state;
    pid_t pid = child_with_lock(folder->path);
    expect_busy(folder->path, pid);
    t_int(kill(pid, SIGKILL), 0); /* the kernel releases the lock */
    t_int(waitpid(pid, NULL, 0), pid);
    int fd = take(folder->path);
    expect_busy(folder->path, getpid());
    close(fd);
    drop(folder);
}

static void two_directories(void **state)
{
    struct folder *folder = *state;
    char other[PATH_MAX];
    snprintf(other, sizeof(other), "%s", folder_file(folder, "other"));
    int fd = take(folder->path), fd_other = take(other);
    expect_busy(other, getpid());
    close(fd);
    close(fd_other);
    drop(folder);
    t_int(unlink(folder_file(folder, "other/cinta.lock")), 0);
    t_int(rmdir(other), 0);
}

static void makes_the_directory(void **state)
{
    struct folder *folder = *state;
    char dir[PATH_MAX];
    snprintf(dir, sizeof(dir), "%s", folder_file(folder, "state"));
    mode_t mask = umask(0);
    int fd = take(dir);
    umask(mask);
    t_int(file_mode(dir), 0700);
    t_int(file_mode(folder_file(folder, "state/cinta.lock")), 0600);
    close(fd);
    unlink(folder->file);
    t_int(rmdir(dir), 0);
}

/* The text of an earlier holder is replaced. */
static void names_the_present_holder(void **state)
{
    struct folder *folder = *state;
    char text[64], pid[64];
    file_write(folder_file(folder, "cinta.lock"), "99999999999 and more\n", 21, 0600);
    int fd = take(folder->path);
    snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    t_int(file_read(folder->file, text, sizeof(text)), strlen(pid));
    t_str(text, pid);
    expect_busy(folder->path, getpid());
    close(fd);
    drop(folder);
}

static void is_not_inherited_by_programs(void **state)
{
    struct folder *folder = *state;
    int fd = take(folder->path);
    t_int(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
    drop(folder);
}

static void a_directory_that_cannot_be_created(void **state)
{
    struct folder *folder = *state;
    char dir[PATH_MAX];
    struct err err;
    snprintf(dir, sizeof(dir), "%s", folder_file(folder, "none/state"));
    t_int(run_lock_take(dir, &err), -ENOENT);
    t_contains(err.text, dir);
    t_int(run_lock_take(dir, NULL), -ENOENT);

    snprintf(dir, sizeof(dir), "%s", folder_file(folder, "file"));
    file_write(dir, "", 0, 0600);
    t_int(run_lock_take(dir, &err), -ENOTDIR);
    t_contains(err.text, dir);
    unlink(dir);
}

static void a_link_is_not_followed(void **state)
{
    struct folder *folder = *state;
    char victim[PATH_MAX], text[16];
    struct err err;
    snprintf(victim, sizeof(victim), "%s", folder_file(folder, "victim"));
    file_write(victim, "keep me", 7, 0644);
    t_int(symlink(victim, folder_file(folder, "cinta.lock")), 0);
    t_int(run_lock_take(folder->path, &err), -ELOOP);
    t_contains(err.text, folder->path);
    t_int(file_read(victim, text, sizeof(text)), 7);
    t_str(text, "keep me");
    drop(folder);
    unlink(victim);
}

static void not_a_regular_file_of_this_user(void **state)
{
    struct folder *folder = *state;
    char other[PATH_MAX];
    struct err err;
    snprintf(other, sizeof(other), "%s", folder_file(folder, "other"));
    const char *path = folder_file(folder, "cinta.lock");
    file_write(other, "keep me", 7, 0644);
    t_int(link(other, path), 0);
    t_int(run_lock_take(folder->path, &err), -EPERM);
    t_contains(err.text, "not a regular file of this user");
    t_int(file_mode(other), 0644);
    unlink(path);
    unlink(other);
    t_int(mkfifo(path, 0600), 0);
    t_int(run_lock_take(folder->path, &err), -EPERM);
    unlink(path);
    if (geteuid() != 0)
        return;
    file_write(path, "", 0, 0600);
    t_int(chown(path, 65533, 65533), 0);
    t_int(run_lock_take(folder->path, &err), -EPERM);
    unlink(path);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(one_at_a_time),
        IN_FOLDER(of_another_process),
        IN_FOLDER(two_directories),
        IN_FOLDER(makes_the_directory),
        IN_FOLDER(names_the_present_holder),
        IN_FOLDER(is_not_inherited_by_programs),
        IN_FOLDER(a_directory_that_cannot_be_created),
        IN_FOLDER(a_link_is_not_followed),
        IN_FOLDER(not_a_regular_file_of_this_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
