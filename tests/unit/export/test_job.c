/* One export: its files, its manifest, and what is left when it is stopped or fails. */
#include "export/job.h"

#include "base/clock.h"
#include "export/format_csv.h"
#include "files/file.h"
#include "grouped_format.h"
#include "recording.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

/* What the callbacks were given. */
struct seen {
    char files[512]; /* "path rows; " */
    int reports, stop_after;
    double first[8]; /* `done` of the first reports */
    double done;
    int64_t rows;
};

static void on_progress(void *arg, const struct job_progress *progress)
{
    struct seen *seen = arg;
    if (seen->reports < (int)T_COUNT(seen->first))
        seen->first[seen->reports] = progress->done;
    seen->reports++;
    t_true(progress->done >= seen->done && progress->done <= 1);
    t_true(progress->rows >= seen->rows);
    seen->done = progress->done;
    seen->rows = progress->rows;
}

static void on_file(void *arg, const struct manifest_entry *entry)
{
    struct seen *seen = arg;
    size_t used = strlen(seen->files);
    snprintf(seen->files + used, sizeof(seen->files) - used, "%s %d; ", entry->path,
             (int)entry->rows);
}

static bool stop(void *arg)
{
    struct seen *seen = arg;
    return seen->stop_after && seen->reports >= seen->stop_after;
}

/* Trades of three days with one between, `a_day` on each, and two events. */
static struct recording record_trades(int a_day)
{
    struct recording r = make_recording();
    sql(&r, "BEGIN");
    for (int day = 0; day < 3; day++) {
        for (int i = 0; i < a_day; i++) {
            sql(&r, "UPDATE ledger SET last_seq = last_seq + 1");
            sql_at(&r, "INSERT INTO trade SELECT 1, ?1, last_seq, 61, 1, 1, 0, 0 FROM ledger",
                   T0 + (day + day / 2) * NS_PER_DAY + i * NS_PER_S);
        }
    }
    sql_at(&r, "INSERT INTO feed_event (ts, kind, detail) VALUES (?1, 'start', 'x')", T0);
    sql_at(&r, "INSERT INTO feed_event (ts, kind, detail) VALUES (?1, 'stop', 'y')", T0 + 1);
    sql(&r, "COMMIT");
    return r;
}

static struct job_options trades_to_folder(const struct recording *r, struct seen *seen)
{
    return (struct job_options){
        .database = r->path,
        .tables = {[EXTRACT_TRADES] = true},
        .format = &format_csv,
        .range = range_all(),
        .out = r->out,
        .target = TARGET_FOLDER,
        .by_day = true,
        .now_ns = T0 + 10 * NS_PER_DAY,
        .arg = seen,
        .stop = stop,
        .on_progress = on_progress,
        .on_file = on_file,
    };
}

static int run_job(const struct job_options *options, struct job_summary *summary, struct err *err)
{
    struct seen *seen = options->arg;
    struct job *job;
    *seen = (struct seen){.stop_after = seen->stop_after};
    *summary = (struct job_summary){0};
    int rc = job_create(&job, options, err);
    if (rc)
        return rc;
    rc = job_target(job, err);
    if (rc == 0)
        rc = job_run(job, summary, err);
    job_destroy(job);
    return rc;
}

static bool is_in(const struct recording *r, const char *name, const char *text)
{
    char path[256];
    struct buf content;
    buf_init(&content, (size_t)1024 * 1024);
    snprintf(path, sizeof(path), "%s/%s", r->out, name);
    bool found = file_read(path, &content) == 0 && strstr(buf_text(&content), text);
    buf_finish(&content);
    return found;
}

static bool exists(const struct recording *r, const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", r->out, name);
    return stat(path, &st) == 0;
}

/* --- what is written -------------------------------------------------------------------------- */

