/* What the tape of each instrument and day lacks, from rows of the tables. */
#include "store/read/tape_needs.h"

#include "store/write/database.h"
#include "store/write/tape_wanted.h"
#include "support/store_fixture.h"

#include <errno.h>

#define DAY   20780 /* 2026-11-23, the day of T0 */
#define HOUR  NS_PER_HOUR
#define FROM  art_day_begins_ns(DAY)
#define TEXTS 2048

static struct fixture make_database(const char *sql)
{
    struct fixture f = fixture_make();
    struct database database;
    struct err err;
    char *why = NULL;
    if (database_open(&database, f.path, false, &err))
        fail_msg("%s", err.text);
    if (sqlite3_exec(database.db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    database_close(&database);
    return f;
}

struct seen {
    char text[TEXTS]; /* a line for each need */
    bool stop;
};

static void put_need(void *arg, const struct tape_row *row)
{
    struct seen *seen = arg;
    const struct tape_need *need = &row->need;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, TEXTS - used, "%s:%s %+lld %gx%lld of %g to %lld gap %lld%s\n",
             row->market_id, row->symbol, (long long)(need->day - DAY), need->volume,
             (long long)need->trades, need->broker_volume, (long long)need->ts_complete,
             (long long)(need->ts_gap > FROM ? (need->ts_gap - FROM) / HOUR : need->ts_gap),
             need->wanted ? " wanted" : "");
}

static bool must_stop(void *arg)
{
    return ((struct seen *)arg)->stop;
}

static void expect(const struct fixture *f, int64_t from, int64_t to, const char *text)
{
    struct seen seen = {0};
    struct err err;
    const struct tape_needs_query query = {f->path, from, to, must_stop, &seen};
    if (tape_needs_read(&query, put_need, &seen, &err))
        fail_msg("%s", err.text);
    t_str(seen.text, text);
}

/* Times are hours of DAY: "H(13)" is 13:00 in Argentina, in ns UTC. */
#define H(hour) "((20780 * 24 + 3 + " #hour ") * 3600000000000)"
#define INSTRUMENTS                                                                                \
    "INSERT INTO instrument (id, market_id, symbol, ts_created) VALUES (1, 'ROFX', 'A', 0), (2, "  \
    "'ROFX', 'B', 0);"
#define WATCH(id) "INSERT INTO watch VALUES (" #id ", " H(9) ", NULL);"
#define BAR(id, h, volume, trades)                                                                 \
    "INSERT INTO bar_1m (instrument_id, ts_minute, ts_open, ts_close, open, high, low, close, "    \
    "volume, trades)"                                                                              \
    " VALUES (" #id ", " H(h) ", 0, 0, 1, 1, 1, 1, " #volume ", " #trades ");"
/* A change received at an hour; its last trade was so many hours before. */
#define CHANGE(table, seq, id, h, ago, tv, nv)                                                     \
    "INSERT INTO " table                                                                           \
    " (seq, instrument_id, ts_recv, source, changed, last_ago, unit, last_price, last_size,"       \
    " trade_volume, nominal_volume) VALUES (" #seq ", " #id                                        \
    ", " H(h) ", 2, 4, " #ago " * 3600000, 1, 10, 3, " #tv ", " #nv ");"

static void rows(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sql, *text;
    } table[] = {
        /* clang-format off */
        {"nothing recorded", INSTRUMENTS, ""},
        {"no trades", INSTRUMENTS WATCH(1), "ROFX:A +0 0x0 of nan to 0 gap 0\n"},
        {"bars and the broker's volume", INSTRUMENTS WATCH(1) BAR(1, 10, 5, 2) BAR(1, 11, 6, 3) BAR(2, 11, 99, 9)
         CHANGE("snapshot_history", 1, 1, 11, 0, 20, NULL), "ROFX:A +0 11x5 of 20 to 0 gap 0\n"},
        {"nominal volume of BYMA", INSTRUMENTS WATCH(1) CHANGE("snapshot_history", 1, 1, 11, 0, NULL, 7),
         "ROFX:A +0 0x0 of 7 to 0 gap 0\n"},
        {"BYMA: two trades of one second look the same, and the volume grows", INSTRUMENTS WATCH(1)
         CHANGE("snapshot_recent", 1, 1, 11, 0, NULL, 3) CHANGE("snapshot_recent", 2, 1, 11, 0, NULL, 6),
         "ROFX:A +0 3x1 of 6 to 0 gap 0\n"},
        {"the last change of the day", INSTRUMENTS WATCH(1) CHANGE("snapshot_history", 1, 1, 11, 0, 20, NULL)
         CHANGE("snapshot_history", 2, 1, 12, 0, 30, NULL), "ROFX:A +0 0x0 of 30 to 0 gap 0\n"},
        {"bars of the day before are not of this one", INSTRUMENTS WATCH(1) BAR(1, -1, 5, 2) BAR(1, 24, 5, 2),
         "ROFX:A +0 0x0 of nan to 0 gap 0\n"},
        {"the volume of the day before, before the first trade", INSTRUMENTS WATCH(1)
         CHANGE("snapshot_history", 1, 1, 10, 17, 500, NULL), "ROFX:A +0 0x0 of nan to 0 gap 0\n"},
        {"0 after the close", INSTRUMENTS WATCH(1) CHANGE("snapshot_history", 1, 1, 11, 0, 20, NULL)
         CHANGE("snapshot_history", 2, 1, 19, 8, 0, NULL), "ROFX:A +0 0x0 of 20 to 0 gap 0\n"},
        {"changes that were not moved yet", INSTRUMENTS WATCH(1) BAR(1, 10, 5, 2)
         CHANGE("snapshot_recent", 1, 1, 11, 0, 20, NULL) CHANGE("snapshot_recent", 2, 1, 12, 1, 20, NULL)
         CHANGE("snapshot_recent", 3, 1, 13, 0, 40, NULL), "ROFX:A +0 11x4 of 40 to 0 gap 0\n"},
        {"of the day before, not moved yet", INSTRUMENTS WATCH(1)
         CHANGE("snapshot_recent", 1, 1, 9, 16, 500, NULL), "ROFX:A +0 0x0 of nan to 0 gap 0\n"},
        {"a last trade without a date", INSTRUMENTS WATCH(1) CHANGE("snapshot_history", 1, 1, 11, NULL, 20, NULL),
         "ROFX:A +0 0x0 of 20 to 0 gap 0\n"},
        {"a last trade without a date, not moved yet", INSTRUMENTS WATCH(1)
         CHANGE("snapshot_recent", 1, 1, 11, NULL, 20, NULL), "ROFX:A +0 3x1 of 20 to 0 gap 0\n"},
        {"a merged list", INSTRUMENTS WATCH(1) "INSERT INTO tape_day VALUES (20780, 1, 77, 88, 5, 0);",
         "ROFX:A +0 0x0 of nan to 77 gap 0\n"},
        {"a merge that did not end", INSTRUMENTS WATCH(1) "INSERT INTO tape_day VALUES (20780, 1, 77, NULL, 5, 0);",
         "ROFX:A +0 0x0 of nan to 0 gap 1\n"},
        {"covered since the beginning", INSTRUMENTS WATCH(1)
         "INSERT INTO coverage_open VALUES (1, " H(10) ", " H(12) ", 0, 2);", "ROFX:A +0 0x0 of nan to 0 gap 0\n"},
        {"after a gap", INSTRUMENTS WATCH(1) "INSERT INTO coverage_closed VALUES (1, " H(10) ", " H(11) ", 2, 'stopped');"
         "INSERT INTO coverage_open VALUES (1, " H(12) ", " H(13) ", 0, 2);", "ROFX:A +0 0x0 of nan to 0 gap 12\n"},
        {"no longer watched on that day", INSTRUMENTS "INSERT INTO watch VALUES (1, " H(-20) ", " H(-1) ");", ""},
        {"watched until that day", INSTRUMENTS "INSERT INTO watch VALUES (1, " H(-20) ", " H(1) ");",
         "ROFX:A +0 0x0 of nan to 0 gap 0\n"},
        /* clang-format on */
    };
    for (size_t r = 0; r < T_COUNT(table); r++) {
        struct fixture f = make_database(table[r].sql);
        t_row(table[r].name);
        expect(&f, DAY, DAY, table[r].text);
        fixture_remove(&f);
    }
}

