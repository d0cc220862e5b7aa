/*
 * export_options: what `cinta export` was told, and what that makes of an export.
 *
 * The command line goes before the configuration (section export), and that before what is usual.
 */
#ifndef CLI_EXPORT_OPTIONS_H
#define CLI_EXPORT_OPTIONS_H

#include "app/config.h"
#include "cli/cmd.h"
#include "export/job.h"

#include <limits.h>

/* As written; NULL = not given. All borrowed but the list. */
struct export_options {
    char out_once[PATH_MAX]; /* where an export without a series goes, unless it is told where */
    const char *config_path, *db_path, *from, *to, *format, *compress, *out, *split, *series;
    bool tables[EXTRACT_TABLES], tables_given;
    const char **patterns; /* owned by the command */
    int patterns_count;
    bool json, quiet, nice, force;
};

/*
 * `config` is NULL with --db. Fills the part of `job` that says what is to be done; 0, or
 * STATUS_USAGE with the words on stderr. `job` borrows from `o`.
 */
int export_options_choose(const struct cmd *self, struct export_options *o,
                          const struct config *config, int64_t now_ns, struct job_options *job);

#endif
