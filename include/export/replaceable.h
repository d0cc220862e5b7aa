/*
 * replaceable: whether the file of an export may take the place of what is there.
 */
#ifndef EXPORT_REPLACEABLE_H
#define EXPORT_REPLACEABLE_H

#include "base/err.h"

#include <stdbool.h>

/*
 * 0: nothing is there, or a device, a pipe, an empty file, a file that begins as our exports do
 * (plain or compressed, whatever it is called), or `force` is said. -EEXIST: any other file.
 * -EPERM, also with `force`: it, or the name that it has until it is whole, is `database` or a file
 * beside that, under any name, or a database that a service records into. -errno when it cannot be
 * read.
 */
int replaceable_check(const char *path, const char *database, bool force, struct err *err);

#endif
