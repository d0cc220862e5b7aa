/*
 * config_paths: what a path in the configuration means.
 *
 * A relative path counts from the folder of the configuration file, wherever the service was
 * started; "~/" is the home of the user that reads it ($HOME, else the user database).
 */
#ifndef APP_CONFIG_PATHS_H
#define APP_CONFIG_PATHS_H

#include "base/err.h"

/*
 * `*out` becomes the absolute path, malloced, or NULL when `text` needs no change (it is empty or
 * begins with '/'). `file` is the configuration's path. -EINVAL with words that follow the key:
 * another user's home, or no home known; -ENOMEM.
 */
int config_path_resolve(const char *text, const char *file, char **out, struct err *err);

#endif
