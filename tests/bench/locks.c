#include "locks.h"

#include "report.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#define HELD_MAX 100000

struct held {
    double ms[HELD_MAX];
    int64_t count;
};

/* Global, because wrapped functions cannot receive an additional argument. */
static struct {
    pthread_mutex_t lock;
    atomic_bool watching;
    bool moves;
    struct stopwatch begin;
    struct held batch, move, restart;
} locks = {.lock = PTHREAD_MUTEX_INITIALIZER};

int __real_sqlite3_exec(sqlite3 *db, const char *sql, sqlite3_callback fn, void *arg, char **words);
int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, sqlite3_callback fn, void *arg, char **words);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);
int __real_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *in_wal,
                                     int *moved);
int __wrap_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *in_wal,
                                     int *moved);

static void begin(void)
{
    pthread_mutex_lock(&locks.lock);
    locks.begin = stopwatch_start();
    locks.moves = false;
    pthread_mutex_unlock(&locks.lock);
}

/* With the lock held. */
static void add(struct held *held, const struct stopwatch *since)
{
    if (locks.watching && held->count < HELD_MAX)
        held->ms[held->count++] = stopwatch_read(since).wall_s * 1000;
}

static void end(void)
{
    pthread_mutex_lock(&locks.lock);
    add(locks.moves ? &locks.move : &locks.batch, &locks.begin);
    pthread_mutex_unlock(&locks.lock);
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, sqlite3_callback fn, void *arg, char **words)
{
    int rc = __real_sqlite3_exec(db, sql, fn, arg, words);
    if (strcmp(sql, "BEGIN IMMEDIATE") == 0)
        begin();
    else if (strcmp(sql, "COMMIT") == 0)
        end();
    return rc;
}

int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
    const char *sql = locks.watching ? sqlite3_sql(stmt) : NULL;
    if (sql && (strstr(sql, "snapshot_history") || strstr(sql, "DELETE FROM snapshot_recent")))
        locks.moves = true; /* set by the thread that began the transaction */
    return __real_sqlite3_step(stmt);
}

/* A passive checkpoint takes no write lock. */
int __wrap_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *in_wal,
                                     int *moved)
{
    struct stopwatch since = stopwatch_start();
    int rc = __real_sqlite3_wal_checkpoint_v2(db, name, mode, in_wal, moved);
    pthread_mutex_lock(&locks.lock);
    if (mode != SQLITE_CHECKPOINT_PASSIVE)
        add(&locks.restart, &since);
    pthread_mutex_unlock(&locks.lock);
    return rc;
}

void locks_watch(void)
{
    pthread_mutex_lock(&locks.lock);
    locks.watching = true;
    pthread_mutex_unlock(&locks.lock);
}

void locks_report(void)
{
    pthread_mutex_lock(&locks.lock);
    report_spread("lock_batch", locks.batch.ms, locks.batch.count);
    report_spread("lock_move", locks.move.ms, locks.move.count);
    report_spread("lock_restart", locks.restart.ms, locks.restart.count);
    pthread_mutex_unlock(&locks.lock);
}
