/*
 * Measures the store without the rest of the service, for store.py. One job per run:
 *
 *   bench_store plain DB ROWS              appends the same rows unpacked, without the store
 *   bench_store append DB ROWS             appends them packed, without the store: the lower limit
 *   bench_store store DB ROWS              writes through the store at full speed
 *   bench_store move DB ROWS               the same, until all rows are moved to history
 *   bench_store history DB ROWS DAYS       creates the database for the next two jobs
 *   bench_store pace DB RATE SECONDS       adds RATE rows per second to it
 *   bench_store read DB DAYS SECONDS       queries it, one query after the other
 */
#include "append.h"
#include "base/clock.h"
#include "history.h"
#include "locks.h"
#include "questions.h"
#include "report.h"
#include "rows.h"
#include "statements.h"
#include "store/read/reader.h"
#include "support/put_row.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INSTRUMENTS     500
#define DISTINCT_MAX    32768
#define DISTINCT_MIN    2048
#define BACKLOG_ROWS    65536 /* as in the service */
#define COMMIT_EVERY_MS 250   /* the service's default */
#define LEFT_ROWS       8192  /* fewer rows are moved only after ten idle seconds */

struct filling {
    struct store *store;
    struct rows rows;
    int64_t seq;
};

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS}, NULL);
}

/* --- the store -------------------------------------------------------------------------------- */

static int64_t last_seq(const char *path)
{
    struct err err = {0};
    struct reader *reader;
    int64_t seq = 0;
    int rc = reader_open(&reader, path, &err);
    if (rc == 0)
        rc = reader_last_seq(reader, &seq, &err);
    if (rc)
        report_fail("%s", err.text);
    reader_close(reader);
    return seq;
}

/* How many different rows to create for a run of `count`: creating them is slower than writing
 * them. */
static size_t distinct_of(int64_t count)
{
    if (count < DISTINCT_MIN)
        return DISTINCT_MIN;
    return count < DISTINCT_MAX ? (size_t)count : DISTINCT_MAX;
}

static void open_store(struct filling *f, const char *path, int64_t count)
{
    struct err err = {0};
    struct store_config config = {
        .path = path, .commit_every_ms = COMMIT_EVERY_MS, .backlog_rows = BACKLOG_ROWS};
    *f = (struct filling){0};
    rows_make(&f->rows, INSTRUMENTS, distinct_of(count));
    if (store_create(&f->store, &config, NULL, NULL, &err))
        report_fail("%s", err.text);
    for (int i = 0; i < f->rows.instruments; i++)
        store_instrument(f->store, i, "ROFX", f->rows.symbols[i]);
    f->seq = last_seq(path);
}

static void close_store(struct filling *f)
{
    struct err err = {0};
    if (store_close(f->store, 60000, &err))
        report_fail("%s", err.text);
    rows_finish(&f->rows);
}

/* Like the streamer: while the backlog is large, waits for the writer. */
static void push(struct filling *f, int64_t number, int64_t ts_recv)
{
    struct store_snapshot row = rows_at(&f->rows, number, ++f->seq, ts_recv);
    put_row(f->store, &row);
    if (!store_pressed(f->store))
        return;
    while (store_stats(f->store).backlog_rows > BACKLOG_ROWS / 8)
        sleep_ms(1);
}

static void wait_written(const struct filling *f, int64_t count)
{
    while (store_stats(f->store).snapshots_written < count)
        sleep_ms(1);
    if (store_stats(f->store).dropped)
        report_fail("rows were dropped");
}

/* Rows that are not moved yet, from the range of seq: a count would read all rows. */
static int64_t ask_recent(sqlite3_stmt *stmt)
{
    int64_t rows = 0;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        rows = sqlite3_column_int64(stmt, 0); /* NULL is read as 0 */
    sqlite3_reset(stmt);
    return rows;
}

