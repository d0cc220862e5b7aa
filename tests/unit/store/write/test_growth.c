#include "store/write/growth.h"

#include "base/clock.h"
#include "store/write/database.h"
#include "support/store_fixture.h"

#define HOUR (3600 * NS_PER_S)

static void per_day(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t hours, from, to;
        double expected;
    } rows[] = {
        {"a day", 24, 1000, 3000, 2000},       {"half a day", 12, 0, 1000, 2000},
        {"a week", 168, 0, 7000, 1000},        {"it shrinks", 48, 5000, 1000, -2000},
        {"no change", 24, 500, 500, 0},        {"an hour is enough", 1, 0, 10, 240},
        {"no time has passed", 0, 0, 10, NAN}, {"the clock was set back", -3, 0, 10, NAN},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].name);
        t_double(growth_per_day(T0, rows[i].from, T0 + rows[i].hours * HOUR, rows[i].to),
                 rows[i].expected);
    }
    t_row("");
}

static void fill(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static void measurements_are_stored_by_day(void **state)
{
    (void)state;
    struct fixture f = fixture_make();
    struct database database;
    struct growth first, later, next;
    struct err err;
    t_int(database_open(&database, f.path, false, &err), 0);
    t_int(growth_look(database.db, T0, &first), SQLITE_OK);
    t_true(first.used_bytes > 0);
    t_double(first.bytes_per_day, NAN);

    fill(database.db, "create table t (x); insert into t values (randomblob(100000))");
    t_int(growth_look(database.db, T0 + 6 * HOUR, &later), SQLITE_OK);
    t_true(later.used_bytes >= first.used_bytes + 100000);
    t_double(later.bytes_per_day, (double)(later.used_bytes - first.used_bytes) * 4);
    t_double(ask(&f, "select count(*) from size_day"), 1);

    /* Nine days later, the first measurement is too old to count. */
    t_int(growth_look(database.db, T0 + 9 * 24 * HOUR, &next), SQLITE_OK);
    t_double(next.bytes_per_day, NAN);
    fill(database.db, "drop table t");
    t_int(growth_look(database.db, T0 + 10 * 24 * HOUR, &next), SQLITE_OK);
    t_true(next.bytes_per_day < -100000 && next.free_bytes >= 100000);
    t_double(ask(&f, "select count(*) from size_day"), 3);
    database_close(&database);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(per_day),
        cmocka_unit_test(measurements_are_stored_by_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
