#include "store/read/backup.h"

#include "files/new_file.h"
#include "store/database_files.h"
#include "store/read/read_only.h"
#include "store/sql.h"

#include <errno.h>
#include <sqlite3.h>
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

static int copy_all(struct backup *b, struct err *err)
{
    const char *from = b->parts->from, *to = b->parts->to;
    bool replace = b->parts->replace;
    int rc = database_files_check_target(from, to, PART, err);
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
