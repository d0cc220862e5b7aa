#include "files/private_file.h"

#include "base/clock.h"
#include "support/folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define OLD "what was there before\n"

static void expect_file(const char *path, const char *text)
{
    char found[4096];
    t_int(file_read(path, found, sizeof(found)), strlen(text));
    t_str(found, text);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void the_mode_does_not_depend_on_the_umask(void **state)
{
    static const struct {
        const char *name;
        mode_t mask, before; /* mode of the file that is replaced; 0 = none */
    } rows[] = {
        {"usual", 022, 0},           {"open", 0, 0},
        {"closed", 0777, 0},         {"over an open file", 022, 0666},
        {"open over open", 0, 0666}, {"over a closed file", 0, 0400},
    };
    const char *path = folder_file(*state, "f");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        if (rows[i].before)
            file_write(path, OLD, strlen(OLD), rows[i].before);
        mode_t mask = umask(rows[i].mask);
        int rc = private_file_write(path, "new", 3, NULL);
        umask(mask);
        t_int(rc, 0);
        t_int(file_mode(path), 0600);
        expect_file(path, "new");
        unlink(path);
    }
}

static void sizes(void **state)
{
    static const size_t rows[] = {0, 1, 16383, 16384, 16385, 1000000};
    const char *path = folder_file(*state, "f");
    char *data = malloc(1000000);
    for (size_t i = 0; i < 1000000; i++)
        data[i] = (char)(i * 7 + i / 256);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf back;
        buf_init(&back, 1000000);
        t_int(private_file_write(path, data, rows[i], NULL), 0);
        t_int(private_file_read(path, &back, NULL), 0);
        t_int(back.len_bytes, rows[i]);
        t_true(rows[i] == 0 || memcmp(back.data, data, rows[i]) == 0);
        buf_finish(&back);
    }
    free(data);
    unlink(path);
}

/* A program that has the old file open continues to read the old contents. */
static void is_replaced_not_rewritten(void **state)
{
    const char *path = folder_file(*state, "f");
    char text[64];
    file_write(path, OLD, strlen(OLD), 0600);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    t_int(private_file_write(path, "new", 3, NULL), 0);
    t_int(read(fd, text, sizeof(text)), strlen(OLD));
    close(fd);
    expect_file(path, "new");
    unlink(path);
}

/* In a child process whose files cannot grow past the limit, as on a full disk. */
static int write_with_limit(const char *path, const char *data, size_t len, rlim_t limit)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit rlimit = {limit, limit};
        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &rlimit))
            _exit(255);
        _exit(-private_file_write(path, data, len, NULL));
    }
    t_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return -WEXITSTATUS(status);
}

static void nothing_partial_when_the_disk_is_full(void **state)
{
    static const rlim_t limits[] = {0, 1, 100, 499, 500};
    struct folder *folder = *state;
    const char *path = folder_file(folder, "f");
    char data[501];
    memset(data, 'n', 500);
    data[500] = '\0';
    for (size_t i = 0; i < T_COUNT(limits); i++) {
        char name[32];
        bool room = limits[i] >= 500;
        snprintf(name, sizeof(name), "room for %d bytes", (int)limits[i]);
        t_row(name);
        file_write(path, OLD, strlen(OLD), 0640);
        t_int(write_with_limit(path, data, 500, limits[i]), room ? 0 : -EFBIG);
        expect_file(path, room ? data : OLD);
        t_int(file_mode(path), room ? 0600 : 0640);
        unlink(path); /* the directory must be empty at the end */
    }
}

static void no_file_is_left_when_the_disk_is_full(void **state)
{
    const char *path = folder_file(*state, "f");
    t_int(write_with_limit(path, OLD, strlen(OLD), 3), -EFBIG);
    t_int(access(path, F_OK), -1);
}

static void paths_that_cannot_be_written(void **state)
{
    struct folder *folder = *state;
    char long_path[PATH_MAX + 8];
    t_int(private_file_write(folder_file(folder, "none/f"), "x", 1, NULL), -ENOENT);
    t_int(private_file_write("/dev/null/f", "x", 1, NULL), -ENOTDIR);
    memset(long_path, '/', sizeof(long_path));
    long_path[PATH_MAX - 4] = '\0'; /* too long only with the suffix that is added */
    t_int(private_file_write(long_path, "x", 1, NULL), -ENAMETOOLONG);
    const char *path = folder_file(folder, "f");
    t_int(mkdir(path, 0700), 0);
    t_true(private_file_write(path, "x", 1, NULL) < 0);
    t_int(rmdir(path), 0);
}

/* A symbolic link is replaced; its target is unchanged. */
static void a_link_is_not_followed_when_writing(void **state)
{
    struct folder *folder = *state;
    static const char *const names[] = {"f", "f.new"};
    char victim[PATH_MAX];
    snprintf(victim, sizeof(victim), "%s", folder_file(folder, "victim"));
    for (size_t i = 0; i < T_COUNT(names); i++) {
        t_row(names[i]);
        file_write(victim, OLD, strlen(OLD), 0644);
        t_int(symlink(victim, folder_file(folder, names[i])), 0);
        const char *path = folder_file(folder, "f");
        int rc = private_file_write(path, "new", 3, NULL);
        if (rc) /* the first write may fail, but must not write through the link */
            t_int(private_file_write(path, "new", 3, NULL), 0);
        expect_file(victim, OLD);
        t_int(file_mode(victim), 0644);
        expect_file(path, "new");
        t_int(file_mode(path), 0600);
        unlink(path);
        unlink(victim);
    }
}

