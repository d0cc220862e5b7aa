/* The database is deleted, moved, replaced or overwritten while a store writes to it. */
#include "base/clock.h"
#include "store/read/backup.h"
#include "store/read/reader.h"
#include "store/read/verify.h"
#include "store/write/reopen.h"
#include "support/notices.h"
#include "support/store_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct store *open_store(const struct fixture *f, size_t backlog_rows)
{
    const struct store_config config = {f->path, false, 1, backlog_rows, 0, 0, false};
    struct store *store;
    struct err err;
    notices_forget();
    if (store_create(&store, &config, notices_take, NULL, &err))
        fail_msg("%s", err.text);
    return store;
}

static void put(struct store *store, int32_t instrument, int64_t seq)
{
    struct store_snapshot row = snapshot(instrument, seq, (double)seq);
    put_row(store, &row);
}

static void wait_until_written(const struct store *store, int64_t rows)
{
    while (store_stats(store).snapshots_written < rows)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    if (!good)
        print_error("%s: %s\n", what, detail);
}

static void check_whole(const char *path)
{
    int bad = 0;
    struct err err;
    if (verify_database(path, on_finding, NULL, &bad, &err))
        fail_msg("%s", err.text);
    t_int(bad, 0);
}

/* --- ways to lose the files ------------------------------------------------------------------- */

#define NAME_BYTES 96

static void side(const struct fixture *f, const char *suffix, char out[NAME_BYTES])
{
    snprintf(out, NAME_BYTES, "%.80s%s", f->path, suffix);
}

static void delete_one(const struct fixture *f)
{
    t_int(unlink(f->path), 0);
}

static void delete_all(const struct fixture *f)
{
    char name[NAME_BYTES];
    side(f, "-wal", name);
    t_int(unlink(name), 0);
    side(f, "-shm", name);
    t_int(unlink(name), 0);
    delete_one(f);
}

static void move_it(const struct fixture *f)
{
    char name[NAME_BYTES];
    side(f, ".old", name);
    t_int(rename(f->path, name), 0);
}

static void delete_wal(const struct fixture *f)
{
    char name[NAME_BYTES];
    side(f, "-wal", name);
    t_int(unlink(name), 0);
}

static void delete_shm(const struct fixture *f)
{
    char name[NAME_BYTES];
    side(f, "-shm", name);
    t_int(unlink(name), 0);
}

static void truncate_it(const struct fixture *f)
{
    t_int(truncate(f->path, 0), 0);
}

/* Replaces it with another cinta database that has `changes` rows of instruments S0 and S1. */
static void replace(const struct fixture *f, int64_t changes)
{
    struct fixture other = fixture_make();
    struct store *store = fixture_store(other.path, 2);
    for (int64_t seq = 1; seq <= changes; seq++)
        put(store, (int32_t)(seq % 2), seq);
    fixture_close(store);
    t_int(rename(other.path, f->path), 0);
    fixture_remove(&other);
}

static void replace_by_a_smaller_one(const struct fixture *f)
{
    replace(f, 5);
}

static void replace_by_a_larger_one(const struct fixture *f)
{
    replace(f, 500);
}

/* Like `cp` while the service runs: the inode stays the same. */
static void copy_onto(const char *from, const char *to)
{
    char bytes[4096];
    size_t got;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in && out);
    while ((got = fread(bytes, 1, sizeof(bytes), in)) > 0)
        t_int((int64_t)fwrite(bytes, 1, got, out), (int64_t)got);
    t_int(fclose(in), 0);
    t_int(fclose(out), 0);
}

static void overwrite(const struct fixture *f, int64_t changes, bool as_backup)
{
    struct fixture other = fixture_make();
    struct store *store = fixture_store(other.path, 2);
    char copy[NAME_BYTES];
    struct err err;
    for (int64_t seq = 1; seq <= changes; seq++)
        put(store, (int32_t)(seq % 2), seq);
    fixture_close(store);
    side(&other, ".copy", copy);
    if (as_backup &&
        backup_database(&(struct backup_parts){other.path, copy, false, NULL, NULL}, &err))
        fail_msg("%s", err.text);
    copy_onto(as_backup ? copy : other.path, f->path);
    unlink(copy);
    fixture_remove(&other);
}

static void overwrite_by_a_backup(const struct fixture *f)
{
    overwrite(f, 5, true);
}

static void overwrite_by_a_larger_file(const struct fixture *f)
{
    overwrite(f, 2000, false);
}

