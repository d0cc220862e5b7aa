/*
 * database: the one writing connection to the file, opened, checked, brought up to date, locked.
 *
 * Readers are welcome at any time; a second writer of this kind is refused, because it would give
 * out the same seq again.
 */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include "base/err.h"

#include <stdbool.h>

struct sqlite3;

struct database {
    struct sqlite3 *db;
    int lock_fd; /* -1 = none */
};

/*
 * Makes the file (0640, less the umask; its folder must exist) when there is none. -EBUSY: another
 * store has it; -EPERM: it, its -wal or its -shm belongs to another user; -EUCLEAN: the
 * -wal is another database's; errors of schema_apply; -errno. On failure nothing is left open.
 */
int database_open(struct database *database, const char *path, bool full_sync, struct err *err);
void database_close(struct database *database);

/*
 * The -wal (empty) and the -shm stay when `db`, a connection that writes, is the last to be closed:
 * a user of the group, who may not make them, reads without the service, too.
 */
int database_keep_files(struct sqlite3 *db, struct err *err);

#endif
