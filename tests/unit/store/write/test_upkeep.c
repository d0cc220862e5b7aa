#include "store/write/upkeep.h"

#include "store/sql.h"
#include "store/write/database.h"
#include "support/store_fixture.h"

#define MINUTE_MS 60000

struct bed {
    struct fixture f;
    struct database database;
    struct upkeep upkeep;
};

static void begin(struct bed *bed, int64_t rows, int keep_days)
{
    struct err err;
    bed->f = fixture_make();
    struct store *store = fixture_store(bed->f.path, 2);
    for (int64_t seq = 1; seq <= rows; seq++) {
        struct store_snapshot row = snapshot((int32_t)(seq % 2), seq, (double)seq);
        put_row(store, &row);
    }
    store_event(store, T0 - 30 * NS_PER_DAY, EVENT_STARTED, NULL, "long ago");
    store_event(store, T0, EVENT_STARTED, NULL, "now"); /* the newest time in the database */
    fixture_close(store);
    t_int(database_open(&bed->database, bed->f.path, false, &err), 0);
    t_int(upkeep_open(&bed->upkeep, bed->database.db, keep_days, &err), 0);
    bed->upkeep.mover.step_ms = MINUTE_MS; /* all rows in one step, on a loaded machine too */
}

static void end(struct bed *bed)
{
    upkeep_close(&bed->upkeep);
    database_close(&bed->database);
    fixture_remove(&bed->f);
}

static struct now at(int64_t mono_ms)
{
    return (struct now){.mono_ms = mono_ms, .wall_ns = T0 + mono_ms * NS_PER_MS};
}

static sqlite3 *lock_it(const struct bed *bed)
{
    sqlite3 *db;
    struct err err;
    t_int(sql_open(&db, bed->f.path, SQL_WRITE, 0, &err), 0);
    t_int(sql_begin(db), SQLITE_OK);
    return db;
}

/* --- due times -------------------------------------------------------------------------------- */

static void the_size_is_measured_every_ten_minutes(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, 0, 0);
    t_int(upkeep_due_ms(&bed.upkeep), 0);
    upkeep_step(&bed.upkeep, at(1000));
    t_true(bed.upkeep.growth.used_bytes > 0);
    t_int(upkeep_due_ms(&bed.upkeep), 1000 + 10 * MINUTE_MS);
    bed.upkeep.growth.used_bytes = 0;
    upkeep_step(&bed.upkeep, at(10 * MINUTE_MS)); /* not due */
    t_int(bed.upkeep.growth.used_bytes, 0);
    upkeep_step(&bed.upkeep, at(1000 + 10 * MINUTE_MS));
    t_true(bed.upkeep.growth.used_bytes > 0);
    end(&bed);
}

static void few_rows_move_after_ten_idle_seconds_and_many_at_once(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, 100, 0);
    upkeep_step(&bed.upkeep, at(1)); /* the size */
    upkeep_written(&bed.upkeep, 0, 5000);
    t_int(upkeep_due_ms(&bed.upkeep), 15000);
    t_int(upkeep_step(&bed.upkeep, at(14999)).moved, 0);
    upkeep_written(&bed.upkeep, 8092, 7000); /* 8192 in all, it believes */
    t_int(upkeep_due_ms(&bed.upkeep), 7000);
    t_int(upkeep_step(&bed.upkeep, at(7000)).moved, 100);
    t_double(ask(&bed.f, "select count(*) from snapshot_history"), 100);
    t_int(upkeep_due_ms(&bed.upkeep), 1 + 10 * MINUTE_MS); /* nothing is left to move */
    end(&bed);
}

static void a_begun_pass_goes_on_at_once(void **state)
{
    (void)state;
    struct bed bed;
    int64_t moved = 0;
    begin(&bed, 3000, 0);
    upkeep_step(&bed.upkeep, at(1));
    bed.upkeep.mover.step_ms = 0;
    int steps = 0;
    for (; moved < 3000; steps++) {
        t_int(upkeep_due_ms(&bed.upkeep), steps ? 0 : 10000);
        struct upkeep_done done = upkeep_step(&bed.upkeep, at(20000));
        t_true(done.moved < 3000);
        moved += done.moved;
    }
    t_int(moved, 3000);
    t_int(steps, 2 * (3000 / MOVER_BITE_ROWS + 1)); /* copied, then removed */
    end(&bed);
}