static void overwrite_by_text(const struct fixture *f)
{
    FILE *out = fopen(f->path, "wb");
    assert_non_null(out);
    fputs("hello\n", out);
    fclose(out);
}

/* --- the cases -------------------------------------------------------------------------------- */

static const struct row {
    const char *name;
    void (*lose)(const struct fixture *f);
    const char *words;
    double snapshots; /* in the file at the end: its own, the carried states, and the new rows */
    double last_seq;
} rows[] = {
    {"deleted", delete_one, "cinta.db was deleted; recording continues in a new file", 3 + 40, 143},
    {"deleted with its -wal and -shm", delete_all, "was deleted", 3 + 40, 143},
    {"moved", move_it, "was moved, or its folder was unmounted", 3 + 40, 143},
    {"truncated", truncate_it, "was truncated by another program", 3 + 40, 143},
    {"overwritten by a copy", overwrite_by_a_backup,
     "was overwritten by another program; recording continues in the database that has this name "
     "now",
     5 + 3 + 40, 143},
    {"overwritten by a larger file", overwrite_by_a_larger_file, "was overwritten", 2000 + 3 + 40,
     2043},
    {"another cinta database with fewer rows", replace_by_a_smaller_one,
     "was replaced by another file; recording continues in the database that has this name now",
     5 + 3 + 40, 143},
    {"another cinta database with more rows", replace_by_a_larger_one, "seq continues after 500",
     500 + 3 + 40, 543},
    {"its -wal deleted", delete_wal, "no data was lost", 140, 140},
    {"its -shm deleted", delete_shm, "no data was lost", 140, 140},
};

/* Three instruments; the third has a state from an earlier run only. */
static struct store *begin(const struct fixture *f)
{
    struct store *store = fixture_store(f->path, 3);
    put(store, 2, 1);
    store_event(store, T0, EVENT_STARTED, NULL, "first");
    fixture_close(store);

    store = open_store(f, 30000);
    const struct store_known known = {.state = snapshot(2, 1, 1), .ts_seen = T0 + 77};
    store_instrument(store, 0, "ROFX", "S0");
    store_instrument(store, 1, "ROFX", "S1");
    store_instrument(store, 2, "ROFX", "S2");
    store_known(store, &known);
    store_watch(store, (const int32_t[]){0, 1}, 2, T0);
    for (int64_t seq = 2; seq <= 100; seq++)
        put(store, (int32_t)(seq % 2), seq);
    wait_until_written(store, 99);
    return store;
}

static void remove_all(const struct fixture *f)
{
    static const char *const suffixes[] = {".old", ".old-wal", ".old-shm"};
    char name[NAME_BYTES];
    for (size_t i = 0; i < T_COUNT(suffixes); i++) {
        side(f, suffixes[i], name);
        unlink(name);
    }
    fixture_remove(f);
}

static void check_case(const struct row *row)
{
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    row->lose(&f);
    for (int64_t seq = 101; seq <= 140; seq++) {
        put(store, (int32_t)(seq % 2), seq);
        nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
    }
    notices_wait(EVENT_STORE_REOPENED, "");
    t_true(notices_count(EVENT_STORE_REOPENED, row->words) > 0);
    t_int(store_stats(store).dropped, 0);
    fixture_close(store);

    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), row->snapshots);
    t_double(ask(&f, "select max(seq) from snapshots"), row->last_seq);
    t_double(ask(&f, "select count(*) from quotes"), 3);
    t_double(ask(&f, "select bid_price from quotes where symbol = 'S0'"), 140);
    t_double(ask(&f, "select bid_price from quotes where symbol = 'S1'"), 139);
    t_double(ask(&f, "select bid_price from quotes where symbol = 'S2'"), 1);
    t_double(ask(&f, "select count(*) from snapshots where bid_price > 100"),
             row->last_seq > 500 ? row->last_seq - 143 + 40 : 40);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'store_reopened'"), 1);
    t_double(ask(&f, "select max(id) - (select count(*) from feed_log where kind like 'store_%' "
                     "and kind <> 'store_reopened')"
                     "  from feed_event"),
             2); /* no id is used twice */
    t_double(ask(&f, "select count(*) from watch where ts_to is null"), 2);
    remove_all(&f);
}

static void recording_continues(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        check_case(&rows[i]);
    }
    t_row("");
}