/* Waits until at most `most` rows are not moved; returns their number. */
static int64_t wait_recent(const char *path, int64_t most)
{
    sqlite3 *db;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        report_fail("%s", sqlite3_errmsg(db));
    sqlite3_stmt *stmt =
        statement_prepare(db, "SELECT max(seq) - (SELECT min(seq) FROM snapshot_recent) "
                              "+ 1 FROM snapshot_recent");
    int64_t rows;
    while ((rows = ask_recent(stmt)) > most)
        sleep_ms(20);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return rows;
}

/* --- jobs ------------------------------------------------------------------------------------- */

/* At full speed: while the last eighth goes on, so that the wait for the last batch, which is not
 * full, and what the writer does meanwhile do not count. */
static void report_written(const struct filling *f, int64_t count, const struct stopwatch *watch)
{
    wait_written(f, count * 7 / 8);
    report_pace("store", store_stats(f->store).snapshots_written, watch);
    wait_written(f, count);
}

static void flat_out(const char *path, int64_t count, bool moves)
{
    struct filling f;
    open_store(&f, path, count);
    if (moves)
        locks_watch();
    struct stopwatch watch = stopwatch_start();
    int64_t base_ns = clock_now().wall_ns;
    for (int64_t n = 0; n < count; n++)
        push(&f, n, base_ns + n * 100123);
    report_written(&f, count, &watch);
    if (moves) {
        wait_recent(path, LEFT_ROWS);
        report_pace("move", count, &watch);
        locks_report();
    }
    report("frame_bytes", f.rows.frame_bytes);
    close_store(&f);
}

static void pace(const char *path, int64_t rate, double seconds)
{
    struct filling f;
    open_store(&f, path, rate * (int64_t)seconds);
    int64_t first = f.seq, done = 0, most = 0;
    struct stopwatch watch = stopwatch_start(), now = {0};
    locks_watch();
    while ((now = stopwatch_read(&watch)).wall_s < seconds) {
        for (; done < (int64_t)(now.wall_s * (double)rate); done++)
            push(&f, first + done, clock_now().wall_ns);
        int64_t backlog = store_stats(f.store).backlog_rows;
        most = backlog > most ? backlog : most;
        sleep_ms(5);
    }
    wait_written(&f, done);
    report_pace("paced", done, &watch);
    report("backlog_most_rows", (double)most);
    report("recent_rows", (double)wait_recent(path, INT64_MAX));
    locks_report();
    close_store(&f);
}

/* --- main ------------------------------------------------------------------------------------- */

static void bare(char **words, enum append_shape shape)
{
    struct rows rows;
    rows_make(&rows, INSTRUMENTS, distinct_of(atoll(words[1])));
    append_rows(words[0], &rows, atoll(words[1]), shape);
    rows_finish(&rows);
}

static void job_plain(char **words)
{
    bare(words, APPEND_PLAIN);
}

static void job_append(char **words)
{
    bare(words, APPEND_PACKED);
}

static void job_store(char **words)
{
    flat_out(words[0], atoll(words[1]), false);
}

static void job_move(char **words)
{
    flat_out(words[0], atoll(words[1]), true);
}

static void job_history(char **words)
{
    struct rows rows;
    rows_make(&rows, INSTRUMENTS, distinct_of(atoll(words[1])));
    history_make(words[0], &rows, atoll(words[1]), atoi(words[2]));
    rows_finish(&rows);
}

static void job_pace(char **words)
{
    pace(words[0], atoll(words[1]), atof(words[2]));
}

static void job_read(char **words)
{
    questions_ask(words[0], atoi(words[1]), atof(words[2]));
}

static const struct {
    const char *name;
    int words;
    void (*run)(char **words);
} jobs[] = {
    {"plain", 2, job_plain}, {"append", 2, job_append},   {"store", 2, job_store},
    {"move", 2, job_move},   {"history", 3, job_history}, {"pace", 3, job_pace},
    {"read", 3, job_read},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        if (strcmp(argv[1], jobs[i].name) || argc != jobs[i].words + 2)
            continue;
        jobs[i].run(argv + 2);
        return 0;
    }
    fputs("bench_store: see the top of tests/bench/store.c\n", stderr);
    return 2;
}
