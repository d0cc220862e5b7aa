#include "replica/replica.h"

#include "base/clock.h"
#include "base/rng.h"
#include "market/outage.h"
#include "nats/remedy.h"
#include "replica/reading.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000
#define END_MS   500 /* the longest wait for the thread, which may be waiting for a server */
#define STEP_MS  200 /* the longest wait for a message: then the stop of the service is noticed */
/* A batch is handed over when no message has come for so long: the trade that a change shows is the
 * message after it, and both are then stored together. */
#define LINGER_MS 5
#define GOOD_MS   60000 /* a session that lasted for so long was good, also without a message */
#define BATCHES   2     /* one is filled while the other one is stored */

enum batch_state { BATCH_FREE, BATCH_FILLING, BATCH_FULL, BATCH_TAKEN };

struct slot {
    struct replica_batch batch;
    enum batch_state state;
    uint64_t order; /* of the full ones */
};

struct replica {
    struct source_settings settings;
    replica_notice_fn *notice;
    replica_ready_fn *ready;
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; /* protects the members below */
    pthread_cond_t changed;
    bool stop;
    bool ended;     /* the thread will not touch this struct any more, unless it is abandoned: */
    bool abandoned; /* nobody waits for it: it frees this struct */
    struct replica_state state;
    struct slot slots[BATCHES];

    /* Of the thread. */
    struct slot *filling; /* NULL: none is free */
    struct store_place place;
    struct json_parser *parser;
    struct rng rng;
    uint64_t handed; /* batches */
    int failures;    /* in a row */
    bool announced;  /* the event replica_down, and not yet replica_up */
    bool told;       /* the first event replica_up */
    bool told_unreadable;
};

/* --- what others see -------------------------------------------------------------------------- */

const char *replica_phase_name(enum replica_phase phase)
{
    static const char *const names[] = {"connecting", "reading", "down"};
    return names[phase];
}

int64_t replica_lag_ms(const struct replica_state *state, int64_t now_ns)
{
    int64_t lag_ns = state->behind > 0 && state->stored_ns ? now_ns - state->stored_ns : 0;
    return lag_ns > 0 ? lag_ns / NS_PER_MS : 0;
}

struct replica_state replica_state(struct replica *r)
{
    pthread_mutex_lock(&r->lock);
    struct replica_state state = r->state;
    pthread_mutex_unlock(&r->lock);
    return state;
}

static void notify(struct replica *r, enum event_kind kind, enum log_level level,
                   const char *detail)
{
    pthread_mutex_lock(&r->lock);
    if (!r->stop) /* whoever stops it may be gone */
        r->notice(r->arg, &(struct replica_notice){kind, level, detail});
    pthread_mutex_unlock(&r->lock);
}

/* With the lock held. */
static void enter(struct replica *r, enum replica_phase phase)
{
    if (r->state.phase != phase)
        r->state.since_ns = clock_now().wall_ns;
    r->state.phase = phase;
}

static bool is_stopping(struct replica *r)
{
    pthread_mutex_lock(&r->lock);
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    return stop;
}

static struct timespec time_in(int64_t wait_ms)
{
    int64_t at_ms = clock_now().mono_ms + wait_ms;
    return (struct timespec){.tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * NS_PER_MS};
}

/* True: stop. */
static bool rest(struct replica *r, int64_t wait_ms)
{
    const struct timespec at = time_in(wait_ms);
    int rc = 0;
    pthread_mutex_lock(&r->lock);
    while (!r->stop && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&r->changed, &r->lock, &at);
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    return stop;
}

/* --- batches ---------------------------------------------------------------------------------- */

static struct slot *find_slot(struct replica *r, enum batch_state state)
{
    struct slot *found = NULL;
    for (size_t i = 0; i < BATCHES; i++) {
        struct slot *slot = &r->slots[i];
        if (slot->state == state && (!found || slot->order < found->order))
            found = slot;
    }
    return found;
}

struct replica_batch *replica_take(struct replica *r)
{
    pthread_mutex_lock(&r->lock);
    struct slot *slot = find_slot(r, BATCH_FULL);
    if (slot)
        slot->state = BATCH_TAKEN;
    pthread_mutex_unlock(&r->lock);
    return slot ? &slot->batch : NULL;
}

static void forget_instruments(struct replica_batch *batch)
{
    instrument_list_release(batch->instruments);
    batch->instruments = NULL;
}

void replica_give_back(struct replica *r, struct replica_batch *batch)
{
    forget_instruments(batch);
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < BATCHES; i++) {
        if (&r->slots[i].batch == batch)
            r->slots[i].state = BATCH_FREE;
    }
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

/* Waits until a batch is free. False: stop. */
static bool begin_batch(struct replica *r)
{
    if (r->filling)
        return true;
    pthread_mutex_lock(&r->lock);
    while (!r->stop && !(r->filling = find_slot(r, BATCH_FREE)))
        pthread_cond_wait(&r->changed, &r->lock);
    if (r->filling) {
        r->filling->state = BATCH_FILLING;
        r->filling->batch.count = 0;
        r->filling->batch.place = (struct store_place){0};
    }
    bool stop = r->stop;
    pthread_mutex_unlock(&r->lock);
    return !stop;
}

