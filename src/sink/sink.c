#include "sink/sink.h"

#include "base/clock.h"
#include "base/rng.h"
#include "market/outage.h"
#include "nats/remedy.h"
#include "sink/resume.h"
#include "sink/session.h"
#include "sink/settings.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MS 1000
/* The wait is doubled so many times at most, which makes it 8 s: the servers are the user's own,
 * and a cluster has a leader again some seconds after it lost one. */
#define RETRY_DOUBLED 3
#define END_MS        500 /* the longest wait for the thread, which may be waiting for a server */
#define LOOK_MS                                                                                    \
    2000 /* between two looks at the connection and the file, when nothing is committed */
#define CONTENDED_MS                                                                               \
    100 /* until the next try, at most, when another recorder published at the same moment */
#define SAVE_MS 10000 /* between two writes of the state file */

struct nats_sink {
    struct sink_settings settings;
    sink_notice_fn *notice;
    void *arg;
    pthread_t thread;

    pthread_mutex_t lock; /* protects the members below */
    pthread_cond_t changed;
    bool stop, woken;
    bool ended;     /* the thread will not touch this struct any more, unless it is abandoned: */
    bool abandoned; /* nobody waits for it: it frees this struct */
    struct sink_state state;
    struct sink_limit limit;

    /* Of the thread. */
    struct sink_memory memory, saved;
    struct rng rng;
    int64_t started_ms, saved_ms;
    bool begun;     /* `memory` is known */
    int failures;   /* in a row */
    int attempt;    /* of the ids of messages */
    bool announced; /* the event sink_down, and not yet sink_up */
    bool told;      /* the first event sink_up */
};

/* --- what others see -------------------------------------------------------------------------- */

const char *sink_phase_name(enum sink_phase phase)
{
    static const char *const names[] = {"connecting", "publishing", "down"};
    return names[phase];
}

struct sink_state sink_state(struct nats_sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    struct sink_state state = sink->state;
    pthread_mutex_unlock(&sink->lock);
    return state;
}

void sink_limit(struct nats_sink *sink, const struct sink_limit *limit)
{
    pthread_mutex_lock(&sink->lock);
    sink->limit = *limit;
    sink->woken = true;
    pthread_cond_signal(&sink->changed);
    pthread_mutex_unlock(&sink->lock);
}

static struct sink_limit present_limit(struct nats_sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    struct sink_limit limit = sink->limit;
    pthread_mutex_unlock(&sink->lock);
    return limit;
}

void sink_wake(struct nats_sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    sink->woken = true;
    pthread_cond_signal(&sink->changed);
    pthread_mutex_unlock(&sink->lock);
}

static void notify(struct nats_sink *sink, enum event_kind kind, enum log_level level,
                   const char *detail)
{
    pthread_mutex_lock(&sink->lock);
    if (!sink->stop) /* whoever stops it may be gone */
        sink->notice(sink->arg, &(struct sink_notice){kind, level, detail});
    pthread_mutex_unlock(&sink->lock);
}

