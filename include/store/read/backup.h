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

struct backup_parts {
    const char *from, *to;
    bool replace;        /* `to` may exist */
    backup_progress *fn; /* may be NULL */
    void *arg;
};

/*
 * Writes `to`.part (0600) and renames it to `to` once it is complete and synced to disk.
 * -EPERM: `to` is `from` under any name, or one of its -wal, -shm and -journal files, or another
 * database that a service records into; -EEXIST: `to` exists and `replace` is false; -ENOSPC,
 * -errno; errors of reader_open. After an error `to`.part does not remain.
 */
int backup_database(const struct backup_parts *parts, struct err *err);

#endif
