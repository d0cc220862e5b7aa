/*
 * folder: creates folders durably: they still exist after a power failure.
 */
#ifndef EXPORT_FOLDER_H
#define EXPORT_FOLDER_H

#include "base/err.h"

/* Creates `path` and missing parents with mode 0750, less the umask. 0 or -errno. */
int folder_make(const char *path, struct err *err);
/* Creates the folder of a file. 0 or -errno. */
int folder_make_of(const char *file_path, struct err *err);
/* Checks that files can be created in `path`, without leaving one. 0 or -errno. */
int folder_writable(const char *path, struct err *err);

#endif
