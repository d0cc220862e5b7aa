/*
 * folders: directories made for files to come, and taken back when nothing came of them.
 */
#ifndef APP_FOLDERS_H
#define APP_FOLDERS_H

#include "base/err.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* A directory with those above it that were made on its way. */
struct folders {
    char path[PATH_MAX]; /* absolute */
    size_t kept_bytes;   /* so much of `path` was there before */
};

/* Whether folders_make() may succeed: nothing is made. -EACCES, -ENOTDIR and the like. */
int folders_possible(const char *path, struct err *err);
/* Those that are missing, as mkdir -p; what root makes belongs to the owner of the folder it is made
 * in. On failure those made are taken back. */
int folders_make(struct folders *folders, const char *path, mode_t mode, struct err *err);
void folders_take_back(struct folders *folders); /* those that were made and are empty */

#endif
