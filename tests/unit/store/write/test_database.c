#include "store/write/database.h"

#include "store/file_head.h"
#include "store/read/backup.h"
#include "store/read/read_only.h"
#include "store/schema.h"
#include "store/write/database_create.h"
#include "support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void run_sql(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void created_with_version_and_wal_mode(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    struct stat st;
    mode_t before = umask(022);
    if (database_open(&database, f.path, false, &err))
        fail_msg("%s", err.text);
    t_int(stat(f.path, &st), 0);
    t_int(st.st_mode & 0777, 0640); /* the group may read */
    t_double(ask(&f, "pragma application_id"), SCHEMA_APPLICATION_ID);
    t_double(ask(&f, "pragma user_version"), 27);
    char mode[16];
    ask_text(&f, "pragma journal_mode", mode, sizeof(mode));
    t_str(mode, "wal");
    database_close(&database);
    umask(before);

    t_int(database_open(&database, f.path, true, &err), 0); /* again: no upgrade needed */
    database_close(&database);
    fixture_remove(&f);
}

/* A child that looks at the file again and again: 1 = it was seen before it was complete. */
static int look_until(const char *path, int stop_fd)
{
    char byte;
    while (read(stop_fd, &byte, 1) < 0) { /* -EAGAIN until the parent has closed its end */
        struct file_head head;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        int rc = file_head_read(fd, &head);
        close(fd);
        if (rc || !head.valid || !head.wal || !file_head_complete(&head))
            return 1;
    }
    return 0;
}

/* Before that, readers would find it locked or without tables. */
static void a_new_file_is_complete_when_it_gets_its_name(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        struct fixture f = fixture_make();
        struct database database;
        int stop[2], status;
        t_row("create");
        t_int(pipe2(stop, O_NONBLOCK), 0);
        pid_t child = fork();
        if (child == 0) {
            close(stop[1]);
            _exit(look_until(f.path, stop[0]));
        }
        close(stop[0]);
        t_int(database_open(&database, f.path, false, NULL), 0);
        database_close(&database);
        close(stop[1]);
        t_int(waitpid(child, &status, 0), child);
        t_int(status, 0);
        fixture_remove(&f);
    }
}

/* SQLite would make it under an exclusive lock, which readers meet as "database is locked". */
static void the_close_makes_no_checkpoint(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct stat st;
    char wal[160];
    t_row("a row in the -wal");
    snprintf(wal, sizeof(wal), "%s-wal", f.path);
    t_int(database_open(&database, f.path, false, NULL), 0);
    t_int(sqlite3_exec(database.db, "delete from event_kind", NULL, NULL, NULL), SQLITE_OK);
    database_close(&database);
    t_int(stat(wal, &st), 0);
    t_true(st.st_size > 0);
    fixture_remove(&f);
}

