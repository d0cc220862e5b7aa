/*
 * path_check: whether this process's user can use the files and directories of a configuration.
 *
 * Creates and changes nothing. Each problem is reported with its remedy; `cinta run` would fail.
 */
#ifndef CONFIG_PATH_CHECK_H
#define CONFIG_PATH_CHECK_H

#include "config/config.h"

typedef void path_check_fn(void *arg, const char *words);

/* Returns the number of problems. */
int path_check(const struct config *config, path_check_fn *fn, void *arg);

#endif
