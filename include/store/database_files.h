/*
 * database_files: the files a database consists of, and who has them.
 */
#ifndef STORE_DATABASE_FILES_H
#define STORE_DATABASE_FILES_H

#include "base/err.h"

#include <stdbool.h>

/* "the database" or "the -wal file of the database" when `path` is that of `database`, under any
 * name (same_file()); else NULL. */
const char *database_files_role(const char *database, const char *path);
/* A service records into it, under any configuration. */
bool database_files_recorded(const char *path);
/* The -wal or -journal of a database that stood at `path` holds changes: another database put
 * there would get them. Fills `out` with that file's name. */
bool database_files_pending(const char *path, char *out, int out_bytes);

/*
 * The file open at `fd` is a copy (`cinta backup`), and beside `path` lies the -wal of the database
 * that was there before: SQLite would write that one's pages into it. `err` says what to do,
 * -EUCLEAN.
 */
int database_files_check_wal(int fd, const char *path, struct err *err);

#endif
