/*
 * read_only: a reading connection that never creates files the database's owner cannot open.
 *
 * A reader in WAL mode creates the -wal and -shm files when they are missing. If another user than
 * the database's owner creates them, the service cannot start. For root, SQLite gives them the
 * database's owner; any other user can read only if they exist, otherwise the open is refused.
 */
#ifndef STORE_READ_READ_ONLY_H
#define STORE_READ_READ_ONLY_H

#include "base/err.h"

struct sqlite3;

/*
 * Sets a busy timeout. -ENOENT: no such file; -EISDIR: a folder; -EACCES: this user may not read it
 * (message of owner_denied()), or could only by creating files; -EIO. On failure there is nothing
 * to close.
 */
int read_only_open(struct sqlite3 **out, const char *path, struct err *err);

/*
 * The same, and checks that it is a cinta database that is not empty; *version is that of its
 * schema. Also -ENOENT: it is empty; -EMEDIUMTYPE: it is not a database, or belongs to another
 * program; -EPROTO: a newer cinta wrote it.
 */
int read_only_open_ours(struct sqlite3 **out, const char *path, int *version, struct err *err);

#endif
