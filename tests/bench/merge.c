/*
 * Measures the merge of the broker's list of a day's trades, for store.py:
 *
 *   bench_merge none|stream|terminal DB TRADES
 *
 * The table has none of the trades of the list, or half of them: as the stream shows them, or,
 * without their sizes and in whole seconds, as the browser terminal does.
 */
#include "base/clock.h"
#include "base/rng.h"
#include "report.h"
#include "store/sql.h"
#include "store/write/database.h"
#include "store/write/tape_rows.h"
#include "store/write/tape_writer.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DAY         20786 /* 2026-11-29 */
#define SESSION_MS  (7 * 3600 * 1000)
#define PRICES      50
#define SIZES       20
#define INSTRUMENT  1
#define LIST_LAG_NS (45 * NS_PER_S)

static void check(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK)
        report_fail("%s", sqlite3_errmsg(db));
}

static void make_list(struct store_tape *list, size_t count)
{
    struct rng rng = {.state = 7};
    int64_t open_ns = art_day_begins_ns(DAY) + 10 * NS_PER_HOUR;
    list->trades = calloc(count, sizeof(*list->trades));
    if (!list->trades)
        report_fail("out of memory");
    for (size_t i = 0; i < count; i++)
        list->trades[i] =
            (struct trade){open_ns + (int64_t)((double)i / (double)count * SESSION_MS) * NS_PER_MS,
                           1500 + 0.5 * (double)rng_below(&rng, PRICES),
                           1 + (double)rng_below(&rng, SIZES), TRADE_FROM_HISTORY};
    list->count = count;
    list->day = DAY;
    list->ts_complete = open_ns + SESSION_MS * NS_PER_MS + LIST_LAG_NS;
}

static void record_half(sqlite3 *db, const struct store_tape *list, bool terminal)
{
    struct tape_rows rows;
    struct err err;
    if (tape_rows_open(&rows, db, &err))
        report_fail("%s", err.text);
    check(db, sql_begin(db));
    for (size_t i = 0; i < list->count; i += 2) {
        struct store_trade row = {INSTRUMENT, (int64_t)i + 1, list->trades[i], false};
        row.trade.origin = terminal ? TRADE_FROM_MATRIZ : TRADE_FROM_STREAM;
        if (terminal) {
            row.trade.ts_event = row.trade.ts_event / NS_PER_S * NS_PER_S;
            row.trade.size = NAN;
        }
        check(db, tape_rows_add(&rows, &row));
    }
    check(db, sql_end(db, SQLITE_OK));
    tape_rows_close(&rows);
}

static void merge(sqlite3 *db, const struct store_tape *list)
{
    struct tape_writer writer;
    struct err err;
    bool done = false;
    double longest_s = 0;
    if (tape_writer_open(&writer, db, &err))
        report_fail("%s", err.text);
    struct stopwatch watch = stopwatch_start();
    while (!done) {
        struct stopwatch step = stopwatch_start();
        check(db, tape_writer_step(&writer, list, INSTRUMENT, &done));
        double took_s = stopwatch_read(&step).wall_s;
        if (writer.stage == TAPE_WRITE && writer.written && took_s > longest_s)
            longest_s = took_s;
    }
    struct stopwatch took = stopwatch_read(&watch);
    report("merge_ms", took.wall_s * 1000);
    report("merge_cpu_ms", took.process_s * 1000);
    report("merge_lock_max_ms", longest_s * 1000);
    report("added", (double)writer.result.added);
    report("corrected", (double)writer.result.corrected);
    tape_writer_close(&writer);
}

int main(int argc, char **argv)
{
    struct store_tape list = {0};
    struct database database;
    struct err err = {0};
    if (argc != 4)
        report_fail("usage: bench_merge none|stream|terminal DB TRADES");
    if (database_open(&database, argv[2], false, &err))
        report_fail("%s", err.text);
    make_list(&list, strtoul(argv[3], NULL, 10));
    if (strcmp(argv[1], "none") != 0)
        record_half(database.db, &list, strcmp(argv[1], "terminal") == 0);
    merge(database.db, &list);
    free(list.trades);
    database_close(&database);
    return 0;
}
