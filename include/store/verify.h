/*
 * verify: is everything in the database that was ever said to be in it?
 *
 * Reads one state of the file, whether the service writes it meanwhile or not.
 */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "base/err.h"

#include <stdbool.h>

/* One finding; `detail` is "" where there is nothing to say. Borrowed. */
typedef void verify_fn(void *arg, const char *what, bool good, const char *detail);

/*
 * Calls `fn` once for each check. 0 with the number of those that failed in *bad; errors of
 * reader_open, -EPROTO for a database that this program has not brought up to date yet.
 */
int verify_database(const char *path, verify_fn *fn, void *arg, int *bad, struct err *err);

#endif
