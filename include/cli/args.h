/*
 * args: parses a command line with the command's table of options.
 *
 *   while ((option = args_next(&args, &value)) >= 0) ...
 *
 * Options and arguments may be mixed; "--" ends the options; "--name value" and "--name=value" mean
 * the same. Values are borrowed from argv.
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
#define ARGS_WRONG (-2) /* the error was printed on stderr; exit with STATUS_USAGE */

void args_init(struct args *args, const struct cmd *cmd, int argc, char **argv);

/* The index of the next option in cmd->options; `*value` is its value or NULL. */
int args_next(struct args *args, const char **value);

/* After ARGS_END: the arguments that are not options, NULL at the end. */
const char *const *args_rest(const struct args *args, int *count);
/* After ARGS_END, for commands without arguments: 0, or STATUS_USAGE with an error on stderr. */
int args_none_left(const struct args *args);

#endif
