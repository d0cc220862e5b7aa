/* The trades and bars of one instrument equal those of the views, before and after the move; gaps
 * of past days are checked by test_gaps. */
#include "store/read/tape.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "store/write/database.h"
#include "store/write/mover.h"
#include "support/store_fixture.h"

#include <errno.h>

#define MINUTE_NS (60 * NS_PER_S)
#define TEXT_MAX  (1 << 20)

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static bool always(void *arg)
{
    (void)arg;
    return true;
}

static struct tape *opened(const struct fixture *f, tape_stop *stop)
{
    struct tape *tape;
    struct err err;
    if (tape_open(&tape, f->path, stop, NULL, &err))
        fail_msg("%s", err.text);
    return tape;
}

static void put_trade(struct store *store, int64_t seq, int32_t instrument, double price)
{
    struct store_snapshot row = snapshot(instrument, seq, 10);
    row.ts_recv = T0 + seq * 7 * NS_PER_S;
    row.changed = ENTRY_BIT(ENTRY_LA);
    row.quote.last_price = price;
    row.quote.last_size = (double)(seq % 9);
    row.quote.ts_last = row.ts_recv - 250 * NS_PER_MS;
    put_row(store, &row);
}

/* Two instruments; their trades are 7 s apart. */
static struct fixture recorded(int trades)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 2);
    for (int64_t seq = 1; seq <= trades; seq++)
        put_trade(store, seq, (int32_t)(seq % 3 == 0), 1600 + (double)(seq * 37 % 41) / 2);
    fixture_close(store);
    return f;
}

static void move_all(const struct fixture *f)
{
    struct database database;
    struct mover mover;
    struct err err;
    int64_t moved;
    if (database_open(&database, f->path, false, &err) || mover_open(&mover, database.db, &err))
        fail_msg("%s", err.text);
    do
        t_int(mover_step(&mover, &moved), SQLITE_OK);
    while (moved);
    mover_close(&mover);
    database_close(&database);
}

/* --- as text ---------------------------------------------------------------------------------- */

static void put_number(struct buf *out, double value)
{
    char text[NUM_TEXT];
    buf_printf(out, " %s", num_text(text, value));
}

static int take_trade(void *arg, const struct tape_trade *trade)
{
    buf_printf(arg, "%lld", (long long)trade->ts);
    put_number(arg, trade->price);
    put_number(arg, trade->size);
    return buf_puts(arg, ";");
}

static int take_bar(void *arg, const struct tape_bar *bar)
{
    const double values[] = {bar->open, bar->high, bar->low, bar->close, bar->volume};
    buf_printf(arg, "%lld", (long long)bar->ts_minute);
    for (size_t i = 0; i < T_COUNT(values); i++)
        put_number(arg, values[i]);
    return buf_puts(arg, ";");
}

