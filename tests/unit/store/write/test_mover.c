/*
 * Rows on their way from snapshot_recent to snapshot_history: at any moment, also after a kill at
 * any statement, each of them is shown once, with its trade and its bar.
 */
#include "store/write/mover.h"

#include "store/packed.h"
#include "store/read/verify.h"
#include "store/sql.h"
#include "store/write/history_rows.h"
#include "store/write/trimmer.h"
#include "support/moving.h"
#include "support/store_fixture.h"

#include "base/clock.h"
#include "base/rng.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define ROWS        (2 * MOVER_BITE_ROWS + 50)
#define INSTRUMENTS 5
#define TRADES_IN   20 /* one of so many changes shows a trade */

static const char all_snapshots[] = "SELECT * FROM snapshots ORDER BY seq";
static const char all_trades[] = "SELECT * FROM trades ORDER BY symbol, ts_event, seq";
static const char all_bars[] = "SELECT * FROM bars_1m ORDER BY symbol, ts_minute";
static const char both[] = "SELECT count(*) FROM snapshot_recent r JOIN snapshot_history h "
                           "ON h.seq = r.seq";

/* --- a recording ------------------------------------------------------------------------------ */

/* What the views show. */
struct shown {
    uint64_t snapshots, trades, bars;
};

static struct shown read_shown(const struct fixture *f)
{
    return (struct shown){digest(f, all_snapshots), digest(f, all_trades), digest(f, all_bars)};
}

/* Some trades are shown twice, and numbers of seq are missing, as after a loss. */
static struct store_snapshot make_row(struct rng *rng, int64_t n)
{
    struct store_snapshot row =
        snapshot((int32_t)rng_below(rng, INSTRUMENTS), n + n / 100 * 300, (double)n);
    row.ts_recv = T0 + n * 900 * NS_PER_MS;
    if (rng_below(rng, TRADES_IN) == 0) {
        row.changed |= ENTRY_BIT(ENTRY_LA);
        row.quote.last_price = 100 + (double)(n / 40);
        row.quote.last_size = 3;
        row.quote.ts_last = T0 + n / 40 * NS_PER_S;
    }
    return row;
}

static struct fixture recording(void)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    struct rng rng = {.state = 9};
    for (int64_t n = 1; n <= ROWS; n++) {
        struct store_snapshot row = make_row(&rng, n);
        put_row(store, &row);
    }
    fixture_close(store);
    char sql[128];
    snprintf(sql, sizeof(sql), "UPDATE ledger SET dropped = last_seq - %d", ROWS);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f.path, &db), SQLITE_OK);
    t_int(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    return f;
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    if (!good)
        fail_msg("%s: %s", what, detail);
}

/* `cinta verify` finds nothing, and the views show what they did. */
static void check(const struct fixture *f, const struct shown *before)
{
    struct err err;
    int bad;
    if (verify_database(f->path, on_finding, NULL, &bad, &err))
        fail_msg("%s", err.text);
    struct shown now = read_shown(f);
    t_true(now.snapshots == before->snapshots);
    t_true(now.trades == before->trades);
    t_true(now.bars == before->bars);
}

/* The table history_seq says where each row of history is. */
static void check_covered(const struct fixture *f)
{
    t_double(ask(f, "SELECT count(*) FROM snapshot_history h WHERE NOT EXISTS (SELECT 1 FROM "
                    "history_seq s WHERE s.part = h.seq / 32768 AND s.seq_to >= h.seq "
                    "AND h.ts_recv BETWEEN s.ts_from AND s.ts_to)"),
             0);
}

static void check_moved(const struct fixture *f, const struct shown *before)
{
    check(f, before);
    t_double(ask(f, "SELECT count(*) FROM snapshot_recent"), 0);
    t_double(ask(f, "SELECT count(*) FROM snapshot_history"), ROWS);
    t_true(ask(f, "SELECT count(*) FROM trade") > ROWS / TRADES_IN / 3);
}

