#include "store/write/store.h"

#include "base/clock.h"
#include "store/write/store_report.h"
#include "store/write/store_thread.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Of the longest queue, from which on its caller should slow down. The rest is for what arrives
 * while the database cannot be written. A longer queue would not make the writer faster: its
 * memory doubles as it grows, and was 33 MB at half of 65,536 rows. */
#define PRESSED_SHARE 5

/* --- on the loop's thread --------------------------------------------------------------------- */

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

/* While the database cannot be written, slowing down would not help. */
static bool is_pressed(const struct store *store)
{
    return !store->stats.failing &&
           store->inbox.ring.count + store->held_rows > store->inbox.rows_max / PRESSED_SHARE;
}

void store_change(struct store *store, const struct market_change *change)
{
    pthread_mutex_lock(&store->lock);
    inbox_change(&store->inbox, change, store->held_rows);
    store->pressed = is_pressed(store);
    mark_waiting(store);
    if (store->inbox.ring.count == BATCH_ROWS)
        pthread_cond_signal(&store->wake); /* enough for a full transaction */
    pthread_mutex_unlock(&store->lock);
}

void store_past(struct store *store, const struct market_change *change)
{
    pthread_mutex_lock(&store->lock);
    inbox_past(&store->inbox, change, store->held_rows);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_given(struct store *store, const struct store_given *given)
{
    pthread_mutex_lock(&store->lock);
    pending_given_add(&store->inbox.pending, given);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_place(struct store *store, const struct store_place *place)
{
    pthread_mutex_lock(&store->lock);
    store->inbox.place = *place;
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

size_t store_backlog(const struct store *store)
{
    struct store *s = (struct store *)store; /* the lock must be taken, nothing else changes */
    pthread_mutex_lock(&s->lock);
    size_t count = s->inbox.ring.count + s->held_rows + s->inbox.pending.given_count;
    pthread_mutex_unlock(&s->lock);
    return count;
}

/* Takes no lock: a second one for each change competed with the writer for it. */
bool store_pressed(const struct store *store)
{
    return store->pressed;
}

void store_known(struct store *store, const struct store_known *known)
{
    pthread_mutex_lock(&store->lock);
    inbox_known(&store->inbox, known);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_continue(struct store *store, int64_t from, int64_t to)
{
    pthread_mutex_lock(&store->lock);
    pending_skip(&store->inbox.pending, from, to);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
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

void store_spans_open(struct store *store, const struct store_open *open)
{
    struct coverage_rows *rows = &store->inbox.pending.spans;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < open->count; i++)
        coverage_rows_open(rows, &open->spans[i]);
    for (int source = 0; source < SOURCE_COUNT; source++)
        coverage_rows_proof(rows, &open->proofs[source]);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_spans_closed(struct store *store, const struct store_span *spans, size_t count)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < count; i++)
        coverage_rows_close(&store->inbox.pending.spans, &spans[i]);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_session(struct store *store, const struct store_session *session)
{
    pthread_mutex_lock(&store->lock);
    coverage_rows_session(&store->inbox.pending.spans, session);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_watch(struct store *store, const int32_t *instruments, size_t count, int64_t ts)
{
    pthread_mutex_lock(&store->lock);
    coverage_rows_watched(&store->inbox.pending.spans, instruments, count, ts);
    mark_waiting(store);
    pthread_mutex_unlock(&store->lock);
}

void store_list(struct store *store, struct instrument_list *list, int64_t ts_read,
                const char *broker)
{
    struct list_progress next = {instrument_list_share(list), ts_read, strdup(broker), 0, false};
    if (!next.broker)
        abort();
    pthread_mutex_lock(&store->lock);
    struct list_progress previous = store->given;
    store->given = next;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->lock);
    list_progress_finish(&previous);
}

int store_tape(struct store *store, const struct store_tape *tape)
{
    pthread_mutex_lock(&store->lock);
    int rc = tape_queue_put(&store->tapes.queue, tape);
    if (rc == 0)
        store->stats.tapes_waiting++;
    mark_waiting(store); /* it is released with the next batch */
    pthread_mutex_unlock(&store->lock);
    return rc;
}

void store_on_commit(struct store *store, store_commit_fn *fn, void *arg)
{
    pthread_mutex_lock(&store->lock);
    store->on_commit = fn;
    store->commit_arg = arg;
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
    struct store *s = (struct store *)store; /* the lock must be taken, nothing else changes */
    pthread_mutex_lock(&s->lock);
    struct store_stats stats = s->stats;
    stats.backlog_rows = (int64_t)(s->inbox.ring.count + s->held_rows);
    stats.dropped += s->inbox.loss.rows; /* also those not reported yet */
    pthread_mutex_unlock(&s->lock);
    return stats;
}

/* --- create and close ------------------------------------------------------------------------- */

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
    tape_work_finish(store);
    batch_clear(&store->batch);
    inbox_finish(&store->inbox);
    carried_state_finish(&store->carry);
    list_progress_finish(&store->given);
    list_progress_finish(&store->list);
    connection_close(&store->connection);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

static int start(struct store *store, struct err *err)
{
    bool killed = false;
    int rc = connection_open(&store->connection, &store->config, EVENT_KILLED, &killed, err);
    if (rc)
        return rc;
    if (killed)
        store_report(store, EVENT_KILLED, LOG_LEVEL_WARN,
                     "the previous run did not shut down cleanly; its coverage ends at the last "
                     "confirmation");
    if (connection_last_seq(&store->connection, &store->carry.last_seq) != SQLITE_OK)
        return err_set(err, -EIO, "cannot read the database: %s",
                       sqlite3_errmsg(store->connection.database.db));
    store->carry.ts_committed = clock_now().wall_ns;
    store->carry.listed = store->connection.tape.listed;
    store->carry.replica = store->config.replica;
    if (pthread_create(&store->thread, NULL, store_thread_run, store))
        return err_set(err, -EAGAIN, "cannot start the writer thread");
    pthread_setname_np(store->thread, "cinta-writer");
    return 0;
}

int store_create(struct store **out, const struct store_config *config, store_notice_fn *notice,
                 void *arg, struct err *err)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return err_set(err, -ENOMEM, "out of memory");
    init_locks(store);
    inbox_init(&store->inbox, config->backlog_rows);
    store->path = strdup(config->path);
    store->config = (struct connection_config){store->path, config->full_sync, config->keep_days,
                                               config->wal_bytes, config->replica};
    store->commit_every_ms = config->commit_every_ms;
    store->keep_days = config->keep_days;
    store->stats.bytes_per_day = NAN;
    histogram_init(&store->stats.commit_s, histogram_latency_s, HISTOGRAM_LATENCY_COUNT);
    histogram_init(&store->stats.broker_to_commit_s, histogram_latency_s, HISTOGRAM_LATENCY_COUNT);
    store->notice = notice;
    store->arg = arg;
    int rc = store->path ? start(store, err) : err_set(err, -ENOMEM, "out of memory");
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
    else if (store->connection.open)
        sqlite3_wal_checkpoint_v2(store->connection.database.db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                  NULL, NULL);
    destroy(store);
    return rc;
}
