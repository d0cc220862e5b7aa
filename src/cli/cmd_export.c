#include "export/job.h"

#include "base/clock.h"
#include "cli/args.h"
#include "cli/export_options.h"
#include "cli/export_view.h"
#include "cli/owners.h"
#include "cli/protected_files.h"
#include "cli/unmatched.h"
#include "config/config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NICE_STEP   10
#define IOPRIO_LOW  ((2 << 13) | 7) /* best effort, the lowest: ioprio_set(2) has no header */
#define IOPRIO_SELF 1
#define TEXT_BYTES  ((size_t)80 * 1024 * 1024)

// clang-format off
enum { CONFIG, DB, FROM, TO, TABLE, MATCH, FORMAT, COMPRESS, OUT, SPLIT, SINCE_LAST, FORCE, JSON, QUIET, NICE };

static const struct option_row options[] = {
    [CONFIG] = OPTION_CONFIG,
    [DB] = {"db", 0, "FILE", "use this database, not the one in the configuration"},
    [FROM] = {"from", 0, "TIME", "rows from this day or time on"},
    [TO] = {"to", 0, "TIME", "rows before this time, or up to the end of this day"},
    [TABLE] = {"table", 't', "snapshots|trades|bars|events|coverage", "may be repeated"},
    [MATCH] = {"match", 'm', "PATTERN", "only symbols that match; may be repeated"},
    [FORMAT] = {"format", 0, "csv|jsonl|excel", "excel: CSV for spreadsheets with Argentine settings"},
    [COMPRESS] = {"compress", 0, "none|gzip|zstd", "default: by the name of FILE; zstd in a DIR"},
    [OUT] = {"out", 'o', "DIR|FILE|-", "where to write; - is standard output"},
    [SPLIT] = {"split", 0, "day|none", "one file per day, or one per table"},
    [SINCE_LAST] = {"since-last", 0, "NAME", "rows that are new since the last export of this name"},
    [FORCE] = {"force", 'f', NULL, "replace FILE also when it is not an export"},
    [JSON] = {"json", 0, NULL, "print the result as one JSON object"},
    [QUIET] = {"quiet", 'q', NULL, "errors only"},
    [NICE] = {"nice", 0, NULL, "run with low CPU and I/O priority"},
    {0},
};
// clang-format on

/* --- the command line ------------------------------------------------------------------------- */

static int take_table(const struct cmd *self, struct export_options *o, const char *name,
                      size_t len)
{
    char word[32];
    snprintf(word, sizeof(word), "%.*s", (int)len, name);
    int table = len < sizeof(word) ? extract_table_find(word) : -1;
    if (table < 0)
        return cmd_usage(self,
                         "--table: '%.*s' is not valid; allowed: snapshots, trades, bars, events, "
                         "coverage",
                         (int)len, name);
    o->tables[table] = o->tables_given = true;
    return STATUS_OK;
}

static int take_tables(const struct cmd *self, struct export_options *o, const char *list)
{
    int status = STATUS_OK;
    for (; status == STATUS_OK; list++) {
        size_t len = strcspn(list, ",");
        status = take_table(self, o, list, len);
        list += len;
        if (!*list)
            break;
    }
    return status;
}

static int take_option(const struct cmd *self, struct export_options *o, int option,
                       const char *value)
{
    const char **const texts[] = {
        [CONFIG] = &o->config_path,
        [DB] = &o->db_path,
        [FROM] = &o->from,
        [TO] = &o->to,
        [FORMAT] = &o->format,
        [COMPRESS] = &o->compress,
        [OUT] = &o->out,
        [SPLIT] = &o->split,
        [SINCE_LAST] = &o->series,
    };
    if (option == TABLE)
        return take_tables(self, o, value);
    if (option == MATCH)
        o->patterns[o->patterns_count++] = value;
    else if (option == FORCE)
        o->force = true;
    else if (option == JSON)
        o->json = true;
    else if (option == QUIET)
        o->quiet = true;
    else if (option == NICE)
        o->nice = true;
    else
        *texts[option] = value;
    return STATUS_OK;
}

/* `--from yesterday 11:00` without quotes leaves 11:00 as an argument. */
static int check_rest(const struct cmd *self, const struct args *args)
{
    int count;
    const char *const *rest = args_rest(args, &count);
    if (count && strchr(rest[0], ':'))
        return cmd_usage(
            self,
            "unexpected argument '%s': a time with a space in it needs quotes, such as "
            "--from 'yesterday 11:00'",
            rest[0]);
    return args_none_left(args);
}

static int parse_options(const struct cmd *self, int argc, char **argv, struct export_options *o)
{
    struct args args;
    const char *value;
    int option, status = STATUS_OK;

    args_init(&args, self, argc, argv);
    while (status == STATUS_OK && (option = args_next(&args, &value)) >= 0)
        status = take_option(self, o, option, value);
    if (status)
        return status;
    return option == ARGS_WRONG ? STATUS_USAGE : check_rest(self, &args);
}

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
    char beside[PATH_MAX];
    struct err err;
    if (job->target != TARGET_FILE)
        return STATUS_OK;
    snprintf(beside, sizeof(beside), "%s" OUT_FILE_SUFFIX, job->out);
    if (protected_files_check(job->out, o->config_path, config, &err) ||
        protected_files_check(beside, o->config_path, config, &err))
        return cmd_usage(self, "%s", err.text);
    return STATUS_OK;
}

/* With --db the section export of the configuration is not used; its files are protected anyway. */
static int run_with(const struct cmd *self, int argc, char **argv, struct export_options *o)
{
    struct job_options job = {0};
    struct config *config = NULL;
    struct err err;
    int status = parse_options(self, argc, argv, o);
    if (status)
        return status;
    if (config_load(o->config_path, &config, &err) && !o->db_path)
        return cmd_fail(self, STATUS_CONFIG, "%s", err.text);
    status = export_options_choose(self, o, o->db_path ? NULL : config, clock_now().wall_ns, &job);
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

static int run(const struct cmd *self, int argc, char **argv)
{
    struct export_options o = {.config_path = config_default_path()};
    o.patterns = calloc((size_t)argc, sizeof(*o.patterns));
    if (!o.patterns)
        return cmd_fail(self, STATUS_FAILED, "out of memory");
    int status = run_with(self, argc, argv, &o);
    free(o.patterns);
    return status;
}

const struct cmd cmd_export = {
    .name = "export",
    .arguments = "[-c FILE | --db FILE] [options]",
    .summary = "writes recorded data to files, also while the service runs",
    .options = options,
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
    .run = run,
};
