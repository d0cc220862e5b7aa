/*
 * folder: folders that are there after a power cut, too.
 */
#ifndef EXPORT_FOLDER_H
#define EXPORT_FOLDER_H

#include "base/err.h"

/* Makes `path` and what is missing above it, for owner and group (0750, less the umask). -errno
 * with the words. */
int folder_make(const char *path, struct err *err);
/* The folder that a file of this name is in, made if it is missing. */
int folder_make_of(const char *file_path, struct err *err);
/* Whether files can be written in `path`, without leaving one. -errno with the words. */
int folder_writable(const char *path, struct err *err);

#endif
