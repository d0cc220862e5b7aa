#include "export/job.h"

#include "base/clock.h"
#include "cli/commands.h"
#include "cli/export_options.h"
#include "cli/export_view.h"
#include "cli/owners.h"
#include "cli/protected_files.h"
#include "cli/unmatched.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE_STEP   10
#define IOPRIO_LOW  ((2 << 13) | 7) /* best effort, the lowest: ioprio_set(2) has no header */
#define IOPRIO_SELF 1
#define TEXT_BYTES  ((size_t)80 * 1024 * 1024)

/* --- the export ------------------------------------------------------------------------------- */

/* A file size limit and a stop signal must not kill the process: it has files to clean up. */
static void prepare_signals(const struct job_options *job)
{
    sigset_t stop;
    signal(SIGXFSZ, SIG_IGN);
    if (job->target == TARGET_STDOUT)
        return; /* nothing to clean up, and a write to the pipe may block for ever */
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, NULL);
}

static bool stop_requested(void *arg)
{
    sigset_t pending;
    (void)arg;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1 ||
            sigismember(&pending, SIGHUP) == 1);
}

static void on_progress(void *arg, const struct job_progress *progress)
{
    export_view_progress(arg, progress);
}

static void on_file(void *arg, const struct manifest_entry *entry)
{
    export_view_file(arg, entry);
}

static void lower_priority(void)
{
    errno = 0;
    if (nice(NICE_STEP) == -1 && errno)
        fprintf(stderr, "cinta export: --nice: %s\n", strerror(errno));
    syscall(SYS_ioprio_set, IOPRIO_SELF, 0, IOPRIO_LOW);
}

/* Prints each pattern that matches no symbol, also when others do. */
static void print_unmatched(const struct job_options *job, const char *before)
{
    struct reader *reader;
    struct buf text;
    struct err err;
    if (job->patterns_count == 0 || reader_open(&reader, job->database, &err))
        return;
    buf_init(&text, TEXT_BYTES);
    for (int i = 0; i < job->patterns_count; i++) {
        buf_clear(&text);
        if (unmatched_put(&text, reader, job->patterns[i]))
            fprintf(stderr, "cinta export: %s%s", before, buf_text(&text));
    }
    buf_finish(&text);
    reader_close(reader);
}

static void print_summary(const struct job_options *job, const struct job_summary *summary,
                          double seconds)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    export_view_summary(&text, summary, seconds);
    bool none_picked = job->patterns_count && summary->instruments == 0;
    if (summary->all.rows == 0 && !none_picked)
        fprintf(stderr, "cinta export: 0 rows%s\n",
                job->series ? ": nothing new since the last export" : "");
    else if (summary->all.rows)
        fprintf(stderr, "cinta export: %s: %s\n", buf_text(&text), job->out);
    print_unmatched(job, summary->all.rows ? "" : "0 rows: ");
    buf_finish(&text);
}

static int print_json(const struct cmd *self, const struct export_view *view,
                      const struct job_options *job, const struct job_summary *summary,
                      double seconds)
{
    struct buf text;
    FILE *out = job->target == TARGET_STDOUT ? stderr : stdout; /* not mixed with the data */
    buf_init(&text, TEXT_BYTES);
    export_view_json(&text, view, job, summary, seconds);
    bool good = !buf_failed(&text) &&
                fwrite(buf_text(&text), 1, text.len_bytes, out) == text.len_bytes &&
                fflush(out) == 0;
    buf_finish(&text);
    return good ? STATUS_OK : cmd_fail(self, STATUS_FAILED, "cannot write: %s", strerror(errno));
}

static int fail(const struct cmd *self, const struct job_summary *summary, const struct err *err)
{
    if (summary->all.files)
        return cmd_fail(self, STATUS_FAILED,
                        "%s; %lld files are complete: run it again to write the rest", err->text,
                        (long long)summary->all.files);
    return cmd_fail(self, STATUS_FAILED, "%s", err->text);
}

