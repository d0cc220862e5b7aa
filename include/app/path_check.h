/*
 * path_check: whether the user that this process is can use what a configuration names.
 *
 * Makes and changes nothing. Each problem is told with what to do; `cinta run` would end with it.
 */
#ifndef APP_PATH_CHECK_H
#define APP_PATH_CHECK_H

#include "app/config.h"

typedef void path_check_fn(void *arg, const char *words);

/* How many problems there are. */
int path_check(const struct config *config, path_check_fn *fn, void *arg);

#endif
