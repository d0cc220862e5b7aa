#include "store/write/reopen.h"

#include "base/utf8.h"
#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKPOINT_MS 2000  /* how long to wait for readers of a database that was moved */
#define REST_MS       1000  /* a file unchanged for this long is complete */
#define INCOMPLETE_MS 15000 /* the same while pages are missing, as in a slow copy */

/* --- leaving ---------------------------------------------------------------------------------- */

/* Whether the -wal or -shm at `path` still is the one that was opened; `out` gets its name. */
static bool side_is_ours(const char *path, const char *suffix, struct file_id opened,
                         char out[PATH_MAX])
{
    struct stat st;
    return snprintf(out, PATH_MAX, "%s%s", path, suffix) < PATH_MAX && opened.inode &&
           stat(out, &st) == 0 && (uint64_t)st.st_ino == opened.inode &&
           (uint64_t)st.st_dev == opened.device;
}

/*
 * SQLite would apply our -wal to another database at this path and corrupt it: it is renamed to
 * belong to `to`, the moved database, or removed when `to` is "". False: it had to be removed
 * because it could not be renamed.
 */
static bool clear_side(const char *path, const char *suffix, struct file_id opened, const char *to)
{
    char name[PATH_MAX], target[PATH_MAX];
    if (!side_is_ours(path, suffix, opened, name))
        return true;
    bool moved = *to && snprintf(target, sizeof(target), "%s%s", to, suffix) < PATH_MAX &&
                 rename(name, target) == 0;
    if (!moved)
        unlink(name);
    return moved || !*to;
}

/* The present name of the open database; "" = unknown. */
static void find_moved(const struct connection *c, char out[PATH_MAX])
{
    char link[64];
    struct stat st;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", c->database.lock_fd);
    ssize_t len = readlink(link, out, PATH_MAX - 1);
    out[len > 0 ? len : 0] = '\0';
    if (stat(out, &st) || (uint64_t)st.st_ino != c->files.database.inode ||
        (uint64_t)st.st_dev != c->files.database.device)
        *out = '\0';
}

/* Makes the moved file complete without its -wal. False: a reader prevents it, or an error. */
static bool end_moved(struct connection *c)
{
    bool open;
    int in_wal = 0, moved = 0;
    coverage_writer_recover(c->database.db, EVENT_STORE_REOPENED, &open, NULL);
    sqlite3_busy_timeout(c->database.db, CHECKPOINT_MS);
    int rc =
        sqlite3_wal_checkpoint_v2(c->database.db, NULL, SQLITE_CHECKPOINT_FULL, &in_wal, &moved);
    return rc == SQLITE_OK && in_wal == moved;
}

/*
 * False: the file exists elsewhere without its last changes. An overwritten file is not
 * checkpointed: its -wal belongs to the previous pages and would corrupt the new ones.
 */
