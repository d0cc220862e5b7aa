#include "store/store.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "store/batch.h"
#include "store/ring.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_MAX       4096
#define DETAIL_BYTES     1000
#define LOCKED_MIN_MS    20
#define LOCKED_MAX_MS    250
#define FAILING_MIN_MS   250
#define FAILING_MAX_MS   5000
#define CHECKPOINT_PAGES 1000  /* about 4 MB: worth moving into the database when there is time */
#define STUCK_PAGES      16384 /* about 64 MB: somebody keeps the WAL from being reset */

/* Why rows cannot be written just now, since when, and what it has cost. The thread's own. */
struct trouble {
    enum { TROUBLE_NONE, TROUBLE_LOCKED, TROUBLE_FAILING } kind;
    char why[512];
    int64_t since_ms;
    int64_t wait_ms;
};

struct store {
    char *path;
    sqlite3 *db;
    int64_t commit_every_ms;
    size_t backlog_rows;
    store_notice *notice;
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; /* guards what follows; held for copying only, never while SQLite works */
    pthread_cond_t wake;
    struct ring ring;
    struct batch_event *events;
    size_t events_count, events_cap;
    struct batch_instrument *instruments;
    size_t instruments_count, instruments_cap, instruments_total;
    int64_t *seen; /* by instrument; 0 = nothing new */
    size_t seen_cap, seen_news;
    int64_t waiting_since_ms; /* the oldest thing that waits; 0 = nothing does */
    size_t held_rows;         /* in the batch under way */
    struct ring_loss loss;    /* not yet written to feed_event */
    int64_t events_dropped;
    int64_t close_by_ms; /* 0 = open */
    struct store_stats stats;

    struct batch batch; /* the thread's own, from here on */
    struct batch_writer writer;
    struct trouble trouble;
    int wal_pages;
    bool stuck_told;
    bool gave_up;
};

/* --- what the loop's thread does ----------------------------------------------------------------
 */

static void mark_waiting(struct store *store)
{
    if (store->waiting_since_ms)
        return;
    store->waiting_since_ms = clock_now().mono_ms;
    pthread_cond_signal(&store->wake);
}

/* For things that are never dropped: without memory for them there is no going on. */
static void *grow_or_abort(void *p, size_t *cap, size_t need, size_t item_bytes)
{
    if (need <= *cap)
        return p;
    size_t more = *cap ? *cap * 2 : 64;
    while (more < need)
        more *= 2;
    p = realloc(p, more * item_bytes);
    if (!p)
        abort();
    *cap = more;
    return p;
}

static char *copy_text(const char *text)
{
    char clean[DETAIL_BYTES];
    utf8_clean(clean, sizeof(clean), text, strlen(text));
    char *copy = strdup(clean);
    if (!copy)
        abort();
    return copy;
}

void store_instrument(struct store *store, int32_t index, const char *market_id, const char *symbol)
{
    pthread_mutex_lock(&store->lock);
    if ((size_t)index == store->instruments_total) {
        store->instruments =
            grow_or_abort(store->instruments, &store->instruments_cap, store->instruments_count + 1,
                          sizeof(*store->instruments));
        store->instruments[store->instruments_count++] =
            (struct batch_instrument){copy_text(market_id), copy_text(symbol)};
        store->instruments_total++;
        mark_waiting(store);
    }
    pthread_mutex_unlock(&store->lock);
}

void store_snapshot(struct store *store, const struct store_snapshot *snapshot)
{
    pthread_mutex_lock(&store->lock);
    size_t limit =
        store->backlog_rows > store->held_rows ? store->backlog_rows - store->held_rows : 1;
    ring_push(&store->ring, snapshot, limit, &store->loss);
    mark_waiting(store);
    if (store->ring.count == BATCH_ROWS)
        pthread_cond_signal(&store->wake); /* a full transaction need not wait */
    pthread_mutex_unlock(&store->lock);
}

