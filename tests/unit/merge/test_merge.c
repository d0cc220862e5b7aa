#include "merge/merge.h"

#include "store/packed.h"
#include "store/read/verify.h"
#include "store/write/database_create.h"
#include "support/t.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define S INT64_C(1000000000)
#define DAY                                                                                        \
    (INT64_C(20780) * 86400 * S) /* a midnight in UTC; the times below are seconds after it */

struct files {
    char dir[64], a[96], b[96], out[96];
};

static struct files files_make(void)
{
    struct files f;
    struct err err;
    snprintf(f.dir, sizeof(f.dir), "/tmp/cinta-merge-XXXXXX");
    assert_non_null(mkdtemp(f.dir));
    snprintf(f.a, sizeof(f.a), "%s/a.db", f.dir);
    snprintf(f.b, sizeof(f.b), "%s/b.db", f.dir);
    snprintf(f.out, sizeof(f.out), "%s/out.db", f.dir);
    t_int(database_create(f.a, &err), 0);
    t_int(database_create(f.b, &err), 0);
    return f;
}

static void files_remove(const struct files *f)
{
    const char *const paths[] = {f->a, f->b, f->out};
    for (size_t i = 0; i < T_COUNT(paths); i++) {
        char path[128];
        unlink(paths[i]);
        snprintf(path, sizeof(path), "%s-wal", paths[i]);
        unlink(path);
        snprintf(path, sizeof(path), "%s-shm", paths[i]);
        unlink(path);
    }
    t_int(rmdir(f->dir), 0);
}

