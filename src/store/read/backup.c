#include "store/read/backup.h"

#include "files/new_file.h"
#include "store/database_files.h"
#include "store/read/read_only.h"
#include "store/sql.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES_A_STEP 2048
#define PART         ".part"

struct backup {
    sqlite3 *from, *to;
    struct new_file part;
    const struct backup_parts *parts; /* borrowed */
};

/* The open read transaction fixes the state that is copied: without it, sqlite3_backup_step would
 * start again after every commit of the service. */
static int open_source(struct backup *b, const char *path, struct err *err)
{
    int version;
    int rc = read_only_open_ours(&b->from, path, &version, err);
    if (rc)
        return rc;
    if (sql_exec(b->from, "BEGIN; SELECT count(*) FROM sqlite_schema") != SQLITE_OK)
        return sql_fail(b->from, path, err);
    return 0;
}

/* SQLite opens the file by name; it is ours, because new_file_create() has just created it. */
static int open_part(struct backup *b, const char *to, struct err *err)
{
    int rc = new_file_create(&b->part, to, PART, FILE_PRIVATE, err);
    if (rc)
        return rc;
    rc = sql_open(&b->to, b->part.beside, SQL_WRITE_NEW, 0, err);
    if (rc)
        err_prefix(err, "%s: ", b->part.beside);
    return rc;
}

static void report_progress(const struct backup *b, sqlite3_backup *copy, int64_t page_bytes)
{
    int64_t all = sqlite3_backup_pagecount(copy), left = sqlite3_backup_remaining(copy);
    if (b->parts->fn)
        b->parts->fn(b->parts->arg, (all - left) * page_bytes, all * page_bytes);
}

static int copy_pages(struct backup *b, struct err *err)
{
    int64_t bytes = 0; /* of a page */
    sql_number(b->from, "PRAGMA page_size", &bytes);
    sqlite3_backup *copy = sqlite3_backup_init(b->to, "main", b->from, "main");
    int rc = copy ? SQLITE_OK : SQLITE_ERROR;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(copy, PAGES_A_STEP);
        report_progress(b, copy, bytes);
    }
    sqlite3_backup_finish(copy);
    if (rc != SQLITE_DONE)
        return sql_fail(b->to, b->part.beside, err);
    /* A single file, which needs no -wal and -shm next to it. */
    if (sql_exec(b->to, "PRAGMA journal_mode = DELETE") != SQLITE_OK)
        return sql_fail(b->to, b->part.beside, err);
    return 0;
}

/* --- the target ------------------------------------------------------------------------------- */

static int check_name(const char *from, const char *name, struct err *err)
{
    const char *role = database_files_role(from, name);
    return role ? err_set(err, -EPERM, "'%s' is %s to be copied, '%s': give another FILE", name,
                          role, from)
                : 0;
}

/* A service that records into `to` would keep writing into the replaced file, and lose all of that
 * when it closes it. */
static int check_target(const char *from, const char *to, struct err *err)
{
    char pending[PATH_MAX], part[PATH_MAX];
    if (snprintf(part, sizeof(part), "%s" PART, to) >= (int)sizeof(part))
        return err_set(err, -ENAMETOOLONG, "'%.100s...': the name is too long", to);
    int rc = check_name(from, to, err);
    if (rc == 0)
        rc = check_name(from, part, err);
    if (rc)
        return rc;
    if (database_files_recorded(to))
        return err_set(err, -EPERM,
                       "'%s' is a database that a service records into: give another FILE", to);
    if (database_files_pending(to, pending, sizeof(pending)))
        return err_set(
            err, -EPERM,
            "'%s' holds changes of another database, which SQLite would apply to the copy: "
            "remove it, or give another FILE",
            pending);
    return 0;
}

/* --force replaces files; it does not replace a folder, a device or a socket. */
static int check_kind(const char *to, struct err *err)
{
    struct stat st;
    if (stat(to, &st) || S_ISREG(st.st_mode))
        return 0;
    if (S_ISDIR(st.st_mode))
        return err_set(err, -EISDIR, "'%s' is a folder: give the name of a file in it", to);
    return err_set(err, -EPERM, "'%s' is a device, a pipe or a socket: give another FILE", to);
}

static int copy_all(struct backup *b, struct err *err)
{
    const char *from = b->parts->from, *to = b->parts->to;
    bool replace = b->parts->replace;
    int rc = check_target(from, to, err);
    if (rc == 0)
        rc = check_kind(to, err);
    if (rc == 0 && !replace && access(to, F_OK) == 0)
        rc = err_set(err, -EEXIST, "'%s' already exists", to);
    if (rc == 0)
        rc = open_source(b, from, err);
    if (rc == 0)
        rc = open_part(b, to, err);
    if (rc == 0)
        rc = copy_pages(b, err);
    sqlite3_close(b->to);
    b->to = NULL;
    return rc ? rc : new_file_place(&b->part, replace, err);
}

int backup_database(const struct backup_parts *parts, struct err *err)
{
    struct backup b = {.parts = parts, .part.fd = -1};
    int rc = copy_all(&b, err);
    sqlite3_close(b.from);
    new_file_discard(&b.part);
    return rc;
}
