/*
 * replaceable: whether an export may replace an existing file, so that a mistyped --out destroys
 * nothing: other exports and empty files may be replaced, anything else only if the user insists, a
 * database that is in use never.
 */
#ifndef EXPORT_REPLACEABLE_H
#define EXPORT_REPLACEABLE_H

#include "base/err.h"

#include <stdbool.h>

/*
 * 0: there is no such file; or it is a device, a pipe, an empty file, or a file whose content
 * begins like an export (plain or compressed, under any name); or `force` is true. -EEXIST: any
 * other file. -EPERM, also with `force`: the file, or its temporary name, is `database` or one of
 * its -wal, -shm and -journal files (links included), or a database that a service is recording
 * into. -errno when it cannot be read.
 */
int replaceable_check(const char *path, const char *database, bool force, struct err *err);

#endif
