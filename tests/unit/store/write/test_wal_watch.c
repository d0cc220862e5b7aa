#include "store/write/wal_watch.h"

#include "store/sql.h"
#include "support/store_fixture.h"

#include <errno.h>
#include <sys/stat.h>

#define PAGE 4096
#define LIMIT                                                                                      \
    2000000 /* 488 pages: reported and restarted from 244 on, a checkpoint from 122 on             \
             */

struct bed {
    struct fixture f;
    sqlite3 *db, *reader;
    struct wal_watch watch;
    char words[WAL_WORDS];
};

static void begin(struct bed *bed, int64_t limit_bytes)
{
    struct err err;
    bed->f = fixture_make();
    bed->reader = NULL;
    fixture_close(fixture_store(bed->f.path, 1));
    t_int(sql_open(&bed->db, bed->f.path, SQL_WRITE, 0, &err), 0);
    wal_watch_init(&bed->watch, bed->db, bed->f.path, limit_bytes);
    t_int(sql_exec(bed->db, "CREATE TABLE filler (id INTEGER PRIMARY KEY, b BLOB)"), SQLITE_OK);
}

static void end(struct bed *bed)
{
    sqlite3_close(bed->reader);
    sqlite3_close(bed->db);
    fixture_remove(&bed->f);
}

/* One transaction that adds at least `pages` pages to the -wal. */
static void write_pages(struct bed *bed, int pages)
{
    char sql[128];
    snprintf(sql, sizeof(sql), "INSERT INTO filler (b) VALUES (zeroblob(%d))", pages * PAGE);
    t_int(sql_exec(bed->db, sql), SQLITE_OK);
}

static void begin_read(struct bed *bed)
{
    struct err err;
    t_int(sql_open(&bed->reader, bed->f.path, SQL_READ, 0, &err), 0);
    t_int(sql_exec(bed->reader, "BEGIN; SELECT count(*) FROM ledger"), SQLITE_OK);
}

static void end_read(struct bed *bed)
{
    sqlite3_close(bed->reader);
    bed->reader = NULL;
}

static void thresholds_follow_the_limit(void **state)
{
    (void)state;
    static const struct {
        int64_t limit_bytes;
        int checkpoint, restart, tell;
    } rows[] = {
        {0, 4000, 8000, 16384},
        {LIMIT, 122, 244, 244},
        {50000000, 3051, 6103, 6103},
        {100000000, 4000, 8000, 12207},
        {INT64_C(1) << 40, 4000, 8000, 16384},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct bed bed;
        begin(&bed, rows[i].limit_bytes);
        t_int(bed.watch.checkpoint_pages, rows[i].checkpoint);
        t_int(bed.watch.restart_pages, rows[i].restart);
        t_int(bed.watch.tell_pages, rows[i].tell);
        end(&bed);
    }
}

static void the_pages_of_each_commit_are_counted(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, LIMIT);
    int before = bed.watch.pages;
    t_true(before > 0);
    write_pages(&bed, 20);
    t_true(bed.watch.pages >= before + 20 && bed.watch.pages < before + 40);
    t_int(wal_watch_step(&bed.watch, false, 0, bed.words), WAL_NO_NEWS);
    t_true(!bed.watch.moved);
    end(&bed);
}

/* Without a reader, the next commit after a checkpoint begins at the start of the file. */
static void a_checkpoint_is_made_from_its_threshold_on(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, LIMIT);
    write_pages(&bed, 130);
    wal_watch_step(&bed.watch, true, 0, bed.words); /* more waits to be written */
    t_true(!bed.watch.moved);
    wal_watch_step(&bed.watch, false, 0, bed.words);
    t_true(bed.watch.moved);
    write_pages(&bed, 2);
    t_true(bed.watch.pages < 20);

    bed.watch.moved = false;
    write_pages(&bed, 250);
    t_int(wal_watch_step(&bed.watch, true, 0, bed.words), WAL_NO_NEWS); /* also while busy */
    t_true(bed.watch.moved);
    t_int(bed.watch.pages, 0);
    end(&bed);
}

