#include "store/read/verify.h"

#include "base/clock.h"
#include "base/rng.h"
#include "support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#ifdef __SANITIZE_THREAD__
#define CRASHES 20 /* fewer: TSan is slow and has nothing to find in single processes */
#else
#define CRASHES 100
#endif
#define CRASHES_A_FILE 10
#define MOVE_AT_ONCE   8192 /* rows that the writer moves as soon as it is idle */
#define INSTRUMENTS    50

static bool put(struct store *store, int64_t seq)
{
    struct store_snapshot row = snapshot((int32_t)(seq % INSTRUMENTS), seq, (double)(seq % 977));
    row.ts_recv = T0 + seq * NS_PER_MS;
    row.changed |= ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = (double)(seq % 977) + 0.25;
    row.quote.last_size = 3;
    row.quote.ts_last = row.ts_recv;
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

static void change(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

struct findings {
    char wrong[2048]; /* "what: detail\n" of the bad ones */
    char good[2048];  /* of the others */
    int wrong_count;
};

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    struct findings *found = arg;
    char *out = good ? found->good : found->wrong;
    size_t used = strlen(out);
    found->wrong_count += !good;
    snprintf(out + used, sizeof(found->wrong) - used, "%s: %s\n", what, detail);
}

static struct findings verify(const char *path)
{
    struct findings found = {0};
    struct err err;
    int bad;
    if (verify_database(path, on_finding, &found, &bad, &err))
        fail_msg("%s", err.text);
    t_int(bad, found.wrong_count);
    return found;
}

static void an_intact_database_has_no_findings(void **state)
{
    (void)state;
    struct fixture f = filled(6000);
    struct findings found = verify(f.path);
    t_str(found.wrong, "");
    t_str(found.good,
          "file: \nforeign keys: \ninstruments of changes: \nchanges kept: \n"
          "no change twice: \nchanges being moved: \nno seq missing: \npresent state: \n"
          "trades in bars: \n"
          "ledger: 6,000 written, 0 dropped when the backlog was full, 0 trimmed\n");
    change(&f, "update ledger set dropped = 1200, elsewhere = 3, last_seq = last_seq + 1203");
    found = verify(f.path);
    t_str(found.wrong, "");
    t_contains(found.good, "ledger: 6,000 written, 1,200 dropped when the backlog was full, "
                           "0 trimmed, 3 in other files\n");
    fixture_remove(&f);
}

/* A row of snapshot_history made of change 5; the time goes in between. */
#define COPY_OF_5 "insert into snapshot_history select seq, instrument_id"
#define COPY_OF_5_REST                                                                             \
    ", source, changed, event_ago, last_ago, unit, bid_price, bid_size, offer_price, offer_size, " \
    "last_price, last_size, open_price, high_price, low_price, close_price, close_day, "           \
    "settlement_price, settlement_day, open_interest, trade_volume, nominal_volume, "              \
    "effective_volume, index_value, auction_price, bids, offers from snapshot_recent "             \
    "where seq = 5"

static void each_damage_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *damage, *found;
    } rows[] = {
        {"pragma writable_schema = on; update sqlite_schema set sql = "
         "replace(sql, 'changed          INTEGER', 'changed TEXT') where name = 'snapshot_recent'",
         "file: non-TEXT value in snapshot_recent.changed; non-TEXT value in "
         "snapshot_recent.changed; non-TEXT value in snapshot_recent.changed; non-TEXT value in "
         "snapshot_recent.changed; non-TEXT value in snapshot_recent.changed\n"},
        {"delete from snapshot_recent where seq = 17",
         "changes kept: 1 more or fewer than were written\n"},
        {"update ledger set written = written - 3, last_seq = last_seq - 3",
         "changes kept: 3 more or fewer than were written\n"
         "present state: 3 quotes do not match a stored change\n"},
        {COPY_OF_5 ", ts_recv + 1 " COPY_OF_5_REST,
         "changes kept: 1 more or fewer than were written\n"
         "no change twice: 1 are stored twice\n"},
        {COPY_OF_5 ", ts_recv " COPY_OF_5_REST, ""}, /* it is being moved */
        {COPY_OF_5 ", ts_recv " COPY_OF_5_REST "; update snapshot_history set offers = '1,2'",
         "changes being moved: 1 differ from their copy in snapshot_history\n"},
        {"update ledger set last_seq = last_seq + 2",
         "no seq missing: 2 were assigned and are not accounted for\n"},
        {"update quote set seq = 7 where instrument_id = 3",
         "present state: 1 quotes do not match a stored change\n"},
        {"update snapshot_recent set ts_recv = ts_recv + 1 where seq in (99, 100)", ""},
        {"update snapshot_recent set instrument_id = 999 where seq = 5",
         "instruments of changes: 1 of them do not exist\n"},
        {"pragma foreign_keys = off; insert into quote_seen values (998, 5)",
         "foreign keys: 1 rows refer to a row that does not exist\n"},
        {"insert into trade values (997, 5, 5, 1.5, 1, 1, 0, 0), (998, 5, 5, 1.5, 1, 1, 0, 0);"
         "insert into bar_1m values (997, 0, 5, 5, 1, 1, 1, 1, 1, 2, 0, 0)",
         "instruments of changes: 2 of them do not exist\n"},
        {"insert into trade values (1, 5, 5, 1.5, 1, 1, 0, 0)",
         "trades in bars: 1 more or fewer than in the table trade\n"},
        {"insert into bar_1m values (1, 0, 0, 0, 1, 1, 1, 1, 1, 2, 0, 0)",
         "trades in bars: 2 more or fewer than in the table trade\n"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = filled(100);
        t_row(rows[i].damage);
        change(&f, rows[i].damage);
        t_str(verify(f.path).wrong, rows[i].found);
        fixture_remove(&f);
    }
    t_row("");
}

