/*
 * backup: a consistent copy of the database, made while the service keeps writing.
 */
#ifndef STORE_READ_BACKUP_H
#define STORE_READ_BACKUP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Called several times during the copy; in bytes. */
typedef void backup_progress(void *arg, int64_t done, int64_t all);

/*
 * Writes `to`.part (0600) and renames it to `to` once it is complete and synced to disk.
 * -EPERM: `to` is `from` under any name, or one of its -wal, -shm and -journal files, or another
 * database that a service records into; -EEXIST: `to` exists and `replace` is false; -ENOSPC,
 * -errno; errors of reader_open. After an error `to`.part does not remain. `fn` may be NULL.
 */
int backup_database(const char *from, const char *to, bool replace, backup_progress *fn, void *arg,
                    struct err *err);

#endif