static void a_leftover_of_an_interrupted_write_is_replaced(void **state)
{
    struct folder *folder = *state;
    file_write(folder_file(folder, "f.new"), "half of someth", 14, 0644);
    const char *path = folder_file(folder, "f");
    t_int(private_file_write(path, "new", 3, NULL), 0);
    expect_file(path, "new");
    t_int(file_mode(path), 0600);
    unlink(path);
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_file(const char *path, size_t max_bytes, size_t *len)
{
    struct buf out;
    buf_init(&out, max_bytes);
    int rc = private_file_read(path, &out, NULL);
    *len = out.len_bytes;
    buf_finish(&out);
    return rc;
}

static void modes_accepted_when_reading(void **state)
{
    static const struct {
        mode_t mode;
        int rc;
    } rows[] = {
        {0600, 0},      {0400, 0},      {0700, 0},      {0640, -EPERM}, {0604, -EPERM},
        {0620, -EPERM}, {0602, -EPERM}, {0644, -EPERM}, {0666, -EPERM}, {0777, -EPERM},
    };
    const char *path = folder_file(*state, "f");
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char name[16];
        size_t len;
        snprintf(name, sizeof(name), "%04o", (unsigned)rows[i].mode);
        t_row(name);
        unlink(path);
        file_write(path, OLD, strlen(OLD), rows[i].mode);
        t_int(read_file(path, 100, &len), rows[i].rc);
        t_int(len, rows[i].rc ? 0 : strlen(OLD));
    }
    unlink(path);
}

static void not_a_regular_file(void **state)
{
    struct folder *folder = *state;
    char target[PATH_MAX];
    size_t len;
    snprintf(target, sizeof(target), "%s", folder_file(folder, "target"));
    const char *path = folder_file(folder, "f");
    t_int(read_file(path, 100, &len), -ENOENT);
    t_int(mkdir(path, 0700), 0);
    t_int(read_file(path, 100, &len), -EPERM);
    rmdir(path);
    file_write(target, OLD, strlen(OLD), 0600);
    t_int(symlink(target, path), 0);
    t_int(read_file(path, 100, &len), -EPERM);
    t_int(len, 0);
    unlink(path);
    unlink(target);
    t_int(mkfifo(path, 0600), 0);
    t_int(read_file(path, 100, &len), -EPERM); /* at once, although it has no writer */
    unlink(path);
}

static void a_file_of_another_user(void **state)
{
    const char *path = folder_file(*state, "f");
    size_t len;
    if (geteuid() != 0)
        skip();
    file_write(path, OLD, strlen(OLD), 0600);
    t_int(chown(path, 65534, 65534), 0);
    t_int(read_file(path, 100, &len), -EPERM);
    t_int(len, 0);
    unlink(path);
}

static void a_file_larger_than_the_buffer(void **state)
{
    const char *path = folder_file(*state, "f");
    size_t len;
    file_write(path, OLD, strlen(OLD), 0600);
    t_int(read_file(path, strlen(OLD), &len), 0);
    t_int(read_file(path, strlen(OLD) - 1, &len), -EMSGSIZE);
    t_int(read_file(path, 0, &len), -EMSGSIZE);
    t_true(len == 0);
    unlink(path);
}

static void appends_and_returns_the_time(void **state)
{
    const char *path = folder_file(*state, "f");
    const struct timespec times[2] = {{1795446000, 5}, {1795446000, 123456789}};
    struct buf out;
    int64_t modified_ns = 0;
    file_write(path, "b\0c", 3, 0600);
    t_int(utimensat(AT_FDCWD, path, times, 0), 0);
    buf_init(&out, 100);
    buf_puts(&out, "a");
    t_int(private_file_read(path, &out, &modified_ns), 0);
    t_int(out.len_bytes, 4);
    t_int(memcmp(out.data, "ab\0c", 4), 0);
    t_int(modified_ns, INT64_C(1795446000) * NS_PER_S + 123456789);
    buf_finish(&out);
    unlink(path);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_mode_does_not_depend_on_the_umask),
        IN_FOLDER(sizes),
        IN_FOLDER(is_replaced_not_rewritten),
        IN_FOLDER(nothing_partial_when_the_disk_is_full),
        IN_FOLDER(no_file_is_left_when_the_disk_is_full),
        IN_FOLDER(paths_that_cannot_be_written),
        IN_FOLDER(a_link_is_not_followed_when_writing),
        IN_FOLDER(a_leftover_of_an_interrupted_write_is_replaced),
        IN_FOLDER(modes_accepted_when_reading),
        IN_FOLDER(not_a_regular_file),
        IN_FOLDER(a_file_of_another_user),
        IN_FOLDER(a_file_larger_than_the_buffer),
        IN_FOLDER(appends_and_returns_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
