#include "store/backup.h"

#include "store/number.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PAGES_A_STEP 2048
#define BUSY_MS      5000

struct backup {
    sqlite3 *from, *to;
    char part[PATH_MAX];
    backup_progress *fn;
    void *arg;
};

static int fail(sqlite3 *db, struct err *err, const char *what)
{
    int rc = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
    return err_set(err, rc == SQLITE_FULL ? -ENOSPC : -EIO, "%s: %s", what,
                   db ? sqlite3_errmsg(db) : "out of memory");
}

/* An open read keeps the copy at one moment; without it every commit would start it over. */
static int open_source(struct backup *b, const char *path, struct err *err)
{
    int version;
    if (access(path, R_OK))
        return err_set(err, -errno, "cannot read '%s': %s", path, strerror(errno));
    if (sqlite3_open_v2(path, &b->from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return fail(b->from, err, path);
    sqlite3_busy_timeout(b->from, BUSY_MS);
    int rc = schema_check(b->from, &version, err);
    if (rc) {
        err_prefix(err, "%s: ", path);
        return rc;
    }
    if (sqlite3_exec(b->from, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) !=
        SQLITE_OK)
        return fail(b->from, err, path);
    return 0;
}

static int open_part(struct backup *b, const char *to, struct err *err)
{
    if (snprintf(b->part, sizeof(b->part), "%s.part", to) >= (int)sizeof(b->part))
        return err_set(err, -ENAMETOOLONG, "'%s': the name is too long", to);
    int fd = open(b->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, -errno, "cannot make '%s': %s", b->part, strerror(errno));
    close(fd);
    if (sqlite3_open_v2(b->part, &b->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        return fail(b->to, err, b->part);
    return 0;
}

static void tell(const struct backup *b, sqlite3_backup *copy, int64_t page_bytes)
{
    int64_t all = sqlite3_backup_pagecount(copy), left = sqlite3_backup_remaining(copy);
    if (b->fn)
        b->fn(b->arg, (all - left) * page_bytes, all * page_bytes);
}

static int copy_pages(struct backup *b, struct err *err)
{
    int64_t bytes = 0; /* of a page */
    number_ask(b->from, "PRAGMA page_size", &bytes);
    sqlite3_backup *copy = sqlite3_backup_init(b->to, "main", b->from, "main");
    int rc = copy ? SQLITE_OK : SQLITE_ERROR;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(copy, PAGES_A_STEP);
        tell(b, copy, bytes);
    }
    sqlite3_backup_finish(copy);
    if (rc != SQLITE_DONE)
        return fail(b->to, err, b->part);
    /* One file that needs no other beside it. */
    if (sqlite3_exec(b->to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return fail(b->to, err, b->part);
    return 0;
}

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

static int sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (!slash)
        snprintf(folder, sizeof(folder), ".");
    else
        snprintf(folder, sizeof(folder), "%.*s", len ? (int)len : 1, len ? path : "/");
    return sync_path(folder, O_RDONLY | O_DIRECTORY);
}

static int publish(struct backup *b, const char *to, bool replace, struct err *err)
{
    int rc = sync_path(b->part, O_RDONLY);
    /* link() refuses a name that is taken, rename() does not. */
    if (rc == 0 && !replace && link(b->part, to))
        rc = -errno;
    if (rc == 0 && (replace ? rename(b->part, to) : unlink(b->part)))
        rc = -errno;
    if (rc == 0)
        rc = sync_folder_of(to);
    return rc ? err_set(err, rc, "'%s': %s", to, strerror(-rc)) : 0;
}

static int copy_all(struct backup *b, const char *from, const char *to, bool replace,
                    struct err *err)
{
    if (!replace && access(to, F_OK) == 0)
        return err_set(err, -EEXIST, "'%s' is there already", to);
    int rc = open_source(b, from, err);
    if (rc == 0)
        rc = open_part(b, to, err);
    if (rc == 0)
        rc = copy_pages(b, err);
    sqlite3_close(b->to);
    b->to = NULL;
    return rc ? rc : publish(b, to, replace, err);
}

int backup_database(const char *from, const char *to, bool replace, backup_progress *fn, void *arg,
                    struct err *err)
{
    struct backup b = {.fn = fn, .arg = arg};
    int rc = copy_all(&b, from, to, replace, err);
    sqlite3_close(b.from);
    if (rc && *b.part)
        unlink(b.part);
    return rc;
}
