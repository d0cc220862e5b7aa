/*
 * refresh_command: renews the reference data for `cinta instruments --refresh`: by the running
 * service, which has the token and the request budget, or directly when none runs.
 */
#ifndef CLI_REFRESH_COMMAND_H
#define CLI_REFRESH_COMMAND_H

#include "cli/cmd.h"
#include "config/config.h"

/* Returns the exit status, with an error on stderr unless STATUS_OK. */
int refresh_command(const struct cmd *self, const struct config *config);

#endif
