/*
 * args: walks a command line by the command's own table of options.
 *
 *   while ((option = args_next(&args, &value)) >= 0) ...
 *
 * Options and arguments may mix; "--" ends the options; "--name value" and "--name=value" are the
 * same. Values are borrowed from argv.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/cmd.h"

struct args {
    const struct cmd *cmd;
    int argc;
    char **argv;
};

#define ARGS_END   (-1)
#define ARGS_WRONG (-2) /* the words are on stderr; exit with STATUS_USAGE */

void args_init(struct args *args, const struct cmd *cmd, int argc, char **argv);

/* The index of the next option in cmd->options; `*value` is its value or NULL. */
int args_next(struct args *args, const char **value);

/* After ARGS_END: the arguments that are no options, NULL at the end. */
const char *const *args_rest(const struct args *args, int *count);
/* After ARGS_END, for commands that take none: 0, or STATUS_USAGE with the words on stderr. */
int args_none_left(const struct args *args);

#endif
