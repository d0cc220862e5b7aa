/*
 * run_as: which user a command must run as, so that the service can open the files it creates.
 *
 * The service's data belong to the service's user. Files that root creates there belong to root,
 * and then the service does not start, or its export fails.
 */
#ifndef FILES_RUN_AS_H
#define FILES_RUN_AS_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct run_as {
    uid_t uid;
    gid_t gid; /* of the file or directory; used only if the uid has no user name */
};

/*
 * Whether this process is root and `path` belongs to another user: the file itself or, if it does
 * not exist, the nearest existing parent directory.
 */
bool run_as_needed(const char *path, struct run_as *out);

/* "runuser -u cinta --", or a setpriv command if the uid has no user name. Returns `out`. */
#define RUN_AS_PREFIX 160
char *run_as_prefix(char out[RUN_AS_PREFIX], const struct run_as *who);

/* Changes from root to that user and its groups, irreversibly. -EPERM: failed; the caller must
 * stop.
 */
int run_as_become(const struct run_as *who, struct err *err);

#endif