static void copy_file(const char *from, const char *to, const char *suffix)
{
    char bytes[65536], name[256];
    size_t len;
    snprintf(name, sizeof(name), "%s%s", from, suffix);
    FILE *in = fopen(name, "rb");
    snprintf(name, sizeof(name), "%s%s", to, suffix);
    FILE *out = fopen(name, "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((len = fread(bytes, 1, sizeof(bytes), in)) > 0)
        t_int(fwrite(bytes, 1, len, out), len);
    fclose(in);
    t_int(fclose(out), 0);
}

/* The files as a kill at this moment leaves them. */
static struct fixture killed_now(const struct fixture *f)
{
    struct fixture copy = fixture_make();
    copy_file(f->path, copy.path, "");
    copy_file(f->path, copy.path, "-wal");
    return copy;
}

struct bed {
    struct fixture f;
    struct database database;
    struct mover mover;
    struct shown before;
};

/* Each step then has one bite. */
static void begin(struct bed *bed)
{
    struct err err;
    bed->f = recording();
    bed->before = read_shown(&bed->f);
    t_int(database_open(&bed->database, bed->f.path, false, &err), 0);
    t_int(mover_open(&bed->mover, bed->database.db, &err), 0);
    bed->mover.step_ms = 0;
}

static void end(struct bed *bed)
{
    mover_close(&bed->mover);
    database_close(&bed->database);
    check_moved(&bed->f, &bed->before);
    fixture_remove(&bed->f);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void each_row_is_shown_once_at_any_time(void **state)
{
    (void)state;
    struct bed bed;
    int64_t moved = 0, all = 0, steps = 0, in_both = 0;
    begin(&bed);
    while (bed.mover.rows) {
        char name[32];
        snprintf(name, sizeof(name), "after step %d", (int)++steps);
        t_row(name);
        t_int(mover_step(&bed.mover, &moved), SQLITE_OK);
        all += moved;
        in_both += ask(&bed.f, both) > 0;
        check(&bed.f, &bed.before);
        check_covered(&bed.f);
        t_double(ask(&bed.f, "SELECT count(*) FROM snapshot_recent"), (double)(ROWS - all));
        struct fixture killed = killed_now(&bed.f);
        check(&killed, &bed.before);
        move(&killed, INT32_MAX); /* the next start */
        check_moved(&killed, &bed.before);
        fixture_remove(&killed);
    }
    t_row("");
    t_int(all, ROWS);
    t_true(in_both >= ROWS / MOVER_BITE_ROWS);
    end(&bed);
}

/* Kills the process at the statement after `left` others. */
static int on_statement(unsigned type, void *left, void *stmt, void *sql)
{
    (void)type;
    (void)stmt;
    (void)sql;
    if (--*(int *)left < 0)
        kill(getpid(), SIGKILL);
    return 0;
}

/* True: it ended before it was killed. */
static bool move_until_killed(const struct fixture *f, int statements)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct database database;
        struct mover mover;
        int64_t moved;
        if (database_open(&database, f->path, false, NULL) || mover_open(&mover, database.db, NULL))
            _exit(1);
        sqlite3_trace_v2(database.db, SQLITE_TRACE_STMT, on_statement, &statements);
        mover.step_ms = statements % 2; /* short transactions, or one */
        while (mover.rows)
            if (mover_step(&mover, &moved) != SQLITE_OK)
                _exit(1);
        _exit(0);
    }
    t_int(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status))
        return false;
    t_int(WEXITSTATUS(status), 0);
    return true;
}

/* Each run begins with the files that the kill of the one before has left. */
static void a_kill_at_any_statement_loses_and_doubles_nothing(void **state)
{
    (void)state;
    struct fixture f = recording();
    const struct shown before = read_shown(&f);
    int kills = 0, in_both = 0;
    for (bool ended = false; !ended; kills += !ended) {
        char name[32];
        snprintf(name, sizeof(name), "kill %d", kills);
        t_row(name);
        ended = move_until_killed(&f, kills);
        in_both += ask(&f, both) > 0;
        check(&f, &before);
        check_covered(&f);
    }
    t_row("");
    t_true(kills > 2 * ROWS / MOVER_BITE_ROWS);
    t_true(in_both > 5);
    check_moved(&f, &before);
    fixture_remove(&f);
}

/* Earlier versions moved a row from one table to the other in one transaction, by instrument. */
static void a_pass_that_an_earlier_version_began_is_continued(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed);
    t_int(sql_exec(bed.database.db, "BEGIN; INSERT INTO snapshot_history (" PACKED_COLUMNS ")"
                                    " SELECT " PACKED_COLUMNS " FROM snapshot_recent WHERE "
                                    "instrument_id = 2 AND NOT changed & 4;"
                                    "DELETE FROM snapshot_recent WHERE instrument_id = 2 AND NOT "
                                    "changed & 4; COMMIT"),
          SQLITE_OK);
    t_true(ask(&bed.f, "SELECT count(*) FROM snapshot_history") > ROWS / INSTRUMENTS / 2);
    t_double(ask(&bed.f, both), 0);
    check(&bed.f, &bed.before);
    for (int64_t moved; bed.mover.rows;) {
        t_int(mover_step(&bed.mover, &moved), SQLITE_OK);
        check(&bed.f, &bed.before);
    }
    end(&bed);
}

