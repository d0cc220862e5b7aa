#include "store/reopen.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECKPOINT_MS 2000 /* for the readers of a database that was moved away */

/* --- leaving ---------------------------------------------------------------------------------- */

/* A -wal of ours beside another database would be taken for that one's, and destroy it. */
static void remove_side(const char *path, const char *suffix, struct file_id opened)
{
    char name[PATH_MAX];
    struct stat st;
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    if (opened.inode && stat(name, &st) == 0 && (uint64_t)st.st_ino == opened.inode &&
        (uint64_t)st.st_dev == opened.device)
        unlink(name);
}

/* The file that was moved away is whole then, without its -wal. */
static void end_moved(struct connection *c)
{
    bool open;
    spans_recover(c->database.db, EVENT_STORE_REOPENED, &open, NULL);
    sqlite3_busy_timeout(c->database.db, CHECKPOINT_MS);
    sqlite3_wal_checkpoint_v2(c->database.db, NULL, SQLITE_CHECKPOINT_FULL, NULL, NULL);
}

static void abandon(struct connection *c)
{
    const struct file_watch files = c->files;
    sqlite3_exec(c->database.db, "ROLLBACK", NULL, NULL, NULL);
    if (file_watch_exists(&files))
        end_moved(c);
    /* By its path SQLite might find, and remove, what belongs to the file there now. */
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
    *reopen = (struct reopen){loss, c->writer.seq_offset, renewed, c->writer.spans.cuts};
    if (renewed) {
        connection_close(c);
        return true;
    }
    carry_read(carry, &c->writer);
    abandon(c);
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
        snprintf(rest, room, "; nothing of it was lost, and it is open again");
    else
        snprintf(rest, room,
                 "; recording goes on in %s, with the present state of %lld instruments, and seq "
                 "after %lld",
                 is_new ? "a new file of this name" : "the database of this name",
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

int reopen_enter(const struct reopen *reopen, struct connection *c,
                 const struct connection_config *config, const struct carry *carry, struct now now,
                 char *words, struct err *err)
{
    bool left_open;
    int rc = connection_open(c, config, EVENT_STORE_REOPENED, &left_open, err);
    if (rc)
        return rc;
    if (begin(reopen, c, carry, now, config->path, words) != SQLITE_OK)
        return fail(c, config->path, err);
    return 0;
}
