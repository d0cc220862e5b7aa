/*
 * database_files: the files a database consists of, and whether they are in use.
 */
#ifndef STORE_DATABASE_FILES_H
#define STORE_DATABASE_FILES_H

#include "base/err.h"

#include <stdbool.h>

/* "the database" or "the -wal file of the database" when `path` is that file of `database`, under
 * any name (same_file()); else NULL. */
const char *database_files_role(const char *database, const char *path);
/* True when a service, with any configuration, records into it. */
bool database_files_recorded(const char *path);
/* True when a -wal or -journal with changes is left at `path`: SQLite would apply them to another
 * database placed there. Fills `out` with that file's name. */
bool database_files_pending(const char *path, char *out, int out_bytes);

/*
 * -EUCLEAN, with the command to run in `err`: `head` is that of a copy (`cinta backup`), and the
 * -wal next to `path` is left from another database: SQLite would write its pages into the copy.
 */
struct file_head;
int database_files_check_wal(const struct file_head *head, const char *path, struct err *err);

/*
 * Whether a copy of `from` may be written to `to`, first as `to` with `suffix`. -EPERM: one of them
 * is a file of `from`, a service records into `to`, its -wal holds changes, or it is not a regular
 * file; -EISDIR; -ENAMETOOLONG.
 */
int database_files_check_target(const char *from, const char *to, const char *suffix,
                                struct err *err);

#endif
