/*
 * A series over several runs: with any set of tables without new rows in any run, each row is in
 * exactly one part, and no run fails.
 */
#include "export/job.h"

#include "base/clock.h"
#include "base/rng.h"
#include "export/format_csv.h"
#include "recording.h"
#include "store/write/mover.h"
#include "store/write/store.h"
#include "store/write/tape_writer.h"
#include "store/write/trimmer.h"
#include "support/put_row.h"

#include <sys/stat.h>

#define ALL_TABLES ((1U << EXTRACT_TABLES) - 1)
#define SUBSETS    (1U << EXTRACT_TABLES)

static void start_again(const struct recording *r)
{
    sql(r, "BEGIN; DELETE FROM snapshot_recent; DELETE FROM trade; DELETE FROM bar_1m;"
           "DELETE FROM feed_event; DELETE FROM coverage_closed; DELETE FROM export_mark;"
           "UPDATE ledger SET last_seq = 0; COMMIT");
    remove_files(r->out);
}

/* The first run takes as long as all the others together, so its result is kept for them. */
static void keep_first_run(const struct recording *r)
{
    sql(r, "DROP TABLE IF EXISTS temp.kept; CREATE TEMP TABLE kept AS SELECT * FROM export_mark");
}

static void back_to_first_run(const struct recording *r)
{
    sql(r, "BEGIN; DELETE FROM export_mark; INSERT INTO export_mark SELECT * FROM temp.kept");
    sql_at(r, "DELETE FROM snapshot_recent WHERE ts_recv > ?1", T0);
    sql_at(r, "DELETE FROM trade WHERE ts_event > ?1", T0);
    sql_at(r, "DELETE FROM bar_1m WHERE ts_minute > ?1", T0);
    sql_at(r, "DELETE FROM feed_event WHERE ts > ?1", T0);
    sql_at(r, "DELETE FROM coverage_closed WHERE ts_from > ?1", T0);
    sql(r, "COMMIT");
    remove_files(r->out);
}

/* Adds one new row to each table of the set, with times that fit this run. */
static void add_rows(const struct recording *r, unsigned tables, int run)
{
    static const char *const rows[EXTRACT_TABLES] = {
        "INSERT INTO snapshot_recent (seq, instrument_id, ts_recv, source, changed, unit, "
        "bid_price)"
        " SELECT last_seq, 1, ?1, 1, 1, 1, 61 FROM ledger",
        "INSERT INTO trade SELECT 1, ?1, last_seq, 61, 1, 1, 0, 0 FROM ledger",
        "INSERT INTO bar_1m SELECT 1, t, t, t, 61, 61, 61, 61, 1, 1, 0, 0"
        " FROM (SELECT (?1 - 600000000000) / 60000000000 * 60000000000 AS t)",
        "INSERT INTO feed_event (ts, kind, detail) VALUES (?1, 'start', 'x')",
        "INSERT INTO coverage_closed SELECT 1, t - 86399000000000, t - 86000000000000, 1, 'stop'"
        " FROM (SELECT ?1 AS t)",
    };
    sql(r, "BEGIN");
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        if (!(tables & 1U << t))
            continue;
        sql(r, "UPDATE ledger SET last_seq = last_seq + 1");
        sql_at(r, rows[t], T0 + run * NS_PER_DAY);
    }
    sql(r, "COMMIT");
}

static struct job_options job_of(const struct recording *r, int64_t now_ns)
{
    struct job_options options = {
        .database = r->path,
        .format = &format_csv,
        .range = range_all(),
        .out = r->out,
        .target = TARGET_FOLDER,
        .series = "s",
        .now_ns = now_ns,
    };
    for (int t = 0; t < EXTRACT_TABLES; t++)
        options.tables[t] = true;
    return options;
}

static struct job_summary run_job(const struct job_options *options)
{
    struct job_summary summary;
    struct job *job;
    struct err err;
    if (job_create(&job, options, &err) || job_target(job, &err) || job_run(job, &summary, &err))
        fail_msg("%s", err.text);
    job_destroy(job);
    return summary;
}

static struct job_summary run_series_at(const struct recording *r, int64_t now_ns)
{
    const struct job_options options = job_of(r, now_ns);
    return run_job(&options);
}

static struct job_summary run_series(const struct recording *r, int run)
{
    return run_series_at(r, T0 + run * NS_PER_DAY);
}

static bool is_there(const struct recording *r, int table, int part)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s-%d.csv", r->out,
             extract_table_name((enum extract_table)table), part);
    return stat(path, &st) == 0;
}

/* Expects that the run exports one new row of each of these tables only; `parts` counts the files.
 */
