#include "store/write/store_thread.h"

#include "base/clock.h"
#include "store/sql.h"
#include "store/write/recovery.h"
#include "store/write/store_report.h"
#include "store/write/wal_readers.h"

#include <sqlite3.h>
#include <stdio.h>

#define LOOK_MS       2000 /* between two checks of the files, when nothing is written */
#define HELD_TELL_MS  1000 /* shorter reads are normal and not reported */
#define LIST_AGAIN_MS 1000 /* after a slice of the list that failed: locked, disk full */

/* --- waiting ---------------------------------------------------------------------------------- */

static void wait_until(struct store *store, int64_t until_ms)
{
    struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    pthread_cond_timedwait(&store->wake, &store->lock, &at);
}

/* With the lock held: when the waiting data has to be written. */
static int64_t batch_due_ms(const struct store *store)
{
    if (store->close_by_ms || store->inbox.ring.count >= BATCH_ROWS)
        return 0;
    return store->waiting_since_ms ? store->waiting_since_ms + store->commit_every_ms : INT64_MAX;
}

/* With the lock held. Marks the start of a step, which must end: see store_stats.step_since_ms. */
static void begin_step(struct store *store)
{
    store->stats.step_since_ms = clock_now().mono_ms;
}

enum work { WORK_WRITE, WORK_LOOK, WORK_LIST, WORK_TAPE, WORK_UPKEEP };

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* With the lock held: when the next slice of the list of instruments is to be written. */
static int64_t list_due_ms(const struct store *store)
{
    bool pending = store->given.list || list_progress_pending(&store->list);
    return pending && store->connection.open ? store->list_from_ms : INT64_MAX;
}

/* With the lock held. Writing has priority, also while closing; the upkeep comes last, so that it
 * does not change the rows with which a list of trades was compared. */
static enum work wait_for_work(struct store *store)
{
    store->stats.step_since_ms = 0;
    for (;;) {
        store->connection.upkeep.keep_days = store->keep_days;
        const int64_t due_ms[] = {
            [WORK_WRITE] = batch_due_ms(store),
            [WORK_LOOK] = store->look_from_ms,
            [WORK_LIST] = list_due_ms(store),
            [WORK_TAPE] = tape_work_due_ms(store),
            [WORK_UPKEEP] = upkeep_due_ms(&store->connection.upkeep),
        };
        int64_t now_ms = clock_now().mono_ms, first_ms = INT64_MAX;
        for (int work = WORK_WRITE; work <= WORK_UPKEEP; work++) {
            if (due_ms[work] <= now_ms)
                return (enum work)work;
            first_ms = earliest(first_ms, due_ms[work]);
        }
        wait_until(store, first_ms);
    }
}

/* With the lock held. */
static void take_batch(struct store *store)
{
    inbox_take(&store->inbox, &store->batch);
    store->held_rows = store->batch.rows_count;
    if (store->inbox.ring.count) /* remaining rows are due at once */
        return;
    store->waiting_since_ms = 0;
    tape_queue_release(&store->tapes.queue);
}

/* Waits before the next attempt; false when the deadline for closing has passed. */
static bool wait_in_trouble(struct store *store)
{
    int64_t until_ms = clock_now().mono_ms + store->trouble.wait_ms;
    int64_t now_ms;
    pthread_mutex_lock(&store->lock);
    store->stats.step_since_ms = 0; /* waiting is not a hang */
    while ((now_ms = clock_now().mono_ms) < until_ms) {
        bool closing = store->close_by_ms != 0;
        if (closing && now_ms >= store->close_by_ms)
            break;
        wait_until(store, closing && store->close_by_ms < until_ms ? store->close_by_ms : until_ms);
        if (!closing && store->close_by_ms)
            break; /* closing has begun: try once at once */
    }
    bool again = !store->close_by_ms || clock_now().mono_ms < store->close_by_ms;
    begin_step(store);
    pthread_mutex_unlock(&store->lock);
    return again;
}

static struct inbox_loss read_loss(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    struct inbox_loss loss = store->inbox.loss;
    pthread_mutex_unlock(&store->lock);
    return loss;
}

/* --- a lost database -------------------------------------------------------------------------- */

static bool is_open(const struct store *store)
{
    return store->connection.open;
}

/*
 * The -wal or -shm was removed, and a read prevents that they are created again: until it ends,
 * other programs do not see new data, and a power failure would lose it.
 */
static void note_held(struct store *store, int64_t now_ms)
{
    char words[WAL_WORDS], readers[WAL_WORDS / 2];
    if (!store->held_since_ms)
        store->held_since_ms = now_ms;
    if (store->held_told || now_ms - store->held_since_ms < HELD_TELL_MS)
        return;
    store->held_told = true;
    wal_readers_describe(store->path, readers, sizeof(readers));
    snprintf(words, sizeof(words),
             "the database lost its -wal or -shm file, and a long read by %s keeps it from being "
             "reopened: new data can be lost until that read ends",
             readers);
    store_report(store, EVENT_WAL_STUCK, LOG_LEVEL_WARN, words);
}

