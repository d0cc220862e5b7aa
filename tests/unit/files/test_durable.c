#include "files/durable.h"

#include "files/folders.h"
#include "files/private_file.h"
#include "files/staged_file.h"
#include "support/folder.h"

#include <errno.h>

/* The order of these calls decides what a power failure leaves; the linker puts them here. */
int __real_fsync(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __real_rename(const char *from, const char *to);
int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_fsync(int fd);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rename(const char *from, const char *to);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);

static char calls[1024];
static const char *failing; /* the name whose fsync fails; NULL = none */

static void record(const char *call, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = strlen(calls);
    snprintf(calls + len, sizeof(calls) - len, "%s%s %s", len ? ", " : "", call,
             slash ? slash + 1 : path);
}

int __wrap_fsync(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    t_true(len > 0);
    path[len] = '\0';
    record("fsync", strstr(path, "cinta-test-") == strrchr(path, '/') + 1 ? "DIR" : path);
    if (failing && strcmp(strrchr(path, '/') + 1, failing) == 0) {
        errno = EIO;
        return -1;
    }
    return __real_fsync(fd);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    record("mkdir", path);
    return __real_mkdir(path, mode);
}

int __wrap_rename(const char *from, const char *to)
{
    record("rename to", to);
    return __real_rename(from, to);
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    record("rename to", to);
    return __real_renameat2(from_fd, from, to_fd, to, flags);
}

static void expect_calls(const char *expected)
{
    t_str(calls, expected);
    *calls = '\0';
}

static void a_replaced_file(void **state)
{
    const char *path = folder_file(*state, "f");
    t_int(private_file_write(path, "x", 1, NULL), 0);
    expect_calls("fsync f.new, rename to f, fsync DIR");
    t_int(private_file_write(path, "y", 1, NULL), 0);
    expect_calls("fsync f.new, rename to f, fsync DIR");
    unlink(path);
}

static void a_file_that_may_not_exist(void **state)
{
    const char *path = folder_file(*state, "f");
    struct new_file file;
    t_int(new_file_create(&file, path, ".new", 0600, NULL), 0);
    t_int(new_file_place(&file, false, NULL), 0);
    expect_calls("fsync f.new, rename to f, fsync DIR");
    unlink(path);
}

static void staged_files(void **state)
{
    const char *path = folder_file(*state, "f");
    struct staged_file file;
    t_int(staged_file_write(&file, &(struct staged_file_parts){path, 0644, "x", 1}, NULL), 0);
    expect_calls("fsync f.init");
    t_int(staged_file_place(&file, true, NULL), 0);
    staged_file_settle(&file);
    expect_calls("fsync f.init, rename to f, fsync DIR");
    t_int(staged_file_write(&file, &(struct staged_file_parts){path, 0644, "y", 1}, NULL), 0);
    t_int(staged_file_place(&file, true, NULL), 0);
    *calls = '\0';
    staged_file_take_back(&file);
    expect_calls("rename to f, fsync DIR");
    unlink(path);
}

/* The name of each is in the folder above it. */
static void folders_that_were_missing(void **state)
{
    struct folders folders;
    t_int(folders_make(&folders, folder_file(*state, "a/b"), 0700, NULL), 0);
    expect_calls("mkdir a, fsync DIR, mkdir b, fsync a");
    t_int(folders_keep(folder_file(*state, "a/b"), 0700, NULL), 0);
    expect_calls("");
    folders_take_back(&folders);
}

static void a_failing_sync(void **state)
{
    struct folder *folder = *state;
    const char *path = folder_file(folder, "f");
    struct err err = {0};
    failing = "f.new";
    t_int(private_file_write(path, "x", 1, &err), -EIO);
    t_contains(err.text, path);
    t_contains(err.text, strerror(EIO));
    t_int(access(path, F_OK), -1);
    failing = "a";
    t_int(folders_keep(folder_file(folder, "a/b"), 0700, &err), -EIO);
    t_contains(err.text, folder->file);
    failing = "f.init";
    struct staged_file file;
    t_int(staged_file_write(
              &file, &(struct staged_file_parts){folder_file(folder, "f"), 0644, "x", 1}, &err),
          -EIO);
    t_contains(err.text, strerror(EIO));
    failing = NULL;
    *calls = '\0';
}

static void a_name_in_a_folder_that_does_not_exist(void **state)
{
    t_int(durable_sync_name(folder_file(*state, "none/f")), -ENOENT);
    t_int(durable_sync_name(folder_file(*state, "f")), 0); /* of the folder: `f` may be gone */
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_replaced_file), IN_FOLDER(a_file_that_may_not_exist),
        IN_FOLDER(staged_files),    IN_FOLDER(folders_that_were_missing),
        IN_FOLDER(a_failing_sync),  IN_FOLDER(a_name_in_a_folder_that_does_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
