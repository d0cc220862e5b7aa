#include "store/read/read_only.h"

#include "base/buf.h"
#include "files/owner.h"
#include "store/database_files.h"
#include "store/file_head.h"
#include "store/schema.h"
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS       5000 /* a checkpoint or a recovery blocks readers only briefly */
#define VERSION_AT    19   /* offset in the file header: read version, 2 = WAL */
#define VERSION_WAL   2
#define OTHER_FILE    "give the file that store.path names ('cinta check' shows it)"
#define NAME_IN_A_URI ((size_t)3 * PATH_MAX + 64)

static bool may_read(const char *path)
{
    return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0;
}

/* A copy made by `cinta backup` is not in WAL mode. */
static bool is_in_wal_mode(const char *path)
{
    unsigned char version = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool wal = fd >= 0 && pread(fd, &version, 1, VERSION_AT) == 1 && version == VERSION_WAL;
    if (fd >= 0)
        close(fd);
    return wal;
}

static int check_files(const char *path, struct err *err)
{
    static const char *const suffixes[] = {"-wal", "-shm"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char file[PATH_MAX], ours[OWNER_NAME];
        if (snprintf(file, sizeof(file), "%s%s", path, suffixes[i]) >= (int)sizeof(file))
            return err_set(err, -ENAMETOOLONG, "'%.100s...': the name is too long", path);
        if (may_read(file))
            continue;
        if (errno != ENOENT)
            return owner_denied(err, file);
        return err_set(err, -EACCES,
                       "cannot read '%s' as user '%s': '%s' is missing, and only the owner of the "
                       "database can create it: start the service",
                       path, owner_name(ours, geteuid()), file);
    }
    return 0;
}

/* readonly_shm=1 prevents SQLite from creating the -shm. */
static void put_uri(struct buf *uri, const char *path)
{
    buf_puts(uri, "file:");
    for (const char *at = path; *at; at++) {
        if (strchr("%?#", *at))
            buf_printf(uri, "%%%02x", (unsigned)(unsigned char)*at);
        else
            buf_append(uri, at, 1);
    }
    buf_puts(uri, "?readonly_shm=1");
}

static int open_as_other_user(sqlite3 **out, const char *path, struct err *err)
{
    struct buf uri;
    int rc;
    buf_init(&uri, NAME_IN_A_URI);
    put_uri(&uri, path);
    rc = buf_failed(&uri) ? err_set(err, -ENOMEM, "out of memory")
                          : sql_open(out, buf_text(&uri), SQL_READ_URI, BUSY_MS, err);
    buf_finish(&uri);
    return rc;
}

/* Uses SQLite's own descriptor: closing another one would release the POSIX locks of a writer in
 * this process. */
static int check_wal(sqlite3 *db, const char *path, struct err *err)
{
    unsigned char bytes[FILE_HEAD_BYTES];
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file ||
        !file->pMethods || file->pMethods->xRead(file, bytes, sizeof(bytes), 0) != SQLITE_OK)
        return 0;
    const struct file_head head = file_head_parse(bytes);
    return database_files_check_wal(&head, path, err);
}

static int check_path(const char *path, struct stat *st, struct err *err)
{
    if (stat(path, st) || !may_read(path)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return err_set(err, -ENOENT,
                           "there is no database '%s': check the path; 'cinta run' creates it when "
                           "it starts to record",
                           path);
        return errno == EACCES
                   ? owner_denied(err, path)
                   : err_set(err, -errno, "cannot read '%s': %s", path, strerror(errno));
    }
    if (S_ISDIR(st->st_mode))
        return err_set(err, -EISDIR, "'%s' is a folder, not a database: " OTHER_FILE, path);
    return 0;
}

int read_only_open(sqlite3 **out, const char *path, struct err *err)
{
    struct stat st;
    *out = NULL;
    int rc = check_path(path, &st, err);
    bool other_user = rc == 0 && geteuid() != 0 && st.st_uid != geteuid() && is_in_wal_mode(path);
    if (other_user)
        rc = check_files(path, err);
    if (rc)
        return rc;
    rc = other_user ? open_as_other_user(out, path, err)
                    : sql_open(out, path, SQL_READ, BUSY_MS, err);
    if (rc)
        err_prefix(err, "'%s': ", path);
    else
        rc = check_wal(*out, path, err);
    if (rc) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return rc;
}

/* The messages of schema_check are for opening a file to write; these are for reading. */
static int check_ours(sqlite3 *db, const char *path, int *version, struct err *err)
{
    int rc = schema_check(db, version, err);
    if (sqlite3_errcode(db) == SQLITE_NOTADB)
        return err_set(err, -EMEDIUMTYPE, "'%s' is not a database: " OTHER_FILE, path);
    if (rc == -EMEDIUMTYPE)
        return err_set(err, rc, "'%s' is the database of another program: " OTHER_FILE, path);
    if (rc == 0 && *version == 0)
        return err_set(err, -ENOENT,
                       "nothing was ever recorded in '%s': start 'cinta run', or " OTHER_FILE,
                       path);
    if (rc)
        err_prefix(err, "'%s': ", path);
    return rc;
}

int read_only_open_ours(sqlite3 **out, const char *path, int *version, struct err *err)
{
    int rc = read_only_open(out, path, err);
    if (rc)
        return rc;
    rc = check_ours(*out, path, version, err);
    if (rc) {
        sqlite3_close(*out);
        *out = NULL;
    }
    return rc;
}
