/*
 * Which rows take part in the comparison with a list, and what is found: the missing trades and the
 * corrections, in the order of time.
 */
#include "store/write/tape_compare.h"

#include "base/clock.h"
#include "store/write/tape_rows.h"
#include "support/moving.h"

#include <math.h>

#define DAY    art_day(T0)
#define AT(ms) (T0 + (ms)*NS_PER_MS)
#define MAX    4

struct bed {
    struct fixture f;
    struct database database;
    struct tape_rows rows;
    struct tape_compare compare;
};

static void make_bed(struct bed *bed)
{
    struct err err;
    bed->f = fixture_make();
    fixture_close(fixture_store(bed->f.path, 2));
    t_int(database_open(&bed->database, bed->f.path, false, &err), 0);
    t_int(tape_rows_open(&bed->rows, bed->database.db, &err), 0);
    t_int(tape_compare_open(&bed->compare, bed->database.db, &err), 0);
}

static void finish_bed(struct bed *bed)
{
    tape_compare_close(&bed->compare);
    tape_rows_close(&bed->rows);
    database_close(&bed->database);
    fixture_remove(&bed->f);
}

static void add(struct bed *bed, int64_t seq, struct trade trade, bool undated)
{
    const struct store_trade row = {1, seq, trade, undated};
    t_int(tape_rows_add(&bed->rows, &row), SQLITE_OK);
}

static void rows_and_list_are_compared_up_to_the_time_of_the_list(void **state)
{
    (void)state;
    static struct trade list[] = {
        {AT(1000) + 17, 1500, 5, 0}, {AT(2500), 1500, 6, 0},  {AT(2500), 1500, 6, 0},
        {AT(9000), 1501, 1, 0},      {AT(60500), 1502, 1, 0}, {AT(-86400000), 1500, 5, 0},
    };
    static const struct {
        const char *name;
        int64_t complete_ms;
        int64_t until_ms, listed, unlisted;
        size_t missing_count, corrections_count;
        int64_t missing[MAX];     /* index in the list */
        int64_t corrections[MAX]; /* seq */
    } rows[] = {
        {"all of it", 3600000, 3599999, 5, 1, 1, 3, {2}, {12, 13, 14}},
        {"up to before the last one", 60000, 59999, 4, 1, 1, 2, {2}, {12, 13}},
        {"up to before those that are corrected", 1999, 1999, 1, 0, 0, 0, {0}, {0}},
        {"before the first one", 500, -1, 0, 0, 0, 0, {0}, {0}},
    };
    struct bed bed;
    make_bed(&bed);
    add(&bed, 11, (struct trade){AT(1000), 1500, 5, TRADE_FROM_REST}, false);
    add(&bed, 12, (struct trade){AT(2000), 1500, NAN, TRADE_FROM_MATRIZ}, false);
    add(&bed, 13, (struct trade){AT(61000), 1501, 1, TRADE_FROM_REST}, true);
    add(&bed, 14, (struct trade){AT(3599000), 1502, NAN, TRADE_FROM_REST}, true);
    add(&bed, 15, (struct trade){AT(3000), 1777, 1, TRADE_FROM_REST}, false); /* not in the list */
    const struct store_tape whole = {.day = DAY, .trades = list, .count = T_COUNT(list)};
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct store_tape tape = whole;
        struct tape_compare *c = &bed.compare;
        t_row(rows[i].name);
        tape.ts_complete = AT(rows[i].complete_ms);
        t_int(tape_compare_until(&tape), AT(rows[i].until_ms));
        t_int(tape_compare_run(c, &tape, 1), SQLITE_OK);
        t_int(c->ts_complete, AT(rows[i].until_ms));
        t_int(c->listed, rows[i].listed);
        t_int(c->unlisted, rows[i].unlisted);
        t_int(c->missing_count, rows[i].missing_count);
        t_int(c->corrections_count, rows[i].corrections_count);
        for (size_t n = 0; n < rows[i].missing_count; n++)
            t_int(c->missing[n].at, rows[i].missing[n]);
        for (size_t n = 0; n < rows[i].corrections_count; n++)
            t_int(c->corrections[n].seq, rows[i].corrections[n]);
        t_int(tape_compare_run(c, &tape, 2), SQLITE_OK); /* another instrument */
        t_int(c->missing_count, rows[i].listed);
    }
    t_row("");
    finish_bed(&bed);
}

static void what_a_correction_says(void **state)
{
    (void)state;
    static struct trade list[] = {{AT(2500) + 999, 1500, 6, 0}, {AT(7000), 1501, NAN, 0}};
    const struct store_tape tape = {
        .day = DAY, .ts_complete = AT(3600000), .trades = list, .count = T_COUNT(list)};
    struct bed bed;
    make_bed(&bed);
    add(&bed, 12, (struct trade){AT(2000), 1500, NAN, TRADE_FROM_MATRIZ}, false);
    add(&bed, 13, (struct trade){AT(7000), 1501, NAN, TRADE_FROM_MATRIZ}, false); /* unknown too */
    t_int(tape_compare_run(&bed.compare, &tape, 1), SQLITE_OK);
    t_int(bed.compare.unlisted, 0);
    t_int(bed.compare.missing_count, 0);
    t_int(bed.compare.corrections_count, 1);
    const struct store_correction *to = bed.compare.corrections;
    t_int(to->seq, 12);
    t_int(to->ts_shown, AT(2000));
    t_int(to->ts_event, AT(2500));
    t_double(to->size, 6);
    tape_compare_forget(&bed.compare);
    t_int(bed.compare.corrections_count, 0);
    finish_bed(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_list_are_compared_up_to_the_time_of_the_list),
        cmocka_unit_test(what_a_correction_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