void store_seen(struct store *store, const int32_t *index, const int64_t *ts_seen, size_t count)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)index[i], had = store->seen_cap;
        store->seen = grow_or_abort(store->seen, &store->seen_cap, at + 1, sizeof(*store->seen));
        if (store->seen_cap > had)
            memset(store->seen + had, 0, (store->seen_cap - had) * sizeof(*store->seen));
        if (!store->seen[at])
            store->seen_news++;
        store->seen[at] = ts_seen[i];
    }
    if (count)
        mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_event(struct store *store, int64_t ts, const char *kind, const char *symbol,
                 const char *detail)
{
    pthread_mutex_lock(&store->lock);
    if (store->events_count < EVENTS_MAX) {
        store->events = grow_or_abort(store->events, &store->events_cap, store->events_count + 1,
                                      sizeof(*store->events));
        store->events[store->events_count++] = (struct batch_event){
            ts, copy_text(kind), symbol ? copy_text(symbol) : NULL, copy_text(detail)};
        mark_waiting(store);
    } else {
        store->events_dropped++;
    }
    pthread_mutex_unlock(&store->lock);
}

struct store_stats store_stats(const struct store *store)
{
    struct store *s = (struct store *)store; /* the lock is not part of what is const */
    pthread_mutex_lock(&s->lock);
    struct store_stats stats = s->stats;
    stats.backlog_rows = (int64_t)(s->ring.count + s->held_rows);
    pthread_mutex_unlock(&s->lock);
    return stats;
}

/* --- the thread: waiting ------------------------------------------------------------------------
 */

static void wait_until(struct store *store, int64_t until_ms)
{
    struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    pthread_cond_timedwait(&store->wake, &store->lock, &at);
}

/* With the lock held: until something has waited long enough, or makes a full batch, or it ends. */
static void wait_for_work(struct store *store)
{
    for (;;) {
        if (store->close_by_ms || store->ring.count >= BATCH_ROWS)
            return;
        if (!store->waiting_since_ms) {
            pthread_cond_wait(&store->wake, &store->lock);
            continue;
        }
        int64_t due_ms = store->waiting_since_ms + store->commit_every_ms;
        if (clock_now().mono_ms >= due_ms)
            return;
        wait_until(store, due_ms);
    }
}

static void take_seen(struct store *store)
{
    if (!store->seen_news)
        return;
    store->batch.seen = store->seen;
    store->batch.seen_count =
        store->instruments_total < store->seen_cap ? store->instruments_total : store->seen_cap;
    store->seen = NULL;
    store->seen_cap = store->seen_news = 0;
}

/* With the lock held: everything that waits becomes the thread's own. */
static void take_batch(struct store *store)
{
    struct batch *batch = &store->batch;
    batch->rows_count = ring_take(&store->ring, batch->rows, BATCH_ROWS);
    batch->events = store->events;
    batch->events_count = store->events_count;
    batch->instruments = store->instruments;
    batch->instruments_count = store->instruments_count;
    store->events = NULL;
    store->instruments = NULL;
    store->events_count = store->events_cap = 0;
    store->instruments_count = store->instruments_cap = 0;
    take_seen(store);
    store->held_rows = batch->rows_count;
    store->waiting_since_ms = store->ring.count ? clock_now().mono_ms : 0;
}

/* --- the thread: trouble ------------------------------------------------------------------------
 */

static void notice(struct store *store, enum store_notice_kind kind, const char *detail,
                   int64_t dropped)
{
    if (store->notice)
        store->notice(store->arg, kind, detail, dropped);
}

static void note_trouble(struct store *store, int rc)
{
    struct trouble *t = &store->trouble;
    bool locked = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;
    int kind = locked ? TROUBLE_LOCKED : TROUBLE_FAILING;
    bool news = t->kind == TROUBLE_NONE || (t->kind == TROUBLE_LOCKED && !locked);

    if (t->kind == TROUBLE_NONE)
        t->since_ms = clock_now().mono_ms;
    if (!news) {
        int64_t max_ms = t->kind == TROUBLE_LOCKED ? LOCKED_MAX_MS : FAILING_MAX_MS;
        t->wait_ms = t->wait_ms * 2 < max_ms ? t->wait_ms * 2 : max_ms;
        return;
    }
    t->kind = locked ? TROUBLE_LOCKED : TROUBLE_FAILING;
    t->wait_ms = locked ? LOCKED_MIN_MS : FAILING_MIN_MS;
    snprintf(t->why, sizeof(t->why), "%s: %s", store->path, sqlite3_errmsg(store->db));
    pthread_mutex_lock(&store->lock);
    store->stats.failing = true;
    pthread_mutex_unlock(&store->lock);
    notice(store, kind == TROUBLE_LOCKED ? STORE_LOCKED : STORE_FAILING, t->why, 0);
}

