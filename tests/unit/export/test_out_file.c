#include "export/out_file.h"

#include "out_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

static struct out_file *make(const struct out_folder *f)
{
    struct out_file *file;
    struct err err;
    if (out_file_create(&file, f->path, COMPRESS_NONE, &err))
        fail_msg("%s", err.text);
    return file;
}

static void put(struct out_file *file, const char *text)
{
    t_int(out_file_write(file, text, strlen(text), NULL), 0);
}

static void gets_its_name_on_commit(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("a.csv");
    struct out_file_result result;
    struct stat st;
    mode_t before = umask(022);
    struct out_file *file = make(&f);
    umask(before);
    put(file, "ab");
    t_true(access(f.path, F_OK) != 0);
    put(file, "c");
    t_int(out_file_commit(file, &result, NULL), 0);
    out_folder_expect(&f, "abc");
    t_int(result.bytes, 3);
    t_str(result.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    t_int(stat(f.path, &st), 0);
    t_int(st.st_mode & 0777, 0640);
    t_int(out_folder_count(&f), 1);
    out_folder_remove(&f);
}

static void replaces_on_commit_only(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("a.csv");
    struct out_file_result result;
    struct out_file *file = make(&f);
    put(file, "old");
    t_int(out_file_commit(file, &result, NULL), 0);
    file = make(&f);
    put(file, "half of the new");
    out_file_abort(file);
    out_folder_expect(&f, "old");
    file = make(&f);
    put(file, "new");
    t_int(out_file_commit(file, &result, NULL), 0);
    out_folder_expect(&f, "new");
    t_int(out_folder_count(&f), 1);
    out_folder_remove(&f);
}

/* The leftover .tmp file is longer than the new content. */
static void replaces_a_leftover_tmp_file(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("a.csv.tmp");
    struct out_folder g = f;
    struct out_file_result result;
    int fd = open(f.path, O_WRONLY | O_CREAT, 0600);
    t_int(write(fd, "something long", 14), 14);
    close(fd);
    g.path[strlen(g.path) - 4] = '\0';
    struct out_file *file = make(&g);
    put(file, "short");
    t_int(out_file_commit(file, &result, NULL), 0);
    out_folder_expect(&g, "short");
    t_int(out_folder_count(&g), 1);
    out_folder_remove(&g);
}

static void one_writer_at_a_time(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("a.csv");
    struct out_file *first = make(&f), *second;
    struct out_file_result result;
    struct err err;
    put(first, "first");
    t_int(out_file_create(&second, f.path, COMPRESS_NONE, &err), -EBUSY);
    t_contains(err.text, "another export");
    t_int(out_file_commit(first, &result, NULL), 0);
    out_folder_expect(&f, "first");
    out_file_abort(make(&f)); /* not locked now */
    out_folder_remove(&f);
}

/* The disk becomes full at each possible size: an error, the old file and no other file. */
static void a_full_disk_keeps_the_old_file(void **state)
{
    (void)state;
    struct out_folder f = out_folder_make("a.csv");
    struct out_file_result result;
    struct rlimit before, limit;
    char block[4096];
    struct out_file *file = make(&f);
    put(file, "old");
    t_int(out_file_commit(file, &result, NULL), 0);
    memset(block, 'x', sizeof(block));
    signal(SIGXFSZ, SIG_IGN);
    t_int(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (rlim_t room = 0; room < 3 * sizeof(block); room += 1000) {
        struct err err = {0};
        int rc = 0;
        limit = (struct rlimit){room, before.rlim_max};
        t_int(setrlimit(RLIMIT_FSIZE, &limit), 0);
        file = make(&f);
        for (int i = 0; rc == 0 && i < 4; i++)
            rc = out_file_write(file, block, sizeof(block), &err);
        out_file_abort(file);
        t_int(setrlimit(RLIMIT_FSIZE, &before), 0);
        t_int(rc, -EFBIG);
        t_contains(err.text, f.path);
        out_folder_expect(&f, "old");
        t_int(out_folder_count(&f), 1);
    }
    out_folder_remove(&f);
}

/* The compressor writes buffered data on commit, which may fail too. */
static void commit_may_fail(void **state)
{
    (void)state;
    static const enum compress kinds[] = {COMPRESS_GZIP, COMPRESS_ZSTD};
    struct out_folder f = out_folder_make("a.csv");
    struct rlimit before, none;
    signal(SIGXFSZ, SIG_IGN);
    t_int(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (size_t i = 0; i < T_COUNT(kinds); i++) {
        struct out_file *file;
        struct out_file_result result;
        t_int(out_file_create(&file, f.path, kinds[i], NULL), 0);
        none = (struct rlimit){4, before.rlim_max};
        t_int(setrlimit(RLIMIT_FSIZE, &none), 0);
        int rc = out_file_write(file, "text", 4, NULL);
        int end = rc ? rc : out_file_commit(file, &result, NULL);
        t_int(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (rc)
            out_file_abort(file);
        t_int(end, -EFBIG);
        t_int(out_folder_count(&f), 0);
    }
    out_folder_remove(&f);
}

static void folders_that_cannot_be_written(void **state)
{
    (void)state;
    struct out_file *file;
    struct err err;
    t_int(out_file_create(&file, "/no/such/folder/a.csv", COMPRESS_NONE, &err), -ENOENT);
    t_contains(err.text, "/no/such/folder/a.csv");
    t_int(out_file_create(&file, "/dev/null/a.csv", COMPRESS_NONE, &err), -ENOTDIR);
}

static void a_device_is_not_replaced(void **state)
{
    (void)state;
    struct out_file *file;
    struct out_file_result result;
    struct stat st;
    t_int(out_file_create(&file, "/dev/null", COMPRESS_NONE, NULL), 0);
    put(file, "abc");
    t_int(out_file_commit(file, &result, NULL), 0);
    t_int(result.bytes, 3);
    t_int(stat("/dev/null", &st), 0);
    t_true(S_ISCHR(st.st_mode));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gets_its_name_on_commit),
        cmocka_unit_test(replaces_on_commit_only),
        cmocka_unit_test(replaces_a_leftover_tmp_file),
        cmocka_unit_test(one_writer_at_a_time),
        cmocka_unit_test(a_full_disk_keeps_the_old_file),
        cmocka_unit_test(commit_may_fail),
        cmocka_unit_test(folders_that_cannot_be_written),
        cmocka_unit_test(a_device_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