static void a_step_that_fails_is_repeated(void **state)
{
    (void)state;
    struct bed bed;
    int64_t moved = 0;
    begin(&bed);
    while (bed.mover.rows) {
        struct err err;
        sqlite3 *user;
        t_int(sql_open(&user, bed.f.path, SQL_WRITE, 0, &err), 0);
        t_int(sql_begin(user), SQLITE_OK);
        t_int(mover_step(&bed.mover, &moved), SQLITE_BUSY);
        t_int(moved, 0);
        sqlite3_close(user);
        t_int(mover_step(&bed.mover, &moved), SQLITE_OK);
        check(&bed.f, &bed.before);
    }
    end(&bed);
}

/* Retention leaves rows that are being moved, so that it does not count the next copy again. */
static void retention_leaves_rows_that_are_being_moved(void **state)
{
    (void)state;
    struct bed bed;
    struct trimmer trimmer;
    struct err err;
    int64_t moved;
    bool deleted;
    begin(&bed);
    for (int n = 0; n < 2; n++)
        t_int(mover_step(&bed.mover, &moved), SQLITE_OK);
    t_double(ask(&bed.f, both), 2 * MOVER_BITE_ROWS);
    t_int(trimmer_open(&trimmer, bed.database.db, &err), 0);
    trimmer_begin(&trimmer, T0 + 2 * NS_PER_DAY);
    while (trimmer.stage != TRIM_IDLE)
        t_int(trimmer_step(&trimmer, &deleted), SQLITE_OK);
    t_int(trimmer.trimmed.snapshots, 0);
    t_double(ask(&bed.f, both), 2 * MOVER_BITE_ROWS);
    mover_close(&bed.mover);
    t_int(mover_open(&bed.mover, bed.database.db, &err), 0); /* as after a kill */
    while (bed.mover.rows)
        t_int(mover_step(&bed.mover, &moved), SQLITE_OK);
    trimmer_begin(&trimmer, T0 + 2 * NS_PER_DAY);
    while (trimmer.stage != TRIM_IDLE)
        t_int(trimmer_step(&trimmer, &deleted), SQLITE_OK);
    t_int(trimmer.trimmed.snapshots, ROWS);
    trimmer_close(&trimmer);
    t_double(ask(&bed.f, "SELECT trimmed FROM ledger"), ROWS);
    const struct shown now = read_shown(&bed.f);
    check(&bed.f, &now);
    mover_close(&bed.mover);
    database_close(&bed.database);
    fixture_remove(&bed.f);
}

/* The broker's list of trades is merged between two steps: it moves some of the changes first. */
static void changes_that_a_list_moves_meanwhile_are_moved_once(void **state)
{
    (void)state;
    struct bed bed;
    struct history_rows history;
    struct err err;
    int64_t moved, copied = 0, first = 1;
    begin(&bed);
    t_int(history_rows_open(&history, bed.database.db, &err), 0);
    while (bed.mover.rows) {
        t_int(mover_step(&bed.mover, &moved), SQLITE_OK);
        double before = ask(&bed.f, both);
        t_int(sql_begin(bed.database.db), SQLITE_OK);
        for (int64_t seq = first; seq < first + 600; seq += 3)
            t_int(history_rows_move(&history, seq, TRADE_ENTRIES), SQLITE_OK);
        t_int(sql_end(bed.database.db, SQLITE_OK), SQLITE_OK);
        copied += ask(&bed.f, both) < before;
        first += 400;
        check(&bed.f, &bed.before);
    }
    t_true(copied > 0);
    history_rows_close(&history);
    end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_shown_once_at_any_time),
        cmocka_unit_test(a_kill_at_any_statement_loses_and_doubles_nothing),
        cmocka_unit_test(a_pass_that_an_earlier_version_began_is_continued),
        cmocka_unit_test(a_step_that_fails_is_repeated),
        cmocka_unit_test(retention_leaves_rows_that_are_being_moved),
        cmocka_unit_test(changes_that_a_list_moves_meanwhile_are_moved_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