static void hand_over(struct replica *r)
{
    struct slot *slot = r->filling;
    r->filling = NULL;
    pthread_mutex_lock(&r->lock);
    slot->order = ++r->handed;
    slot->state = BATCH_FULL;
    if (!r->stop)
        r->ready(r->arg);
    pthread_mutex_unlock(&r->lock);
}

/* After a failure: what was read since the last batch is read again. */
static void drop_batch(struct replica *r)
{
    if (!r->filling)
        return;
    forget_instruments(&r->filling->batch);
    pthread_mutex_lock(&r->lock);
    r->filling->state = BATCH_FREE;
    pthread_mutex_unlock(&r->lock);
    r->filling = NULL;
}

/* --- messages --------------------------------------------------------------------------------- */

static const char *header_of(const void *arg, const char *name)
{
    return nats_message_header(arg, name);
}

static void note_unreadable(struct replica *r, const struct replica_read *read,
                            const struct err *err)
{
    char words[REPLICA_TEXT_BYTES];
    pthread_mutex_lock(&r->lock);
    r->state.unreadable++;
    pthread_mutex_unlock(&r->lock);
    if (r->told_unreadable)
        return;
    r->told_unreadable = true;
    snprintf(
        words, sizeof(words),
        "message %llu of the stream, with subject %.100s, is not that of a recorder: %.250s; it "
        "is skipped, and further ones are only counted",
        (unsigned long long)read->message.stream_seq, read->message.subject, err->text);
    notify(r, EVENT_REPLICA_REFUSED, LOG_LEVEL_WARN, words);
}

static void note_missing(struct replica *r, int64_t missing)
{
    char words[REPLICA_TEXT_BYTES];
    if (missing <= 0)
        return;
    pthread_mutex_lock(&r->lock);
    r->state.missing += missing;
    pthread_mutex_unlock(&r->lock);
    snprintf(words, sizeof(words),
             "%lld messages were deleted from the stream before they were read (its limits, or by "
             "hand)",
             (long long)missing);
    notify(r, EVENT_REPLICA_GAP, LOG_LEVEL_ERROR, words);
}

static void note_read(struct replica *r, const struct replica_read *read, const char *recorder)
{
    pthread_mutex_lock(&r->lock);
    struct replica_state *state = &r->state;
    state->read++;
    state->number = (int64_t)read->message.stream_seq;
    state->stored_ns = read->message.stored_ns;
    state->behind = read->behind;
    if (recorder)
        snprintf(state->recorder, sizeof(state->recorder), "%s", recorder);
    pthread_mutex_unlock(&r->lock);
}

static int take_instrument(struct replica_batch *batch, const struct instrument *instrument,
                           struct err *err)
{
    if (!batch->instruments)
        batch->instruments = instrument_list_create();
    if (!batch->instruments || instrument_list_put(batch->instruments, instrument))
        return err_set(err, -ENOMEM, "out of memory");
    return 0;
}

/* Into the batch, which has room. */
static void take_message(struct replica *r, const struct replica_read *read)
{
    struct replica_batch *batch = &r->filling->batch;
    struct replica_item *item = &batch->items[batch->count];
    struct err err = {0};
    const struct replica_message message = {read->message.subject, read->message.data,
                                            read->message.len_bytes, header_of, &read->message};
    int rc = replica_item_decode(r->parser, r->settings.source.subject, &message, item, &err);
    bool good = rc == 0 && item->kind != REPLICA_OTHER;
    bool reference = good && item->kind == REPLICA_INSTRUMENT;
    if (reference)
        rc = take_instrument(batch, &item->instrument, &err);
    if (rc)
        note_unreadable(r, read, &err);
    note_read(r, read, good ? item->recorder : NULL);
    batch->count += good && !reference;
    batch->place = r->place = read->place;
}

/* --- a session -------------------------------------------------------------------------------- */

static void note_open(struct replica *r, const struct replica_reading *reading)
{
    char words[REPLICA_TEXT_BYTES * 2];
    bool told = r->told && !r->announced;
    r->announced = false;
    r->told = true;
    pthread_mutex_lock(&r->lock);
    snprintf(r->state.server, sizeof(r->state.server), "%s", replica_reading_server(reading));
    r->state.why[0] = '\0';
    enter(r, REPLICA_READING);
    pthread_mutex_unlock(&r->lock);
    bool again = replica_reading_again(reading);
    if (told && !again) /* the connection was only made again */
        return;
    snprintf(words, sizeof(words), "reading stream %s at %s, %s", r->settings.source.stream,
             replica_reading_server(reading), replica_reading_words(reading));
    notify(r, EVENT_REPLICA_UP, again ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, words);
}

static size_t held(const struct slot *slot)
{
    return slot->batch.count + instrument_list_count(slot->batch.instruments);
}

