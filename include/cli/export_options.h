/*
 * export_options: the options of `cinta export`, and the export job that they describe.
 *
 * The command line overrides the configuration (section export), which overrides the defaults.
 */
#ifndef CLI_EXPORT_OPTIONS_H
#define CLI_EXPORT_OPTIONS_H

#include "cli/cmd.h"
#include "config/config.h"
#include "export/job.h"

#include <limits.h>

/* As given on the command line; NULL = not given. All borrowed except `patterns`. */
struct export_options {
    char out_once[PATH_MAX]; /* default folder of an export without a series */
    const char *config_path, *db_path, *from, *to, *format, *compress, *out, *split, *series;
    bool tables[EXTRACT_TABLES], tables_given;
    const char **patterns; /* owned by the command */
    int patterns_count;
    bool json, quiet, nice, force;
};

/*
 * `config` is NULL with --db. Fills all of `job` but its callbacks. 0, or STATUS_USAGE with an
 * error on stderr. `job` borrows from `o`.
 */
int export_options_choose(const struct cmd *self, struct export_options *o,
                          const struct config *config, int64_t now_ns, struct job_options *job);

#endif
