/*
 * database_create: makes the file of a new database, complete at the moment it gets its name.
 *
 * Built in memory and written as a whole: no reader finds it locked, without tables or outside WAL
 * mode, and a kill leaves no half of it. A -wal, -shm or -journal left by a deleted database of
 * this name is removed first, as SQLite does for an empty file.
 */
#ifndef STORE_WRITE_DATABASE_CREATE_H
#define STORE_WRITE_DATABASE_CREATE_H

#include "base/err.h"

/* Its mode is FILE_GROUP, less the umask. 0, also when the file exists already; else -errno or
 * -EIO. */
int database_create(const char *path, struct err *err);

#endif
