/*
 * run_as: which user a command has to be, so that the service can open what it leaves.
 *
 * The service's data belong to the service's user. Files that root makes among them belong to root,
 * and then the service does not start, or its export fails.
 */
#ifndef APP_RUN_AS_H
#define APP_RUN_AS_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct run_as {
    uid_t uid;
    gid_t gid; /* of the file or the folder; a user with a name has groups of its own */
};

/*
 * Whether we are root and `path` belongs to somebody else: the file itself or, as long as it is not
 * there, the nearest folder above it.
 */
bool run_as_needed(const char *path, struct run_as *out);

/* "runuser -u cinta --", or by number what a user without a name needs. Returns `out`. */
#define RUN_AS_PREFIX 160
char *run_as_prefix(char out[RUN_AS_PREFIX], const struct run_as *who);

/* Root becomes that user, with its groups, for good. -EPERM: it did not, and must not go on. */
int run_as_become(const struct run_as *who, struct err *err);

#endif
