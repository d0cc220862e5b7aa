/*
 * backup: a copy of the database as it was at one moment, while the service goes on writing.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Now and then; in bytes. */
typedef void backup_progress(void *arg, int64_t done, int64_t all);

/*
 * `to` gets its name (0600) once it is whole and on the disk; until then it is `to`.part beside it.
 * -EPERM: `to` is `from`, under any name, or a file of it, or another database that a service
 * records into; -EEXIST: it is there already and may not be replaced; -ENOSPC, -errno; errors of
 * reader_open. After an error nothing of it is left. `fn` may be NULL.
 */
int backup_database(const char *from, const char *to, bool replace, backup_progress *fn, void *arg,
                    struct err *err);

#endif
