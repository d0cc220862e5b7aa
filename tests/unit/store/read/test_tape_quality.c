/* The view tape_quality: our volume of a day against the broker's, before and after rows are moved
 * to history. */
#include "base/clock.h"
#include "store/sql.h"
#include "support/moving.h"

#define DAY_NS (art_day_begins_ns(art_day(T0)))

/* What the broker shows: at `s` after the midnight before T0. */
struct shown {
    int64_t s;
    double tv, nv;    /* NAN: not reported */
    int64_t traded_s; /* the last trade; 0: its time is unknown */
    double size;      /* of that trade; 0: it is not new */
};

static void put_shown(struct store *store, int64_t seq, const struct shown *shown)
{
    struct store_snapshot row = snapshot(0, seq, 100);
    row.ts_recv = DAY_NS + shown->s * NS_PER_S;
    row.changed = shown->size > 0 ? ENTRY_BIT(ENTRY_LA) : ENTRY_BIT(ENTRY_BI);
    row.quote.trade_volume = shown->tv;
    row.quote.nominal_volume = shown->nv;
    row.quote.last_price = 1500;
    row.quote.last_size = shown->size;
    row.quote.ts_last = shown->traded_s ? DAY_NS + shown->traded_s * NS_PER_S : 0;
    put_row(store, &row);
}

static void put_session(struct store *store, int64_t day)
{
    int64_t midnight = art_day_begins_ns(day);
    const struct store_session session = {.day = day,
                                          .ts_open = midnight + 10 * NS_PER_HOUR,
                                          .ts_close = midnight + 17 * NS_PER_HOUR,
                                          .present = true};
    store_session(store, &session);
}

#define SHOWN_MAX 5
#define H         INT64_C(3600)

static const struct quality {
    const char *name;
    struct shown shown[SHOWN_MAX];
    double volume, broker_volume, percent, missing; /* -1: NULL */
} rows[] = {
    {"all was shown",
     {{10 * H, 5, NAN, 10 * H - 1, 5}, {11 * H, 8, NAN, 11 * H - 1, 3}},
     8,
     8,
     100,
     0},
    {"half of it was shown",
     {{10 * H, 5, NAN, 10 * H, 5}, {11 * H, 20, NAN, 11 * H, 5}},
     10,
     20,
     50,
     10},
    {"BYMA counts nominal",
     {{10 * H, NAN, 300, 10 * H, 100}, {11 * H, NAN, 300, 10 * H, 0}},
     100,
     300,
     33.33,
     200},
    {"almost all", {{10 * H, NAN, 1000000, 10 * H, 999999}}, 999999, 1000000, 99.99, 1},
    {"the broker does not count", {{10 * H, NAN, NAN, 10 * H, 4}}, 4, -1, -1, -1},
    {"more than it counts", {{10 * H, 3, NAN, 10 * H, 4}}, 4, 3, 100, 0},
    {"it counts from 0 again after the close",
     {{10 * H, 5, NAN, 10 * H, 5}, {20 * H, 0, NAN, 10 * H, 0}, {21 * H, NAN, NAN, 10 * H, 0}},
     5,
     5,
     100,
     0},
    {"before the open it has the count of the day before",
     {{9 * H, 700, NAN, -10 * H, 0}, {11 * H, 5, NAN, 11 * H, 5}},
     5,
     5,
     100,
     0},
    {"the last trade has no time", {{11 * H, 6, NAN, 0, 3}}, 3, 6, 50, 3},
    {"the first and the last second of the day",
     {{1, 1, NAN, 1, 1}, {24 * H - 1, 3, NAN, 24 * H - 1, 2}},
     3,
     3,
     100,
     0},
};

static void check_row(const struct fixture *f, const struct quality *row)
{
    char day[CLOCK_TEXT], text[64];
    t_double(ask(f, "SELECT count(*) FROM tape_quality"), 1);
    t_double(ask(f, "SELECT volume FROM tape_quality"), row->volume);
    t_double(ask(f, "SELECT broker_volume FROM tape_quality"), row->broker_volume);
    t_double(ask(f, "SELECT percent FROM tape_quality"), row->percent);
    t_double(ask(f, "SELECT missing FROM tape_quality"), row->missing);
    t_true(ask_text(f, "SELECT day FROM tape_quality WHERE symbol = 'S0'", text, sizeof(text)));
    t_str(text, clock_day_text(day, art_day(T0)));
}

static void our_volume_is_compared_with_the_brokers(void **state)
{
    (void)state;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct fixture f = fixture_make();
        struct store *store = fixture_store(f.path, 2);
        t_row(rows[i].name);
        for (int64_t day = -1; day <= 1; day++)
            put_session(store, art_day(T0) + day);
        for (int64_t k = 0; k < SHOWN_MAX && rows[i].shown[k].s; k++)
            put_shown(store, k + 1, &rows[i].shown[k]);
        fixture_close(store);
        check_row(&f, &rows[i]); /* rows in snapshot_recent */
        move(&f, INT32_MAX);
        check_row(&f, &rows[i]);
        fixture_remove(&f);
    }
    t_row("");
}

