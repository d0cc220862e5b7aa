/*
 * verify: checks that the database is intact and holds everything that was committed.
 *
 * Runs in one read transaction, so it also works while the service writes.
 */
#ifndef STORE_READ_VERIFY_H
#define STORE_READ_VERIFY_H

#include "base/err.h"

#include <stdbool.h>

/* One finding; `detail` may be "". Borrowed. */
typedef void verify_fn(void *arg, const char *what, bool good, const char *detail);

/*
 * Calls `fn` once for each check. 0 with the number of failed checks in *bad; errors of
 * reader_open, -EPROTO also for a database whose schema is older than this program's.
 */
int verify_database(const char *path, verify_fn *fn, void *arg, int *bad, struct err *err);

#endif