static void view_text(const struct fixture *f, struct buf *out, const char *sql, int columns)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    t_int(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        buf_printf(out, "%lld", (long long)sqlite3_column_int64(stmt, 0));
        for (int i = 1; i < columns; i++)
            put_number(out, sqlite3_column_double(stmt, i));
        buf_puts(out, ";");
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void compare_trades(const struct fixture *f)
{
    static const char sql[] = "SELECT ts_event, price, size FROM trades WHERE symbol = 'S0'"
                              " AND ts_event >= 1795446300000000000"
                              " AND ts_event < 1795446900000000000 ORDER BY ts_event";
    struct buf found, expected;
    struct err err;
    struct tape *tape = opened(f, never);
    const struct tape_of of = {"ROFX", "S0", T0 + 5 * MINUTE_NS, T0 + 15 * MINUTE_NS};
    buf_init(&found, TEXT_MAX);
    buf_init(&expected, TEXT_MAX);
    view_text(f, &expected, sql, 3);
    t_int(tape_trades(tape, &of, take_trade, &found, &err), 0);
    t_true(expected.len_bytes > 1000);
    t_str(buf_text(&found), buf_text(&expected));
    buf_finish(&found);
    buf_finish(&expected);
    tape_close(tape);
}

static void compare_bars(const struct fixture *f)
{
    static const char sql[] = "SELECT ts_minute, open, high, low, close, volume FROM bars_1m"
                              " WHERE symbol = 'S0' AND ts_minute >= 1795446300000000000"
                              " AND ts_minute < 1795446900000000000 ORDER BY ts_minute";
    struct buf found, expected;
    struct err err;
    struct tape *tape = opened(f, never);
    const struct tape_of of = {"ROFX", "S0", T0 + 5 * MINUTE_NS, T0 + 15 * MINUTE_NS};
    buf_init(&found, TEXT_MAX);
    buf_init(&expected, TEXT_MAX);
    view_text(f, &expected, sql, 6);
    t_int(tape_bars(tape, &of, take_bar, &found, &err), 0);
    t_true(expected.len_bytes > 300);
    t_str(buf_text(&found), buf_text(&expected));
    buf_finish(&found);
    buf_finish(&expected);
    tape_close(tape);
}

static void equals_the_views(void **state)
{
    (void)state;
    struct fixture f = recorded(300);
    t_row("before the move");
    compare_trades(&f);
    compare_bars(&f);
    t_row("after the move");
    move_all(&f);
    compare_trades(&f);
    compare_bars(&f);
    fixture_remove(&f);
}

/* --- the rest --------------------------------------------------------------------------------- */

static int count_two(void *arg, const struct tape_trade *trade)
{
    (void)trade;
    return ++*(int *)arg == 2;
}

static void stops(void **state)
{
    (void)state;
    struct fixture f = recorded(3000);
    struct err err = {0};
    int count = 0;
    struct tape *tape = opened(&f, never);
    const struct tape_of of = {"ROFX", "S0", 0, INT64_MAX};
    t_int(tape_trades(tape, &of, count_two, &count, &err), 0);
    t_int(count, 2);
    tape_close(tape);

    struct buf text;
    buf_init(&text, TEXT_MAX);
    tape = opened(&f, always);
    t_int(tape_trades(tape, &of, take_trade, &text, &err), -EINTR);
    t_str(err.text, "interrupted");
    tape_close(tape);
    buf_finish(&text);
    fixture_remove(&f);
}

static void unknown_instruments_have_no_rows(void **state)
{
    (void)state;
    struct fixture f = recorded(10);
    struct tape *tape = opened(&f, never);
    struct buf text;
    struct err err;
    static const struct tape_of rows[] = {
        {"ROFX", "S7", 0, INT64_MAX}, {"MERV", "S0", 0, INT64_MAX}, {"ROFX", "s0", 0, INT64_MAX}};
    buf_init(&text, TEXT_MAX);
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].symbol);
        t_int(tape_trades(tape, &rows[i], take_trade, &text, &err), 0);
        t_int(tape_bars(tape, &rows[i], take_bar, &text, &err), 0);
        t_str(buf_text(&text), "");
    }
    buf_finish(&text);
    tape_close(tape);
    fixture_remove(&f);
}

static int take_gap(void *arg, const struct tape_gap *gap)
{
    buf_printf(arg, "%lld-%lld %s;", (long long)((gap->ts_from - T0) / MINUTE_NS),
               gap->ts_to ? (long long)((gap->ts_to - T0) / MINUTE_NS) : -1, gap->reason);
    return 0;
}

/* The session begins at T0; the instrument is covered in the minutes 0 to 10 and 15 to 20. */
static struct fixture with_gaps(void)
{
    struct fixture f = fixture_make();
    struct store *store = fixture_store(f.path, 1);
    const int32_t list[] = {0};
    const struct store_session session = {
        .day = art_day(T0), .ts_open = T0, .ts_close = T0 + 60 * MINUTE_NS, .present = true};
    const struct store_span spans[] = {
        {.source = SOURCE_REST, .ts_from = T0, .ts_to = T0 + 10 * MINUTE_NS, .reason = EVENT_STALE},
        {.source = SOURCE_REST,
         .ts_from = T0 + 15 * MINUTE_NS,
         .ts_to = T0 + 20 * MINUTE_NS,
         .reason = EVENT_STOPPED}};
    store_session(store, &session);
    store_watch(store, list, 1, T0 - NS_PER_S);
    store_spans_closed(store, spans, 2);
    fixture_close(store);
    return f;
}

