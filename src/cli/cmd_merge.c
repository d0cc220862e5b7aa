#include "merge/merge.h"

#include "base/buf.h"
#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/merge_view.h"
#include "cli/owners.h"
#include "cli/protected_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPORT_BYTES ((size_t)64 * 1024 * 1024)

struct options {
    const char *config_path, *to;
    bool force, json;
    struct option_texts from;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {"out", 'o', "FILE", "the database to make", OPTION_TEXT(struct options, to)},
    {"force", 'f', NULL, "replace the file if it exists", OPTION_FLAG(struct options, force)},
    {OPTION_JSON(struct options, json)},
    {0},
};

static void show_progress(void *arg, size_t done, size_t all)
{
    int *shown = arg, percent = (int)(100 * done / all);
    if (!isatty(STDERR_FILENO) || percent == *shown)
        return;
    *shown = percent;
    fprintf(stderr, "\r%d %%\033[K", percent);
    if (done == all)
        fputs("\r\033[K", stderr);
}

static int print_report(const struct cmd *self, const struct merge_parts *parts,
                        const struct merge_report *report, bool json)
{
    struct buf out;
    buf_init(&out, REPORT_BYTES);
    if (json)
        merge_view_json(&out, parts, report);
    else
        merge_view_text(&out, parts, report);
    bool good = !buf_failed(&out) && fputs(buf_text(&out), stdout) >= 0 && fflush(stdout) == 0;
    buf_finish(&out);
    return good ? STATUS_OK : cmd_fail(self, STATUS_FAILED, "cannot write the report");
}

/* SQLite's temporary files may need as much room as the result, which /tmp often lacks. */
static void use_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    setenv("SQLITE_TMPDIR", *folder ? folder : "/", 0);
}

static int merge(const struct cmd *self, const struct options *o)
{
    struct merge_report report;
    struct err err;
    int shown = -1;
    const struct merge_parts parts = {.from = o->from.item,
                                      .from_count = o->from.count,
                                      .to = o->to,
                                      .replace = o->force,
                                      .progress = show_progress,
                                      .arg = &shown};
    use_folder_of(o->to);
    int rc = merge_databases(&parts, &report, &err);
    int status = STATUS_OK;
    if (rc == -EEXIST)
        status = cmd_fail(self, STATUS_FAILED, "%s; --force replaces it", err.text);
    else if (rc)
        status = owners_fail(self, STATUS_FAILED, rc, o->from.item[0], &err);
    else
        status = print_report(self, &parts, &report, o->json);
    merge_finish(&report);
    return status;
}

static int check_protected(const struct cmd *self, const struct options *o)
{
    struct config *config = NULL;
    struct err err;
    config_load(common_config_path(o->config_path), &config, NULL);
    int rc = protected_files_check(o->to, common_config_path(o->config_path), config, &err);
    config_free(config);
    return rc ? cmd_fail(self, STATUS_FAILED, "%s", err.text) : STATUS_OK;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    if (!o->to)
        return cmd_usage(self, "the file to make is missing: --out FILE");
    if (strcmp(o->to, "-") == 0)
        return cmd_usage(self, "a database cannot be written to standard output: give --out FILE");
    int status = check_protected(self, o);
    if (status == STATUS_OK)
        status = owners_become(self, o->from.item[0], o->to);
    return status == STATUS_OK ? merge(self, o) : status;
}

const struct cmd cmd_merge = {
    .name = "merge",
    .usage = "[-c FILE] [--force] [--json] --out FILE DATABASE DATABASE...",
    .summary = "unites the databases of several recorders",
    .options = options,
    .operands = {"DATABASE", NULL, 2, MERGE_MOST, "give the databases of at least two recorders",
                 offsetof(struct options, from)},
    .notes = "FILE becomes a database with everything that any of the recorders has, nothing\n"
             "twice: at each moment the changes of one of them that had observed the\n"
             "instrument, of a stream rather than by REST; trades, coverage and events of all.\n"
             "seq is given anew, in order of time. Prints what each one had missed. It gets\n"
             "its name once it is complete. The databases are only read, also while a service\n"
             "records; a long read makes its -wal file grow: give copies made by `cinta\n"
             "backup` instead.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};
