/*
 * commands: the list of all commands of cinta.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cmd.h"

extern const struct cmd cmd_run, cmd_init, cmd_check, cmd_doctor, cmd_quotes, cmd_instruments,
    cmd_status, cmd_verify, cmd_backup, cmd_backfill, cmd_export, cmd_merge, cmd_sim, cmd_alert,
    cmd_calendar, cmd_completion;

/* In the order of the help; NULL at the end. */
extern const struct cmd *const commands[];

const struct cmd *commands_find(const char *name); /* or NULL */
/* The command that is most similar to a mistyped name, or NULL. */
const struct cmd *commands_near(const char *name);

#endif
