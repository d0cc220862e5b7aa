#include "store/write/tape_work.h"

#include "base/clock.h"
#include "store/write/store_thread.h"

#include <sqlite3.h>
#include <stdlib.h>

#define AGAIN_MS 1000 /* after a step that failed: locked, disk full */

int64_t tape_work_due_ms(const struct store *store)
{
    const struct tape_work *work = &store->tapes;
    bool any = work->has_current || work->queue.released;
    return any && !store->connection.upkeep.paused ? work->from_ms : INT64_MAX;
}

static bool take(struct store *store)
{
    struct tape_work *work = &store->tapes;
    if (work->has_current)
        return true;
    pthread_mutex_lock(&store->lock);
    work->has_current = tape_queue_take(&work->queue, &work->current);
    pthread_mutex_unlock(&store->lock);
    return work->has_current;
}

static void end(struct store *store, const struct store_tape_result *result)
{
    struct store_tape tape = store->tapes.current;
    store->tapes.has_current = false;
    pthread_mutex_lock(&store->lock);
    store->stats.tapes_merged += result->merged;
    store->stats.trades_listed += result->added;
    store->stats.tapes_waiting--;
    pthread_mutex_unlock(&store->lock);
    free(tape.trades);
    tape.done(tape.arg, result);
}

/* The instrument of a list is registered before it, and written with the batch before it. */
void tape_work_step(struct store *store)
{
    struct tape_work *work = &store->tapes;
    struct connection *c = &store->connection;
    bool done = false;
    if (!take(store))
        return;
    size_t at = (size_t)work->current.instrument;
    int rc = at < c->writer.ids_count
                 ? tape_writer_step(&c->tape, &work->current, c->writer.ids[at], &done)
                 : SQLITE_BUSY;
    if (c->tape.listed > store->carry.listed)
        store->carry.listed = c->tape.listed;
    if (rc != SQLITE_OK)
        work->from_ms = clock_now().mono_ms + AGAIN_MS;
    else if (done)
        end(store, &c->tape.result);
}

void tape_work_finish(struct store *store)
{
    struct tape_work *work = &store->tapes;
    while (work->has_current || tape_queue_drop(&work->queue, &work->current)) {
        const struct store_tape_result none = {.instrument = work->current.instrument,
                                               .day = work->current.day};
        end(store, &none);
    }
}
