#include "store/read/backup.h"

#include "store/read/verify.h"
#include "support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define INSTRUMENTS 50

static bool put(struct store *store, int64_t seq)
{
    struct store_snapshot row = snapshot((int32_t)(seq % INSTRUMENTS), seq, (double)(seq % 977));
    put_row(store, &row);
    return store_pressed(store);
}

static struct fixture filled(int64_t rows)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    for (int64_t seq = 1; seq <= rows; seq++)
        put(store, seq);
    fixture_close(store);
    return f;
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    if (!good)
        fail_msg("%s: %s", what, detail);
}

static void expect_sound(const char *path)
{
    struct err err;
    int bad;
    if (verify_database(path, on_finding, NULL, &bad, &err))
        fail_msg("%s", err.text);
    t_int(bad, 0);
}

static void copy_is_complete_while_the_service_writes(void **state)
{
    (void)state;
    struct fixture f = filled(20000);
    char to[128], part[160];
    struct err err;
    struct stat st;
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    snprintf(to, sizeof(to), "%s/copy.db", f.dir);
    snprintf(part, sizeof(part), "%s.part", to);
    for (int64_t seq = 20001; seq <= 26000; seq++)
        put(store, seq);
    if (backup_database(&(struct backup_parts){f.path, to, false, NULL, NULL}, &err))
        fail_msg("%s", err.text);
    for (int64_t seq = 26001; seq <= 27000; seq++)
        put(store, seq);
    fixture_close(store);
    expect_sound(to);
    t_int(stat(to, &st), 0);
    t_int(st.st_mode & 0777, 0600);
    t_int(access(part, F_OK), -1);

    struct fixture copy = f;
    snprintf(copy.path, sizeof(copy.path), "%.90s", to);
    t_true(ask(&copy, "select written from ledger") >= 20000);

    t_int(backup_database(&(struct backup_parts){f.path, to, false, NULL, NULL}, &err), -EEXIST);
    t_contains(err.text, "already exists");
    t_int(backup_database(&(struct backup_parts){f.path, to, true, NULL, NULL}, &err), 0);
    t_double(ask(&copy, "select written from ledger"), 27000);
    t_int(backup_database(&(struct backup_parts){"/nowhere/x.db", to, true, NULL, NULL}, &err),
          -ENOENT);
    t_double(ask(&copy, "select written from ledger"), 27000); /* the old copy is left alone */
    t_int(backup_database(&(struct backup_parts){f.path, "/nowhere/copy.db", false, NULL, NULL},
                          &err),
          -ENOENT);
    unlink(to);
    fixture_remove(&f);
}

static void expect_refused(const struct fixture *f, const char *to, const char *words)
{
    struct err err = {0};
    t_int(backup_database(&(struct backup_parts){f->path, to, true, NULL, NULL}, &err), -EPERM);
    t_contains(err.text, words);
    t_contains(err.text, "another FILE");
}

static void never_replaces_its_source(void **state)
{
    (void)state;
    static const char *const others[] = {"-wal", "-shm", "-journal"};
    struct fixture f = filled(100);
    char to[128];
    for (size_t i = 0; i < T_COUNT(others); i++) {
        t_row(others[i]);
        snprintf(to, sizeof(to), "%s%s", f.path, others[i]);
        expect_refused(&f, to, "file of the database");
    }
    t_row("");
    snprintf(to, sizeof(to), "%s/../%s/cinta.db", f.dir, strrchr(f.dir, '/') + 1);
    expect_refused(&f, to, "is the database");
    snprintf(to, sizeof(to), "%s/link", f.dir);
    t_int(symlink(f.path, to), 0);
    expect_refused(&f, to, "is the database");
    unlink(to);
    t_int(link(f.path, to), 0);
    expect_refused(&f, to, "is the database");
    unlink(to);

    /* A source whose name is that of the unfinished copy. */
    struct fixture g = f;
    snprintf(g.path, sizeof(g.path), "%.80s/copy.part", f.dir);
    t_int(rename(f.path, g.path), 0);
    snprintf(to, sizeof(to), "%s/copy", f.dir);
    expect_refused(&g, to, "is the database");
    t_int(rename(g.path, f.path), 0);
    t_double(ask(&f, "select written from ledger"), 100);
    fixture_remove(&f);
}

