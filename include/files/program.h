/*
 * program: whether a file of the configuration can be run as a program.
 */
#ifndef FILES_PROGRAM_H
#define FILES_PROGRAM_H

#include "base/err.h"

/* Whether this user may execute `path`. Else -errno, and a message to be put after the key. */
int program_check(const char *path, struct err *err);

#endif
