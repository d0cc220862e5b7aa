#include "store/write/wal_readers.h"

#include "store/write/database.h"
#include "support/store_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool parsed, reads;
        int pid;
    } rows[] = {
        {"1: POSIX  ADVISORY  READ 23378 fe:00:10969226 123 123", true, true, 23378},
        {"12: POSIX  ADVISORY  READ 7 08:01:42 127 127\n", true, true, 7},
        {"2: POSIX  ADVISORY  READ 23378 fe:00:10969226 128 128", true, false, 23378},
        {"3: POSIX  ADVISORY  WRITE 23378 fe:00:10969226 120 120", true, false, 23378},
        {"4: POSIX  ADVISORY  WRITE 5 fe:00:9 0 EOF", true, true, 5},
        {"5: OFDLCK ADVISORY  READ -1 fe:00:9 124 124", true, true, -1},
        {"1: -> POSIX  ADVISORY  READ 23378 fe:00:10969226 123 123", false, false, 0},
        {"6: FLOCK  ADVISORY  WRITE 5 fe:00:9 0 EOF", false, false, 0},
        {"7: POSIX  ADVISORY  READ 5 fe:00:9 0", false, false, 0},
        {"8: POSIX  ADVISORY  READ x fe:00:9 0 0", false, false, 0},
        {"", false, false, 0},
        {"garbage", false, false, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct lock_line lock = {.pid = -7};
        t_row(rows[i].line);
        t_true(lock_line_parse(rows[i].line, &lock) == rows[i].parsed);
        t_int(lock.pid, rows[i].parsed ? rows[i].pid : -7);
        if (rows[i].parsed)
            t_true(lock_line_reads(&lock) == rows[i].reads);
    }
    t_row("");
}

/* Reads until it is killed. */
static void read_for_ever(const char *path, int told)
{
    sqlite3 *db;
    char ready = 'r';
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_exec(db, "BEGIN; SELECT * FROM ledger", NULL, NULL, NULL) != SQLITE_OK ||
        write(told, &ready, 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static void a_reader_is_found_and_named(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    char words[256], expected[64], ready;
    int told[2];
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(wal_readers_describe(f.path, words, sizeof(words)), 0);
    t_str(words, "an unidentified program");

    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0)
        read_for_ever(f.path, told[1]);
    t_int(read(told[0], &ready, 1), 1);
    t_int(wal_readers_describe(f.path, words, sizeof(words)), 1);
    snprintf(expected, sizeof(expected), "process %d (test_wal_readers)", (int)pid);
    t_str(words, expected);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    t_int(wal_readers_describe(f.path, words, sizeof(words)), 0);
    close(told[0]);
    close(told[1]);
    database_close(&database);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(a_reader_is_found_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
