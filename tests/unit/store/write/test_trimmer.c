#include "store/write/trimmer.h"

#include "base/clock.h"
#include "store/read/verify.h"
#include "store/sql.h"
#include "store/write/database.h"
#include "store/write/mover.h"
#include "store/write/upkeep.h"
#include "support/store_fixture.h"

#include <sys/stat.h>

#define INSTRUMENTS 7
#define DAYS        10
#define ROWS_A_DAY  1400 /* half of them of one instrument: more than one statement deletes */

static void midnights(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t now_ns;
        int keep_days;
        const char *expected;
    } rows[] = {
        {"noon of the 23rd", T0, 1, "2026-11-22T03:00:00.000Z"},
        {"a week", T0, 7, "2026-11-16T03:00:00.000Z"},
        {"just before midnight in Argentina", T0 + 12 * 3600 * NS_PER_S - 1, 1,
         "2026-11-22T03:00:00.000Z"},
        {"at midnight in Argentina", T0 + 12 * 3600 * NS_PER_S, 1, "2026-11-23T03:00:00.000Z"},
        {"a hundred years", T0, 36500, "1926-12-18T03:00:00.000Z"},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char text[CLOCK_TEXT];
        t_row(rows[i].name);
        t_str(clock_text(text, trim_before_ns(rows[i].now_ns, rows[i].keep_days)),
              rows[i].expected);
    }
    t_row("");
}

/* One instrument has half of the rows, which needs many statements. */
static void put(struct store *store, int64_t seq, int64_t ts)
{
    int32_t instrument = seq % 2 ? 0 : (int32_t)(seq / 2 % INSTRUMENTS);
    struct store_snapshot row = snapshot(instrument, seq, (double)(seq % 977));
    row.ts_recv = ts;
    row.changed |= ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = (double)(seq % 977) + 0.25;
    row.quote.last_size = 3;
    row.quote.ts_last = ts;
    put_row(store, &row);
}

static void put_day(struct store *store, int day)
{
    int64_t ts_day = T0 - (DAYS - 1 - day) * NS_PER_DAY;
    for (int64_t n = 0; n < ROWS_A_DAY; n++)
        put(store, (int64_t)day * ROWS_A_DAY + n + 1, ts_day + n * NS_PER_S);
    for (int32_t i = 0; i < INSTRUMENTS; i++) {
        const struct store_span span = {i, SOURCE_REST,  ts_day, ts_day + NS_PER_S,
                                        0, EVENT_DAY_END};
        store_spans_closed(store, &span, 1);
    }
    struct store_session session = {
        .day = art_day(ts_day), .ts_open = ts_day, .ts_close = ts_day + NS_PER_S, .present = true};
    store_session(store, &session);
    snprintf(session.segment, sizeof(session.segment), "MERV");
    store_session(store, &session);
    store_event(store, ts_day, EVENT_LOGIN, NULL, "in");
}

static struct fixture ten_days(void)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, INSTRUMENTS);
    for (int day = 0; day < DAYS; day++)
        put_day(store, day);
    fixture_close(store);
    return f;
}

static void move_all(struct database *database)
{
    struct mover mover;
    struct err err;
    int64_t moved;
    t_int(mover_open(&mover, database->db, &err), 0);
    while (mover.rows)
        t_int(mover_step(&mover, &moved), SQLITE_OK);
    mover_close(&mover);
}

static void on_finding(void *arg, const char *what, bool good, const char *detail)
{
    (void)arg;
    if (!good)
        fail_msg("%s: %s", what, detail);
}

static void check_sound(const struct fixture *f)
{
    struct err err;
    int bad;
    if (verify_database(f->path, on_finding, NULL, &bad, &err))
        fail_msg("%s", err.text);
}