static void execute(const struct fixture *f, const char *sql)
{
    sqlite3 *db;
    struct err err;
    t_int(sql_open(&db, f->path, SQL_WRITE, 0, &err), 0);
    t_int(sql_exec(db, sql), SQLITE_OK);
    sqlite3_close(db);
}

/* A day that was only fetched later has no session and nothing that the broker counted. */
static void a_day_of_the_list_alone_is_shown_too(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    char sql[512];
    fixture_close(fixture_store(f.path, 1));
    snprintf(sql, sizeof(sql),
             "INSERT INTO tape_day VALUES (%lld, 1, %lld, NULL, 2, 1);"
             "INSERT INTO bar_1m VALUES (1, %lld, %lld, %lld, 5, 5, 5, 5, 12, 2, 0, 0)",
             (long long)art_day(T0), (long long)T0, (long long)T0, (long long)T0, (long long)T0);
    execute(&f, sql);
    t_double(ask(&f, "SELECT volume FROM tape_quality"), 12);
    t_double(ask(&f, "SELECT broker_volume FROM tape_quality"), -1);
    t_double(ask(&f, "SELECT ts_complete FROM tape_quality"), -1); /* the merge was cut off */
    execute(&f, "UPDATE tape_day SET ts_merged = 1");
    t_double(ask(&f, "SELECT ts_complete FROM tape_quality"), (double)T0);
    t_double(ask(&f, "SELECT unlisted FROM tape_quality"), 1);
    t_double(ask(&f, "SELECT complete_time = '2026-11-23T15:00:00.000Z' FROM tape_quality"), 1);
    fixture_remove(&f);
}

/* No table that grows with the days is read from its beginning. */
static void each_day_of_an_instrument_is_a_range_of_the_keys(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "SELECT * FROM tape_quality",
        "SELECT * FROM tape_quality WHERE symbol = 'S1' AND day = '2026-11-23'",
        "SELECT symbol, missing FROM tape_quality WHERE day = '2026-11-23' ORDER BY missing DESC",
    };
    static const char *const ranges[] = {
        "SEARCH b USING PRIMARY KEY (instrument_id=? AND ts_minute>? AND ts_minute<?)",
        "SEARCH h USING PRIMARY KEY (instrument_id=? AND ts_recv>? AND ts_recv<?)",
        "SEARCH d USING PRIMARY KEY (day=? AND instrument_id=?)",
        "SEARCH t USING PRIMARY KEY (day>?)",
    };
    struct fixture f = fixture_make();
    fixture_close(fixture_store(f.path, 1));
    for (size_t i = 0; i < T_COUNT(queries); i++) {
        char plan[8192];
        t_row(queries[i]);
        plan_of(&f, queries[i], plan, sizeof(plan));
        for (size_t k = 0; k < T_COUNT(ranges); k++)
            t_contains(plan, ranges[k]);
        t_true(!strstr(plan, "SCAN h") && !strstr(plan, "SCAN b\n") && !strstr(plan, "SCAN d"));
    }
    t_row("");
    fixture_remove(&f);
}

/* As store/read/tape_needs joins it. */
static void a_volume_is_a_range_of_the_keys(void **state)
{
    (void)state;
    static const char query[] =
        "WITH pair (day, id) AS MATERIALIZED (SELECT day, instrument_id FROM tape_wanted)"
        " SELECT v.volume, v.trades, v.broker_volume FROM pair k"
        " CROSS JOIN tape_volume v ON v.instrument_id = k.id AND v.day = k.day";
    struct fixture f = fixture_make();
    char plan[8192];
    fixture_close(fixture_store(f.path, 1));
    plan_of(&f, query, plan, sizeof(plan));
    t_contains(plan,
               "SEARCH b USING PRIMARY KEY (instrument_id=? AND ts_minute>? AND ts_minute<?)");
    t_contains(plan, "SEARCH h USING PRIMARY KEY (instrument_id=? AND ts_recv>? AND ts_recv<?)");
    t_contains(plan, "SEARCH i USING INTEGER PRIMARY KEY (rowid=?)");
    t_true(!strstr(plan, "SCAN h") && !strstr(plan, "SCAN b\n") && !strstr(plan, "SCAN i\n"));
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_volume_is_compared_with_the_brokers),
        cmocka_unit_test(a_day_of_the_list_alone_is_shown_too),
        cmocka_unit_test(each_day_of_an_instrument_is_a_range_of_the_keys),
        cmocka_unit_test(a_volume_is_a_range_of_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
