/*
 * database: the writing connection: locks and opens the file, checks it and upgrades its schema.
 *
 * Other programs may read at any time; a second service is refused, because it would assign the
 * same seq again.
 */
#ifndef STORE_WRITE_DATABASE_H
#define STORE_WRITE_DATABASE_H

#include "base/err.h"

#include <stdbool.h>

struct sqlite3;

struct database {
    struct sqlite3 *db;
    int lock_fd; /* -1 = none */
};

/*
 * Creates the file (FILE_GROUP; its folder must exist) if it does not exist.
 * -EBUSY: another store has it open; -EPERM: it, its -wal or its -shm belongs to another user;
 * -EUCLEAN: the -wal belongs to another database; errors of schema_apply; -errno. On failure
 * nothing is left open.
 */
int database_open(struct database *database, const char *path, bool full_sync, struct err *err);
void database_close(struct database *database);

#endif