/* Returns how many steps the whole pass took. */
static int trim(struct trimmer *trimmer, int64_t before_ns, struct trimmed *trimmed)
{
    bool ended;
    int steps = 0, ends = 0;
    trimmer_begin(trimmer, before_ns);
    while (trimmer->stage != TRIM_IDLE) {
        t_int(trimmer_step(trimmer, &ended), SQLITE_OK);
        if (ended)
            *trimmed = trimmer->trimmed;
        ends += ended;
        t_true(++steps < 10000);
    }
    t_int(ends, 1);
    return steps;
}

static void a_wrong_clock_deletes_nothing(void **state)
{
    (void)state;
    static const int64_t day_ms = NS_PER_DAY / NS_PER_MS;
    static const struct {
        const char *name;
        int64_t clock_days, newest_days, open_days; /* clock and newest from T0 */
        double expected_days;
    } rows[] = {
        {"just started, in the morning", 1, 0, 0, 0},
        {"running for three days", 3, 0, 3, 3},
        {"the clock is 400 days ahead", 400, 0, 0, 0},
        {"the clock is still ahead after a day", 401, 0, 1, 2},
        {"off for 400 days: catching up", 500, 0, 100, 200},
        {"caught up", 800, 0, 500, 800},
        {"the clock is behind", -30, 0, 0, -30},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        int64_t ns = trim_now_ns(T0 + rows[i].clock_days * NS_PER_DAY,
                                 T0 + rows[i].newest_days * NS_PER_DAY, rows[i].open_days * day_ms);
        t_double((double)(ns - T0) / (double)NS_PER_DAY, rows[i].expected_days);
    }
    t_row("");
}

/* Of ten days, retention keeps five before the newest, not before the wrong clock. */
static void a_start_with_the_clock_ahead(void **state)
{
    (void)state;
    struct fixture f = ten_days();
    struct database database;
    struct upkeep upkeep;
    struct err err;
    struct now now = {0, T0 + 400 * NS_PER_DAY};
    t_int(database_open(&database, f.path, false, &err), 0);
    move_all(&database);
    t_int(upkeep_open(&upkeep, database.db, 5, &err), 0);
    for (int step = 0; step < 1000; step++, now.mono_ms += 1000)
        upkeep_step(&upkeep, now);
    t_double(ask(&f, "select min(ts_recv) from snapshots"), (double)(T0 - 5 * NS_PER_DAY));
    t_double(ask(&f, "select count(*) from snapshots"), 6 * ROWS_A_DAY);
    upkeep_close(&upkeep);
    database_close(&database);
    fixture_remove(&f);
}

static void only_older_data_is_deleted(void **state)
{
    (void)state;
    struct fixture f = ten_days();
    struct database database;
    struct trimmer trimmer;
    struct trimmed trimmed;
    struct err err;
    int64_t before_ns = trim_before_ns(T0, 3);
    t_int(database_open(&database, f.path, false, &err), 0);
    move_all(&database);
    double pages = ask(&f, "select page_count from pragma_page_count");
    double bars = ask(&f, "select count(*) from bar_1m");

    t_int(
        sql_once(database.db,
                 "INSERT INTO tape_day SELECT (ts_day / 1000000000 - 10800) / 86400, id, ts_close,"
                 " 1, 2, 0 FROM session, instrument",
                 SQL_NONE),
        SQLITE_OK);
    t_int(trimmer_open(&trimmer, database.db, &err), 0);
    trim(&trimmer, before_ns, &trimmed);
    t_int(trimmed.snapshots, (DAYS - 4) * ROWS_A_DAY);
    t_int(trimmed.trades, (DAYS - 4) * ROWS_A_DAY);
    t_int(trimmed.events, DAYS - 4);
    t_int(trimmed.spans, (DAYS - 4) * INSTRUMENTS);

    t_double(ask(&f, "select count(*) from snapshots"), 4 * ROWS_A_DAY);
    t_double(ask(&f, "select min(ts_recv) from snapshots"), (double)(T0 - 3 * NS_PER_DAY));
    t_double(ask(&f, "select count(*) from trades"), 4 * ROWS_A_DAY);
    t_double(ask(&f, "select count(*) from bar_1m"), bars * 4 / DAYS);
    t_double(ask(&f, "select count(*) from coverage_closed"), 4 * INSTRUMENTS);
    t_double(ask(&f, "select count(*) from session"), 4);
    t_double(ask(&f, "select count(*) from segment_session"), 4);
    t_double(ask(&f, "select count(*) from tape_day"), 4 * INSTRUMENTS);
    t_double(ask(&f, "select min(day) from tape_day"), (double)art_day(before_ns));
    t_double(ask(&f, "select count(*) from feed_event where kind = 'login'"), 4);
    t_double(ask(&f, "select trimmed from ledger"), (DAYS - 4) * ROWS_A_DAY);
    t_double(ask(&f, "select count(*) from quotes"), INSTRUMENTS);
    double left = ask(&f, "select page_count from pragma_page_count");
    double spare = ask(&f, "select freelist_count from pragma_freelist_count");
    t_true(left < pages * 6 / 10);
    t_true(spare <= left / 10);

    trim(&trimmer, before_ns, &trimmed); /* nothing is left to do */
    t_int(trimmed.snapshots + trimmed.trades + trimmed.events + trimmed.spans, 0);
    trimmer_close(&trimmer);
    database_close(&database);
    check_sound(&f);
    fixture_remove(&f);
}