static void expect_run(const struct recording *r, unsigned news, int run, int *parts)
{
    add_rows(r, news, run);
    struct job_summary summary = run_series(r, run);
    for (int t = 0; t < EXTRACT_TABLES; t++) {
        bool is_new = news & 1U << t;
        t_int(summary.table[t].rows, is_new);
        t_true(!is_new || is_there(r, t, parts[t]));
        parts[t] += is_new;
        t_true(!is_there(r, t, parts[t]));
    }
}

/* Every set of tables in the first run; in the second the complement, the same set, all or none. */
static void any_table_may_be_empty_in_any_run(void **state)
{
    (void)state;
    struct recording r = make_recording();
    char name[64];
    for (unsigned first = 0; first < SUBSETS; first++) {
        const unsigned seconds[] = {ALL_TABLES & ~first, first, ALL_TABLES, 0};
        int parts_first[EXTRACT_TABLES] = {0}, parts[EXTRACT_TABLES];
        snprintf(name, sizeof(name), "tables %02x", first);
        t_row(name);
        start_again(&r);
        expect_run(&r, first, 0, parts_first);
        keep_first_run(&r);
        for (size_t i = 0; i < T_COUNT(seconds); i++) {
            snprintf(name, sizeof(name), "tables %02x, then %02x", first, seconds[i]);
            back_to_first_run(&r);
            memcpy(parts, parts_first, sizeof(parts));
            expect_run(&r, seconds[i], 1, parts);
        }
    }
    finish_recording(&r);
}

/* Every set of tables in later runs: 13 is odd, so that `run` goes through all sets. */
static void a_long_series(void **state)
{
    (void)state;
    struct recording r = make_recording();
    int parts[EXTRACT_TABLES] = {0};
    for (unsigned run = 0; run <= SUBSETS; run++)
        expect_run(&r, run * 13 % SUBSETS, (int)run, parts);
    finish_recording(&r);
}

/* --- retention and restarts ------------------------------------------------------------------- */

/* Writes the rows of one day as a service does, continuing with the seq of the ledger. */
static void record_day(const struct recording *r, int64_t *seq, int64_t ts)
{
    const struct store_config config = {r->path, false, 1, 30000, 0, 0, false};
    struct store *store;
    struct err err;
    if (store_create(&store, &config, NULL, NULL, &err))
        fail_msg("%s", err.text);
    store_instrument(store, 0, "ROFX", "DLR/DIC26");
    for (int i = 0; i < 3; i++) {
        struct store_snapshot row = {
            .source = SOURCE_STREAM,
            .seq = ++*seq,
            .ts_recv = ts + i * 60 * NS_PER_S,
            .changed = ENTRY_BIT(ENTRY_LA),
            .quote = quote_none(),
        };
        row.quote.last_price = 61.24 + i;
        row.quote.last_size = 1;
        row.quote.ts_last = row.ts_recv;
        put_row(store, &row);
        store_event(store, row.ts_recv, EVENT_LOGIN, NULL, "in");
    }
    const struct store_span span = {0, SOURCE_STREAM, ts, ts + NS_PER_S, 0, EVENT_DAY_END};
    store_spans_closed(store, &span, 1);
    if (store_close(store, 30000, &err))
        fail_msg("%s", err.text);
}

/* Fewer steps than a pass has leave its rows in both tables. */
static void move_and_trim(const struct recording *r, int64_t steps, int64_t before_ns)
{
    struct database database;
    struct trimmer trimmer;
    struct mover mover;
    struct err err;
    int64_t moved;
    bool ended;
    t_int(database_open(&database, r->path, false, &err), 0);
    t_int(mover_open(&mover, database.db, &err), 0);
    mover.step_ms = 0;
    for (int64_t n = 0; n < steps && mover.rows; n++)
        t_int(mover_step(&mover, &moved), SQLITE_OK);
    mover_close(&mover);
    t_int(trimmer_open(&trimmer, database.db, &err), 0);
    trimmer_begin(&trimmer, before_ns);
    while (trimmer.stage != TRIM_IDLE)
        t_int(trimmer_step(&trimmer, &ended), SQLITE_OK);
    trimmer_close(&trimmer);
    database_close(&database);
}