static void run_sql(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    t_int(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* A user's sqlite3 writes, and moves the -wal into the file: it is the same database. */
static void another_programs_checkpoint_is_no_loss(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    fixture_close(fixture_store(f.path, 2));
    run_sql(&f, "create table mine (data); insert into mine values (zeroblob(3000000))");
    struct store *store = begin(&f);
    int64_t seq = 100;
    static const char *const steps[] = {
        "insert into mine values (zeroblob(2000000)); PRAGMA wal_checkpoint(TRUNCATE)",
        "delete from mine where rowid = 2; PRAGMA incremental_vacuum;"
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "drop table mine; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)",
    };
    for (size_t i = 0; i < T_COUNT(steps); i++) {
        t_row(steps[i]);
        run_sql(&f, steps[i]);
        for (int64_t end = seq + 20; seq < end;) {
            seq++;
            put(store, (int32_t)(seq % 2), seq);
        }
        wait_until_written(store, seq - 1);
        t_int(notices_count(EVENT_STORE_REOPENED, ""), 0);
    }
    t_row("");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), (double)seq);
    remove_all(&f);
}

static int reopened(void)
{
    int count = notices_count(EVENT_STORE_REOPENED, "");
    return count;
}

/* Also between a commit and the look after it: what was committed is not written twice. */
static void the_wal_is_deleted_again_and_again(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    char wal[NAME_BYTES];
    int64_t seq = 100;
    side(&f, "-wal", wal);
    for (int i = 0; i < 40; i++) {
        unlink(wal);
        while (reopened() <= i && !store_stats(store).failing) {
            seq++;
            put(store, (int32_t)(seq % 2), seq);
            nanosleep(&(struct timespec){.tv_nsec = 500000}, NULL);
        }
        t_true(!store_stats(store).failing);
    }
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), (double)seq);
    remove_all(&f);
}

/* Whether another process sees the lock that a connection in WAL mode keeps. */
static bool is_locked(const char *path)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_start = 0x40000002, .l_len = 510};
        int fd = open(path, O_RDWR);
        _exit(fd < 0 || fcntl(fd, F_GETLK, &lock) ? 2 : lock.l_type != F_UNLCK);
    }
    t_int(waitpid(child, &status, 0), child);
    t_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

/* Without it another program that closes the database removes the -wal under the writer. */
static void a_reader_of_the_process_keeps_the_lock(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    struct reader *reader;
    struct err err;
    t_true(is_locked(f.path));
    if (reader_open(&reader, f.path, &err))
        fail_msg("%s", err.text);
    reader_close(reader);
    t_true(is_locked(f.path));
    fixture_close(store);
    remove_all(&f);
}

static void the_moved_file_is_complete(void **state)
{
    (void)state;
    struct fixture f = fixture_make(), old = f;
    struct store *store = begin(&f);
    move_it(&f);
    side(&f, ".old", old.path);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    check_whole(old.path);
    t_double(ask(&old, "select count(*) from snapshots"), 100);
    t_double(ask(&f, "select count(*) from snapshots where changed = ''"), 3);
    t_double(ask(&f, "select ts_seen from quote_seen"), (double)(T0 + 77));
    check_whole(f.path);
    remove_all(&f);
}

/* A read keeps the -wal from being checkpointed completely: it goes where the file went. */
static void a_moved_file_that_is_being_read_is_complete(void **state)
{
    (void)state;
    struct fixture f = fixture_make(), old = f;
    struct store *store = begin(&f);
    sqlite3 *reader;
    t_int(sqlite3_open_v2(f.path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    t_int(sqlite3_exec(reader, "begin; select count(*) from quotes", NULL, NULL, NULL), SQLITE_OK);
    for (int64_t seq = 101; seq <= 120; seq++)
        put(store, (int32_t)(seq % 2), seq);
    wait_until_written(store, 119);
    move_it(&f);
    side(&f, ".old", old.path);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    t_int(sqlite3_close(reader), SQLITE_OK);
    check_whole(old.path);
    t_double(ask(&old, "select count(*) from snapshots"), 120);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), 3);
    remove_all(&f);
}

/* During a read the -wal cannot be created again: that is reported, and nothing is lost. */
static void a_deleted_wal_that_is_being_read_is_reported(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    sqlite3 *reader;
    t_int(sqlite3_open_v2(f.path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    t_int(sqlite3_exec(reader, "begin; select count(*) from quotes", NULL, NULL, NULL), SQLITE_OK);
    put(store, 0, 101);
    wait_until_written(store, 100);
    delete_wal(&f);
    notices_wait(EVENT_WAL_STUCK, "");
    t_true(notices_count(EVENT_WAL_STUCK, "lost its -wal or -shm file") > 0);
    put(store, 0, 102);
    t_int(reopened(), 0);
    t_int(sqlite3_close(reader), SQLITE_OK);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), 102);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'wal_stuck'"), 1);
    remove_all(&f);
}

