/*
 * protected_files: the files that no command may overwrite with its output: the configuration,
 * those that it names, and the database with its -wal and -shm.
 */
#ifndef CLI_PROTECTED_FILES_H
#define CLI_PROTECTED_FILES_H

#include "base/err.h"
#include "config/config.h"

/*
 * -EPERM with the reason: `path` is, under any name (same_file()), the database of `config`, its
 * -wal or -shm, the configuration or a file that it names, or a file of state_dir. If `config` is
 * NULL, only `file`, the configuration file, is protected.
 */
int protected_files_check(const char *path, const char *file, const struct config *config,
                          struct err *err);

#endif