/* Every day all rows of the day before are deleted, so that each table is empty once a day. */
static void deleted_rows_hide_no_new_ones(void **state)
{
    (void)state;
    struct recording r = make_recording();
    int64_t seq = 0, events = 0;
    for (int day = 0; day < 4; day++) {
        int64_t ts = T0 + day * NS_PER_DAY;
        record_day(&r, &seq, ts);
        struct job_summary summary = run_series(&r, day + 1);
        t_row("rows of the day");
        t_int(summary.table[EXTRACT_SNAPSHOTS].rows, 3);
        t_int(summary.table[EXTRACT_TRADES].rows, 3);
        t_int(summary.table[EXTRACT_BARS].rows, 3);
        t_int(summary.table[EXTRACT_COVERAGE].rows, 1);
        t_true(summary.table[EXTRACT_EVENTS].rows >= 3);
        events += summary.table[EXTRACT_EVENTS].rows;
        move_and_trim(&r, INT64_MAX, ts + NS_PER_DAY);
        t_row("all rows are deleted");
        t_int(count(&r, "SELECT (SELECT count(*) FROM feed_event) + (SELECT count(*) FROM trades)"
                        " + (SELECT count(*) FROM snapshots) + (SELECT count(*) FROM bars_1m)"
                        " + (SELECT count(*) FROM coverage)"),
              0);
        t_int(run_series(&r, day + 1).all.rows, 0);
        t_int(count(&r, "SELECT seq FROM sqlite_sequence WHERE name = 'feed_event'"), events);
    }
    finish_recording(&r);
}

/* --- trades that come later ------------------------------------------------------------------- */

#define ROUNDS    8
#define LIST_DAYS 3

/* A program that keeps of each `seq` of `trades`, and of each minute of `bars`, the row of the last
 * part. */
static const char consumer[] =
    "DROP TABLE IF EXISTS temp.tape; DROP TABLE IF EXISTS temp.minute;"
    "CREATE TEMP TABLE tape (ts_event, price, size, seq, origin, PRIMARY KEY (seq));"
    "CREATE TEMP TABLE minute (ts PRIMARY KEY, open, high, low, close, volume, trades)";

