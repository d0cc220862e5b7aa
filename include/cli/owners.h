/*
 * owners: what a command says and does when files belong to another user.
 */
#ifndef CLI_OWNERS_H
#define CLI_OWNERS_H

#include "base/err.h"
#include "cli/cmd.h"

/* cmd_fail(), and after -EACCES the command with which root reads `path` as its owner. */
int owners_fail(const struct cmd *self, int status, int rc, const char *path,
                const struct err *err);

/* Refuses to go on as root where one of `paths` (NULL at the end) belongs to another user.
 * STATUS_OK or STATUS_CONFIG with the words on stderr. */
int owners_refuse_root(const struct cmd *self, const char *const *paths);

/*
 * Root that writes `out` into a folder of the database's user becomes that user, for good. The
 * result is as if that user had given the command. STATUS_OK or STATUS_FAILED with the words.
 */
int owners_become(const struct cmd *self, const char *database, const char *out);
/* Before a row is written: --since-last needs a database that can be written. STATUS_OK or
 * STATUS_FAILED with the words. */
int owners_check_series(const struct cmd *self, const char *database);

#endif
