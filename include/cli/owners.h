/*
 * owners: what a command does when files belong to another user: it refuses, changes to that user,
 * or says the command with which root can do it.
 */
#ifndef CLI_OWNERS_H
#define CLI_OWNERS_H

#include "base/err.h"
#include "cli/cmd.h"

/* Calls cmd_fail(); after -EACCES it adds the command with which root reads `path` as its owner. */
int owners_fail(const struct cmd *self, int status, int rc, const char *path,
                const struct err *err);

/* Refuses to run as root when one of `paths` (NULL at the end) belongs to another user. STATUS_OK,
 * or STATUS_CONFIG with an error on stderr. */
int owners_refuse_root(const struct cmd *self, const char *const *paths);

/*
 * When root writes `out` into a folder of the user who owns the database, the process changes to
 * that user permanently, so that the files get the same owner as if that user had run the command.
 * STATUS_OK, or STATUS_FAILED with an error on stderr.
 */
int owners_become(const struct cmd *self, const char *database, const char *out);
/* --since-last needs a writable database; this checks it before the export begins. STATUS_OK, or
 * STATUS_FAILED with an error on stderr. */
int owners_check_series(const struct cmd *self, const char *database);

#endif
