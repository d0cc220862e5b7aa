/* Upgrades of databases of older versions: the rows are unchanged, new columns have their values.
 */
#include "support/moving.h"

static void execute(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void load(const struct fixture *f, const char *path)
{
    static char sql[256 * 1024];
    sqlite3 *db;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(sql, 1, sizeof(sql) - 1, file);
    sql[len] = '\0';
    fclose(file);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", path, sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* The columns of version 1; later versions have more. */
static const char version_1_events[] =
    "select time, ts, kind, symbol, detail from feed_log order by ts, kind";
/* Compares numbers, not their text. */
#define LEVELS(side)                                                                               \
    "(select group_concat((value ->> 0) * 1.0 || 'x' || coalesce((value ->> 1) * 1.0, '')) "       \
    "from json_each(" side "))"

static const char version_1_quotes[] =
    "select market, symbol, source, seen_time, recv_time, event_time, ts_seen, ts_recv, ts_event, "
    "seq, bid_price, bid_size, offer_price, offer_size, last_price, last_size, last_time, ts_last, "
    "open_price, high_price, low_price, close_price, settlement_price, open_interest, "
    "trade_volume, nominal_volume, effective_volume, index_value, auction_price, close_date, "
    "settlement_date, " LEVELS("bids") ", " LEVELS("offers") " from quotes order by symbol";
static const char version_1_snapshots[] =
    "select market, seq, symbol, source, ts_recv, ts_event, bid_price, bid_size, offer_price, "
    "offer_size, last_price, last_size, ts_last, open_price, close_price, changed, " LEVELS(
        "bids") ", " LEVELS("offers") " from snapshots order by seq";

static void version_1_is_upgraded(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    load(&f, CINTA_TESTS "/unit/store/write/schema/version_1.sql");
    t_double(ask(&f, "pragma user_version"), 1);
    uint64_t snapshots = digest(&f, version_1_snapshots);
    uint64_t quotes = digest(&f, version_1_quotes);
    uint64_t events = digest(&f, version_1_events);
    double rows = ask(&f, "select count(*) from snapshots");
    t_true(rows > 20);

    if (database_open(&database, f.path, false, &err))
        fail_msg("%s", err.text);
    database_close(&database);
    t_true(digest(&f, version_1_snapshots) == snapshots);
    t_true(digest(&f, version_1_quotes) == quotes);
    t_true(digest(&f, version_1_events) == events);
    t_double(ask(&f, "select min(recorded) from quotes"), 1); /* the default */
    t_double(ask(&f, "select written from ledger"), rows);
    t_double(ask(&f, "select last_seq from ledger"), rows);

    move(&f, INT32_MAX);
    t_double(ask(&f, "select count(*) from snapshot_history"), rows);
    t_true(digest(&f, version_1_snapshots) == snapshots);
    fixture_remove(&f);
}

/* A database of that version, with these rows. */
static void make_version(const struct fixture *f, int version, const char *rows)
{
    static const char *const steps[] = {"001_initial",
                                        "002_history",
                                        "003_coverage",
                                        "004_export",
                                        "005_event_ids",
                                        "006_gaps",
                                        "007_recorded",
                                        "008_level_text",
                                        "009_ledger",
                                        "010_gaps_overlap",
                                        "011_instruments",
                                        "012_matriz_trades",
                                        "013_tape",
                                        "014_tape_quality",
                                        "015_revisions",
                                        "016_tape_wanted",
                                        "017_tape_corrections",
                                        "018_segments",
                                        "019_segment_session",
                                        "020_tape_volume",
                                        "021_history_seq",
                                        "022_moving",
                                        "023_coverage_proof",
                                        "024_replica"};
    char path[512], sql[128];
    for (int i = 0; i < version; i++) {
        snprintf(path, sizeof(path), CINTA_TESTS "/../schema/%s.sql", steps[i]);
        load(f, path);
    }
    snprintf(sql, sizeof(sql), "PRAGMA application_id = 1128877652; PRAGMA user_version = %d",
             version);
    execute(f, sql);
    execute(f, rows);
}

static void upgrade(const struct fixture *f)
{
    struct database database;
    struct err err;
    if (database_open(&database, f->path, false, &err))
        fail_msg("%s", err.text);
    database_close(&database);
}

/* Ids continue above the existing ones and above those that a series has exported. */
static void ids_of_events_continue(void **state)
{
    (void)state;
    static const struct row {
        const char *name, *sql;
        int64_t next;
    } rows[] = {
        {"above the newest event", "SELECT 1", 8},
        {"exported, then deleted", "INSERT INTO export_mark VALUES ('s', 'events', 40, 0, 1)", 41},
        {"a mark of another table", "INSERT INTO export_mark VALUES ('s', 'trades', 40, 0, 1)", 8},
        {"no event left", "DELETE FROM feed_event", 1},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        t_row(rows[i].name);
        make_version(&f, 4, /* the last one in which an id could be used twice */
                     "INSERT INTO feed_event VALUES (3, 1, 'start', NULL, 'a'), "
                     "(7, 2, 'stop', 'S', 'b')");
        execute(&f, rows[i].sql);
        double before = ask(&f, "SELECT count(*) FROM feed_log");
        upgrade(&f);
        t_double(ask(&f, "SELECT count(*) FROM feed_log"), before);
        execute(&f, "DELETE FROM feed_event; "
                    "INSERT INTO feed_event (ts, kind, detail) VALUES (3, 'start', 'c')");
        t_double(ask(&f, "SELECT max(id) FROM feed_event"), (double)rows[i].next);
        fixture_remove(&f);
    }
    t_row("");
}

/* Numbers that SQLite prints keep their digits; integers have no decimal point. */
static void levels_of_version_7_keep_their_digits(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    char text[256];
    make_version(&f, 7,
                 "INSERT INTO instrument VALUES (1, 'ROFX', 'S', 0);"
                 "INSERT INTO quote (instrument_id, seq, source, ts_recv, bid_price, bid_size, "
                 "offer_price) VALUES (1, 3, 1, 3, 88120.0, 63.0, 1.0 / 3);"
                 "INSERT INTO snapshot_recent (seq, instrument_id, ts_recv, source, changed, unit, "
                 "bid_price, bid_size, bids, offer_price, offer_size) VALUES "
                 "(1, 1, 1, 1, 1, 100, 8812050, 2.5, NULL, 1.0 / 3, NULL),"
                 "(2, 1, 2, 1, 1, 100, -50, NULL, '25,2.5,50,31,55,null', NULL, NULL),"
                 "(3, 1, 3, 1, 1, 10, 881200, 63.0, NULL, 7, 0.1 + 0.2)");
    upgrade(&f);
    t_true(ask_text(&f, "SELECT bids FROM quotes", text, sizeof(text)));
    t_str(text, "[[88120,63]]");
    t_true(ask_text(&f, "SELECT group_concat(bids, ' ') FROM snapshots", text, sizeof(text)));
    t_str(text, "[[88120.5,2.5]] [[-0.5,null],[-0.75,2.5],[-1,31],[-1.05,null]] [[88120,63]]");
    t_double(ask(&f, "SELECT (offers ->> '$[0][0]') = 1.0 / 3 AND offers LIKE '%,null]]' "
                     "FROM quotes"),
             1);
    t_double(ask(&f, "SELECT (offers ->> '$[0][0]') = 1.0 / 3 AND offers LIKE '%,null]]' "
                     "FROM snapshots WHERE seq = 1"),
             1);
    t_double(ask(&f, "SELECT offers LIKE '[[0.7,0.30000%' AND (offers ->> '$[0][1]') = 0.1 + 0.2 "
                     "FROM snapshots WHERE seq = 3"),
             1);
    fixture_remove(&f);
}

/* Version 16 stopped while it moved rows: a row is in one of the tables, in any order of seq. The
 * texts of times, changed entries and levels are the same as before. */
static void rows_half_moved_by_version_16_are_shown_once(void **state)
{
    (void)state;
    static const char all[] = "SELECT * FROM snapshots ORDER BY seq";
    struct fixture f = fixture_make();
    make_version(
        &f, 16,
        "INSERT INTO instrument (id, market_id, symbol, ts_created) VALUES (1, 'R', 'A', 1), "
        "(2, 'R', 'B', 1);"
        "WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n LIMIT 4000) "
        "INSERT INTO snapshot_recent (seq, instrument_id, ts_recv, source, changed, event_ago, "
        "last_ago, unit, bid_price, bid_size, bids, offer_price, offer_size, offers) "
        "SELECT seq, 1 + seq % 2, 1767225599000000000 + seq * 7000001, 1 + seq % 3, "
        "seq * 37 % 16384, iif(seq % 5, seq * 3, NULL), iif(seq % 7, seq * 86399999, NULL), "
        "iif(seq % 4 = 0, 1, iif(seq % 4 = 1, 10, iif(seq % 4 = 2, 100, 1000))), "
        "seq * 7 - 1000, seq % 9, (seq % 11) || ',5,' || (seq % 1000) || ',31', "
        "seq * 7 - 900, NULL, iif(seq % 6 = 0, '\"2.5\",1,\"0.25\"', iif(seq % 6 = 1, '-10,null', "
        "iif(seq % 6 = 2, '[[1.5,2],[2,null]]', NULL))) FROM n;"
        "INSERT INTO snapshot_history SELECT seq, instrument_id, ts_recv, source, changed, "
        "event_ago, last_ago, unit, bid_price, bid_size, offer_price, offer_size, last_price, "
        "last_size, open_price, high_price, low_price, close_price, close_day, settlement_price, "
        "settlement_day, open_interest, trade_volume, nominal_volume, effective_volume, "
        "index_value, auction_price, bids, offers FROM snapshot_recent WHERE seq % 3;"
        "DELETE FROM snapshot_recent WHERE seq % 3");
    t_double(ask(&f, "SELECT count(*) FROM snapshots"), 4000);
    uint64_t before = digest(&f, all);
    upgrade(&f);
    t_double(ask(&f, "SELECT count(*) FROM snapshots"), 4000);
    t_true(digest(&f, all) == before);
    move(&f, INT32_MAX);
    t_double(ask(&f, "SELECT count(*) FROM snapshot_history"), 4000);
    t_true(digest(&f, all) == before);
    fixture_remove(&f);
}

/* Versions before wrote the newest instrument of a transaction first. */
static void quotes_of_version_24_are_written_again_in_full_pages(void **state)
{
    (void)state;
    static const char all[] = "SELECT * FROM quote ORDER BY instrument_id";
    static const char unused[] = "SELECT sum(unused) * 1.0 / sum(pgsize) FROM dbstat "
                                 "WHERE name = 'quote' AND pagetype = 'leaf'";
    struct fixture f = fixture_make();
    make_version(
        &f, 24,
        "WITH RECURSIVE n (id) AS (SELECT 1000 UNION ALL SELECT id - 1 FROM n WHERE id > 1) "
        "INSERT INTO instrument (id, market_id, symbol, ts_created) "
        "SELECT id, 'R', 'S' || id, 1 FROM n;"
        "INSERT INTO quote (instrument_id, seq, source, ts_recv, last_price, bids) "
        "SELECT id, id, 2, id, id / 3.0, '[[1,2],[0.9,' || id || '],[0.8,5],[0.7,6]]' "
        "FROM instrument ORDER BY id DESC");
    uint64_t before = digest(&f, all);
    t_true(ask(&f, unused) > 0.3);
    upgrade(&f);
    t_true(digest(&f, all) == before);
    t_double(ask(&f, "SELECT count(*) FROM quotes"), 1000);
    t_true(ask(&f, unused) < 0.1);
    t_double(ask(&f, "SELECT count(*) FROM sqlite_master WHERE name = 'quote_ordered'"), 0);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_is_upgraded),
        cmocka_unit_test(ids_of_events_continue),
        cmocka_unit_test(levels_of_version_7_keep_their_digits),
        cmocka_unit_test(rows_half_moved_by_version_16_are_shown_once),
        cmocka_unit_test(quotes_of_version_24_are_written_again_in_full_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