/* Waits before the next try; false when there will be none because the time to close is over. */
static bool wait_in_trouble(struct store *store)
{
    int64_t until_ms = clock_now().mono_ms + store->trouble.wait_ms;
    int64_t now_ms;
    pthread_mutex_lock(&store->lock);
    while ((now_ms = clock_now().mono_ms) < until_ms) {
        bool closing = store->close_by_ms != 0;
        if (closing && now_ms >= store->close_by_ms)
            break;
        wait_until(store, closing && store->close_by_ms < until_ms ? store->close_by_ms : until_ms);
        if (!closing && store->close_by_ms)
            break; /* told to close meanwhile: one try at once */
    }
    bool again = !store->close_by_ms || clock_now().mono_ms < store->close_by_ms;
    pthread_mutex_unlock(&store->lock);
    return again;
}

static void describe_loss(const struct ring_loss *loss, char *out, size_t size)
{
    char from[CLOCK_TEXT], to[CLOCK_TEXT];
    if (loss->count == 0)
        snprintf(out, size, "nothing was lost");
    else
        snprintf(out, size, "%lld changes of %s to %s were dropped, the present state was kept",
                 (long long)loss->count, clock_text(from, loss->ts_first),
                 clock_text(to, loss->ts_last));
}

/* The event that tells the end of the trouble goes into the very transaction that ends it. */
static struct batch_event recovery_event(const struct store *store, const struct ring_loss *loss,
                                         char *detail, size_t size)
{
    char lost[160];
    struct now now = clock_now();
    describe_loss(loss, lost, sizeof(lost));
    snprintf(detail, size, "written again after %.1f s (%s); %s",
             (double)(now.mono_ms - store->trouble.since_ms) / 1000, store->trouble.why, lost);
    return (struct batch_event){now.wall_ns, (char *)"store_recovered", NULL, detail};
}

static struct ring_loss read_loss(struct store *store)
{
    pthread_mutex_lock(&store->lock);
    struct ring_loss loss = store->loss;
    pthread_mutex_unlock(&store->lock);
    return loss;
}

/* --- the thread: writing ------------------------------------------------------------------------
 */

static void count_written(struct store *store, const struct ring_loss *told)
{
    const struct batch *batch = &store->batch;
    pthread_mutex_lock(&store->lock);
    store->stats.snapshots_written += (int64_t)batch->rows_count;
    store->stats.events_written += (int64_t)batch->events_count;
    store->stats.commits++;
    store->stats.failing = false;
    store->stats.dropped += told->count;
    store->loss.count -= told->count; /* rows dropped since are told next time */
    store->held_rows = 0;
    pthread_mutex_unlock(&store->lock);
}

static void end_trouble(struct store *store, const char *detail, int64_t dropped)
{
    store->trouble.kind = TROUBLE_NONE;
    notice(store, STORE_RECOVERED, detail, dropped);
}

static int write_once(struct store *store)
{
    char detail[DETAIL_BYTES];
    struct ring_loss loss = read_loss(store);
    struct batch_event event;
    bool recovering = store->trouble.kind != TROUBLE_NONE || loss.count;

    if (recovering)
        event = recovery_event(store, &loss, detail, sizeof(detail));
    int rc = batch_write(&store->writer, &store->batch, recovering ? &event : NULL);
    if (rc != SQLITE_OK) {
        note_trouble(store, rc); /* before the rollback takes SQLite's words away */
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return rc;
    }
    count_written(store, &loss);
    if (recovering)
        end_trouble(store, detail, loss.count);
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
    batch_clear(&store->batch);
}

