#include "store/store.h"

#include "base/clock.h"
#include "store/database.h"
#include "store/inbox.h"
#include "store/recovery.h"
#include "store/trouble.h"
#include "store/upkeep.h"
#include "store/wal_watch.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store {
    char *path;
    struct database database;
    int64_t commit_every_ms;
    store_notice *notice;
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows; held for copying only, never while SQLite works */
    pthread_cond_t wake;
    struct inbox inbox;
    int64_t waiting_since_ms; /* the oldest thing in the inbox; 0 = nothing waits */
    size_t held_rows;         /* in the batch under way */
    int64_t close_by_ms;      /* 0 = open */
    int keep_days;
    struct store_stats stats;

    struct batch batch; /* the thread's own, from here on */
    struct batch_writer writer;
    struct upkeep upkeep;
    struct wal_watch wal;
    struct trouble trouble;
    bool gave_up;
};

/* --- what the loop's thread does -------------------------------------------------------------- */

/* With the lock held. */
static void mark_waiting(struct store *store)
{
    if (store->waiting_since_ms)
        return;
    store->waiting_since_ms = clock_now().mono_ms;
    pthread_cond_signal(&store->wake);
}

void store_instrument(struct store *store, int32_t index, const char *market_id, const char *symbol)
{
    pthread_mutex_lock(&store->lock);
    inbox_instrument(&store->inbox, index, market_id, symbol);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

bool store_snapshot(struct store *store, const struct store_snapshot *snapshot)
{
    pthread_mutex_lock(&store->lock);
    inbox_snapshot(&store->inbox, snapshot, store->held_rows);
    mark_waiting(store);
    if (store->inbox.ring.count == BATCH_ROWS)
        pthread_cond_signal(&store->wake); /* a full transaction need not wait */
    bool pressed = !store->stats.failing &&
                   store->inbox.ring.count + store->held_rows > store->inbox.rows_max / 2;
    pthread_mutex_unlock(&store->lock);
    return pressed;
}

void store_seen(struct store *store, const int32_t *index, const int64_t *ts_seen, size_t count)
{
    pthread_mutex_lock(&store->lock);
    inbox_seen(&store->inbox, index, ts_seen, count);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_event(struct store *store, int64_t ts, enum event_kind kind, const char *symbol,
                 const char *detail)
{
    pthread_mutex_lock(&store->lock);
    inbox_event(&store->inbox, ts, kind, symbol, detail);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_spans_open(struct store *store, const struct store_span *spans, size_t count)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < count; i++)
        spans_open(&store->inbox.spans, &spans[i]);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_spans_closed(struct store *store, const struct store_span *spans, size_t count)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < count; i++)
        spans_close(&store->inbox.spans, &spans[i]);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_session(struct store *store, const struct store_session *session)
{
    pthread_mutex_lock(&store->lock);
    spans_session(&store->inbox.spans, session);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_watch(struct store *store, const int32_t *instruments, size_t count, int64_t ts)
{
    pthread_mutex_lock(&store->lock);
    spans_watched(&store->inbox.spans, instruments, count, ts);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_keep_days(struct store *store, int keep_days)
{
    pthread_mutex_lock(&store->lock);
    store->keep_days = keep_days;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->lock);
}

struct store_stats store_stats(const struct store *store)
{
    struct store *s = (struct store *)store; /* the lock is not part of what is const */
    pthread_mutex_lock(&s->lock);
    struct store_stats stats = s->stats;
    stats.backlog_rows = (int64_t)(s->inbox.ring.count + s->held_rows);
    pthread_mutex_unlock(&s->lock);
    return stats;
}

/* --- the thread: waiting ---------------------------------------------------------------------- */

static void wait_until(struct store *store, int64_t until_ms)
{
    struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    pthread_cond_timedwait(&store->wake, &store->lock, &at);
}

/* With the lock held: when what waits is to be written. */
static int64_t batch_due_ms(const struct store *store)
{
    if (store->close_by_ms || store->inbox.ring.count >= BATCH_ROWS)
        return 0;
    return store->waiting_since_ms ? store->waiting_since_ms + store->commit_every_ms : INT64_MAX;
}

/* With the lock held. From here on the thread is at work, and has to come to an end of it. */
static void begin_step(struct store *store)
{
    store->stats.step_since_ms = clock_now().mono_ms;
}

/* With the lock held. True: for a batch, or the end; false: there is time for the upkeep. */
static bool wait_for_work(struct store *store)
{
    store->stats.step_since_ms = 0;
    for (;;) {
        store->upkeep.keep_days = store->keep_days;
        int64_t batch_ms = batch_due_ms(store), upkeep_ms = upkeep_due_ms(&store->upkeep);
        int64_t due_ms = batch_ms < upkeep_ms ? batch_ms : upkeep_ms;
        int64_t now_ms = clock_now().mono_ms;
        if (due_ms <= now_ms)
            return batch_ms <= now_ms;
        if (due_ms == INT64_MAX)
            pthread_cond_wait(&store->wake, &store->lock);
        else
            wait_until(store, due_ms);
    }
}

/* With the lock held. */
static void take_batch(struct store *store)
{
    inbox_take(&store->inbox, &store->batch);
    store->held_rows = store->batch.rows_count;
    if (!store->inbox.ring.count) /* what is left has waited long enough already */
        store->waiting_since_ms = 0;
}

/* Before the next try; false when there will be none because the time to close is over. */
static bool wait_in_trouble(struct store *store)
{
    int64_t until_ms = clock_now().mono_ms + store->trouble.wait_ms;
    int64_t now_ms;
    pthread_mutex_lock(&store->lock);
    store->stats.step_since_ms = 0; /* no fault of the thread's */
    while ((now_ms = clock_now().mono_ms) < until_ms) {
        bool closing = store->close_by_ms != 0;
        if (closing && now_ms >= store->close_by_ms)
            break;
        wait_until(store, closing && store->close_by_ms < until_ms ? store->close_by_ms : until_ms);
        if (!closing && store->close_by_ms)
            break; /* told to close meanwhile: one try at once */
    }
    bool again = !store->close_by_ms || clock_now().mono_ms < store->close_by_ms;
    begin_step(store);
    pthread_mutex_unlock(&store->lock);
    return again;
}

/* --- the thread: trouble ---------------------------------------------------------------------- */

static void notice(struct store *store, enum store_notice_kind kind, const char *detail,
                   int64_t dropped)
{
    if (store->notice)
        store->notice(store->arg, kind, detail, dropped);
}

/* `locked`: how it is told when nothing is broken and somebody is only waited for. */
static void note_trouble(struct store *store, int rc, const char *words,
                         enum store_notice_kind locked)
{
    char why[TROUBLE_WORDS];
    bool waits = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
    snprintf(why, sizeof(why), "%s: %s", store->path, words);
    if (!trouble_note(&store->trouble, waits, why, clock_now().mono_ms))
        return;
    pthread_mutex_lock(&store->lock);
    store->stats.failing = true;
    pthread_mutex_unlock(&store->lock);
    notice(store, store->trouble.kind == TROUBLE_LOCKED ? locked : STORE_FAILING,
           store->trouble.why, 0);
}

static struct inbox_loss read_loss(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    struct inbox_loss loss = store->inbox.loss;
    pthread_mutex_unlock(&store->lock);
    return loss;
}

/* --- the thread: writing ---------------------------------------------------------------------- */

static void count_written(struct store *store, const struct inbox_loss *told)
{
    const struct batch *batch = &store->batch;
    pthread_mutex_lock(&store->lock);
    store->stats.snapshots_written += (int64_t)batch->rows_count;
    store->stats.events_written += (int64_t)batch->events_count;
    store->stats.commits++;
    store->stats.failing = false;
    store->stats.dropped += told->rows;
    inbox_loss_told(&store->inbox, told);
    store->held_rows = 0;
    pthread_mutex_unlock(&store->lock);
}

static void tell_recovery(struct store *store, const struct recovery *recovery, int64_t dropped)
{
    for (size_t i = 0; i < recovery->count; i++) {
        const struct batch_event *event = &recovery->events[i];
        bool delayed = event->kind == EVENT_STORE_DELAYED;
        notice(store, delayed ? STORE_RECOVERED : STORE_DROPPED, event->detail,
               delayed ? 0 : dropped);
    }
}

/* At the end rather the disk than the last changes. */
static bool held_by_reader(struct store *store, char *words)
{
    pthread_mutex_lock(&store->lock);
    bool closing = store->close_by_ms != 0;
    pthread_mutex_unlock(&store->lock);
    return !closing && wal_watch_full(&store->wal, clock_now().mono_ms, words);
}

static int write_once(struct store *store)
{
    struct recovery recovery;
    char words[WAL_WORDS];
    if (held_by_reader(store, words)) {
        note_trouble(store, SQLITE_BUSY, words, STORE_WAL_FULL);
        return SQLITE_BUSY;
    }
    struct inbox_loss loss = read_loss(store);
    store->batch.dropped = loss.rows;
    store->batch.ts_dropped_first = loss.ts_first;
    store->batch.ts_dropped_last = loss.ts_last;

    recovery_describe(&recovery, &store->trouble, &loss, clock_now());
    int rc = batch_write(&store->writer, &store->batch, recovery.events, recovery.count);
    if (rc != SQLITE_OK) {
        /* SQLite's words are gone with the rollback. */
        note_trouble(store, rc, sqlite3_errmsg(store->database.db), STORE_LOCKED);
        sqlite3_exec(store->database.db, "ROLLBACK", NULL, NULL, NULL);
        return rc;
    }
    count_written(store, &loss);
    store->trouble = (struct trouble){0};
    tell_recovery(store, &recovery, loss.rows);
    return SQLITE_OK;
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
        upkeep_written(&store->upkeep, store->batch.rows_count, clock_now().mono_ms);
    batch_clear(&store->batch);
}

/* --- the thread: upkeep ----------------------------------------------------------------------- */

static void tell(struct store *store, enum event_kind event, enum store_notice_kind kind,
                 const char *words)
{
    store_event(store, clock_now().wall_ns, event, NULL, words);
    notice(store, kind, words, 0);
}

static void tell_trimmed(struct store *store)
{
    const struct trimmer *trimmer = &store->upkeep.trimmer;
    const struct trimmed *t = &trimmer->trimmed;
    char words[256], before[CLOCK_TEXT];
    if (!t->snapshots && !t->trades && !t->events && !t->spans)
        return;
    snprintf(
        words, sizeof(words),
        "deleted what is older than %s: %lld changes, %lld trades, %lld events, %lld intervals "
        "of coverage",
        art_zone_text(before, trimmer->before_ns), (long long)t->snapshots, (long long)t->trades,
        (long long)t->events, (long long)t->spans);
    tell(store, EVENT_TRIMMED, STORE_TRIMMED, words);
}

/* Whatever hinders it hinders the next batch as well, and is told then. */
static void do_upkeep(struct store *store)
{
    struct upkeep *upkeep = &store->upkeep;
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
        tell_trimmed(store);
}

static void watch_wal(struct store *store)
{
    char words[WAL_WORDS];
    pthread_mutex_lock(&store->lock);
    bool busy = store->inbox.ring.count > 0;
    pthread_mutex_unlock(&store->lock);
    enum wal_news news = wal_watch_step(&store->wal, busy, clock_now().mono_ms, words);
    store->upkeep.paused = store->wal.stuck;
    if (news == WAL_STUCK)
        tell(store, EVENT_WAL_STUCK, STORE_WAL_STUCK, words);
    else if (news == WAL_FREED)
        tell(store, EVENT_WAL_FREED, STORE_WAL_FREED, words);
}

static void *run_thread(void *arg)
{
    struct store *store = arg;
    for (;;) {
        pthread_mutex_lock(&store->lock);
        bool time_to_write = wait_for_work(store);
        begin_step(store);
        if (time_to_write)
            take_batch(store);
        bool closing = store->close_by_ms != 0;
        pthread_mutex_unlock(&store->lock);
        if (batch_empty(&store->batch) && closing)
            return NULL;
        if (time_to_write)
            write_batch(store);
        else
            do_upkeep(store);
        if (store->gave_up)
            return NULL;
        watch_wal(store);
    }
}

/* --- life ------------------------------------------------------------------------------------- */

static void init_locks(struct store *store)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&store->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&store->lock, NULL);
}

