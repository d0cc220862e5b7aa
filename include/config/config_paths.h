/*
 * config_paths: resolves the paths in the configuration.
 *
 * A relative path is relative to the directory of the configuration file, not to the working
 * directory; "~/" is the home directory of the current user ($HOME, else the user database).
 */
#ifndef CONFIG_CONFIG_PATHS_H
#define CONFIG_CONFIG_PATHS_H

#include "base/err.h"

/*
 * `*out` becomes the absolute path, malloced, or NULL when `text` needs no change (it is empty or
 * begins with '/'). `file` is the configuration's path. -EINVAL with a message to be put after the
 * key: another user's home, or no home directory known; -ENOMEM.
 */
int config_path_resolve(const char *text, const char *file, char **out, struct err *err);

#endif
