/*
 * folders: creates directories, and removes those it created if the caller's work fails.
 */
#ifndef FILES_FOLDERS_H
#define FILES_FOLDERS_H

#include "base/err.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* A directory, and its parents that were created with it. */
struct folders {
    char path[PATH_MAX]; /* absolute */
    size_t kept_bytes;   /* length of the part of `path` that existed before */
};

/* Whether folders_make() can succeed; creates nothing. -EACCES, -ENOTDIR or another -errno. */
int folders_possible(const char *path, struct err *err);
/* Creates the missing ones, as mkdir -p does. A directory created by root gets the owner of its
 * parent directory. On failure those created are removed. */
int folders_make(struct folders *folders, const char *path, mode_t mode, struct err *err);
void folders_take_back(struct folders *folders); /* removes those created, if empty */

#endif
