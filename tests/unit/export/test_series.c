#include "export/series.h"

#include "base/clock.h"
#include "support/t.h"

#define DAY    INT64_C(1795402800000000000) /* 2026-11-23 00:00 in Argentina, ns UTC */
#define MINUTE (60 * NS_PER_S)
#define LOW    INT64_MIN
#define HIGH   INT64_MAX

static const struct extract_bounds bounds = {
    .last_seq = 500, .last_event_id = 40, .last_listed = 60, .ts_last = DAY};

static void steps(void **state)
{
    (void)state;
    static const struct row {
        const char *name;
        enum extract_table table;
        struct mark mark;
        int64_t now;
        int64_t ts_from, ts_to, seq_from, seq_to, after;
    } rows[] = {
        // clang-format off
        {"all snapshots at first",    EXTRACT_SNAPSHOTS, {0, 0, 0, false, 7, 8},           DAY, LOW, HIGH, 0, 500, 500},
        {"then the new snapshots",    EXTRACT_SNAPSHOTS, {300, DAY, 1, true, 7, 8},       DAY, DAY - NS_PER_DAY, HIGH, 300, 500, 500},
        {"a mark in the future",      EXTRACT_SNAPSHOTS, {300, DAY + 1, 1, true, 7, 8}, DAY, LOW, HIGH, 300, 500, 500},
        {"none is new",               EXTRACT_SNAPSHOTS, {500, DAY, 2, true, 7, 8},       DAY, DAY - NS_PER_DAY, HIGH, 500, 500, 500},
        {"an older database",         EXTRACT_SNAPSHOTS, {900, DAY, 2, true, 7, 8},       DAY, DAY - NS_PER_DAY, HIGH, 900, 900, 900},
        {"trades by seq only",        EXTRACT_TRADES,    {300, DAY, 1, true, 7, 8},       DAY, LOW, HIGH, 300, 500, 500},
        {"events by id",              EXTRACT_EVENTS,    {10, DAY, 1, true, 7, 8},        DAY, LOW, HIGH, 10, 40, 40},
        {"no event in the first run", EXTRACT_EVENTS,    {10, DAY, 0, true, 7, 8},  DAY, LOW, HIGH, 10, 40, 40},
        {"minutes at first",          EXTRACT_BARS,      {0, 0, 0, false, 7, 8},           DAY, LOW, DAY - MINUTE, 7, HIGH, DAY - MINUTE},
        {"a minute not yet closed",   EXTRACT_BARS,      {DAY, DAY, 1, true, 7, 8}, DAY + 2 * MINUTE - 1, LOW, DAY, 7, HIGH, DAY},
        {"the minute is closed",      EXTRACT_BARS,      {DAY, DAY, 1, true, 7, 8}, DAY + 2 * MINUTE, LOW, DAY + MINUTE, 7, HIGH, DAY + MINUTE},
        {"a clock set back",          EXTRACT_BARS,      {DAY, DAY, 1, true, 7, 8}, DAY - MINUTE * 90, LOW, DAY, 7, HIGH, DAY},
        {"days at first",             EXTRACT_COVERAGE,  {0, 0, 0, false, 7, 8},           DAY + 60 * MINUTE, LOW, DAY, LOW, HIGH, DAY},
        {"a day not yet closed",      EXTRACT_COVERAGE,  {DAY, 0, 1, true, 7, 8},         DAY + NS_PER_DAY + MINUTE - 1, DAY, DAY, LOW, HIGH, DAY},
        {"the day is closed",         EXTRACT_COVERAGE,  {DAY, 0, 1, true, 7, 8},         DAY + NS_PER_DAY + MINUTE, DAY, DAY + NS_PER_DAY, LOW, HIGH, DAY + NS_PER_DAY},
        // clang-format on
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct series_step step = series_next(r->table, &r->mark, &bounds, r->now);
        t_row(r->name);
        t_int(step.query.table, r->table);
        t_int(step.query.ts_from, r->ts_from);
        t_int(step.query.ts_to, r->ts_to);
        t_int(step.query.seq_from, r->seq_from);
        t_int(step.query.seq_to, r->seq_to);
        t_int(step.query.ts_reach, INT64_MIN);
        t_int(step.query.ts_new, r->table == EXTRACT_BARS && r->mark.part ? r->mark.after : LOW);
        t_int(step.query.listed_from, 8);
        t_int(step.query.listed_to, r->table == EXTRACT_TRADES ? 60 : 8);
        t_int(step.to.listed, r->table == EXTRACT_TRADES || r->table == EXTRACT_BARS ? 60 : 8);
        t_int(step.to.seq, r->table == EXTRACT_BARS ? 500 : 7);
        t_int(step.to.after, r->after);
        t_int(step.to.part, r->mark.part + 1);
        t_int(step.to.ts_after, DAY);
        t_true(step.to.stored);
    }
}

/* Each part begins where the previous one ended, at any time of the run. */
static void parts_are_contiguous(void **state)
{
    (void)state;
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        enum extract_table table = (enum extract_table)t;
        bool by_time = table == EXTRACT_BARS || table == EXTRACT_COVERAGE;
        struct mark mark = {0};
        struct extract_bounds now = {0};
        t_row(extract_table_name(table));
        for (int64_t i = 0; i < 2000; i++) {
            int64_t ends = mark.after;
            struct series_step step =
                series_next(table, &mark, &now, DAY + i * 47 * MINUTE / (1 + i % 3));
            if (i > 0)
                t_int(table == EXTRACT_BARS ? step.query.ts_new
                      : by_time             ? step.query.ts_from
                                            : step.query.seq_from,
                      ends);
            t_int(by_time ? step.query.ts_to : step.query.seq_to, step.to.after);
            t_true(step.to.after >= ends);
            mark = step.to;
            now.last_seq += i % 5;
            now.last_event_id += i % 2;
        }
        t_int(mark.part, 2000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps),
        cmocka_unit_test(parts_are_contiguous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