static void what_is_there_is_kept(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct err err;
    struct stat st;
    char beside[160];
    t_row("an empty file");
    int fd = open(f.path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    t_int(database_create(f.path, &err), 0);
    t_int(stat(f.path, &st), 0);
    t_int(st.st_size, 0);
    t_int(unlink(f.path), 0);
    t_row("nothing");
    t_int(database_create(f.path, &err), 0);
    t_double(ask(&f, "select count(*) from quotes"), 0);
    snprintf(beside, sizeof(beside), "%s.new", f.path);
    t_int(access(beside, F_OK), -1);
    t_row("no folder");
    t_int(database_create("/no/such/folder/cinta.db", &err), -ENOENT);
    t_contains(err.text, "/no/such/folder");
    fixture_remove(&f);
}

/* After a kill the -wal has changes; whoever removes the database often leaves it. */
static void wal_of_a_deleted_database_is_not_applied(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    t_int(database_open(&database, f.path, false, NULL), 0);
    t_int(sqlite3_exec(database.db,
                       "insert into instrument (market_id, symbol, ts_created) "
                       "values ('ROFX', 'OLD', 0)",
                       NULL, NULL, NULL),
          SQLITE_OK);
    database_close(&database);
    t_int(unlink(f.path), 0);

    if (database_open(&database, f.path, false, &err))
        fail_msg("%s", err.text);
    t_double(ask(&f, "select count(*) from instrument"), 0);
    t_double(ask(&f, "select count(*) from pragma_integrity_check where integrity_check = 'ok'"),
             1);
    database_close(&database);
    fixture_remove(&f);
}

/* So that a user who may not create them can read while the service is stopped. */
static void wal_and_shm_stay_after_close(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"-wal", "-shm"};
    struct fixture f = fixture_make();
    struct database database;
    mode_t before = umask(0);
    t_int(database_open(&database, f.path, false, NULL), 0);
    umask(before);
    t_int(sqlite3_wal_checkpoint_v2(database.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
          SQLITE_OK); /* as store_close() does */
    database_close(&database);
    for (size_t i = 0; i < T_COUNT(suffixes); i++) {
        char path[128];
        struct stat st;
        t_row(suffixes[i]);
        snprintf(path, sizeof(path), "%s%s", f.path, suffixes[i]);
        t_int(stat(path, &st), 0);
        t_int(st.st_mode & 0777, 0640);
        if (i == 0)
            t_int(st.st_size, 0);
    }
    fixture_remove(&f);
}

static void files_of_another_user_are_refused(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    struct fixture f = fixture_make();
    struct database database;
    if (geteuid() != 0)
        skip();
    t_int(database_open(&database, f.path, false, NULL), 0);
    database_close(&database);
    for (size_t i = 0; i < T_COUNT(suffixes); i++) {
        char path[128], words[256];
        struct err err = {0};
        t_row(suffixes[i]);
        snprintf(path, sizeof(path), "%s%s", f.path, suffixes[i]);
        snprintf(words, sizeof(words),
                 "'%s' belongs to user '65533' and this is user 'root': chown root: ", path);
        t_int(chown(path, 65533, 65533), 0);
        t_int(database_open(&database, f.path, false, &err), -EPERM);
        t_contains(err.text, words);
        t_int(chown(path, 0, 0), 0);
    }
    t_int(database_open(&database, f.path, false, NULL), 0);
    database_close(&database);
    fixture_remove(&f);
}

/* As another user: opens the database, after it has told so. */
static void open_as(uid_t uid, const char *path, int told)
{
    struct database database;
    if (setresuid(uid, uid, uid) || write(told, "x", 1) != 1)
        _exit(1);
    int rc = database_open(&database, path, false, NULL);
    if (rc == 0)
        database_close(&database);
    _exit(rc != 0);
}

/* SQLite as root creates a -shm, and then gives it to the owner of the database. */
static void a_file_that_root_is_about_to_give_away_is_waited_for(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[128], byte;
    int told[2], status;
    if (geteuid() != 0)
        skip();
    t_int(database_open(&database, f.path, false, NULL), 0);
    database_close(&database);
    t_int(chown(f.dir, 65533, 65533), 0);
    for (size_t i = 0; i < T_COUNT(suffixes); i++) {
        snprintf(path, sizeof(path), "%s%s", f.path, suffixes[i]);
        if (i < 2)
            t_int(chown(path, 65533, 65533), 0);
    }
    t_int(pipe(told), 0);
    pid_t child = fork();
    if (child == 0)
        open_as(65533, f.path, told[1]);
    t_int(read(told[0], &byte, 1), 1);
    t_int(chown(path, 65533, 65533), 0); /* the -shm */
    t_int(waitpid(child, &status, 0), child);
    t_int(status, 0);
    close(told[0]);
    close(told[1]);
    fixture_remove(&f);
}

/* After a crash, a copy is restored and the -wal of the lost database is not removed. */
static void the_wal_of_another_database_is_refused(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err = {0};
    char copy[128], wal[128], words[768];
    sqlite3 *reader = NULL;
    int version;
    t_int(database_open(&database, f.path, false, NULL), 0);
    database_close(&database);
    snprintf(copy, sizeof(copy), "%s.copy", f.path);
    snprintf(wal, sizeof(wal), "%s-wal", f.path);
    t_int(backup_database(&(struct backup_parts){f.path, copy, false, NULL, NULL}, &err), 0);
    t_int(rename(copy, f.path), 0);
    FILE *file = fopen(wal, "wb");
    assert_non_null(file);
    fputs("changes of the database that was there before", file);
    fclose(file);

    snprintf(words, sizeof(words),
             "'%s' does not belong to '%s', which was copied over another database: rm -f %s "
             "%s-shm",
             wal, f.path, wal, f.path);
    t_int(database_open(&database, f.path, false, &err), -EUCLEAN);
    t_contains(err.text, words);
    t_int(read_only_open_ours(&reader, f.path, &version, &err), -EUCLEAN);
    t_contains(err.text, words);
    t_int(unlink(wal), 0);
    t_int(database_open(&database, f.path, false, NULL), 0);
    database_close(&database);
    fixture_remove(&f);
}

static void all_tables_are_strict(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    t_int(database_open(&database, f.path, false, &err), 0);
    database_close(&database);
    t_double(ask(&f, "select count(*) from pragma_table_list where type = 'table' "
                     "and name not like 'sqlite_%' and not strict"),
             0);
    fixture_remove(&f);
}

static void a_second_writer_is_refused(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database first, second;
    struct err err;
    t_int(database_open(&first, f.path, false, &err), 0);
    t_int(database_open(&second, f.path, false, &err), -EBUSY);
    t_contains(err.text, f.path);
    t_contains(err.text, "another cinta");
    t_double(ask(&f, "select count(*) from quotes"), 0); /* reading is allowed */
    database_close(&first);
    t_int(database_open(&second, f.path, false, &err), 0);
    database_close(&second);
    fixture_remove(&f);
}

static void other_databases_are_refused_unchanged(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sql;
        int code;
        const char *words;
    } rows[] = {
        {"another program's", "create table t (x); pragma application_id = 7", -EMEDIUMTYPE,
         "not a cinta database"},
        {"without an application id, with tables", "create table t (x)", -EMEDIUMTYPE,
         "not a cinta database"},
        {"of a newer version",
         "create table t (x); pragma application_id = 0x43494e54; "
         "pragma user_version = 9999",
         -EPROTO, "newer"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        struct database database;
        struct err err;
        t_row(rows[i].name);
        run_sql(&f, rows[i].sql);
        t_int(database_open(&database, f.path, false, &err), rows[i].code);
        t_contains(err.text, rows[i].words);
        char mode[16];
        ask_text(&f, "pragma journal_mode", mode, sizeof(mode));
        t_str(mode, "delete");
        fixture_remove(&f);
    }
}

static void what_is_not_a_database_is_an_error(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    FILE *file = fopen(f.path, "w");
    for (int i = 0; i < 500; i++)
        fputs("this is a text file\n", file);
    fclose(file);
    t_int(database_open(&database, f.path, false, &err), -EIO);
    t_contains(err.text, "not a database");
    fixture_remove(&f);

    t_int(database_open(&database, "/tmp/cinta-no-such-folder/cinta.db", false, &err), -ENOENT);
    t_contains(err.text, "/tmp/cinta-no-such-folder/cinta.db");
    t_contains(err.text, "mkdir -p /tmp/cinta-no-such-folder");
    t_int(database_open(&database, "/tmp", false, &err), -EISDIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(created_with_version_and_wal_mode),
        cmocka_unit_test(a_new_file_is_complete_when_it_gets_its_name),
        cmocka_unit_test(the_close_makes_no_checkpoint),
        cmocka_unit_test(what_is_there_is_kept),
        cmocka_unit_test(wal_of_a_deleted_database_is_not_applied),
        cmocka_unit_test(wal_and_shm_stay_after_close),
        cmocka_unit_test(files_of_another_user_are_refused),
        cmocka_unit_test(a_file_that_root_is_about_to_give_away_is_waited_for),
        cmocka_unit_test(the_wal_of_another_database_is_refused),
        cmocka_unit_test(all_tables_are_strict),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(other_databases_are_refused_unchanged),
        cmocka_unit_test(what_is_not_a_database_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