static void the_last_gap_lasts_until_now(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        int now_minute;
        const char *expected;
    } rows[] = {
        /* clang-format off */
        {"covered",           10, ""},
        {"in the first gap",  12, "10--1 stale;"},
        {"after it",          20, "10-15 stale;"},
        {"in the second",     21, "10-15 stale;20--1 stopped;"},
        {"after the session", 70, "10-15 stale;20-60 stopped;"},
        {"before it",         -5, ""},
        /* clang-format on */
    };
    struct fixture f = with_gaps();
    struct tape *tape = opened(&f, never);
    const struct tape_of of = {"ROFX", "S0", art_day_begins_ns(art_day(T0)), art_next_day_ns(T0)};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct buf text;
        struct err err = {0};
        t_row(rows[i].name);
        buf_init(&text, TEXT_MAX);
        int64_t now = T0 + rows[i].now_minute * MINUTE_NS;
        t_int(tape_gaps(tape, &of, now, take_gap, &text, &err), 0);
        t_str(buf_text(&text), rows[i].expected);
        buf_finish(&text);
    }
    tape_close(tape);
    fixture_remove(&f);
}

static void session_of_a_day(void **state)
{
    (void)state;
    struct fixture f = with_gaps();
    struct tape *tape = opened(&f, never);
    const struct tape_of of = {.market_id = "ROFX", .symbol = "S0"};
    struct tape_session session;
    struct err err;
    t_int(tape_session(tape, &of, art_day(T0), &session, &err), 0);
    t_int(session.ts_open, T0);
    t_int(session.ts_close, T0 + 60 * MINUTE_NS);
    t_int(tape_session(tape, &of, art_day(T0) + 1, &session, &err), 0);
    t_int(session.ts_open, 0);
    tape_close(tape);
    fixture_remove(&f);
}

/* The same hours, of a segment: S0 is of it since its reference data are known. */
static void session_and_gaps_of_a_segment(void **state)
{
    (void)state;
    const struct tape_of of = {"ROFX", "S0", T0 - NS_PER_DAY, INT64_MAX};
    struct fixture f = with_gaps();
    struct store *store = fixture_store(f.path, 1);
    struct store_session session = {.day = art_day(T0),
                                    .ts_open = T0 + 5 * MINUTE_NS,
                                    .ts_close = T0 + 17 * MINUTE_NS,
                                    .present = true,
                                    .segment = "MERV"};
    struct tape_session found;
    struct buf text;
    struct err err;
    store_session(store, &session);
    session = (struct store_session){.day = art_day(T0) + 1, .present = true, .segment = "MERV"};
    store_session(store, &session);
    fixture_close(store);
    for (int known = 0; known < 2; known++) {
        struct tape *tape = opened(&f, never);
        t_row(known ? "of the segment" : "of no segment");
        t_int(tape_session(tape, &of, art_day(T0), &found, &err), 0);
        t_int(found.ts_open, known ? T0 + 5 * MINUTE_NS : T0);
        t_int(found.ts_close, known ? T0 + 17 * MINUTE_NS : T0 + 60 * MINUTE_NS);
        t_int(tape_session(tape, &of, art_day(T0) + 1, &found, &err), 0);
        t_int(found.ts_open, 0);
        buf_init(&text, TEXT_MAX);
        t_int(tape_gaps(tape, &of, T0 + 30 * MINUTE_NS, take_gap, &text, &err), 0);
        t_str(buf_text(&text), known ? "10-15 stale;" : "10-15 stale;20--1 stopped;");
        buf_finish(&text);
        tape_close(tape);
        sqlite3 *db;
        t_int(sqlite3_open(f.path, &db), SQLITE_OK);
        t_int(sqlite3_exec(db, "UPDATE instrument SET segment = 'merv'", NULL, NULL, NULL),
              SQLITE_OK);
        sqlite3_close(db);
    }
    fixture_remove(&f);
}

static void no_database(void **state)
{
    (void)state;
    struct tape *tape;
    struct err err;
    t_int(tape_open(&tape, "/nowhere/x.db", never, NULL, &err), -ENOENT);
    t_contains(err.text, "/nowhere/x.db");
    tape_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_views),
        cmocka_unit_test(stops),
        cmocka_unit_test(unknown_instruments_have_no_rows),
        cmocka_unit_test(the_last_gap_lasts_until_now),
        cmocka_unit_test(session_of_a_day),
        cmocka_unit_test(session_and_gaps_of_a_segment),
        cmocka_unit_test(no_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
