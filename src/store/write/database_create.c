#include "store/write/database_create.h"

#include "files/durable.h"
#include "files/new_file.h"
#include "store/schema.h"
#include "store/sql.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* https://www.sqlite.org/fileformat2.html#the_database_header: 2 in both is WAL mode, which a
 * database in memory cannot be in. */
#define WRITE_MODE_AT 18
#define READ_MODE_AT  19
#define MODE_WAL      2

/*
 * SQLite would apply the -wal of a deleted database to the new one. The lock of `path`.new is held,
 * so no other cinta has created a database here since it was found missing. Synced, so that a power
 * failure cannot bring a removed -wal back beside the new file.
 */
static int remove_left(const char *path, struct err *err)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    bool removed = false;
    if (access(path, F_OK) == 0)
        return -EEXIST;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char file[PATH_MAX];
        if (snprintf(file, sizeof(file), "%s%s", path, suffixes[i]) >= (int)sizeof(file))
            return err_set(err, -ENAMETOOLONG, "'%.100s...': the name is too long", path);
        if (unlink(file) == 0)
            removed = true;
        else if (errno != ENOENT)
            return err_set(err, -errno, "cannot remove '%s': %s", file, strerror(errno));
    }
    int rc = removed ? durable_sync_name(path) : 0;
    return rc ? err_set(err, rc, "cannot sync the folder of '%s': %s", path, strerror(-rc)) : 0;
}

static int write_file(const char *path, unsigned char *bytes, size_t len_bytes, struct err *err)
{
    struct new_file file;
    bytes[WRITE_MODE_AT] = bytes[READ_MODE_AT] = MODE_WAL;
    int rc = new_file_create(&file, path, ".new", FILE_GROUP, err);
    if (rc)
        return rc;
    rc = remove_left(path, err);
    if (rc == 0)
        rc = new_file_write(&file, bytes, len_bytes, err);
    if (rc == 0)
        rc = new_file_place(&file, false, err);
    new_file_discard(&file);
    return rc == -EEXIST ? 0 : rc; /* another process has created it */
}

static int build(sqlite3 *db, const char *path, struct err *err)
{
    sqlite3_int64 len_bytes;
    if (sql_exec(db, "PRAGMA auto_vacuum = INCREMENTAL") != SQLITE_OK)
        return sql_fail(db, "cannot build it", err);
    int rc = schema_apply(db, err);
    if (rc)
        return rc;
    unsigned char *bytes = sqlite3_serialize(db, "main", &len_bytes, 0);
    if (!bytes)
        return err_set(err, -ENOMEM, "out of memory");
    rc = write_file(path, bytes, (size_t)len_bytes, err);
    sqlite3_free(bytes);
    return rc;
}

int database_create(const char *path, struct err *err)
{
    sqlite3 *db = NULL;
    if (access(path, F_OK) == 0)
        return 0;
    int rc = sqlite3_open(":memory:", &db) == SQLITE_OK ? build(db, path, err)
                                                        : err_set(err, -ENOMEM, "out of memory");
    sqlite3_close(db);
    return rc;
}