/* Moves the WAL into the database when nobody waits, or when it has become long. */
static void checkpoint(struct store *store)
{
    if (store->wal_pages < CHECKPOINT_PAGES)
        return;
    pthread_mutex_lock(&store->lock);
    bool busy = store->ring.count > 0;
    pthread_mutex_unlock(&store->lock);
    if (busy && store->wal_pages < 4 * CHECKPOINT_PAGES)
        return;
    sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (store->wal_pages < STUCK_PAGES) {
        store->stuck_told = false;
    } else if (!store->stuck_told) {
        store->stuck_told = true;
        notice(store, STORE_WAL_STUCK, store->path, 0);
    }
}

static void *run_thread(void *arg)
{
    struct store *store = arg;
    for (;;) {
        pthread_mutex_lock(&store->lock);
        wait_for_work(store);
        take_batch(store);
        bool closing = store->close_by_ms != 0;
        pthread_mutex_unlock(&store->lock);
        if (batch_empty(&store->batch) && closing)
            return NULL;
        write_batch(store);
        if (store->gave_up)
            return NULL;
        checkpoint(store);
    }
}

/* --- life
 * ----------------------------------------------------------------------------------------- */

static int on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct store *store = arg;
    (void)db;
    (void)name;
    store->wal_pages = pages;
    return SQLITE_OK;
}

/* SQLite would make the file readable for all; its -wal and -shm take after it. */
static int make_private(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, -errno, "cannot open the database '%s': %s", path, strerror(errno));
    close(fd);
    return 0;
}

static int configure(struct store *store, bool full_sync, struct err *err)
{
    static const char sql[] = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
                              "PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY";
    const char *sync = full_sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(store->db, sync, NULL, NULL, NULL) != SQLITE_OK)
        return err_set(err, -EIO, "%s", sqlite3_errmsg(store->db));
    sqlite3_wal_hook(store->db, on_wal, store);
    return 0;
}

static int open_database(struct store *store, bool full_sync, struct err *err)
{
    int version;
    int rc = make_private(store->path, err);
    if (rc)
        return rc;
    if (sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        rc = err_set(err, -EIO, "%s", store->db ? sqlite3_errmsg(store->db) : "out of memory");
    if (rc == 0) {
        sqlite3_busy_timeout(store->db, 10000);      /* somebody may look at it just as we start */
        rc = schema_check(store->db, &version, err); /* before a pragma could touch it */
    }
    if (rc == 0)
        rc = configure(store, full_sync, err);
    if (rc == 0)
        rc = schema_apply(store->db, err);
    if (rc == 0)
        rc = batch_writer_open(&store->writer, store->db, err);
    if (rc)
        return err_prefix(err, "database '%s': ", store->path);
    sqlite3_busy_timeout(store->db, 0); /* from here on the thread waits in its own way */
    return 0;
}

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
    store->batch.events = store->events; /* what it never came to take */
    store->batch.events_count = store->events_count;
    store->batch.instruments = store->instruments;
    store->batch.instruments_count = store->instruments_count;
    store->batch.seen = store->seen;
    batch_clear(&store->batch);
    batch_writer_close(&store->writer);
    sqlite3_close(store->db);
    ring_finish(&store->ring);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

int store_create(struct store **out, const struct store_config *config, store_notice *notice_fn,
                 void *arg, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return err_set(err, -ENOMEM, "out of memory");
    init_locks(store);
    ring_init(&store->ring, config->backlog_rows);
    store->path = strdup(config->path);
    store->commit_every_ms = config->commit_every_ms;
    store->backlog_rows = config->backlog_rows;
    store->notice = notice_fn;
    store->arg = arg;
    int rc = store->path ? open_database(store, config->full_sync, err)
                         : err_set(err, -ENOMEM, "out of memory");
    if (rc == 0 && pthread_create(&store->thread, NULL, run_thread, store))
        rc = err_set(err, -EAGAIN, "cannot start the writer's thread");
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
                     store->ring.count + store->batch.rows_count, store->trouble.why);
    else
        sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    destroy(store);
    return rc;
}
