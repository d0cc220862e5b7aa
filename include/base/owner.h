/*
 * owner: whose files are, in words for messages.
 */
#ifndef BASE_OWNER_H
#define BASE_OWNER_H

#include "base/err.h"

#include <sys/stat.h>
#include <sys/types.h>

#define OWNER_NAME 64

/* "cinta"; the number when the system has no name for it. Returns `out`. */
char *owner_name(char out[OWNER_NAME], uid_t uid);
/* The state of `path`, or of the nearest folder above it that can be looked at, whose name goes
 * into `found` (PATH_MAX). 0 or -errno. */
int owner_nearest(const char *path, char *found, struct stat *st);

/*
 * -EACCES, with whose `path` is, or the folder above it that is closed to us: "cannot read 'P' as
 * user 'alice': Permission denied: 'F' belongs to user 'cinta', group 'cinta'", and how a group
 * that may read it is joined.
 */
int owner_denied(struct err *err, const char *path);

#endif