/* A restart continues at the end of the new file. */
static void the_next_run_continues(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    delete_one(&f);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    t_double(ask(&f, "select last_seq from ledger"), 103);
    store = fixture_store(f.path, 3);
    put(store, 0, 104);
    fixture_close(store);
    check_whole(f.path);
    remove_all(&f);
}

static void write_text(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        fputs("not a database at all\n", file);
    fclose(file);
}

static void a_file_that_is_not_a_database_is_not_changed(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    char text[NAME_BYTES];
    side(&f, ".old", text);
    write_text(text);
    t_int(rename(text, f.path), 0);
    for (int64_t seq = 101; seq <= 140; seq++)
        put(store, (int32_t)(seq % 2), seq);
    notices_wait(EVENT_STORE_DELAYED, "the database cannot be written: retrying");
    t_true(notices_count(EVENT_STORE_DELAYED, "was replaced by another file and cannot be opened") >
           0);
    t_true(notices_count(EVENT_STORE_DELAYED, "file is not a database") > 0);
    t_true(store_stats(store).failing);

    struct stat st;
    t_int(stat(f.path, &st), 0);
    t_int(st.st_size, 22000);
    t_int(unlink(f.path), 0);
    notices_wait(EVENT_STORE_REOPENED, "");
    notices_wait(EVENT_STORE_RECOVERED, "");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), 43);
    t_double(ask(&f, "select count(*) from feed_log where kind = 'store_delayed'"), 1);
    remove_all(&f);
}

static void text_written_into_the_file_is_not_changed(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    overwrite_by_text(&f);
    put(store, 0, 101);
    notices_wait(EVENT_STORE_DELAYED, "the database cannot be written: retrying");
    t_true(notices_count(EVENT_STORE_DELAYED, " by another program") >
           0); /* truncated, then overwritten */
    struct stat st;
    t_int(stat(f.path, &st), 0);
    t_int(st.st_size, 6);
    t_int(unlink(f.path), 0);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots where changed <> ''"), 1);
    remove_all(&f);
}

static void a_folder_that_is_moved_and_created_again(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    struct fixture away = f;
    snprintf(away.dir, sizeof(away.dir), "%.50s-away", f.dir);
    t_int(rename(f.dir, away.dir), 0);
    for (int64_t seq = 101; seq <= 140; seq++)
        put(store, (int32_t)(seq % 2), seq);
    notices_wait(EVENT_STORE_DELAYED, "the database cannot be written: retrying");
    t_true(notices_count(EVENT_STORE_DELAYED, "does not exist") > 0);
    t_int(mkdir(f.dir, 0700), 0);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from snapshots"), 43);
    snprintf(away.path, sizeof(away.path), "%s/cinta.db", away.dir);
    check_whole(away.path);
    t_double(ask(&away, "select count(*) from snapshots"), 100);
    remove_all(&f);
    remove_all(&away);
}

/* The look finds the file, then the folder is moved, then the -wal is missing: not a database that
 * only has to be opened again. */
static void a_folder_that_is_moved_during_the_look(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    const struct connection_config config = {.path = f.path};
    struct carried_state carry = {.last_seq = 5};
    struct fixture away = f;
    struct reopen reopen;
    struct connection c;
    char words[REOPEN_WORDS];
    struct err err;
    bool left_open;
    t_int(connection_open(&c, &config, EVENT_KILLED, &left_open, &err), 0);
    t_true(reopen_leave(&reopen, &c, &carry, FILE_SIDES_LOST));
    snprintf(away.dir, sizeof(away.dir), "%.50s-away", f.dir);
    snprintf(away.path, sizeof(away.path), "%s/cinta.db", away.dir);
    t_int(rename(f.dir, away.dir), 0);
    t_int(mkdir(f.dir, 0700), 0);
    const struct reopen_parts parts = {&c, &config, &carry, clock_now()};
    t_int(reopen_enter(&reopen, &parts, words, &err), 0);
    t_contains(words, "recording continues in a new file of this name");
    connection_close(&c);
    carried_state_finish(&carry);
    check_whole(f.path);
    t_double(ask(&f, "select elsewhere from ledger"), 5);
    remove_all(&f);
    remove_all(&away);
}