/* True: the file was lost, so writes to it would be too; the database is now closed. */
static bool leave_lost(struct store *store)
{
    enum file_loss loss = connection_look(&store->connection);
    int64_t now_ms = clock_now().mono_ms;
    store->look_from_ms = now_ms + LOOK_MS;
    bool left =
        loss != FILE_KEPT && reopen_leave(&store->reopen, &store->connection, &store->carry, loss);
    if (loss != FILE_KEPT && !left) {
        note_held(store, now_ms);
        return false;
    }
    store->held_since_ms = 0;
    store->held_told = false;
    return left;
}

static int enter_again(struct store *store)
{
    char words[REOPEN_WORDS], why[TROUBLE_WORDS];
    struct err err;
    if (is_open(store))
        return SQLITE_OK;
    const struct reopen_parts parts = {&store->connection, &store->config, &store->carry,
                                       clock_now()};
    if (reopen_enter(&store->reopen, &parts, words, &err) == 0) {
        store->list.at = 0; /* another file may not have it */
        store->list.done = false;
        pthread_mutex_lock(&store->lock);
        store->stats.reopened++;
        pthread_mutex_unlock(&store->lock);
        store_report_written(store, EVENT_STORE_REOPENED, LOG_LEVEL_WARN, words);
        return SQLITE_OK;
    }
    snprintf(why, sizeof(why),
             "%s %s and cannot be opened again: %s; changes are kept in memory and written as soon "
             "as it can be opened",
             store->path, file_loss_words(store->reopen.loss), err.text);
    store_report_trouble(store, TROUBLE_FAILING, why);
    return SQLITE_CANTOPEN;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Returns the number of stamps that are later than now: the clocks differ, so the latency is not
 * known. */
static int64_t measure_rows(const struct batch *batch, int64_t wall_ns, struct histogram *latency_s)
{
    int64_t ahead = 0;
    histogram_init(latency_s, histogram_latency_s, HISTOGRAM_LATENCY_COUNT);
    for (size_t i = 0; i < batch->rows_count; i++) {
        int64_t stamp = batch->rows[i].quote.ts_event;
        if (stamp > wall_ns)
            ahead++;
        else if (stamp > 0)
            histogram_add(latency_s, (double)(wall_ns - stamp) / NS_PER_S);
    }
    return ahead;
}

static void count_written(struct store *store, const struct inbox_loss *told, int64_t began_ms)
{
    const struct batch *batch = &store->batch;
    struct histogram latency_s;
    struct now now = clock_now();
    int64_t ahead = measure_rows(batch, now.wall_ns, &latency_s);
    pthread_mutex_lock(&store->lock);
    histogram_merge(&store->stats.broker_to_commit_s, &latency_s);
    store->stats.stamps_ahead += ahead;
    histogram_add(&store->stats.commit_s, (double)(now.mono_ms - began_ms) / 1000);
    store->stats.snapshots_written += (int64_t)batch->rows_count;
    store->stats.events_written += (int64_t)batch->pending.events_count;
    store->stats.commits++;
    store->stats.refused += store->connection.writer.refused;
    store->connection.writer.refused = 0;
    store->stats.failing = false;
    store->stats.dropped += told->rows;
    inbox_loss_told(&store->inbox, told);
    store->held_rows = 0;
    if (store->on_commit)
        store->on_commit(store->commit_arg);
    pthread_mutex_unlock(&store->lock);
}

/* While closing, the limit is ignored: filling the disk is better than losing changes. */
static bool held_by_reader(struct store *store, char *words)
{
    pthread_mutex_lock(&store->lock);
    bool closing = store->close_by_ms != 0;
    pthread_mutex_unlock(&store->lock);
    return !closing && wal_watch_full(&store->connection.wal, clock_now().mono_ms, words);
}

static int wait_for_reader(struct store *store)
{
    char words[WAL_WORDS], why[TROUBLE_WORDS];
    if (!held_by_reader(store, words))
        return SQLITE_OK;
    snprintf(why, sizeof(why), "%s: %s", store->path, words);
    store_report_trouble(store, TROUBLE_WAL_FULL, why);
    return SQLITE_BUSY;
}

static void note_failure(struct store *store, int rc)
{
    char why[TROUBLE_WORDS];
    sqlite3 *db = store->connection.database.db;
    /* Before ROLLBACK, which replaces SQLite's message. */
    snprintf(why, sizeof(why), "%s: %s", store->path, sqlite3_errmsg(db));
    bool locked = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
    store_report_trouble(store, locked ? TROUBLE_LOCKED : TROUBLE_FAILING, why);
    sql_exec(db, "ROLLBACK");
}

static void end_batch(struct store *store)
{
    carried_state_take(&store->carry, &store->batch, clock_now().wall_ns);
    batch_clear(&store->batch);
}

static int write_once(struct store *store)
{
    struct recovery recovery;
    int rc = enter_again(store);
    if (rc == SQLITE_OK)
        rc = wait_for_reader(store);
    if (rc != SQLITE_OK)
        return rc;
    struct inbox_loss loss = read_loss(store);
    store->batch.dropped = loss.rows;
    store->batch.ts_dropped_first = loss.ts_first;
    store->batch.ts_dropped_last = loss.ts_last;

    recovery_describe(&recovery, &store->trouble, &loss, clock_now());
    int64_t began_ms = clock_now().mono_ms;
    rc = batch_write(&store->connection.writer, &store->batch, recovery.events, recovery.count);
    if (rc != SQLITE_OK) {
        note_failure(store, rc);
        leave_lost(store); /* the next attempt writes to the file at the path now */
        return rc;
    }
    bool lost = leave_lost(store);
    if (lost && !store->reopen.renewed)
        return SQLITE_READONLY_DBMOVED; /* it was written to a lost file: write it again */
    count_written(store, &loss, began_ms);
    store->trouble = (struct trouble){0};
    store_report_recovery(store, &recovery, loss.rows);
    if (!lost)
        return SQLITE_OK;
    end_batch(store); /* it is in the database, which is only opened again */
    return SQLITE_READONLY_DBMOVED;
}

static void write_batch(struct store *store)
{
    while (write_once(store) != SQLITE_OK) {
        if (!wait_in_trouble(store)) {
            store->gave_up = true;
            return;
        }
    }
    if (store->batch.rows_count)
        upkeep_written(&store->connection.upkeep, store->batch.rows_count, clock_now().mono_ms);
    end_batch(store);
}

/* --- the list of instruments ------------------------------------------------------------------ */

static void take_list(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    struct list_progress given = store->given;
    store->given = (struct list_progress){0};
    pthread_mutex_unlock(&store->lock);
    if (!given.list)
        return;
    list_progress_finish(&store->list);
    store->list = given;
}

/* Failures are not reported here: the next batch fails too and reports them. */
static int write_slice(struct store *store)
{
    take_list(store);
    int rc = list_progress_pending(&store->list)
                 ? list_writer_step(&store->connection.lists, &store->list)
                 : SQLITE_OK;
    store->list_from_ms = rc == SQLITE_OK ? 0 : clock_now().mono_ms + LIST_AGAIN_MS;
    return rc;
}

/* A list that is only partly stored would be read again at the next start. */
static void end_list(struct store *store)
{
    int rc = is_open(store) ? SQLITE_OK : SQLITE_CANTOPEN;
    take_list(store);
    while (rc == SQLITE_OK && list_progress_pending(&store->list))
        rc = write_slice(store);
}

/* --- upkeep ----------------------------------------------------------------------------------- */

/* Failures are not reported here, because the next batch fails too and reports them. */
static void do_upkeep(struct store *store)
{
    struct upkeep *upkeep = &store->connection.upkeep;
    struct upkeep_done done = upkeep_step(upkeep, clock_now());
    pthread_mutex_lock(&store->lock);
    struct store_stats *stats = &store->stats;
    stats->snapshots_moved += done.moved;
    stats->snapshots_trimmed += done.trim_ended ? upkeep->trimmer.trimmed.snapshots : 0;
    stats->used_bytes = upkeep->growth.used_bytes;
    stats->free_bytes = upkeep->growth.free_bytes;
    stats->bytes_per_day = upkeep->growth.bytes_per_day;
    pthread_mutex_unlock(&store->lock);
    if (done.trim_ended)
        store_report_trimmed(store, &upkeep->trimmer);
}

static void watch_wal(struct store *store)
{
    char words[WAL_WORDS];
    pthread_mutex_lock(&store->lock);
    bool busy = store->inbox.ring.count > 0;
    pthread_mutex_unlock(&store->lock);
    enum wal_news news = wal_watch_step(&store->connection.wal, busy, clock_now().mono_ms, words);
    store->connection.upkeep.paused = store->connection.wal.stuck;
    if (news == WAL_STUCK)
        store_report(store, EVENT_WAL_STUCK, LOG_LEVEL_WARN, words);
    else if (news == WAL_FREED)
        store_report(store, EVENT_WAL_FREED, LOG_LEVEL_INFO, words);
}

void *store_thread_run(void *arg)
{
    struct store *store = arg;
    for (;;) {
        pthread_mutex_lock(&store->lock);
        enum work work = wait_for_work(store);
        begin_step(store);
        if (work == WORK_WRITE)
            take_batch(store);
        bool closing = store->close_by_ms != 0;
        pthread_mutex_unlock(&store->lock);
        bool lost = leave_lost(store); /* also before a checkpoint, which could mix two databases */
        if (batch_empty(&store->batch) && closing && !lost) {
            end_list(store);
            return NULL;
        }
        if (work == WORK_WRITE || lost)
            write_batch(store);
        else if (work == WORK_LIST)
            write_slice(store);
        else if (work == WORK_TAPE)
            tape_work_step(store);
        else if (work == WORK_UPKEEP)
            do_upkeep(store);
        if (store->gave_up)
            return NULL;
        watch_wal(store);
    }
}