/* Of thousands of listed instruments, those that were never recorded need no step. */
static void listed_instruments_need_no_steps(void **state)
{
    (void)state;
    struct fixture f = ten_days();
    struct database database;
    struct trimmer trimmer;
    struct trimmed trimmed;
    struct err err;
    t_int(database_open(&database, f.path, false, &err), 0);
    move_all(&database);
    t_int(sqlite3_exec(database.db,
                       "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000)"
                       " INSERT INTO instrument (market_id, symbol, ts_created, listed)"
                       " SELECT 'ROFX', 'L' || i, 1, 1 FROM n",
                       NULL, NULL, NULL),
          SQLITE_OK);
    t_int(trimmer_open(&trimmer, database.db, &err), 0);
    trim(&trimmer, trim_before_ns(T0, 3), &trimmed);
    t_true(trim(&trimmer, trim_before_ns(T0, 3), &trimmed) < 10 * INSTRUMENTS);
    trimmer_close(&trimmer);
    database_close(&database);
    fixture_remove(&f);
}

/* While locked, a step does nothing; it succeeds later. */
static void a_locked_step_is_repeated(void **state)
{
    (void)state;
    struct fixture f = ten_days();
    struct database database;
    struct trimmer trimmer;
    struct err err;
    sqlite3 *user;
    bool ended;
    t_int(database_open(&database, f.path, false, &err), 0);
    move_all(&database);
    t_int(trimmer_open(&trimmer, database.db, &err), 0);
    assert_int_equal(sqlite3_open(f.path, &user), SQLITE_OK);
    trimmer_begin(&trimmer, trim_before_ns(T0, 1));

    assert_int_equal(sqlite3_exec(user, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    t_int(trimmer_step(&trimmer, &ended), SQLITE_BUSY);
    t_int(trimmer_step(&trimmer, &ended), SQLITE_BUSY);
    t_int(trimmer.trimmed.snapshots, 0);
    t_double(ask(&f, "select trimmed from ledger"), 0);
    assert_int_equal(sqlite3_exec(user, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(user);

    while (trimmer.stage != TRIM_IDLE)
        t_int(trimmer_step(&trimmer, &ended), SQLITE_OK);
    t_int(trimmer.trimmed.snapshots, (DAYS - 2) * ROWS_A_DAY);
    trimmer_close(&trimmer);
    database_close(&database);
    check_sound(&f);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(midnights),
        cmocka_unit_test(a_wrong_clock_deletes_nothing),
        cmocka_unit_test(a_start_with_the_clock_ahead),
        cmocka_unit_test(only_older_data_is_deleted),
        cmocka_unit_test(listed_instruments_need_no_steps),
        cmocka_unit_test(a_locked_step_is_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
