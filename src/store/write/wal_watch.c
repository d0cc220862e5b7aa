#include "store/write/wal_watch.h"

#include "store/sql.h"
#include "store/write/wal_readers.h"

#include <sqlite3.h>
#include <stdio.h>

#define CHECKPOINT_PAGES 4000  /* about 16 MB: a page written many times is copied only once */
#define BUSY_PAGES       8000  /* checkpoint from here on, even while more waits to be written */
#define STUCK_PAGES      16384 /* about 64 MB: not reached during short reads */
#define RESTART_MS       30    /* timeout, with the write lock held; an ordinary read ends within */
#define RESTART_PAUSE_MS 500   /* before the next attempt after a timeout */

static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct wal_watch *watch = arg;
    (void)db;
    (void)name;
    watch->pages = pages;
    return SQLITE_OK;
}

static int smaller(int64_t a, int b)
{
    return a < b ? (int)a : b;
}

/* Checkpoint and restart are tried before the report, so it means that a reader prevents them. */
static void set_thresholds(struct wal_watch *watch)
{
    int64_t half = watch->limit_bytes / 2 / watch->page_bytes;
    watch->tell_pages = watch->limit_bytes ? smaller(half, STUCK_PAGES) : STUCK_PAGES;
    watch->restart_pages = smaller(watch->tell_pages, BUSY_PAGES);
    watch->checkpoint_pages = smaller(watch->restart_pages / 2, CHECKPOINT_PAGES);
}

void wal_watch_init(struct wal_watch *watch, sqlite3 *db, const char *path, int64_t limit_bytes)
{
    *watch =
        (struct wal_watch){.db = db, .path = path, .limit_bytes = limit_bytes, .page_bytes = 4096};
    sql_number(db, "PRAGMA page_size", &watch->page_bytes);
    set_thresholds(watch);
    sqlite3_wal_hook(db, on_commit, watch);
}

static long long megabytes(const struct wal_watch *watch, int pages)
{
    return pages * watch->page_bytes / 1000000;
}

/* --- reports ---------------------------------------------------------------------------------- */

static void begin_stuck(struct wal_watch *watch, int64_t now_ms, char *words)
{
    wal_readers_describe(watch->path, watch->reader, sizeof(watch->reader));
    watch->stuck = true;
    watch->since_ms = now_ms;
    watch->most_pages = watch->pages;
    snprintf(
        words, WAL_WORDS,
        "a long read keeps the -wal file from being reset: %s has an open read; the file grows "
        "until that ends, now %lld MB",
        watch->reader, megabytes(watch, watch->pages));
}

static void end_stuck(struct wal_watch *watch, int64_t now_ms, char *words)
{
    watch->stuck = false;
    snprintf(
        words, WAL_WORDS,
        "the -wal file can be reset again: the read by %s ended %.0f s after it was detected; the "
        "file had %lld MB",
        watch->reader, (double)(now_ms - watch->since_ms) / 1000,
        megabytes(watch, watch->most_pages));
}

static enum wal_news update_stuck(struct wal_watch *watch, int64_t now_ms, char *words)
{
    if (watch->stuck && watch->pages < watch->tell_pages) {
        end_stuck(watch, now_ms, words);
        return WAL_FREED;
    }
    if (watch->stuck && watch->pages > watch->most_pages)
        watch->most_pages = watch->pages;
    if (watch->stuck || watch->pages < watch->tell_pages)
        return WAL_NO_NEWS;
    begin_stuck(watch, now_ms, words);
    return WAL_STUCK;
}

/* --- checkpoints ------------------------------------------------------------------------------ */

/* True: the next commit starts at the start of the -wal. */
static bool restart(struct wal_watch *watch, int64_t timeout_ms)
{
    sqlite3_busy_timeout(watch->db, (int)timeout_ms);
    watch->moved = true;
    int rc = sqlite3_wal_checkpoint_v2(watch->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(watch->db, 0);
    if (rc == SQLITE_OK)
        watch->pages = 0;
    return rc != SQLITE_BUSY; /* the next commit reports any other error */
}

/*
 * With many short reads that overlap, the -wal always has a reader, is never reset, and grows as
 * during one long read. A RESTART checkpoint waits for the current readers; readers that begin
 * meanwhile read only the database file. The PASSIVE one before it copies most pages without
 * blocking.
 */
static void checkpoint(struct wal_watch *watch, bool busy, int64_t now_ms)
{
    if (watch->pages < (busy ? watch->restart_pages : watch->checkpoint_pages))
        return;
    watch->moved = true;
    sqlite3_wal_checkpoint_v2(watch->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (watch->pages >= watch->restart_pages && now_ms >= watch->restart_from_ms &&
        !restart(watch, RESTART_MS))
        watch->restart_from_ms = now_ms + RESTART_PAUSE_MS;
}

enum wal_news wal_watch_step(struct wal_watch *watch, bool busy, int64_t now_ms, char *words)
{
    checkpoint(watch, busy, now_ms);
    return update_stuck(watch, now_ms, words);
}

bool wal_watch_full(struct wal_watch *watch, int64_t now_ms, char *words)
{
    if (!watch->limit_bytes || watch->pages * watch->page_bytes < watch->limit_bytes)
        return false;
    if (restart(watch, 0))
        return false;
    char now_reading[sizeof(watch->reader)];
    if (wal_readers_describe(watch->path, now_reading, sizeof(now_reading)))
        snprintf(watch->reader, sizeof(watch->reader), "%s", now_reading);
    snprintf(
        words, WAL_WORDS,
        "%s has been reading for %.0f s, and the -wal file has reached store.wal_limit (%lld MB): "
        "nothing more is written until that read ends",
        watch->reader, (double)(now_ms - watch->since_ms) / 1000,
        (long long)watch->limit_bytes / 1000000);
    return true;
}
