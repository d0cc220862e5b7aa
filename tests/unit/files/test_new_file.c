#include "files/new_file.h"

#include "support/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD "what was there before"

static char dir[] = "/tmp/cinta-new-file-XXXXXX";
static char path[64], part[80], other[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(dir + strlen(dir) - 6, "XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/f", dir);
    snprintf(part, sizeof(part), "%s.part", path);
    snprintf(other, sizeof(other), "%s/other", dir);
    return 0;
}

/* Fails when a test left an unexpected file in the folder. */
static int drop_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    return rmdir(dir);
}

static void put(const char *to, const char *text)
{
    FILE *file = fopen(to, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void expect(const char *from, const char *text)
{
    char found[64] = "";
    FILE *file = fopen(from, "r");
    assert_non_null(file);
    found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
    fclose(file);
    t_str(found, text);
}

/* --- one writer ------------------------------------------------------------------------------- */

static void gets_its_name_when_it_is_placed(void **state)
{
    (void)state;
    struct new_file file;
    struct stat st;
    mode_t mask = umask(027);
    t_int(new_file_create(&file, path, ".part", 0666, NULL), 0);
    umask(mask);
    t_int(new_file_write(&file, "ab", 2, NULL), 0);
    t_int(access(path, F_OK), -1);
    t_int(new_file_write(&file, "c", 1, NULL), 0);
    t_int(new_file_place(&file, false, NULL), 0);
    t_int(access(part, F_OK), -1);
    expect(path, "abc");
    t_int(stat(path, &st), 0);
    t_int(st.st_mode & 07777, 0640);
    new_file_discard(&file); /* nothing more to discard */
    expect(path, "abc");
}

static void replaces_only_when_requested(void **state)
{
    (void)state;
    struct new_file file;
    put(path, OLD);
    t_int(new_file_create(&file, path, ".part", 0600, NULL), 0);
    t_int(new_file_write(&file, "new", 3, NULL), 0);
    t_int(new_file_place(&file, false, NULL), -EEXIST);
    expect(path, OLD);
    t_int(new_file_place(&file, true, NULL), 0);
    expect(path, "new");
    t_int(new_file_create(&file, path, ".part", 0600, NULL), 0);
    new_file_discard(&file);
    expect(path, "new");
    t_int(access(part, F_OK), -1);
}

static void leave_file(void)
{
    put(part, "half of it, and longer than the new one");
}

static void leave_link(void)
{
    t_int(symlink(other, part), 0);
}

static void leave_dangling_link(void)
{
    t_int(symlink("/nowhere/at/all", part), 0);
}

static void leave_hard_link(void)
{
    t_int(link(other, part), 0);
}

static void leave_fifo(void)
{
    t_int(mkfifo(part, 0600), 0);
}

static void leave_folder(void)
{
    t_int(mkdir(part, 0700), 0);
}

static void a_leftover_file_is_never_written_to(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*leave)(void);
        int rc;
    } rows[] = {
        {"a file", leave_file, 0},
        {"a link to a file", leave_link, 0},
        {"a link to nothing", leave_dangling_link, 0},
        {"another name of a file", leave_hard_link, 0},
        {"a pipe without a writer", leave_fifo, -EEXIST},
        {"a folder", leave_folder, -EEXIST},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct new_file file;
        t_row(rows[i].name);
        put(other, OLD);
        rows[i].leave();
        t_int(new_file_create(&file, path, ".part", 0600, NULL), rows[i].rc);
        if (rows[i].rc == 0) {
            t_int(new_file_write(&file, "new", 3, NULL), 0);
            t_int(new_file_place(&file, true, NULL), 0);
            expect(path, "new");
        }
        new_file_discard(&file);
        expect(other, OLD);
        remove(part);
    }
}

static void where_it_cannot_be_created(void **state)
{
    (void)state;
    struct new_file file;
    struct err err = {0};
    char long_path[PATH_MAX + 8];
    t_int(new_file_create(&file, "/no/such/folder/f", ".part", 0600, &err), -ENOENT);
    t_str(err.text,
          "cannot write '/no/such/folder/f': the folder '/no/such/folder' does not exist: "
          "create it, or correct the path");
    t_int(new_file_create(&file, "/dev/null/f", ".part", 0600, &err), -ENOTDIR);
    t_str(err.text, "cannot write '/dev/null/f': Not a directory");
    memset(long_path, '/', sizeof(long_path));
    long_path[PATH_MAX - 4] = '\0'; /* fits without the suffix only */
    t_int(new_file_create(&file, long_path, ".part", 0600, &err), -ENAMETOOLONG);
    t_contains(err.text, "the name is too long");
    new_file_discard(&file);
}