static int run_job(const struct cmd *self, const struct export_options *o, struct job *job,
                   const struct job_options *job_options, struct export_view *view)
{
    struct job_summary summary;
    struct err err;
    int rc = job_target(job, &err);
    if (rc)
        return rc == -EBUSY ? cmd_fail(self, STATUS_FAILED, "%s", err.text)
                            : cmd_usage(self, "%s", err.text);
    rc = job_run(job, &summary, &err);
    export_view_end(view);
    if (rc)
        return fail(self, &summary, &err);
    double seconds = (double)(clock_now().mono_ms - view->began_ms) / 1000;
    if (!o->quiet)
        print_summary(job_options, &summary, seconds);
    return o->json ? print_json(self, view, job_options, &summary, seconds) : STATUS_OK;
}

static int export(const struct cmd *self, const struct export_options *o,
                  struct job_options *job_options)
{
    struct export_view view;
    struct job *job;
    struct err err;
    export_view_init(&view, !o->quiet && isatty(STDERR_FILENO));
    job_options->arg = &view;
    job_options->stop = stop_requested;
    job_options->on_progress = on_progress;
    job_options->on_file = on_file;
    prepare_signals(job_options);
    if (o->nice)
        lower_priority();
    int status, rc = job_create(&job, job_options, &err);
    if (rc) {
        status = owners_fail(self, STATUS_FAILED, rc, job_options->database, &err);
    } else {
        status = run_job(self, o, job, job_options, &view);
        job_destroy(job);
    }
    export_view_finish(&view);
    return status;
}

/* Checks the file and its temporary name. */
static int check_protected(const struct cmd *self, const struct export_options *o,
                           const struct config *config, const struct job_options *job)
{
    const char *config_path = common_config_path(o->db.config_path);
    char beside[PATH_MAX];
    struct err err;
    if (job->target != TARGET_FILE)
        return STATUS_OK;
    snprintf(beside, sizeof(beside), "%s" OUT_FILE_SUFFIX, job->out);
    if (protected_files_check(job->out, config_path, config, &err) ||
        protected_files_check(beside, config_path, config, &err))
        return cmd_usage(self, "%s", err.text);
    return STATUS_OK;
}

/* With --db the section export of the configuration is not used. */
static int run(const struct cmd *self, void *given)
{
    struct export_options *o = given;
    struct job_options job = {0};
    struct config *config;
    int status = common_database_protected(self, &o->db, &config, &job.database);
    if (status == STATUS_OK)
        status = export_options_choose(self, o, o->db.db_path ? NULL : config, clock_now().wall_ns,
                                       &job);
    if (status == STATUS_OK)
        status = check_protected(self, o, config, &job);
    if (status == STATUS_OK && job.series)
        status = owners_check_series(self, job.database);
    if (status == STATUS_OK && job.target != TARGET_STDOUT)
        status = owners_become(self, job.database, job.out);
    if (status == STATUS_OK)
        status = export(self, o, &job);
    config_free(config);
    return status;
}

const struct cmd cmd_export = {
    .name = "export",
    .usage = "[-c FILE | --db FILE] [options]",
    .summary = "writes recorded data to files, also while the service runs",
    .options = export_options,
    .notes = "Without options, all recorded data is written to OUT/once, where OUT is\n"
             "export.out of the configuration. OUT itself is for --since-last.\n"
             "\n"
             "  cinta export --from 2026-11-23 --to 2026-11-23 --match 'DLR/*' --out week/\n"
             "  cinta export -t trades --from yesterday --out trades.csv.gz\n"
             "  cinta export -t bars --from today --format excel --out bars.excel.csv\n"
             "  cinta export -t bars --out - | head\n"
             "  cinta export --since-last schedule\n"
             "\n"
             "A TIME is now, -90m, -1h, -2d, today, 'yesterday 11:00', 26/11/2026,\n"
             "'26/11/2026 11:00', 2026-11-26, 2026-11-26T11:00 (all of these in Argentina)\n"
             "or 2026-11-26T14:00:00Z. DIR gets TABLE/date=DAY/part-0.csv.zst and a\n"
             "manifest.jsonl. A file gets its name once it is complete; after an interruption,\n"
             "run the same command again. An existing file is replaced if it is an export;\n"
             "any other file only with --force; the database and the files of the\n"
             "configuration never. --since-last exports each row once over all runs with that\n"
             "name. Exit status 0 also when there is nothing to export.\n",
    .options_bytes = sizeof(struct export_options),
    .defaults = &export_options_defaults,
    .run = run,
};