static void nothing_is_due_while_paused(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, 100, 1);
    bed.upkeep.paused = true;
    t_true(upkeep_due_ms(&bed.upkeep) == INT64_MAX);
    bed.upkeep.paused = false;
    t_int(upkeep_due_ms(&bed.upkeep), 0);
    end(&bed);
}

/* --- failures --------------------------------------------------------------------------------- */

static void a_step_that_fails_is_retried_a_second_later(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, 100, 1);
    sqlite3 *user = lock_it(&bed);
    t_int(upkeep_step(&bed.upkeep, at(10000)).moved, 0);
    t_int(bed.upkeep.move_from_ms, 11000);
    upkeep_step(&bed.upkeep, at(10500)); /* the size is next */
    t_int(bed.upkeep.look_from_ms, 11500);
    t_true(!upkeep_step(&bed.upkeep, at(10600)).trim_ended);
    t_int(bed.upkeep.trim_from_ms, 11600);
    sqlite3_close(user);
    t_double(ask(&bed.f, "select count(*) from snapshot_history"), 0);
    t_int(upkeep_step(&bed.upkeep, at(21000)).moved, 100);
    end(&bed);
}

/* --- old data --------------------------------------------------------------------------------- */

/* Runs steps until the trimmer is idle again; returns how many passes ended. */
static int trim_all(struct bed *bed, int64_t *now_ms)
{
    int ended = 0;
    for (int n = 0; n < 1000; n++) {
        ended += upkeep_step(&bed->upkeep, at(*now_ms)).trim_ended;
        if (bed->upkeep.trimmer.stage == TRIM_IDLE)
            break;
        t_int(bed->upkeep.trim_from_ms, *now_ms + 30);
        *now_ms += 30;
    }
    return ended;
}

static void old_data_is_deleted_once_a_day(void **state)
{
    (void)state;
    struct bed bed;
    int64_t now_ms = 100;
    begin(&bed, 0, 7);
    upkeep_step(&bed.upkeep, at(now_ms)); /* the size */
    t_int(upkeep_due_ms(&bed.upkeep), 0);
    t_int(trim_all(&bed, &now_ms), 1);
    t_int(bed.upkeep.trimmer.trimmed.events, 1);
    t_double(ask(&bed.f, "select count(*) from feed_log"), 1);

    now_ms += 1000;
    t_int(trim_all(&bed, &now_ms), 0); /* still the same day */
    t_int(upkeep_due_ms(&bed.upkeep), now_ms + MINUTE_MS);
    end(&bed);
}

static void without_a_number_of_days_nothing_is_deleted(void **state)
{
    (void)state;
    struct bed bed;
    int64_t now_ms = 100;
    begin(&bed, 0, 0);
    upkeep_step(&bed.upkeep, at(now_ms));
    t_int(upkeep_due_ms(&bed.upkeep), 100 + 10 * MINUTE_MS);
    t_int(trim_all(&bed, &now_ms), 0);
    t_double(ask(&bed.f, "select count(*) from feed_log"), 2);
    bed.upkeep.keep_days = 7; /* set while it runs */
    t_int(trim_all(&bed, &now_ms), 1);
    t_double(ask(&bed.f, "select count(*) from feed_log"), 1);
    end(&bed);
}

/* The clock shows a time long after the newest data: it is not believed. */
static void a_wrong_clock_deletes_nothing(void **state)
{
    (void)state;
    struct bed bed;
    begin(&bed, 100, 7);
    const struct now wrong = {.mono_ms = 500, .wall_ns = T0 + 4000 * NS_PER_DAY};
    bed.upkeep.mover.rows = 0;
    upkeep_step(&bed.upkeep, wrong);
    for (int n = 0; n < 100; n++)
        upkeep_step(&bed.upkeep, (struct now){wrong.mono_ms + 30 * n, wrong.wall_ns});
    t_double(ask(&bed.f, "select count(*) from feed_log where detail = 'now'"), 1);
    t_double(ask(&bed.f, "select count(*) from snapshots"), 100);
    end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_is_measured_every_ten_minutes),
        cmocka_unit_test(few_rows_move_after_ten_idle_seconds_and_many_at_once),
        cmocka_unit_test(a_begun_pass_goes_on_at_once),
        cmocka_unit_test(nothing_is_due_while_paused),
        cmocka_unit_test(a_step_that_fails_is_retried_a_second_later),
        cmocka_unit_test(old_data_is_deleted_once_a_day),
        cmocka_unit_test(without_a_number_of_days_nothing_is_deleted),
        cmocka_unit_test(a_wrong_clock_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
