/*
 * help: the help texts of the command line, written from the entries of the commands.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/cmd.h"

void help_overview(struct buf *out); /* `cinta help` */
void help_command(struct buf *out, const struct cmd *cmd);

/* How the value of an option is shown: "FILE", "csv|jsonl"; "" = it takes none. Returns `out`. */
#define HELP_VALUE_BYTES 64
char *help_value(char out[HELP_VALUE_BYTES], const struct option_row *row);

#endif