static void a_file_for_each_day_with_rows(void **state)
{
    (void)state;
    struct recording r = record_trades(2);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    options.tables[EXTRACT_EVENTS] = true;
    t_int(run_job(&options, &summary, NULL), 0);
    t_str(seen.files, "trades/date=2026-11-23/part-0.csv 2; trades/date=2026-11-24/part-0.csv 2; "
                      "trades/date=2026-11-26/part-0.csv 2; events/date=2026-11-23/part-0.csv 2; ");
    t_int(summary.instruments, 1);
    t_int(summary.all.rows, 8);
    t_int(summary.all.files, 4);
    t_int(summary.table[EXTRACT_TRADES].rows, 6);
    t_int(summary.table[EXTRACT_TRADES].files, 3);
    t_int(summary.table[EXTRACT_EVENTS].files, 1);
    t_int(summary.table[EXTRACT_TRADES].bytes + summary.table[EXTRACT_EVENTS].bytes,
          summary.all.bytes);
    t_true(summary.all.bytes > 0);
    t_true(seen.done > 0.9);
    t_true(is_in(&r, MANIFEST_NAME, "\"path\":\"trades/date=2026-11-26/part-0.csv\""));
    t_true(is_in(&r, MANIFEST_NAME, "\"first_seq\":5,\"last_seq\":6"));
    t_true(is_in(&r, "trades/date=2026-11-24/part-0.csv", "DLR/DIC26"));
    finish_recording(&r);
}

/* By days of the table, counted from its first row to its last: the third of these four is empty.
 * A table counts by the time that it usually takes. */
static void progress_is_by_days(void **state)
{
    (void)state;
    struct recording r = record_trades(1);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    t_int(run_job(&options, &summary, NULL), 0);
    t_int(seen.reports, 3);
    t_double(seen.first[0], 0);
    t_double(seen.first[1], 0.25);
    t_double(seen.first[2], 0.75);
    options.tables[EXTRACT_EVENTS] = true;
    t_int(run_job(&options, &summary, NULL), 0);
    t_int(seen.reports, 4);
    t_true(fabs(seen.first[2] - 0.75 * 3 / 3.1) < 1e-9);
    t_true(fabs(seen.first[3] - 3 / 3.1) < 1e-9);
    t_int(seen.rows, 3);
    finish_recording(&r);
}

static void one_file_for_a_table(void **state)
{
    (void)state;
    struct recording r = record_trades(2);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    options.by_day = false;
    options.compress = COMPRESS_GZIP;
    t_int(run_job(&options, &summary, NULL), 0);
    t_str(seen.files, "trades.csv.gz 6; ");
    finish_recording(&r);
}

/* The range is half-open; a range without rows writes nothing in a folder. */
static void rows_of_a_range(void **state)
{
    (void)state;
    struct recording r = record_trades(3);
    struct job_summary summary;
    static const struct row {
        const char *name;
        int64_t from, to;
        int rows, files;
    } rows[] = {
        {"from the second row on", T0 + NS_PER_S, INT64_MAX, 8, 3},
        {"up to the second row", INT64_MIN, T0 + NS_PER_S, 1, 1},
        {"a day", T0 + NS_PER_DAY, T0 + 2 * NS_PER_DAY, 3, 1},
        {"the day between", T0 + 2 * NS_PER_DAY, T0 + 3 * NS_PER_DAY, 0, 0},
    };
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        struct seen seen = {0};
        struct job_options options = trades_to_folder(&r, &seen);
        options.range = (struct range){rows[i].from, rows[i].to};
        t_row(rows[i].name);
        t_int(run_job(&options, &summary, NULL), 0);
        t_int(summary.all.rows, rows[i].rows);
        t_int(summary.all.files, rows[i].files);
        t_int(exists(&r, MANIFEST_NAME), rows[i].files > 0);
        remove_files(r.out);
    }
    finish_recording(&r);
}

/* A file given by name is written even without rows: its header shows that there are none. */
static void a_file_without_rows(void **state)
{
    (void)state;
    static const char *const nothing[] = {"T*"};
    struct recording r = record_trades(1);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    char path[128];
    t_int(mkdir(r.out, 0700), 0);
    snprintf(path, sizeof(path), "%s/t.csv", r.out);
    options.out = path;
    options.target = TARGET_FILE;
    options.by_day = false;
    options.patterns = nothing;
    options.patterns_count = 1;
    t_int(run_job(&options, &summary, NULL), 0);
    t_int(summary.instruments, 0);
    t_int(summary.all.rows, 0);
    t_int(summary.all.files, 1);
    t_true(is_in(&r, "t.csv", "market,symbol"));
    t_true(!exists(&r, MANIFEST_NAME));
    finish_recording(&r);
}

/* Nothing in the job depends on the format: one with groups of rows and a footer works too. */
static void a_format_that_keeps_rows(void **state)
{
    (void)state;
    struct recording r = record_trades(4);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    options.format = &grouped_format;
    t_int(run_job(&options, &summary, NULL), 0);
    t_int(summary.all.files, 3);
    t_true(is_in(&r, "trades/date=2026-11-24/part-0.grouped", "<[3][1]4 rows>"));
    options.force = true; /* the list of formats does not have this one */
    grouped_fails = FAIL_FINISH;
    t_int(run_job(&options, &summary, NULL), -EIO);
    grouped_fails = FAIL_NEVER;
    t_int(grouped_alive, 0);
    finish_recording(&r);
}