/* 1: a message; 0: none; negative: the session failed. */
static int read_one(struct replica *r, struct replica_reading *reading, struct err *err)
{
    struct replica_read read;
    bool empty = held(r->filling) == 0;
    int rc = replica_reading_next(reading, empty ? STEP_MS : LINGER_MS, &read, err);
    if (rc <= 0)
        return rc;
    r->failures = 0;
    note_missing(r, read.missing);
    take_message(r, &read);
    nats_message_finish(&read.message);
    return 1;
}

static bool is_full(const struct slot *slot)
{
    return held(slot) == REPLICA_BATCH_ITEMS;
}

/* 0: stop; negative: the session failed. */
static int read_on(struct replica *r, struct replica_reading *reading, struct err *err)
{
    while (begin_batch(r) && !is_stopping(r)) {
        int rc = read_one(r, reading, err);
        if (rc < 0)
            return rc;
        if (is_full(r->filling) || (rc == 0 && held(r->filling) > 0))
            hand_over(r);
    }
    return 0;
}

static int run_session(struct replica *r, struct err *err)
{
    struct replica_reading *reading;
    const struct store_place before = r->place;
    int rc = replica_reading_open(&reading, &r->settings, &r->place, err);
    if (rc)
        return rc;
    note_open(r, reading);
    int64_t opened_ms = clock_now().mono_ms;
    rc = read_on(r, reading, err);
    if (clock_now().mono_ms - opened_ms >= GOOD_MS)
        r->failures = 0;
    replica_reading_close(reading);
    if (r->filling && held(r->filling) > 0)
        hand_over(r);
    drop_batch(r);
    if (!r->place.ts_created)
        r->place = before; /* it had not come to an end of the last messages */
    return rc;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* A connection that was good is made again at once, which is enough after most losses. */
static int64_t note_failure(struct replica *r, const struct err *err)
{
    bool first = r->state.phase == REPLICA_READING && r->failures == 0;
    pthread_mutex_lock(&r->lock);
    r->state.failures++;
    r->state.server[0] = '\0';
    snprintf(r->state.why, sizeof(r->state.why), "%s", err->text);
    enter(r, first ? REPLICA_CONNECTING : REPLICA_DOWN);
    pthread_mutex_unlock(&r->lock);
    r->failures++;
    if (first)
        return 0;
    if (!r->announced)
        notify(r, EVENT_REPLICA_DOWN, LOG_LEVEL_ERROR, err->text);
    r->announced = true;
    return backoff_ms(&r->rng, RETRY_MS, r->failures);
}

static void destroy(struct replica *r)
{
    for (size_t i = 0; i < BATCHES; i++)
        forget_instruments(&r->slots[i].batch);
    source_settings_finish(&r->settings);
    json_parser_destroy(r->parser);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static void end(struct replica *r)
{
    pthread_mutex_lock(&r->lock);
    r->ended = true;
    bool abandoned = r->abandoned;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    if (abandoned)
        destroy(r);
}

static void *run(void *arg)
{
    struct replica *r = arg;
    struct err err;
    while (run_session(r, &err)) {
        nats_remedy_append(&err, "source");
        if (rest(r, note_failure(r, &err)))
            break;
    }
    end(r);
    return NULL;
}

/* All signals are blocked in the thread and in those of libnats: the loop handles them. */
static int start(struct replica *r, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&r->thread, NULL, run, r);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        return err_set(err, -rc, "cannot start the thread of the replica");
    pthread_setname_np(r->thread, "cinta-replica");
    return 0;
}

static void init_locks(struct replica *r)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&r->lock, NULL);
}

int replica_create(struct replica **out, const struct replica_parts *parts, struct err *err)
{
    struct replica *r = calloc(1, sizeof(*r));
    if (!r || source_settings_copy(&r->settings, parts->source)) {
        free(r);
        return err_set(err, -ENOMEM, "out of memory");
    }
    init_locks(r);
    r->notice = parts->notice;
    r->ready = parts->ready;
    r->arg = parts->arg;
    r->place = parts->place;
    r->parser = json_parser_create();
    r->rng = (struct rng){.state = (uint64_t)clock_now().wall_ns};
    r->state.since_ns = clock_now().wall_ns;
    r->state.behind = -1;
    snprintf(r->state.stream, sizeof(r->state.stream), "%s", r->settings.source.stream);
    int rc = r->parser ? start(r, err) : err_set(err, -ENOMEM, "out of memory");
    if (rc)
        destroy(r);
    else
        *out = r;
    return rc;
}

/* False: it did not end in time, and ends by itself. */
static bool wait_for_end(struct replica *r)
{
    const struct timespec at = time_in(END_MS);
    int rc = 0;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->changed);
    while (!r->ended && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&r->changed, &r->lock, &at);
    bool ended = r->ended;
    r->abandoned = !ended;
    pthread_mutex_unlock(&r->lock);
    return ended;
}

void replica_destroy(struct replica *r)
{
    if (!r)
        return;
    pthread_t thread = r->thread;
    if (wait_for_end(r)) {
        pthread_join(thread, NULL);
        destroy(r);
    } else {
        pthread_detach(thread);
    }
}