static void several_days(void **state)
{
    (void)state;
    struct fixture f =
        make_database(INSTRUMENTS WATCH(1) WATCH(2) BAR(1, 10, 5, 1) BAR(1, 34, 6, 1));
    expect(&f, DAY - 1, DAY + 1,
           "ROFX:A +0 5x1 of nan to 0 gap 0\nROFX:B +0 0x0 of nan to 0 gap 0\n"
           "ROFX:A +1 6x1 of nan to 0 gap 0\nROFX:B +1 0x0 of nan to 0 gap 0\n");
    fixture_remove(&f);
}

static void put(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

static void what_the_user_wants(void **state)
{
    (void)state;
    struct fixture f = make_database(INSTRUMENTS WATCH(1));
    const struct tape_wish wishes[] = {{1, DAY}, {2, DAY - 30}};
    t_int(tape_wanted_add(f.path, wishes, 2, T0, NULL), 0);
    t_row("also of other days and of instruments that are not recorded");
    expect(&f, DAY, DAY,
           "ROFX:B -30 0x0 of nan to 0 gap 0 wanted\nROFX:A +0 0x0 of nan to 0 gap 0 wanted\n");
    t_row("until a list is merged");
    put(&f, "INSERT INTO tape_day VALUES (20780, 1, 5, 1795446000000000000, 0, 0);");
    expect(&f, DAY, DAY,
           "ROFX:B -30 0x0 of nan to 0 gap 0 wanted\nROFX:A +0 0x0 of nan to 5 gap 0\n");
    t_row("wanted again");
    t_int(tape_wanted_add(f.path, wishes, 1, T0 + 1, NULL), 0);
    expect(&f, DAY, DAY,
           "ROFX:B -30 0x0 of nan to 0 gap 0 wanted\nROFX:A +0 0x0 of nan to 5 gap 0 wanted\n");
    t_row("wishes are forgotten after a month");
    t_int(tape_wanted_add(f.path, wishes, 1, T0 + 31 * NS_PER_DAY, NULL), 0);
    expect(&f, DAY, DAY, "ROFX:A +0 0x0 of nan to 5 gap 0 wanted\n");
    fixture_remove(&f);
}

static void errors(void **state)
{
    (void)state;
    struct seen seen = {.stop = true};
    struct err err;
    const struct tape_wish wish = {1, DAY};
    t_int(tape_needs_read(&(const struct tape_needs_query){.path = "/no/such.db"}, put_need, &seen,
                          &err),
          -ENOENT);
    t_true(tape_wanted_add("/no/such.db", &wish, 1, T0, &err) < 0);
    struct fixture f = make_database(INSTRUMENTS WATCH(1) WATCH(2));
    const struct tape_needs_query query = {f.path, DAY - 20000, DAY, must_stop, &seen};
    t_int(tape_needs_read(&query, put_need, &seen, &err), -EINTR);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(several_days),
        cmocka_unit_test(what_the_user_wants),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