static void run(const char *path, const char *sql)
{
    sqlite3 *db;
    t_int(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* One change: its id, symbol, seconds, last price and volume; a trade in it when it changed LA. */
static void put_change(const char *path, int64_t id, int64_t seq, int at, double price)
{
    char sql[512];
    snprintf(sql, sizeof(sql),
             "INSERT INTO snapshot_history (seq, instrument_id, ts_recv, source, changed, unit,"
             " last_price, last_size, last_ago) VALUES (%lld, %lld, %lld, 2, 4, 10, %lld, 1, 0);"
             "UPDATE ledger SET last_seq = max(last_seq, %lld), written = written + 1",
             (long long)seq, (long long)id, (long long)(DAY + at * S), (long long)(price * 10),
             (long long)seq);
    run(path, sql);
}

static void put_coverage(const char *path, int64_t id, int from, int to, const char *reason)
{
    char sql[256];
    snprintf(sql, sizeof(sql), "INSERT INTO coverage_closed VALUES (%lld, %lld, %lld, 2, '%s')",
             (long long)id, (long long)(DAY + from * S), (long long)(DAY + to * S), reason);
    run(path, sql);
}

static void put_trade(const char *path, int64_t id, int64_t seq, int at, const char *size)
{
    char sql[512];
    long long ts = DAY + at * S;
    snprintf(sql, sizeof(sql),
             "INSERT INTO trade (instrument_id, ts_event, seq, price, size, origin)"
             " VALUES (%lld, %lld, %lld, 10, %s, 2);"
             "INSERT INTO bar_1m (instrument_id, ts_minute, ts_open, ts_close, open, high, low,"
             " close, volume, trades) VALUES (%lld, %lld, %lld, %lld, 10, 10, 10, 10, %s, 1)"
             " ON CONFLICT DO UPDATE SET trades = trades + 1",
             (long long)id, ts, (long long)seq, size, (long long)id, ts / (60 * S) * 60 * S, ts, ts,
             size);
    run(path, sql);
}

/* The rows of a query, "a b|c d". */
static void expect(const char *path, const char *sql, const char *expected)
{
    char text[1024] = "";
    sqlite3 *db;
    sqlite3_stmt *stmt;
    t_row(sql);
    t_int(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            size_t used = strlen(text);
            const char *value = (const char *)sqlite3_column_text(stmt, i);
            snprintf(text + used, sizeof(text) - used, "%s%s",
                     i      ? " "
                     : used ? "|"
                            : "",
                     value ? value : "NULL");
        }
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    t_str(text, expected);
    t_row("");
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    if (!good)
        fail_msg("%s: %s", what, detail);
}

static struct merge_report merged(const struct files *f)
{
    const char *const from[] = {f->a, f->b};
    struct merge_report report;
    struct err err;
    int bad;
    if (merge_databases(&(struct merge_parts){.from = from, .from_count = 2, .to = f->out}, &report,
                        &err))
        fail_msg("%s", err.text);
    if (verify_database(f->out, on_finding, NULL, &bad, &err))
        fail_msg("%s", err.text);
    t_int(bad, 0);
    return report;
}

/* DLR is id 1 in a, 2 in b; each has an instrument that the other lacks. */
static void fill_instruments(const struct files *f)
{
    run(f->a, "INSERT INTO instrument (id, market_id, symbol, ts_created, ts_recorded, ts_listed,"
              " price_tick) VALUES (1, 'ROFX', 'DLR', 50, 60, 100, 0.5);"
              "INSERT INTO instrument (id, market_id, symbol, ts_created) VALUES (2, 'ROFX', 'A',"
              " 7)");
    run(f->b, "INSERT INTO instrument (id, market_id, symbol, ts_created, ts_recorded, ts_listed,"
              " price_tick) VALUES (2, 'ROFX', 'DLR', 40, 70, 200, 0.25);"
              "INSERT INTO instrument (id, market_id, symbol, ts_created) VALUES (1, 'MERV', 'A',"
              " 8)");
}

static void instruments_are_united_by_market_and_symbol(void **state)
{
    (void)state;
    struct files f = files_make();
    fill_instruments(&f);
    struct merge_report report = merged(&f);
    t_int(report.instruments, 3);
    expect(f.out,
           "SELECT symbol, market_id, ts_created, ts_recorded, ts_listed, price_tick"
           " FROM instrument ORDER BY id",
           "A MERV 8 NULL NULL NULL|A ROFX 7 NULL NULL NULL|DLR ROFX 40 60 200 0.25");
    merge_finish(&report);
    files_remove(&f);
}

static void changes_get_a_seq_in_order_of_time(void **state)
{
    (void)state;
    struct files f = files_make();
    fill_instruments(&f);
    put_coverage(f.a, 1, 10, 50, "killed");
    put_coverage(f.b, 2, 40, 90, "stopped");
    put_change(f.a, 1, 1, 10, 100);
    put_change(f.a, 2, 2, 20, 7);
    put_change(f.a, 1, 3, 45, 101);
    put_change(f.b, 2, 1, 40, 100);
    put_change(f.b, 2, 2, 45, 101);
    put_change(f.b, 1, 3, 46, 8);
    put_change(f.b, 2, 4, 60, 102);
    struct merge_report report = merged(&f);
    expect(f.out, "SELECT seq, symbol, market, last_price FROM snapshots ORDER BY seq",
           "1 DLR ROFX 100.0|2 A ROFX 7.0|3 DLR ROFX 101.0|4 A MERV 8.0|5 DLR ROFX 102.0");
    expect(f.out, "SELECT symbol, market, seq, last_price FROM quotes ORDER BY symbol, market",
           "A MERV 4 8.0|A ROFX 2 7.0|DLR ROFX 5 102.0");
    expect(f.out, "SELECT symbol, (ts_to - ts_from) / 1000000000, reason FROM coverage",
           "DLR 40 killed|DLR 40 stopped");
    t_int(report.changes, 5);
    t_int(report.shares[0].changes, 3);
    t_int(report.shares[0].changes_taken, 3);
    t_int(report.shares[1].changes, 4);
    t_int(report.shares[1].changes_taken, 2);
    t_int(report.outages.count, 2);
    t_int(report.outages.item[0].ts_to - report.outages.item[0].ts_from, 40 * S);
    t_str(report.outages.item[0].reason, "killed");
    t_int(report.outages.item[1].recorder, 1);
    t_str(report.outages.item[1].reason, NULL);
    merge_finish(&report);
    files_remove(&f);
}

/* A recorder was stopped while it moved changes: these are in both of its tables. */
static void a_change_that_was_being_moved_is_taken_once(void **state)
{
    (void)state;
    struct files f = files_make();
    fill_instruments(&f);
    for (int n = 1; n <= 4; n++)
        put_change(f.a, 1, n, n * 10, 100 + n);
    run(f.a, "INSERT INTO snapshot_recent (" PACKED_COLUMNS ") SELECT " PACKED_COLUMNS
             " FROM snapshot_history WHERE seq IN (2, 4)");
    struct merge_report report = merged(&f);
    expect(f.out, "SELECT seq, last_price FROM snapshots ORDER BY seq",
           "1 101.0|2 102.0|3 103.0|4 104.0");
    t_int(report.shares[0].changes, 4);
    merge_finish(&report);
    files_remove(&f);
}

/* The states of instruments whose changes were deleted have the first numbers. */
static void states_without_changes_are_kept(void **state)
{
    (void)state;
    struct files f = files_make();
    fill_instruments(&f);
    run(f.a, "INSERT INTO quote (instrument_id, seq, source, ts_recv, last_price)"
             " VALUES (1, 3, 1, 500, 10)");
    run(f.b, "INSERT INTO quote (instrument_id, seq, source, ts_recv, last_price)"
             " VALUES (2, 4, 2, 600, 11)");
    run(f.a, "UPDATE ledger SET last_seq = 3, written = 3, trimmed = 3, ts_trimmed = 1000");
    run(f.b, "UPDATE ledger SET last_seq = 4, written = 4, trimmed = 4, ts_trimmed = 900");
    put_change(f.b, 1, 5, 46, 8);
    run(f.b, "INSERT INTO quote (instrument_id, seq, source, ts_recv, last_price)"
             " SELECT 1, 5, 2, ts_recv, 8 FROM snapshot_history");
    struct merge_report report = merged(&f);
    expect(f.out, "SELECT symbol, market, seq, last_price FROM quotes ORDER BY symbol, market",
           "A MERV 2 8.0|DLR ROFX 1 11.0");
    expect(f.out, "SELECT last_seq, written, trimmed, ts_trimmed FROM ledger", "2 2 1 1000");
    merge_finish(&report);
    files_remove(&f);
}

static void trades_are_united_as_multisets(void **state)
{
    (void)state;
    struct files f = files_make();
    fill_instruments(&f);
    put_coverage(f.a, 1, 10, 50, "stopped");
    put_change(f.a, 1, 1, 20, 10);
    put_trade(f.a, 1, 1, 20, "3");
    put_trade(f.a, 1, -1, 30, "4"); /* twins */
    put_trade(f.a, 1, -2, 30, "4");
    put_trade(f.b, 2, 1, 20, "3");
    put_trade(f.b, 2, 2, 30, "4");
    put_trade(f.b, 2, 3, 40, "NULL");
    put_trade(f.b, 2, 4, 86400 + 5, "6"); /* another day */
    run(f.b, "UPDATE trade SET undated = 1 WHERE seq = 4");
    struct merge_report report = merged(&f);
    expect(f.out, "SELECT (ts_event - 1795392000000000000) / 1000000000, size, seq FROM trade",
           "20 3.0 1|30 4.0 -2|30 4.0 -1|40 NULL -3|86405 6.0 -4");
    expect(f.out, "SELECT seq FROM trade WHERE undated", "-4");
    expect(f.out, "SELECT sum(trades), sum(volume) FROM bar_1m", "5 17.0");
    expect(f.out, "SELECT listed FROM ledger", "4");
    t_int(report.trades, 5);
    t_int(report.shares[0].trades, 3);
    t_int(report.shares[1].trades_taken, 2);
    merge_finish(&report);
    files_remove(&f);
}

static void the_other_tables_are_united(void **state)
{
    (void)state;
    struct files f = files_make();
    fill_instruments(&f);
    run(f.a, "INSERT INTO session VALUES ('2026-11-23', 1, 100, 200);"
             "INSERT INTO watch VALUES (1, 10, 20), (1, 30, 40), (2, 5, NULL);"
             "INSERT INTO quote_seen VALUES (1, 77);"
             "INSERT INTO tape_day VALUES (9, 1, 50, 60, 7, 1);"
             "INSERT INTO instrument_list VALUES (1, 5, 'http://a/');"
             "INSERT INTO feed_event (ts, kind, detail) VALUES (3, 'started', 'one'),"
             " (9, 'stopped', 'two')");
    run(f.b, "INSERT INTO session VALUES ('2026-11-23', 1, 90, 150), ('2026-11-24', 2, 300, 400);"
             "INSERT INTO watch VALUES (2, 15, 30), (1, 5, 6);"
             "INSERT INTO quote_seen VALUES (2, 66);"
             "INSERT INTO tape_day VALUES (9, 2, 55, 61, 8, 0), (9, 1, 40, NULL, 8, 0);"
             "INSERT INTO instrument_list VALUES (1, 6, 'http://b/');"
             "INSERT INTO feed_event (ts, kind, symbol, detail) VALUES (5, 'stale', 'DLR', 'x')");
    struct merge_report report = merged(&f);
    expect(f.out, "SELECT * FROM session", "2026-11-23 1 90 200|2026-11-24 2 300 400");
    expect(f.out, "SELECT * FROM watch", "1 5 6|2 5 NULL|3 10 40");
    expect(f.out, "SELECT * FROM quote_seen", "3 77");
    expect(f.out, "SELECT * FROM tape_day", "9 3 55 61 8 0");
    expect(f.out, "SELECT * FROM instrument_list", "1 6 http://b/");
    expect(f.out, "SELECT ts, kind, symbol, detail FROM feed_event WHERE kind != 'merged'",
           "3 started NULL a.db: one|5 stale DLR b.db: x|9 stopped NULL a.db: two");
    t_int(report.shares[0].events, 2);
    t_int(report.events, 4);
    merge_finish(&report);
    files_remove(&f);
}

static void an_older_schema_is_refused(void **state)
{
    (void)state;
    struct files f = files_make();
    const char *const from[] = {f.a, f.b};
    struct merge_report report;
    struct err err;
    run(f.b, "PRAGMA user_version = 3");
    t_int(merge_databases(&(struct merge_parts){.from = from, .from_count = 2, .to = f.out},
                          &report, &err),
          -EPROTO);
    t_contains(err.text, "has schema version 3");
    merge_finish(&report);
    t_int(access(f.out, F_OK), -1);
    files_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruments_are_united_by_market_and_symbol),
        cmocka_unit_test(changes_get_a_seq_in_order_of_time),
        cmocka_unit_test(a_change_that_was_being_moved_is_taken_once),
        cmocka_unit_test(states_without_changes_are_kept),
        cmocka_unit_test(trades_are_united_as_multisets),
        cmocka_unit_test(the_other_tables_are_united),
        cmocka_unit_test(an_older_schema_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