/* With the lock held. */
static void enter(struct nats_sink *sink, enum sink_phase phase)
{
    if (sink->state.phase != phase)
        sink->state.since_ns = clock_now().wall_ns;
    sink->state.phase = phase;
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* Until that time, a commit (if `wakes`), or the stop. True: stop. */
static bool wait_for(struct nats_sink *sink, int64_t wait_ms, bool wakes)
{
    int64_t until_ms = clock_now().mono_ms + wait_ms;
    const struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    int rc = 0;
    pthread_mutex_lock(&sink->lock);
    while (!sink->stop && !(wakes && sink->woken) && rc != ETIMEDOUT && wait_ms > 0)
        rc = pthread_cond_timedwait(&sink->changed, &sink->lock, &at);
    sink->woken = false;
    bool stop = sink->stop;
    pthread_mutex_unlock(&sink->lock);
    return stop;
}

/* --- the state file --------------------------------------------------------------------------- */

/* A failure is no reason to stop: the stream knows the position too. */
static void save(struct nats_sink *sink)
{
    struct err err;
    pthread_mutex_lock(&sink->lock);
    bool abandoned = sink->abandoned; /* another one may use the file by now */
    pthread_mutex_unlock(&sink->lock);
    sink->saved_ms = clock_now().mono_ms;
    if (abandoned || memcmp(&sink->saved, &sink->memory, sizeof(sink->memory)) == 0)
        return;
    if (sink_memory_save(sink->settings.state_dir, &sink->memory, &err))
        log_warn("cannot save the position of the sink", LOG_TEXT("why", err.text));
    else
        sink->saved = sink->memory;
}

/* Without a session. */
static int read_ends(const struct nats_sink *sink, struct outbox_ends *out, struct err *err)
{
    struct outbox *outbox;
    int rc = outbox_open(&outbox, sink->settings.database, err);
    if (rc)
        return rc;
    rc = outbox_ends(outbox, out, err);
    outbox_close(outbox);
    return rc;
}

/* The first start with this stream. What is recorded from now on is published, also if no server is
 * reachable before the next start. */
static int begin_memory(struct nats_sink *sink, struct err *err)
{
    struct outbox_ends ends;
    struct sink_memory *memory = &sink->memory;
    const struct config_sink *config = &sink->settings.sink;
    if (sink_memory_load(sink->settings.state_dir, memory) == 0 &&
        strcmp(memory->stream, config->stream) == 0)
        return 0;
    int rc = read_ends(sink, &ends, err);
    if (rc)
        return rc;
    memset(memory, 0, sizeof(*memory));
    snprintf(memory->stream, sizeof(memory->stream), "%s", config->stream);
    rc = sink_memory_rename(memory, err);
    memory->position = sink_first_position(&ends, config->from_beginning);
    return rc;
}

/* --- a session -------------------------------------------------------------------------------- */

static void note_open(struct nats_sink *sink, const struct sink_session *session)
{
    pthread_mutex_lock(&sink->lock);
    struct sink_state *state = &sink->state;
    snprintf(state->server, sizeof(state->server), "%s", sink_session_server(session));
    snprintf(state->differs, sizeof(state->differs), "%s", sink_session_differs(session));
    snprintf(state->recorder, sizeof(state->recorder), "%s", sink->memory.recorder);
    pthread_mutex_unlock(&sink->lock);
}

/* The connection is good: a message was stored, or there is nothing to publish. */
static void note_good(struct nats_sink *sink, const struct sink_session *session)
{
    char words[SINK_TEXT_BYTES * 2];
    const char *differs = sink_session_differs(session);
    bool known = sink->state.phase == SINK_PUBLISHING;
    bool told = sink->told && !sink->announced;
    sink->failures = 0;
    sink->announced = false;
    sink->told = true;
    if (known)
        return;
    pthread_mutex_lock(&sink->lock);
    sink->state.why[0] = '\0';
    enter(sink, SINK_PUBLISHING);
    pthread_mutex_unlock(&sink->lock);
    if (told) /* the connection was only made again */
        return;
    snprintf(words, sizeof(words), "publishing to stream %s at %s, from seq %lld on%s%s",
             sink->settings.sink.stream, sink_session_server(session),
             (long long)sink->memory.position.seq,
             *differs ? "; the stream differs from section sink: " : "", differs);
    notify(sink, EVENT_SINK_UP, LOG_LEVEL_INFO, words);
}

static void note_progress(struct nats_sink *sink, const struct sink_progress *progress)
{
    char words[SINK_TEXT_BYTES];
    pthread_mutex_lock(&sink->lock);
    sink->state.published += progress->stored;
    sink->state.behind = progress->behind;
    sink->state.lost += progress->lost;
    sink->state.seq = sink->memory.position.seq;
    pthread_mutex_unlock(&sink->lock);
    if (progress->lost == 0)
        return;
    snprintf(words, sizeof(words),
             "%lld changes were deleted before they could be published (store.keep_days)",
             (long long)progress->lost);
    notify(sink, EVENT_SINK_LOST, LOG_LEVEL_ERROR, words);
}

/* 0: stop; negative: the session failed. */
static int publish(struct nats_sink *sink, struct sink_session *session, struct err *err)
{
    struct sink_progress progress;
    for (;;) {
        const struct sink_limit limit = present_limit(sink);
        int rc = sink_session_step(session, &limit, &progress, err);
        int64_t now_ms = clock_now().mono_ms;
        note_progress(sink, &progress);
        if (progress.remade)
            log_warn("the stream with the last values did not follow: it was created again",
                     LOG_TEXT("stream", sink->settings.last));
        if (rc)
            return rc;
        if (progress.stored || progress.ready)
            note_good(sink, session);
        if (now_ms - sink->saved_ms >= SAVE_MS)
            save(sink);
        int64_t wait_ms = progress.waiting ? 0 : progress.wait_ms;
        if (wait_for(sink, wait_ms < LOOK_MS ? wait_ms : LOOK_MS, progress.ready))
            return 0;
    }
}

static int run_session(struct nats_sink *sink, struct err *err)
{
    struct sink_session *session;
    bool renamed;
    const struct sink_session_parts parts = {&sink->settings, &sink->memory, sink->started_ms,
                                             sink->attempt};
    const int64_t created_ns = sink->memory.created_ns;
    int rc = sink_session_open(&session, &parts, &renamed, err);
    if (rc)
        return rc;
    if (created_ns && created_ns != sink->memory.created_ns)
        notify(
            sink, EVENT_SINK_UP, LOG_LEVEL_WARN,
            "the stream is a new one: it was deleted, or its servers lost it, with all messages; "
            "publishing goes on after the last one");
    if (renamed)
        notify(sink, EVENT_SINK_RENAMED, LOG_LEVEL_WARN,
               "the database has not the change that this recorder published last: it goes on "
               "after the time of that change, under a new name");
    save(sink);
    note_open(sink, session);
    rc = publish(sink, session, err);
    sink_session_close(session);
    return rc;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* With a lease another recorder may publish what it has left, which is no failure. */
static bool is_contended(const struct nats_sink *sink, const struct err *err)
{
    return sink->settings.shared && err->code == -ESTALE;
}

/* A connection that was good is made again at once, which is enough after most losses; and so is
 * one over which the servers took a message for a repeat. */
static int64_t note_failure(struct nats_sink *sink, const struct err *err)
{
    log_debug("the sink connects again", LOG_TEXT("why", err->text));
    if (is_contended(sink, err))
        return 1 + (int64_t)(rng_next(&sink->rng) % CONTENDED_MS);
    bool first = sink->state.phase == SINK_PUBLISHING && sink->failures == 0;
    pthread_mutex_lock(&sink->lock);
    sink->state.failures++;
    sink->state.server[0] = '\0';
    snprintf(sink->state.why, sizeof(sink->state.why), "%s", err->text);
    enter(sink, first ? SINK_CONNECTING : SINK_DOWN);
    pthread_mutex_unlock(&sink->lock);
    sink->failures++;
    bool repeat = err->code == -EEXIST;
    sink->attempt += repeat;
    if (first || (repeat && sink->failures <= 2))
        return 0;
    if (!sink->announced)
        notify(sink, EVENT_SINK_DOWN, LOG_LEVEL_ERROR, err->text);
    sink->announced = true;
    int doubled = sink->failures - 1 < RETRY_DOUBLED ? sink->failures - 1 : RETRY_DOUBLED;
    return backoff_ms(&sink->rng, RETRY_MS, doubled + 1);
}

static void count_waiting(struct nats_sink *sink)
{
    struct outbox_ends ends;
    struct err err;
    if (read_ends(sink, &ends, &err))
        return;
    pthread_mutex_lock(&sink->lock);
    sink->state.behind =
        sink_seq_distance(sink->memory.position.seq, sink_limit_end(&sink->limit, ends.last_seq));
    pthread_mutex_unlock(&sink->lock);
}

/* The state shows how many changes wait until then. True: stop. */
static bool wait_to_retry(struct nats_sink *sink, int64_t wait_ms)
{
    for (; wait_ms > LOOK_MS; wait_ms -= LOOK_MS) {
        count_waiting(sink);
        if (wait_for(sink, LOOK_MS, false))
            return true;
    }
    count_waiting(sink);
    return wait_for(sink, wait_ms, false);
}

static void destroy(struct nats_sink *sink)
{
    sink_settings_finish(&sink->settings);
    pthread_cond_destroy(&sink->changed);
    pthread_mutex_destroy(&sink->lock);
    free(sink);
}

static void end(struct nats_sink *sink)
{
    pthread_mutex_lock(&sink->lock);
    sink->ended = true;
    bool abandoned = sink->abandoned;
    pthread_cond_broadcast(&sink->changed);
    pthread_mutex_unlock(&sink->lock);
    if (abandoned)
        destroy(sink);
}

static void *run(void *arg)
{
    struct nats_sink *sink = arg;
    struct err err;
    int rc = sink->begun ? 0 : begin_memory(sink, &err);
    if (rc == 0)
        save(sink);
    while (rc && !wait_for(sink, note_failure(sink, &err), false))
        rc = begin_memory(sink, &err);
    while (rc == 0 && run_session(sink, &err)) {
        nats_remedy_append(&err, "sink");
        if (wait_to_retry(sink, note_failure(sink, &err)))
            break;
    }
    if (rc == 0)
        save(sink);
    end(sink);
    return NULL;
}

/* All signals are blocked in the thread and in those of libnats: the loop handles them. */
static int start(struct nats_sink *sink, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&sink->thread, NULL, run, sink);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        return err_set(err, -rc, "cannot start the thread of the sink");
    pthread_setname_np(sink->thread, "cinta-sink");
    return 0;
}

static void init_locks(struct nats_sink *sink)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&sink->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&sink->lock, NULL);
}

