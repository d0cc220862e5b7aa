/*
 * export_options: the options of `cinta export`, and the export job that they describe.
 *
 * The command line overrides the configuration (section export), which overrides the defaults.
 */
#ifndef CLI_EXPORT_OPTIONS_H
#define CLI_EXPORT_OPTIONS_H

#include "cli/common_options.h"
#include "export/job.h"

#include <limits.h>

struct export_options {
    struct database_options db;
    const char *from, *to, *format, *out, *series; /* NULL = not given */
    int compress, split;                           /* -1 = not given; enum compress, enum split */
    bool tables[EXTRACT_TABLES];                   /* none = not given */
    struct option_texts match;
    bool json, quiet, nice, force;
    char out_once[PATH_MAX]; /* default folder of an export without a series */
};

enum split { SPLIT_DAY, SPLIT_NONE };

extern const struct option_row export_options[];
extern const struct export_options export_options_defaults;

/*
 * `config` is NULL when it is not used. Fills all of `job` but the database and the callbacks. 0,
 * or STATUS_USAGE with an error on stderr. `job` borrows from `o`.
 */
int export_options_choose(const struct cmd *self, struct export_options *o,
                          const struct config *config, int64_t now_ns, struct job_options *job);

#endif
