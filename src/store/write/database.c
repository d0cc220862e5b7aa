#include "store/write/database.h"

#include "base/clock.h"
#include "files/modes.h"
#include "files/owner.h"
#include "files/path.h"
#include "market/event_kind.h"
#include "store/database_files.h"
#include "store/file_head.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/write/database_create.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define START_BUSY_MS 10000 /* another program may be reading it while we start */
#define GIVEN_MAX_MS  2000
#define GIVEN_LOOK_MS 10

/* --- ownership and lock ----------------------------------------------------------------------- */

static int not_ours(const char *path, uid_t uid, struct err *err)
{
    char owner[OWNER_NAME], ours[OWNER_NAME];
    owner_name(ours, geteuid());
    return err_set(err, -EPERM, "'%s' belongs to user '%s' and this is user '%s': chown %s: %s",
                   path, owner_name(owner, uid), ours, ours, path);
}

/*
 * Whether the file belongs to another user: `*uid`. A reader that runs as root creates the file
 * before it gives it to the owner of the database, so root's are looked at again for a moment.
 */
static bool is_foreign(const char *path, uid_t *uid)
{
    const struct timespec pause = {.tv_nsec = GIVEN_LOOK_MS * NS_PER_MS};
    struct stat st;
    for (int waited_ms = 0; stat(path, &st) == 0 && st.st_uid != geteuid();
         waited_ms += GIVEN_LOOK_MS) {
        *uid = st.st_uid;
        if (st.st_uid != 0 || waited_ms >= GIVEN_MAX_MS)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* A run or a reader of another user may have left them; SQLite's own message would only be "unable
 * to open database file". */
static int check_companions(const char *path, struct err *err)
{
    static const char *const suffixes[] = {"-wal", "-shm"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char file[PATH_MAX];
        uid_t uid;
        if (snprintf(file, sizeof(file), "%s%s", path, suffixes[i]) >= (int)sizeof(file))
            return err_set(err, -ENAMETOOLONG, "the name is too long");
        if (is_foreign(file, &uid))
            return not_ours(file, uid, err);
    }
    return 0;
}

static int cannot_open(const char *path, int rc, struct err *err)
{
    char found[PATH_MAX], folder[PATH_MAX];
    struct stat st;
    if (rc == -ENOENT && path_folder(path, folder) == 0)
        return err_set(err, rc,
                       "the folder '%s' does not exist: mkdir -p %s, or correct store.path", folder,
                       folder);
    if (rc == -EACCES && owner_nearest(path, found, &st) == 0)
        return not_ours(found, st.st_uid, err);
    return err_set(err, rc, "%s", strerror(-rc));
}

/*
 * The group may read it (unless the umask forbids it); SQLite gives its -wal and -shm the same
 * mode. The lock is flock's, which SQLite does not use. The descriptor must outlive the connection:
 * closing any descriptor of a file releases all POSIX locks that the process has on it, also
 * SQLite's.
 */
static int lock_file(struct database *database, const char *path, struct err *err)
{
    struct stat st;
    database->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_GROUP);
    if (database->lock_fd < 0)
        return cannot_open(path, -errno, err);
    if (fstat(database->lock_fd, &st))
        return err_set(err, -errno, "%s", strerror(errno));
    if (st.st_uid != geteuid())
        return not_ours(path, st.st_uid, err);
    if (flock(database->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return check_companions(path, err);
    if (errno == EWOULDBLOCK)
        return err_set(err, -EBUSY,
                       "another cinta is writing to it: stop that one, or set a different "
                       "store.path for this one");
    return err_set(err, -errno, "cannot lock it: %s", strerror(errno));
}

static int check_wal(const struct database *database, const char *path, struct err *err)
{
    struct file_head head;
    return file_head_read(database->lock_fd, &head) ? 0
                                                    : database_files_check_wal(&head, path, err);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int configure(sqlite3 *db, bool full_sync, struct err *err)
{
    /* auto_vacuum has an effect on a new file only. Debian's SQLite has secure_delete on by
     * default, which costs a fifth of the write time. The cache has room for one page of each of a
     * thousand instruments. */
    static const char sql[] = "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                              "PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY;"
                              "PRAGMA secure_delete = OFF; PRAGMA cache_size = -8000";
    const char *sync = full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
    if (sql_exec(db, sql) != SQLITE_OK || sql_exec(db, sync) != SQLITE_OK)
        return sql_fail(db, "cannot write it", err);
    /* A checkpoint at the close would lock readers out; store_close() makes its own before. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return 0;
}

/* The meanings of this version; rows are written only where they differ. */
static int put_event_kinds(sqlite3 *db, struct err *err)
{
    static const char sql[] = "INSERT INTO event_kind (kind, meaning) VALUES (?1, ?2) "
                              "ON CONFLICT (kind) DO UPDATE SET meaning = ?2 WHERE meaning <> ?2";
    int rc = sql_begin(db);
    for (int i = 0; rc == SQLITE_OK && i < EVENT_KINDS; i++)
        rc = sql_once(db, sql,
                      SQL_VALUES(SQL_TEXT(event_kind_name((enum event_kind)i)),
                                 SQL_TEXT(event_kind_meaning((enum event_kind)i))));
    if (rc == SQLITE_OK)
        rc = sql_exec(db, "COMMIT");
    return rc == SQLITE_OK ? 0 : sql_undo(db, "cannot write it", err);
}

static int open_all(struct database *database, const char *path, bool full_sync, struct err *err)
{
    int version;
    /* Memory statistics need a lock per malloc. Fails, which is harmless, if SQLite is in use. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    database_create(path, NULL); /* what prevents it, the next step reports with its cause */
    int rc = lock_file(database, path, err);
    if (rc == 0)
        rc = check_wal(database, path, err);
    if (rc)
        return rc;
    rc = sql_open(&database->db, path, SQL_WRITE, START_BUSY_MS, err);
    if (rc == 0)
        rc = schema_check(database->db, &version, err); /* before a pragma changes the file */
    if (rc == 0)
        rc = configure(database->db, full_sync, err);
    if (rc == 0)
        rc = schema_apply(database->db, err);
    if (rc == 0)
        rc = put_event_kinds(database->db, err);
    if (rc == 0)
        sqlite3_busy_timeout(database->db, 0); /* from here on the writer retries: see trouble */
    return rc;
}

int database_open(struct database *database, const char *path, bool full_sync, struct err *err)
{
    *database = (struct database){.lock_fd = -1};
    int rc = open_all(database, path, full_sync, err);
    if (rc) {
        database_close(database);
        err_prefix(err, "database '%s': ", path);
    }
    return rc;
}

void database_close(struct database *database)
{
    sqlite3_close(database->db);
    if (database->lock_fd >= 0)
        close(database->lock_fd);
    *database = (struct database){.lock_fd = -1};
}