static void a_message_names_the_file(void **state)
{
    (void)state;
    struct new_file file, second;
    struct err err = {0};
    put(path, OLD);
    t_int(new_file_create(&file, path, ".part", 0600, NULL), 0);
    t_int(new_file_create(&second, path, ".part", 0600, &err), -EBUSY);
    t_contains(err.text, "another process is writing '");
    t_contains(err.text, part);
    t_int(new_file_place(&file, false, &err), -EEXIST);
    t_contains(err.text, path);
    t_contains(err.text, "already exists");
    t_int(unlink(part), 0);
    t_int(new_file_place(&file, true, &err), -ESTALE);
    t_contains(err.text, part);
    t_contains(err.text, "was removed or replaced");
    new_file_discard(&file);
    t_int(mkdir(part, 0700), 0);
    t_int(new_file_create(&file, path, ".part", 0600, &err), -EEXIST);
    t_contains(err.text, part);
    t_contains(err.text, "exists and is not a regular file: remove it");
    t_int(rmdir(part), 0);
}

static void put_at_once(void **state)
{
    (void)state;
    struct err err = {0};
    struct stat st;
    put(path, OLD);
    mode_t mask = umask(077);
    t_int(new_file_put(path, 0644, "new", 3, &err), 0);
    umask(mask);
    expect(path, "new");
    t_int(stat(path, &st), 0);
    t_int(st.st_mode & 07777, 0644); /* whatever the umask */
    t_int(new_file_put("/no/such/folder/f", 0644, "new", 3, &err), -ENOENT);
    t_contains(err.text, "/no/such/folder");
    t_int(new_file_put(dir, 0644, "new", 3, &err), -EISDIR);
    t_contains(err.text, dir);
    snprintf(part, sizeof(part), "%s.new", dir);
    t_int(access(part, F_OK), -1); /* removed on failure */
}

static void a_replaced_temporary_file_is_not_placed(void **state)
{
    (void)state;
    struct new_file file;
    put(path, OLD);
    t_int(new_file_create(&file, path, ".part", 0600, NULL), 0);
    t_int(unlink(part), 0);
    put(part, "of another process");
    t_int(new_file_place(&file, true, NULL), -ESTALE);
    expect(path, OLD);
    new_file_discard(&file);
    expect(part, "of another process");
    unlink(part);
}

/* --- several writers -------------------------------------------------------------------------- */

static void one_writer_at_a_time(void **state)
{
    (void)state;
    struct new_file first, second;
    t_int(new_file_create(&first, path, ".part", 0600, NULL), 0);
    t_int(new_file_create(&second, path, ".part", 0600, NULL), -EBUSY);
    new_file_discard(&second);
    t_int(new_file_write(&first, "first", 5, NULL), 0);
    t_int(new_file_place(&first, true, NULL), 0);
    expect(path, "first");
    t_int(new_file_create(&second, path, ".part", 0600, NULL), 0);
    new_file_discard(&second);
}

#define WRITERS 3
#define FILES   20 /* placed by each writer */

/* Each writer writes its own letter 40 times, in two calls; every file that is placed is complete.
 */
static int write_rounds(char letter)
{
    char text[40];
    int placed = 0;
    memset(text, letter, sizeof(text));
    while (placed < FILES) {
        struct new_file file;
        int rc = new_file_create(&file, path, ".part", 0600, NULL);
        if (rc == 0 &&
            (new_file_write(&file, text, 20, NULL) || new_file_write(&file, text + 20, 20, NULL)))
            return 1;
        if (rc == 0)
            rc = new_file_place(&file, true, NULL);
        new_file_discard(&file);
        if (rc && rc != -EBUSY && rc != -ESTALE)
            return 2;
        placed += rc == 0;
    }
    return 0;
}

static void expect_whole(void)
{
    char found[64];
    FILE *file = fopen(path, "r");
    if (!file)
        return; /* no file was placed yet */
    t_int(fread(found, 1, sizeof(found), file), 40);
    for (int i = 1; i < 40; i++)
        t_int(found[i], found[0]);
    fclose(file);
}

static void writers_do_not_mix(void **state)
{
    (void)state;
    int left = WRITERS, status;
    for (int i = 0; i < WRITERS; i++) {
        pid_t pid = fork();
        t_true(pid >= 0);
        if (pid == 0)
            _exit(write_rounds((char)('a' + i)));
    }
    while (left) {
        expect_whole();
        if (waitpid(-1, &status, WNOHANG) <= 0)
            continue;
        t_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
        left--;
    }
    expect_whole();
    t_int(access(part, F_OK), -1);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(gets_its_name_when_it_is_placed),
        IN_FOLDER(replaces_only_when_requested),
        IN_FOLDER(a_leftover_file_is_never_written_to),
        IN_FOLDER(where_it_cannot_be_created),
        IN_FOLDER(a_message_names_the_file),
        IN_FOLDER(put_at_once),
        IN_FOLDER(a_replaced_temporary_file_is_not_placed),
        IN_FOLDER(one_writer_at_a_time),
        IN_FOLDER(writers_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