static void a_threshold_is_the_first_number_of_pages(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, LIMIT);
    bed.watch.checkpoint_pages = bed.watch.pages + 1;
    wal_watch_step(&bed.watch, false, 0, bed.words);
    t_true(!bed.watch.moved);
    bed.watch.checkpoint_pages = bed.watch.pages;
    bed.watch.restart_pages = bed.watch.pages + 1;
    wal_watch_step(&bed.watch, false, 0, bed.words);
    t_true(bed.watch.moved && bed.watch.pages > 0);
    bed.watch.restart_pages = bed.watch.pages;
    wal_watch_step(&bed.watch, false, 0, bed.words);
    t_int(bed.watch.pages, 0);
    end(&bed);
}

static void a_long_read_is_reported_once_and_so_is_its_end(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, LIMIT);
    begin_read(&bed);
    write_pages(&bed, 200);
    t_int(wal_watch_step(&bed.watch, false, 1000, bed.words), WAL_NO_NEWS);
    write_pages(&bed, 50);
    t_int(wal_watch_step(&bed.watch, false, 2000, bed.words), WAL_STUCK);
    t_contains(bed.words, "a long read keeps the -wal file from being reset: ");
    t_contains(bed.words, " has an open read; the file grows until that ends, now 1 MB");
    t_true(bed.watch.stuck);
    write_pages(&bed, 300);
    t_int(wal_watch_step(&bed.watch, false, 3000, bed.words), WAL_NO_NEWS);
    t_true(bed.watch.stuck);

    end_read(&bed);
    t_int(wal_watch_step(&bed.watch, false, 14000, bed.words), WAL_FREED);
    t_contains(bed.words, "the -wal file can be reset again: the read by ");
    t_contains(bed.words, " ended 12 s after it was detected; the file had 2 MB");
    t_true(!bed.watch.stuck);
    t_int(wal_watch_step(&bed.watch, false, 15000, bed.words), WAL_NO_NEWS);
    end(&bed);
}

/* A restart that a reader prevents waits for it 50 ms: not at every commit. */
static void a_prevented_restart_is_not_repeated_at_once(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, LIMIT);
    begin_read(&bed);
    write_pages(&bed, 250);
    wal_watch_step(&bed.watch, false, 1000, bed.words);
    t_int(bed.watch.restart_from_ms, 1500);
    end_read(&bed);
    wal_watch_step(&bed.watch, false, 1499, bed.words);
    t_true(bed.watch.pages >= 250);
    wal_watch_step(&bed.watch, false, 1500, bed.words);
    t_int(bed.watch.pages, 0);
    end(&bed);
}

static void at_the_limit_only_a_reader_stops_the_writer(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, LIMIT);
    begin_read(&bed);
    write_pages(&bed, 300);
    t_true(!wal_watch_full(&bed.watch, 1000, bed.words)); /* under the limit */
    t_int(wal_watch_step(&bed.watch, false, 1000, bed.words), WAL_STUCK);
    write_pages(&bed, 200);
    t_true(wal_watch_full(&bed.watch, 8000, bed.words));
    t_contains(bed.words, " has been reading for 7 s, and the -wal file has reached "
                          "store.wal_limit (2 MB): nothing more is written until that read ends");
    end_read(&bed);
    t_true(!wal_watch_full(&bed.watch, 9000, bed.words));
    t_int(bed.watch.pages, 0);
    t_int(wal_watch_step(&bed.watch, false, 9000, bed.words), WAL_FREED);
    end(&bed);

    begin(&bed, 0); /* no limit */
    begin_read(&bed);
    write_pages(&bed, 1000);
    t_true(!wal_watch_full(&bed.watch, 1000, bed.words));
    end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_follow_the_limit),
        cmocka_unit_test(the_pages_of_each_commit_are_counted),
        cmocka_unit_test(a_checkpoint_is_made_from_its_threshold_on),
        cmocka_unit_test(a_threshold_is_the_first_number_of_pages),
        cmocka_unit_test(a_long_read_is_reported_once_and_so_is_its_end),
        cmocka_unit_test(a_prevented_restart_is_not_repeated_at_once),
        cmocka_unit_test(at_the_limit_only_a_reader_stops_the_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