/* What the ledger explains is no damage. */
static void what_the_ledger_accounts_for(void **state)
{
    (void)state;
    static const struct {
        const char *change, *found;
    } rows[] = {
        {"delete from snapshot_recent where seq = 17; update ledger set trimmed = trimmed + 1", ""},
        {"update ledger set last_seq = last_seq + 2, dropped = 1, elsewhere = 1", ""},
        {"update ledger set last_seq = last_seq + 3, dropped = 1, elsewhere = 1",
         "no seq missing: 1 were assigned and are not accounted for\n"},
        /* a dropped change may be the one of the present quote */
        {"update ledger set last_seq = 101, dropped = 1; "
         "update quote set seq = 101 where instrument_id = 3",
         ""},
        {"update ledger set last_seq = 101, dropped = 1; "
         "update quote set seq = 102 where instrument_id = 3",
         "present state: 1 quotes do not match a stored change\n"},
        /* deleted changes are older than ts_trimmed */
        {"delete from snapshot_recent where seq = 53; "
         "update ledger set trimmed = 1, ts_trimmed = (select ts_recv + 1 from quote where seq = "
         "53)",
         ""},
        {"delete from snapshot_recent where seq = 53; "
         "update ledger set trimmed = 1, ts_trimmed = (select ts_recv from quote where seq = 53)",
         "present state: 1 quotes do not match a stored change\n"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = filled(100);
        t_row(rows[i].change);
        change(&f, rows[i].change);
        t_str(verify(f.path).wrong, rows[i].found);
        fixture_remove(&f);
    }
    t_row("");
}

/* Overwrites bytes of the first page of a table, after all changes are in the file. */
static void damage_page(const struct fixture *f, const char *table, int64_t at)
{
    static const char junk[64] = {7};
    char sql[128];
    change(f, "pragma wal_checkpoint(truncate)");
    snprintf(sql, sizeof(sql), "select rootpage from sqlite_schema where name = '%s'", table);
    int64_t page = (int64_t)ask(f, sql);
    int fd = open(f->path, O_WRONLY | O_CLOEXEC);
    t_true(page > 1);
    t_int(pwrite(fd, junk, sizeof(junk), (page - 1) * 4096 + at), sizeof(junk));
    close(fd);
}

/* Either integrity_check lists what is wrong, or SQLite refuses to read the page at all: both are
 * findings, and the other checks still run. */
static void a_damaged_page_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *table;
        int64_t at;
        const char *found;
    } rows[] = {
        {"quote_seen", 0, "file: "},
        {"quote", 8, "file: "}, /* where the cells of the page are */
        {"trade", 0,
         "trades in bars: cannot read the database: database disk image is malformed\n"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = filled(6000);
        t_row(rows[i].found);
        damage_page(&f, rows[i].table, rows[i].at);
        t_contains(verify(f.path).wrong, rows[i].found);
        fixture_remove(&f);
    }
    t_row("");
}