/* --- what is left ----------------------------------------------------------------------------- */

static void a_stop_leaves_complete_files(void **state)
{
    (void)state;
    struct recording r = record_trades(3000);
    struct seen seen = {.stop_after = 5};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    struct err err;
    t_int(run_job(&options, &summary, &err), -EINTR);
    t_str(err.text, "interrupted");
    t_int(summary.all.files, 1);
    t_true(exists(&r, "trades/date=2026-11-23/part-0.csv"));
    t_true(!exists(&r, "trades/date=2026-11-24/part-0.csv"));
    t_true(!exists(&r, "trades/date=2026-11-24/part-0.csv.tmp"));
    t_true(is_in(&r, MANIFEST_NAME, "date=2026-11-23"));
    t_true(!is_in(&r, MANIFEST_NAME, "date=2026-11-24"));
    seen.stop_after = 0;
    t_int(run_job(&options, &summary, &err), 0);
    t_int(summary.all.rows, 9000);
    finish_recording(&r);
}

/* The series has not got further after a failure: the next run has all its rows again. */
static void a_failure_leaves_the_series(void **state)
{
    (void)state;
    struct recording r = record_trades(1);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    struct err err;
    char blocked[256];
    options.series = "s";
    snprintf(blocked, sizeof(blocked), "%s/trades", r.out);
    t_int(mkdir(r.out, 0700), 0);
    t_int(mkdir(blocked, 0700), 0);
    strcat(blocked, "/date=2026-11-24");
    int fd =
        open(blocked, O_WRONLY | O_CREAT, 0600); /* a file instead of the second day's folder */
    close(fd);
    t_true(run_job(&options, &summary, &err) < 0);
    t_contains(err.text, "date=2026-11-24");
    t_int(summary.all.files, 1);
    t_true(is_in(&r, MANIFEST_NAME, "\"series\":\"s\""));
    t_int(count(&r, "SELECT count(*) FROM export_mark"), 0);
    t_int(unlink(blocked), 0);
    t_int(run_job(&options, &summary, &err), 0);
    t_int(summary.all.rows, 3);
    t_int(count(&r, "SELECT count(*) FROM export_mark"), 1);
    t_int(run_job(&options, &summary, &err), 0);
    t_int(summary.all.files, 0);
    finish_recording(&r);
}

/* --- targets ---------------------------------------------------------------------------------- */

static void targets_that_are_refused(void **state)
{
    (void)state;
    struct recording r = record_trades(1);
    struct seen seen = {0};
    struct job_options options = trades_to_folder(&r, &seen);
    struct job_summary summary;
    struct err err;
    t_int(run_job(&options, &summary, &err), 0);
    options.series = "s";
    t_int(run_job(&options, &summary, &err), -EEXIST);
    t_contains(err.text, "of another series of exports or of an export without a series");
    options.tables[EXTRACT_TRADES] = false;
    options.tables[EXTRACT_EVENTS] = true;
    t_int(run_job(&options, &summary, &err), 0);
    options.series = NULL;
    t_int(run_job(&options, &summary, &err), -EEXIST);
    t_contains(err.text, "is the folder of a series of exports");

    int folder = open(r.out, O_RDONLY | O_DIRECTORY);
    t_int(flock(folder, LOCK_EX), 0);
    t_int(run_job(&options, &summary, &err), -EBUSY);
    t_contains(err.text, "another export is writing to");
    close(folder);

    options.out = r.path;
    options.target = TARGET_FILE;
    t_int(run_job(&options, &summary, &err), -EPERM);
    options.force = true;
    t_int(run_job(&options, &summary, &err), -EPERM);
    options.database = "/no/such/cinta.db";
    t_int(run_job(&options, &summary, &err), -ENOENT);
    finish_recording(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_for_each_day_with_rows),
        cmocka_unit_test(progress_is_by_days),
        cmocka_unit_test(one_file_for_a_table),
        cmocka_unit_test(rows_of_a_range),
        cmocka_unit_test(a_file_without_rows),
        cmocka_unit_test(a_format_that_keeps_rows),
        cmocka_unit_test(a_stop_leaves_complete_files),
        cmocka_unit_test(a_failure_leaves_the_series),
        cmocka_unit_test(targets_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
