/*
 * read_only: a connection that reads, and leaves no file behind that its owner could not open.
 *
 * A reader in WAL mode makes the -wal and -shm files when they are missing. Made by another user
 * than the database's, they keep the service from starting. Root's get the database's owner from
 * SQLite; anybody else reads with those that are there, or is refused.
 */
#ifndef STORE_READ_ONLY_H
#define STORE_READ_ONLY_H

#include "base/err.h"

struct sqlite3;

/*
 * With a busy timeout. -ENOENT: no such file; -EISDIR: a folder; -EACCES: this user may not read
 * it, with the words of owner_denied(), or could only by making files; -EIO. On failure there is
 * nothing to close.
 */
int read_only_open(struct sqlite3 **out, const char *path, struct err *err);

/*
 * The same, and it is a database of ours in which something was recorded; `version` is that of its
 * schema. Moreover -ENOENT: it is empty; -EISDIR; -EMEDIUMTYPE: it is no database, or one of
 * another program; -EPROTO: a newer cinta wrote it.
 */
int read_only_open_ours(struct sqlite3 **out, const char *path, int *version, struct err *err);

#endif