static void destroy(struct store *store)
{
    batch_clear(&store->batch);
    inbox_finish(&store->inbox);
    batch_writer_close(&store->writer);
    upkeep_close(&store->upkeep);
    database_close(&store->database);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

/* The last proofs of a run that could not end its intervals itself are where they end. */
static int recover(struct store *store, struct err *err)
{
    bool killed = false;
    int rc = spans_recover(store->database.db, &killed, err);
    if (rc == 0 && killed)
        inbox_event(&store->inbox, clock_now().wall_ns, EVENT_KILLED, NULL,
                    "the run before ended without a word; what it covered ends at its last proof");
    return rc;
}

static int start(struct store *store, const struct store_config *config, struct err *err)
{
    int rc = database_open(&store->database, store->path, config->full_sync, err);
    if (rc == 0)
        rc = batch_writer_open(&store->writer, store->database.db, err);
    if (rc == 0)
        rc = upkeep_open(&store->upkeep, store->database.db, config->keep_days, err);
    if (rc == 0)
        rc = recover(store, err);
    if (rc)
        return rc;
    wal_watch_init(&store->wal, store->database.db, store->path, config->wal_bytes);
    if (pthread_create(&store->thread, NULL, run_thread, store))
        return err_set(err, -EAGAIN, "cannot start the writer's thread");
    pthread_setname_np(store->thread, "cinta-writer");
    return 0;
}

int store_create(struct store **out, const struct store_config *config, store_notice *notice_fn,
                 void *arg, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return err_set(err, -ENOMEM, "out of memory");
    init_locks(store);
    inbox_init(&store->inbox, config->backlog_rows);
    store->database.lock_fd = -1;
    store->path = strdup(config->path);
    store->commit_every_ms = config->commit_every_ms;
    store->keep_days = config->keep_days;
    store->stats.bytes_per_day = NAN;
    store->notice = notice_fn;
    store->arg = arg;
    int rc = store->path ? start(store, config, err) : err_set(err, -ENOMEM, "out of memory");
    if (rc) {
        destroy(store);
        return rc;
    }
    *out = store;
    return 0;
}

int store_close(struct store *store, int64_t deadline_ms, struct err *err)
{
    int rc = 0;
    pthread_mutex_lock(&store->lock);
    store->close_by_ms = clock_now().mono_ms + deadline_ms;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    if (store->gave_up)
        rc = err_set(err, -ETIMEDOUT, "%zu changes could not be written: %s",
                     store->inbox.ring.count + store->batch.rows_count, store->trouble.why);
    else
        sqlite3_wal_checkpoint_v2(store->database.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    destroy(store);
    return rc;
}