static void take_line(const struct recording *r, const char *insert, const char *line)
{
    sqlite3_stmt *stmt;
    char copy[512], *rest = copy;
    snprintf(copy, sizeof(copy), "%s", line);
    assert_int_equal(sqlite3_prepare_v2(r->db, insert, -1, &stmt, NULL), SQLITE_OK);
    for (int i = 1; rest; i++) {
        char *cell = strsep(&rest, ",\r\n");
        sqlite3_bind_text(stmt, i, cell, -1, SQLITE_TRANSIENT);
    }
    t_int(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_finalize(stmt);
}

static void take_file(const struct recording *r, const char *name, const char *insert)
{
    char path[160], line[512];
    snprintf(path, sizeof(path), "%s/%s", r->out, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return;                                       /* this run had no such rows */
    assert_non_null(fgets(line, sizeof(line), file)); /* the header */
    while (fgets(line, sizeof(line), file))
        take_line(r, insert, line);
    fclose(file);
    unlink(path);
}

static void consume(const struct recording *r, int part)
{
    char name[64];
    for (int n = 0; n <= part; n++) {
        snprintf(name, sizeof(name), "trades-%d.csv", n);
        take_file(r, name,
                  "INSERT OR REPLACE INTO temp.tape VALUES (CAST(?4 AS INTEGER),"
                  " CAST(?5 AS REAL), CAST(nullif(?6, '') AS REAL), CAST(?8 AS INTEGER), ?7)");
        snprintf(name, sizeof(name), "bars-%d.csv", n);
        take_file(r, name,
                  "INSERT OR REPLACE INTO temp.minute VALUES (CAST(?4 AS INTEGER),"
                  " CAST(?5 AS REAL), CAST(?6 AS REAL), CAST(?7 AS REAL), CAST(?8 AS REAL),"
                  " CAST(nullif(?9, '') AS REAL), CAST(?10 AS INTEGER))");
    }
}

static void check_consumer(const struct recording *r, int64_t now_ns)
{
    char text[512];
    t_int(count(r, "SELECT count(*) FROM (SELECT ts_event, price, size, seq, origin FROM trades"
                   " EXCEPT SELECT * FROM temp.tape)"),
          0);
    t_int(count(r, "SELECT count(*) FROM temp.tape"), count(r, "SELECT count(*) FROM trades"));
    snprintf(text, sizeof(text),
             "SELECT count(*) FROM (SELECT ts_minute, open, high, low, close, volume, trades"
             " FROM bars_1m WHERE ts_minute < %lld EXCEPT SELECT * FROM temp.minute)",
             (long long)((now_ns - NS_PER_MIN) / NS_PER_MIN * NS_PER_MIN));
    t_int(count(r, text), 0);
    snprintf(text, sizeof(text),
             "SELECT (SELECT count(*) FROM bars_1m WHERE ts_minute < %lld)"
             "     - (SELECT count(*) FROM temp.minute WHERE trades > 0)",
             (long long)((now_ns - NS_PER_MIN) / NS_PER_MIN * NS_PER_MIN));
    t_int(count(r, text), 0); /* minutes that are exported with 0 trades have none any more */
}

/* --- what is recorded ------------------------------------------------------------------------- */

#define MADE_MAX (ROUNDS * 24)

/* The market: the trades that were made. */
struct market {
    struct rng rng;
    struct trade made[MADE_MAX];
    size_t count;
    size_t late; /* from here on they were made lately, and not shown yet */
    int64_t seq, now_ns;
};

static struct trade make_trade(struct market *m, int64_t ts)
{
    struct trade trade = {ts / NS_PER_MS * NS_PER_MS, 1500 + (double)rng_below(&m->rng, 9) * 0.5,
                          (double)rng_below(&m->rng, 5) + 1, TRADE_FROM_HISTORY};
    t_true(m->count < MADE_MAX);
    m->made[m->count++] = trade;
    return trade;
}

/* How a source shows a trade: the terminal without its size, some without its time. */
static struct store_snapshot shown(struct market *m, const struct trade *trade, int64_t ts_recv)
{
    struct store_snapshot row = {.source = SOURCE_STREAM,
                                 .seq = ++m->seq,
                                 .ts_recv = ts_recv,
                                 .changed = ENTRY_BIT(ENTRY_LA),
                                 .quote = quote_none()};
    row.quote.last_price = trade->price;
    row.quote.last_size = trade->size;
    row.quote.ts_last = trade->ts_event;
    switch (rng_below(&m->rng, 4)) {
    case 0:
        row.source = SOURCE_MATRIZ;
        row.quote.last_size = NAN;
        row.quote.ts_last = trade->ts_event / NS_PER_S * NS_PER_S;
        break;
    case 1:
        row.quote.ts_last = 0;
        break;
    default:
        break;
    }
    return row;
}

/* Trades of the last ten minutes, some of which arrive when their bar was already exported. */
static void record_some(const struct recording *r, struct market *m)
{
    const struct store_config config = {r->path, false, 1, 30000, 0, 0, false};
    struct store *store;
    struct err err;
    if (store_create(&store, &config, NULL, NULL, &err))
        fail_msg("%s", err.text);
    store_instrument(store, 0, "ROFX", "DLR/DIC26");
    for (int64_t i = rng_below(&m->rng, 8); i > 0; i--) {
        const struct trade trade = make_trade(m, m->now_ns - rng_below(&m->rng, 600) * NS_PER_S);
        struct store_snapshot row = shown(m, &trade, m->now_ns);
        put_row(store, &row);
    }
    if (store_close(store, 30000, &err))
        fail_msg("%s", err.text);
}

/* One that is in the broker's list, and shown while that is merged. */
static void record_late(const struct recording *r, struct market *m)
{
    const struct store_snapshot row = shown(m, &m->made[m->late++], m->now_ns);
    char text[512], ago[32] = "NULL", size[32] = "NULL";
    if (row.quote.ts_last)
        snprintf(ago, sizeof(ago), "%lld",
                 (long long)((row.ts_recv - row.quote.ts_last) / NS_PER_MS));
    if (!isnan(row.quote.last_size))
        snprintf(size, sizeof(size), "%g", row.quote.last_size);
    snprintf(text, sizeof(text),
             "INSERT INTO main.snapshot_recent (seq, instrument_id, ts_recv, source, changed,"
             " last_ago, unit, last_price, last_size) VALUES (%lld, 1, %lld, %d, 4, %s, 10, %.0f,"
             " %s); UPDATE ledger SET last_seq = %lld, written = written + 1",
             (long long)row.seq, (long long)row.ts_recv, (int)row.source, ago,
             row.quote.last_price * 10, size, (long long)row.seq);
    sql(r, text);
}

/* --- the broker's list ------------------------------------------------------------------------ */

static int by_time(const void *one, const void *other)
{
    const struct trade *a = one, *b = other;
    return (a->ts_event > b->ts_event) - (a->ts_event < b->ts_event);
}

/* Of one of the last days, with trades that nobody has seen. */
static struct store_tape list_of(struct market *m, struct trade *trades)
{
    struct store_tape list = {.day = art_day(m->now_ns) - rng_below(&m->rng, LIST_DAYS),
                              .ts_complete = m->now_ns - 30 * NS_PER_S,
                              .trades = trades};
    int64_t noon = art_day_begins_ns(list.day) + 12 * NS_PER_HOUR;
    for (int64_t i = rng_below(&m->rng, 16); i > 0; i--)
        make_trade(m, noon + rng_below(&m->rng, 3000) * 333 * NS_PER_MS);
    m->late = m->count;
    for (int64_t i = rng_below(&m->rng, 6); i > 0; i--)
        make_trade(m, m->now_ns - rng_below(&m->rng, 200) * NS_PER_S);
    for (size_t i = 0; i < m->count; i++) {
        if (art_day(m->made[i].ts_event) == list.day && m->made[i].ts_event <= list.ts_complete)
            trades[list.count++] = m->made[i];
    }
    qsort(trades, list.count, sizeof(*trades), by_time);
    return list;
}

/* `between` is called after each step. */
static void merge_list(const struct recording *r, const struct store_tape *list,
                       void (*between)(void *arg), void *arg)
{
    struct database database;
    struct tape_writer writer;
    struct err err;
    bool done = false;
    t_int(database_open(&database, r->path, false, &err), 0);
    t_int(tape_writer_open(&writer, database.db, &err), 0);
    writer.step_ms = 0;
    while (!done) {
        t_int(tape_writer_step(&writer, list, 1, &done), SQLITE_OK);
        if (between)
            between(arg);
    }
    tape_writer_close(&writer);
    database_close(&database);
}

/* --- a series --------------------------------------------------------------------------------- */

struct run {
    struct recording r;
    struct market m;
    int part;
};

static void export_and_check(struct run *run)
{
    run_series_at(&run->r, run->m.now_ns);
    consume(&run->r, run->part++);
    check_consumer(&run->r, run->m.now_ns);
}

static void record_and_export(void *arg)
{
    struct run *run = arg;
    if (run->m.late < run->m.count && rng_below(&run->m.rng, 3))
        record_late(&run->r, &run->m);
    if (rng_below(&run->m.rng, 2))
        export_and_check(run);
}

static void what_comes_later_is_in_a_later_part(void **state)
{
    (void)state;
    static struct trade trades[MADE_MAX];
    static struct run run;
    int corrected = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        char name[32];
        run = (struct run){make_recording(), {.rng = {.state = seed}, .now_ns = T0}, 0};
        struct market *m = &run.m;
        sql(&run.r, consumer);
        for (int round = 0; round < ROUNDS; round++) {
            snprintf(name, sizeof(name), "series %d, round %d", (int)seed, round);
            t_row(name);
            record_some(&run.r, m);
            struct store_tape list = list_of(m, trades);
            if (rng_below(&m->rng, 3))
                merge_list(&run.r, &list, seed % 2 ? NULL : record_and_export, &run);
            if (rng_below(&m->rng, 3) == 0)
                move_and_trim(&run.r, rng_below(&m->rng, 4), 1);
            export_and_check(&run);
            m->now_ns += rng_below(&m->rng, 3) ? rng_below(&m->rng, 240) * NS_PER_S : NS_PER_DAY;
        }
        t_true(count(&run.r, "SELECT count(*) FROM temp.tape WHERE seq < 0") > 10);
        corrected += (int)count(&run.r, "SELECT count(*) FROM trade WHERE corrected > 0");
        finish_recording(&run.r);
    }
    t_row("");
    t_true(corrected > 10);
}

/* A run for a range has them in their days, like all others. */
static void a_range_has_the_trades_of_the_list(void **state)
{
    (void)state;
    static struct trade trades[MADE_MAX];
    static struct market m = {.rng = {.state = 9}, .now_ns = T0};
    struct recording r = make_recording();
    sql(&r, consumer);
    record_some(&r, &m);
    struct store_tape list = list_of(&m, trades);
    while (list.count < 16)
        list = list_of(&m, trades);
    merge_list(&r, &list, NULL, NULL);
    struct job_options options = job_of(&r, T0);
    options.series = NULL;
    struct job_summary summary = run_job(&options);
    t_int(summary.table[EXTRACT_TRADES].rows, count(&r, "SELECT count(*) FROM trades"));
    t_int(summary.table[EXTRACT_BARS].rows, count(&r, "SELECT count(*) FROM bars_1m"));
    t_true(count(&r, "SELECT count(*) FROM trades WHERE seq < 0") > 0);
    finish_recording(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_table_may_be_empty_in_any_run),
        cmocka_unit_test(a_long_series),
        cmocka_unit_test(deleted_rows_hide_no_new_ones),
        cmocka_unit_test(what_comes_later_is_in_a_later_part),
        cmocka_unit_test(a_range_has_the_trades_of_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