/* The backlog overflows while the folder is missing: the loss is counted, the ledger is correct. */
static void a_loss_while_the_folder_is_missing_is_counted(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = open_store(&f, 1000);
    struct fixture away = f;
    store_instrument(store, 0, "ROFX", "S0");
    put(store, 0, 1);
    wait_until_written(store, 1);
    snprintf(away.dir, sizeof(away.dir), "%.50s-away", f.dir);
    snprintf(away.path, sizeof(away.path), "%s/cinta.db", away.dir);
    t_int(rename(f.dir, away.dir), 0);
    for (int64_t seq = 2; seq <= 5000; seq++)
        put(store, 0, seq);
    notices_wait(EVENT_STORE_DELAYED, "the database cannot be written: retrying");
    t_true(store_stats(store).dropped >= 3000); /* while it lasts */
    t_int(mkdir(f.dir, 0700), 0);
    notices_wait(EVENT_DROPPED, "");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select bid_price from quotes"), 5000);
    t_double(ask(&f, "select written + dropped + elsewhere - last_seq from ledger"), 0);
    t_true(ask(&f, "select dropped from ledger") >= 3000);
    remove_all(&f);
    remove_all(&away);
}

static void two_losses_in_a_row(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    delete_one(&f);
    put(store, 0, 101);
    wait_until_written(store, 100);
    t_int(notices_count(EVENT_STORE_REOPENED, ""), 1);
    delete_one(&f);
    put(store, 1, 102);
    wait_until_written(store, 101);
    t_int(notices_count(EVENT_STORE_REOPENED, ""), 2);
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select max(seq) from snapshots"), 108);
    t_double(ask(&f, "select count(*) from snapshots"), 4);
    t_double(ask(&f, "select max(id) from feed_event"), 3);
    remove_all(&f);
}

/* The store closes before its next check of the files. */
static void lost_just_before_the_close(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    delete_one(&f);
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from quotes"), 3);
    remove_all(&f);
}

/* The whole list is written into the new file, with the recorded instruments and others. */
static void the_list_of_instruments_is_carried_over(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    struct instrument_list *list = instrument_list_create();
    struct instrument item = instrument_unknown;
    item.market_id = "ROFX";
    item.listed = true;
    for (int i = 0; i < 500; i++) {
        char symbol[16];
        snprintf(symbol, sizeof(symbol), "S%d", i);
        item.symbol = symbol;
        t_int(instrument_list_put(list, &item), 0);
    }
    store_list(store, list, T0, "https://api.example/");
    instrument_list_release(list);
    put(store, 0, 101);
    wait_until_written(store, 100);
    delete_one(&f);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    check_whole(f.path);
    t_double(ask(&f, "select count(*) from instruments where listed"), 500);
    t_double(ask(&f, "select count(*) from instrument where ts_recorded is not null"), 3);
    t_double(ask(&f, "select ts_read from instrument_list"), (double)T0);
    remove_all(&f);
}

static void export_marks_of_exports_are_carried_over(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct store *store = begin(&f);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(
        sqlite3_exec(db,
                     "INSERT INTO export_mark (name, table_name, after, ts_after, part)"
                     " VALUES ('schedule', 'snapshots', 90, 5, 3)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    delete_one(&f);
    notices_wait(EVENT_STORE_REOPENED, "");
    fixture_close(store);
    t_double(ask(&f, "select after from export_mark where name = 'schedule' and part = 3"), 90);
    remove_all(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recording_continues),
        cmocka_unit_test(a_moved_file_that_is_being_read_is_complete),
        cmocka_unit_test(a_deleted_wal_that_is_being_read_is_reported),
        cmocka_unit_test(the_moved_file_is_complete),
        cmocka_unit_test(the_next_run_continues),
        cmocka_unit_test(a_file_that_is_not_a_database_is_not_changed),
        cmocka_unit_test(text_written_into_the_file_is_not_changed),
        cmocka_unit_test(a_folder_that_is_moved_and_created_again),
        cmocka_unit_test(a_folder_that_is_moved_during_the_look),
        cmocka_unit_test(a_loss_while_the_folder_is_missing_is_counted),
        cmocka_unit_test(two_losses_in_a_row),
        cmocka_unit_test(lost_just_before_the_close),
        cmocka_unit_test(another_programs_checkpoint_is_no_loss),
        cmocka_unit_test(the_wal_is_deleted_again_and_again),
        cmocka_unit_test(a_reader_of_the_process_keeps_the_lock),
        cmocka_unit_test(the_list_of_instruments_is_carried_over),
        cmocka_unit_test(export_marks_of_exports_are_carried_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
