#include "store/reopen.h"

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
#define INCOMPLETE_MS 15000 /* the same while pages are missing, as in a copy over a slow network  \
                             */

/* --- leaving ---------------------------------------------------------------------------------- */

/* SQLite would apply our -wal to another database at this path and corrupt it. */
static void remove_side(const char *path, const char *suffix, struct file_id opened)
{
    char name[PATH_MAX];
    struct stat st;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    if (opened.inode && stat(name, &st) == 0 && (uint64_t)st.st_ino == opened.inode &&
        (uint64_t)st.st_dev == opened.device)
        unlink(name);
}

/* Makes the moved file complete without its -wal. */
static void end_moved(struct connection *c)
{
    bool open;
    spans_recover(c->database.db, EVENT_STORE_REOPENED, &open, NULL);
    sqlite3_busy_timeout(c->database.db, CHECKPOINT_MS);
    sqlite3_wal_checkpoint_v2(c->database.db, NULL, SQLITE_CHECKPOINT_FULL, NULL, NULL);
}

/* An overwritten file is not checkpointed: its -wal belongs to the previous pages and would corrupt
 * the new ones. */
static void abandon(struct connection *c, enum file_loss loss)
{
    const struct file_watch files = c->files;
    sqlite3_exec(c->database.db, "ROLLBACK", NULL, NULL, NULL);
    if (loss != FILE_OVERWRITTEN && file_watch_exists(&files))
        end_moved(c);
    /* A checkpoint on close would use, and remove, files at the path that belong to another
     * database. */
    sqlite3_db_config(c->database.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    connection_close(c);
    remove_side(files.path, "-wal", files.wal);
    remove_side(files.path, "-shm", files.shm);
}

bool reopen_leave(struct reopen *reopen, struct connection *c, struct carry *carry,
                  enum file_loss loss)
{
    bool renewed = loss == FILE_SIDES_LOST;
    if (renewed && !connection_checkpoint(c))
        return false;
    *reopen = (struct reopen){loss, c->writer.seq_offset, renewed, c->writer.spans.cuts, {0}};
    if (renewed) {
        connection_close(c);
        return true;
    }
    carry_read(carry, &c->writer);
    abandon(c, loss);
    return true;
}

/* --- entering --------------------------------------------------------------------------------- */

static int fail(struct connection *c, const char *path, struct err *err)
{
    err_set(err, -EIO, "database '%s': %s", path, sqlite3_errmsg(c->database.db));
    connection_close(c);
    return -EIO;
}

static void describe(const struct reopen *reopen, const struct carry_plan *plan, bool is_new,
                     const char *path, char *words)
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
                 "continues after %lld",
                 is_new ? "a new file of this name" : "the database that has this name now",
                 (long long)plan->states, (long long)plan->seq_before);
}

static int begin(const struct reopen *reopen, struct connection *c, const struct carry *carry,
                 struct now now, const char *path, char *words)
{
    int64_t file_seq = 0;
    int rc = connection_last_seq(c, &file_seq);
    if (rc != SQLITE_OK)
        return rc;
    const struct carry_plan plan = carry_plan(carry, reopen->seq_offset, file_seq);
    describe(reopen, &plan, file_seq == 0, path, words);
    c->writer.spans.cuts = reopen->cuts;
    if (reopen->renewed)
        return carry_renew(carry, &c->writer, reopen->seq_offset, now.wall_ns, words);
    return carry_write(carry, &c->writer, &plan, now.wall_ns, words);
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
    int64_t modified_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (!rest->since_ms || rest->size_bytes != st.st_size || rest->modified_ns != modified_ns)
        *rest = (struct reopen_rest){st.st_size, modified_ns, now_ms};
    bool complete = st.st_size == 0 || file_head_complete(&head);
    return now_ms - rest->since_ms < (complete ? REST_MS : INCOMPLETE_MS);
}

int reopen_enter(struct reopen *reopen, struct connection *c,
                 const struct connection_config *config, const struct carry *carry, struct now now,
                 char *words, struct err *err)
{
    bool left_open;
    if (is_being_written(reopen, config->path, now.mono_ms))
        return err_set(err, -EAGAIN, "another program may still be writing to it");
    int rc = connection_open(c, config, EVENT_STORE_REOPENED, &left_open, err);
    if (rc)
        return rc;
    if (begin(reopen, c, carry, now, config->path, words) != SQLITE_OK)
        return fail(c, config->path, err);
    return 0;
}
