/*
 * args: parses the arguments of a command with the tables in its entry.
 *
 * Options and operands may be mixed; "--" ends the options; "--name value" and "--name=value" mean
 * the same, and so does an unambiguous beginning of a name.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/cmd.h"

/*
 * Stores all values in `options`, which has the command's defaults. STATUS_OK, or STATUS_USAGE with
 * an error on stderr. In both cases args_release() must be called.
 */
int args_parse(const struct cmd *cmd, int argc, char **argv, void *options);
/* Frees the lists in `options`. */
void args_release(const struct cmd *cmd, void *options);

#endif