static void never_replaces_a_database_in_use(void **state)
{
    (void)state;
    struct fixture f = filled(100);
    char to[128], wal[160];
    struct err err;
    snprintf(to, sizeof(to), "%s/other.db", f.dir);
    snprintf(wal, sizeof(wal), "%s-wal", to);
    t_int(backup_database(&(struct backup_parts){f.path, to, false, NULL, NULL}, &err), 0);
    int fd = open(to, O_RDONLY | O_CLOEXEC);
    t_int(flock(fd, LOCK_EX), 0); /* as a service holds it */
    expect_refused(&f, to, "a service records into");
    close(fd);
    fd = open(wal, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    t_int(backup_database(&(struct backup_parts){f.path, to, true, NULL, NULL}, &err),
          0); /* the -wal is empty */
    t_int(write(fd, "changes", 7), 7);
    close(fd);
    expect_refused(&f, to, "-wal' holds changes of another database");
    unlink(wal);
    unlink(to);
    fixture_remove(&f);
}

/* A link at the name of the unfinished copy is removed, its target is not written. */
static void does_not_follow_links(void **state)
{
    (void)state;
    struct fixture f = filled(100);
    char to[128], part[160], journal[192], victim[128];
    struct err err;
    struct stat st;
    snprintf(to, sizeof(to), "%s/copy.db", f.dir);
    snprintf(part, sizeof(part), "%s.part", to);
    snprintf(journal, sizeof(journal), "%s-journal", part);
    snprintf(victim, sizeof(victim), "%s/victim", f.dir);
    int fd = open(victim, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    t_int(write(fd, "victim", 6), 6);
    close(fd);
    t_int(symlink(victim, part), 0);
    t_int(symlink(victim, journal), 0);
    int rc = backup_database(&(struct backup_parts){f.path, to, false, NULL, NULL}, &err);
    t_int(stat(victim, &st), 0);
    t_int(st.st_size, 6);
    t_int(st.st_mode & 0777, 0644);
    t_int(access(part, F_OK), -1);
    if (rc) /* a journal that is a link may be refused */
        t_int(access(to, F_OK), -1);
    else
        expect_sound(to);
    unlink(journal);
    unlink(to);

    t_int(mkdir(part, 0700), 0);
    t_int(backup_database(&(struct backup_parts){f.path, to, false, NULL, NULL}, &err), -EEXIST);
    t_contains(err.text, "exists and is not a regular file");
    rmdir(part);
    unlink(victim);
    fixture_remove(&f);
}

static void replaces_files_only(void **state)
{
    (void)state;
    struct fixture f = filled(10);
    struct err err;
    char to[128];
    struct stat st;
    snprintf(to, sizeof(to), "%s/pipe", f.dir);
    t_int(mkfifo(to, 0600), 0);
    t_int(backup_database(&(struct backup_parts){f.path, to, true, NULL, NULL}, &err), -EPERM);
    t_contains(err.text, "is a device, a pipe or a socket: give another FILE");
    t_int(stat(to, &st), 0);
    t_true(S_ISFIFO(st.st_mode));
    unlink(to);
    t_int(backup_database(&(struct backup_parts){f.path, f.dir, true, NULL, NULL}, &err), -EISDIR);
    t_contains(err.text, "is a folder: give the name of a file in it");
    t_int(
        backup_database(&(struct backup_parts){f.path, "/nowhere/copy.db", true, NULL, NULL}, &err),
        -ENOENT);
    t_contains(err.text, "the folder '/nowhere' does not exist: create it");
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_is_complete_while_the_service_writes),
        cmocka_unit_test(never_replaces_its_source),
        cmocka_unit_test(never_replaces_a_database_in_use),
        cmocka_unit_test(does_not_follow_links),
        cmocka_unit_test(replaces_files_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