int sink_create(struct nats_sink **out, const struct sink_parts *parts, struct err *err)
{
    struct nats_sink *sink = calloc(1, sizeof(*sink));
    if (!sink || sink_settings_copy(&sink->settings, parts->config, parts->database)) {
        free(sink);
        return err_set(err, -ENOMEM, "out of memory");
    }
    init_locks(sink);
    struct now now = clock_now();
    sink->notice = parts->notice;
    sink->limit = parts->limit;
    sink->arg = parts->arg;
    sink->rng = (struct rng){.state = (uint64_t)now.wall_ns};
    sink->started_ms = now.mono_ms;
    sink->state.since_ns = now.wall_ns;
    sink->state.behind = -1;
    snprintf(sink->state.stream, sizeof(sink->state.stream), "%s", sink->settings.sink.stream);
    /* Before the caller records anything: the thread may run only after the first change. If the
     * database cannot be read now, it tries again. */
    sink->begun = begin_memory(sink, err) == 0;
    int rc = start(sink, err);
    if (rc)
        destroy(sink);
    else
        *out = sink;
    return rc;
}

/* False: it did not end in time, and ends by itself. */
static bool wait_for_end(struct nats_sink *sink)
{
    int64_t until_ms = clock_now().mono_ms + END_MS;
    const struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    int rc = 0;
    pthread_mutex_lock(&sink->lock);
    sink->stop = true;
    pthread_cond_broadcast(&sink->changed);
    while (!sink->ended && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&sink->changed, &sink->lock, &at);
    bool ended = sink->ended;
    sink->abandoned = !ended;
    pthread_mutex_unlock(&sink->lock);
    return ended;
}

void sink_destroy(struct nats_sink *sink)
{
    if (!sink)
        return;
    pthread_t thread = sink->thread;
    if (wait_for_end(sink)) {
        pthread_join(thread, NULL);
        destroy(sink);
    } else {
        pthread_detach(thread);
    }
}
