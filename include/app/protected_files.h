/*
 * protected_files: what no command may replace by what it writes, whatever it is told.
 */
#ifndef APP_PROTECTED_FILES_H
#define APP_PROTECTED_FILES_H

#include "app/config.h"
#include "base/err.h"

/*
 * -EPERM with the words: `path` is, under any name (same_file()), the database of `config`, a file
 * beside it, the configuration or a file that it names, or one of state_dir. `config` may be NULL:
 * then `file`, the configuration's name, is all that is protected.
 */
int protected_files_check(const char *path, const char *file, const struct config *config,
                          struct err *err);

#endif
