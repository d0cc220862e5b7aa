/*
 * owner: names of users and groups, and messages about files that belong to others.
 */
#ifndef FILES_OWNER_H
#define FILES_OWNER_H

#include "base/err.h"

#include <sys/stat.h>
#include <sys/types.h>

#define OWNER_NAME 64

/* The user's name, or the number when the system has no name for it. Returns `out`. */
char *owner_name(char out[OWNER_NAME], uid_t uid);
/* Calls stat() on `path` or, while that fails, on the folder above it. `found` (PATH_MAX) gets the
 * path for which it succeeded. 0 or -errno. */
int owner_nearest(const char *path, char *found, struct stat *st);

/*
 * Returns -EACCES; the message names the owner of `path`, or of the folder above it that we cannot
 * enter: "cannot read 'P' as user 'alice': Permission denied: 'F' belongs to user 'cinta', group
 * 'cinta'", and, when that group may read it, how to join it.
 */
int owner_denied(struct err *err, const char *path);

#endif
