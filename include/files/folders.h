/*
 * folders: creates directories durably, and removes those it created if the caller's work fails.
 *
 * Directories that were created are on the disk (see durable).
 */
#ifndef FILES_FOLDERS_H
#define FILES_FOLDERS_H

#include "base/err.h"
#include "files/modes.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* A directory, and its parents that were created with it. */
struct folders {
    char path[PATH_MAX];
    size_t kept_bytes; /* length of the part of `path` that existed before */
};

/* Whether folders_make() can succeed; creates nothing. -EACCES, -ENOTDIR or another -errno. */
int folders_possible(const char *path, struct err *err);
/* Creates the missing ones, as mkdir -p does, with `mode` less the umask. A directory created by
 * root gets the owner of its parent directory. On failure those created are removed. */
int folders_make(struct folders *folders, const char *path, mode_t mode, struct err *err);
/* As folders_make(), for a caller that never takes them back. */
int folders_keep(const char *path, mode_t mode, struct err *err);
/* Creates `path` only if its parent directory exists. 0 also when it exists already. */
int folders_make_last(const char *path, mode_t mode, struct err *err);
void folders_take_back(struct folders *folders); /* removes those created, if empty */

/* Checks that files can be created in this directory, without leaving one. 0 or -errno. */
int folders_writable(const char *path, struct err *err);

#endif