static bool abandon(struct connection *c, enum file_loss loss)
{
    const struct file_watch files = c->files;
    char to[PATH_MAX] = "";
    sql_exec(c->database.db, "ROLLBACK");
    bool complete = loss == FILE_OVERWRITTEN || !file_watch_exists(&files) || end_moved(c);
    if (!complete)
        find_moved(c, to);
    /* A checkpoint on close would use, and remove, files at the path that belong to another
     * database. */
    sqlite3_db_config(c->database.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    connection_close(c);
    bool named = complete || *to;
    bool moved = clear_side(files.path, "-wal", files.wal, to);
    clear_side(files.path, "-shm", files.shm, moved ? to : "");
    return named && moved;
}

bool reopen_leave(struct reopen *reopen, struct connection *c, struct carried_state *carry,
                  enum file_loss loss)
{
    bool renewed = loss == FILE_SIDES_LOST;
    if (renewed && !connection_checkpoint(c))
        return false;
    *reopen = (struct reopen){.loss = loss,
                              .seq_offset = c->writer.seq_offset,
                              .renewed = renewed,
                              .database = c->files.database,
                              .cuts = c->writer.coverage.cuts};
    carried_state_read(carry, &c->writer);
    if (renewed) {
        connection_close(c);
        return true;
    }
    reopen->incomplete = !abandon(c, loss);
    return true;
}

/* --- entering --------------------------------------------------------------------------------- */

static void describe(const struct reopen *reopen, const struct carried_state_plan *plan,
                     bool is_new, const char *path, char *words)
{
    int len = snprintf(words, REOPEN_WORDS, "%s %s", path, file_loss_words(reopen->loss));
    char *rest = words + len;
    size_t room = len < REOPEN_WORDS ? REOPEN_WORDS - (size_t)len : 0;
    if (!room)
        return;
    if (reopen->renewed)
        snprintf(rest, room, "; no data was lost, and it was reopened");
    else
        snprintf(rest, room,
                 "; recording continues in %s with the current state of %lld instruments, seq "
                 "continues after %lld%s",
                 is_new ? "a new file of this name" : "the database that has this name now",
                 (long long)plan->states, (long long)plan->seq_before,
                 reopen->incomplete ? "; the moved file is damaged: its -wal could not be moved "
                                      "with it while a program was reading it"
                                    : "");
}

/*
 * The database can be moved or replaced after it was closed because of its -wal or -shm. The number
 * of the inode is not enough: a new file may get that of a deleted one.
 */
static bool is_same(const struct reopen *reopen, const struct connection *c,
                    const struct carried_state *carry, int64_t file_seq)
{
    const struct file_id *before = &reopen->database, *now = &c->files.database;
    return before->inode == now->inode && before->device == now->device &&
           file_seq >= carry->last_seq + reopen->seq_offset;
}

static int begin(struct reopen *reopen, const struct reopen_parts *parts, char *words)
{
    struct connection *c = parts->connection;
    const struct carried_state *carry = parts->carry;
    int64_t now_ns = parts->now.wall_ns, file_seq = 0;
    int rc = connection_last_seq(c, &file_seq);
    if (rc != SQLITE_OK)
        return rc;
    if (reopen->renewed && !is_same(reopen, c, carry, file_seq)) {
        reopen->renewed = false;
        reopen->loss = FILE_REPLACED;
    }
    const struct carried_state_plan plan = carried_state_plan(carry, reopen->seq_offset, file_seq);
    describe(reopen, &plan, file_seq == 0, parts->config->path, words);
    utf8_clean(words, REOPEN_WORDS, words, strlen(words)); /* a path may have any bytes */
    c->writer.coverage.cuts = reopen->cuts;
    if (reopen->renewed)
        return carried_state_renew(carry, &c->writer, reopen->seq_offset, now_ns, words);
    return carried_state_write(carry, &c->writer, &plan, now_ns, words);
}

/* Only while the connection is closed, because close() releases SQLite's POSIX locks on the file.
 */
static bool look_at(const char *path, struct stat *st, struct file_head *head)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool seen = fstat(fd, st) == 0 && file_head_read(fd, head) == 0;
    close(fd);
    return seen;
}

static bool is_being_written(struct reopen *reopen, const char *path, int64_t now_ms)
{
    struct reopen_rest *rest = &reopen->rest;
    struct file_head head;
    struct stat st;
    if ((reopen->loss != FILE_OVERWRITTEN && reopen->loss != FILE_EMPTIED) ||
        !look_at(path, &st, &head))
        return false;
    int64_t modified_ns = st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
    if (!rest->since_ms || rest->size_bytes != st.st_size || rest->modified_ns != modified_ns)
        *rest = (struct reopen_rest){st.st_size, modified_ns, now_ms};
    bool complete = st.st_size == 0 || file_head_complete(&head);
    return now_ms - rest->since_ms < (complete ? REST_MS : INCOMPLETE_MS);
}

int reopen_enter(struct reopen *reopen, const struct reopen_parts *parts, char *words,
                 struct err *err)
{
    struct connection *c = parts->connection;
    const char *path = parts->config->path;
    bool left_open;
    if (is_being_written(reopen, path, parts->now.mono_ms))
        return err_set(err, -EAGAIN, "another program may still be writing to it");
    int rc = connection_open(c, parts->config, EVENT_STORE_REOPENED, &left_open, err);
    if (rc)
        return rc;
    if (begin(reopen, parts, words) == SQLITE_OK)
        return 0;
    rc = sql_fail(c->database.db, "cannot write it", err);
    err_prefix(err, "database '%s': ", path);
    connection_close(c);
    return rc;
}