static void what_cannot_be_verified_is_an_error(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct findings found = {0};
    struct err err;
    int bad;
    t_int(verify_database(f.path, on_finding, &found, &bad, &err), -ENOENT);
    t_contains(err.text, "there is no database");
    change(&f, "pragma application_id = 1128877652; create table t (x); pragma user_version = 1");
    t_int(verify_database(f.path, on_finding, &found, &bad, &err), -EPROTO);
    t_contains(err.text, "start `cinta run` on it first");
    fixture_remove(&f);
}

/* --- crashes ---------------------------------------------------------------------------------- */

static void pause_us(int64_t us)
{
    const struct timespec moment = {.tv_nsec = (long)us * 1000};
    nanosleep(&moment, NULL);
}

static void tell(int to, int64_t written)
{
    if (write(to, &written, sizeof(written)) < 0)
        _exit(1);
}

/* Writes until it is killed, and sends the number of committed rows. */
static void ingest(const char *path, int64_t seq, int told)
{
    struct store *store = fixture_store(path, INSTRUMENTS);
    for (;;) {
        for (int n = 0; n < 100; n++)
            put(store, ++seq);
        tell(told, store_stats(store).snapshots_written);
        pause_us(200);
    }
}

/* Has enough rows for the mover, and waits to be killed; sends the number of committed rows from
 * the moment on at which the mover begins. */
static void move(const char *path, int64_t seq, int64_t recent, int told)
{
    struct store *store = fixture_store(path, INSTRUMENTS);
    int64_t wanted = 0;
    for (; recent < MOVE_AT_ONCE; recent++, wanted++)
        put(store, ++seq);
    for (;;) {
        struct store_stats stats = store_stats(store);
        if (stats.snapshots_written == wanted)
            tell(told, stats.snapshots_written);
        pause_us(200);
    }
}

/* Kills the writer `after_us` after its first message; returns the last number it sent. */
static int64_t crash(const struct fixture *f, int64_t seq, bool moving, int64_t after_us)
{
    int told[2];
    int64_t written = 0, value, recent = 0;
    if (moving && seq)
        recent = (int64_t)ask(f, "select count(*) from snapshot_recent");
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0 && moving)
        move(f->path, seq, recent, told[1]);
    if (pid == 0)
        ingest(f->path, seq, told[1]);
    close(told[1]);
    t_int(read(told[0], &value, sizeof(value)), sizeof(value));
    pause_us(after_us);
    kill(pid, SIGKILL);
    t_int(waitpid(pid, NULL, 0), pid);
    while (read(told[0], &value, sizeof(value)) == sizeof(value))
        written = value;
    close(told[0]);
    return written;
}

static void crashes_lose_nothing_committed(void **state)
{
    (void)state;
    struct rng rng = {.state = 20261123};
    struct fixture f = fixture_make();
    double before = 0;
    int in_both = 0;
    for (int n = 0; n < CRASHES; n++) {
        char row[32];
        bool moving = n % 2;
        snprintf(row, sizeof(row), "crash %d", n);
        t_row(row);
        int64_t told = crash(&f, (int64_t)before, moving, rng_below(&rng, 60000));
        struct findings found = verify(f.path);
        t_str(found.wrong, "");
        double now = ask(&f, "select written from ledger");
        t_true(now >= before + (double)told);
        in_both += ask(&f, "select count(*) from snapshot_recent r join snapshot_history h "
                           "on h.seq = r.seq") > 0;
        before = now;
        if (n % CRASHES_A_FILE == CRASHES_A_FILE - 1) {
            fixture_remove(&f);
            f = fixture_make();
            before = 0;
        }
    }
    t_row("");
    t_true(in_both > 0);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intact_database_has_no_findings),
        cmocka_unit_test(each_damage_is_found),
        cmocka_unit_test(what_the_ledger_accounts_for),
        cmocka_unit_test(a_damaged_page_is_found),
        cmocka_unit_test(what_cannot_be_verified_is_an_error),
        cmocka_unit_test(crashes_lose_nothing_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
