#include "lease/lease.h"

#include "base/clock.h"
#include "base/log.h"
#include "lease/contender.h"
#include "nats/remedy.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END_MS 1000 /* the longest wait for the thread, which may be waiting for a server */

struct lease {
    struct sink_settings settings;
    struct config_lease config; /* its texts are owned here */
    lease_notice_fn *notice;
    void *arg;
    pthread_t thread;

    atomic_int_least64_t valid_ms, seq, ts_recv;

    pthread_mutex_t lock; /* protects the members below */
    pthread_cond_t changed;
    bool stop, give_up, woken;
    bool ended;     /* the thread will not touch this struct any more, unless it is abandoned: */
    bool abandoned; /* nobody waits for it: it frees this struct */
    struct lease_state state;
    char broker[LEASE_ID_BYTES];
    char token[TOKEN_BYTES_MAX]; /* of this broker */
    int64_t token_ms;

    /* Of the thread. */
    struct contender *contender;
    int64_t failing_since_ms; /* 0 = it does not fail */
    bool told_trouble;
};

/* --- what others see -------------------------------------------------------------------------- */

struct lease_state lease_state(struct lease *l)
{
    pthread_mutex_lock(&l->lock);
    struct lease_state state = l->state;
    pthread_mutex_unlock(&l->lock);
    return state;
}

int64_t lease_valid_ms(const struct lease *l)
{
    return atomic_load(&l->valid_ms);
}

void lease_recorded(struct lease *l, int64_t seq, int64_t ts_recv)
{
    atomic_store_explicit(&l->seq, seq, memory_order_relaxed);
    atomic_store_explicit(&l->ts_recv, ts_recv, memory_order_relaxed);
}

void lease_token(struct lease *l, const struct config_broker *broker, const char *token,
                 int64_t obtained_ns)
{
    pthread_mutex_lock(&l->lock);
    lease_record_broker(l->broker, broker->url, broker->user);
    snprintf(l->token, sizeof(l->token), "%s", token);
    l->token_ms = obtained_ns / NS_PER_MS;
    l->woken = true;
    pthread_cond_signal(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

void lease_broker(struct lease *l, const struct config_broker *broker)
{
    char id[LEASE_ID_BYTES];
    lease_record_broker(id, broker->url, broker->user);
    pthread_mutex_lock(&l->lock);
    if (strcmp(id, l->broker) != 0) {
        memcpy(l->broker, id, sizeof(id));
        explicit_bzero(l->token, sizeof(l->token));
        l->token_ms = 0;
        l->woken = true;
        pthread_cond_signal(&l->changed);
    }
    pthread_mutex_unlock(&l->lock);
}

static void notify(struct lease *l, const struct lease_notice *notice)
{
    pthread_mutex_lock(&l->lock);
    if (!l->stop) /* whoever stops it may be gone */
        l->notice(l->arg, notice);
    pthread_mutex_unlock(&l->lock);
}

static void note_state(struct lease *l, const struct err *failed)
{
    const struct lease_record *seen = contender_seen(l->contender);
    enum election_phase phase = contender_phase(l->contender);
    pthread_mutex_lock(&l->lock);
    l->state.phase = phase;
    snprintf(l->state.host, sizeof(l->state.host), "%s",
             seen && phase != ELECTION_ACTIVE ? seen->host : "");
    snprintf(l->state.why, sizeof(l->state.why), "%s", failed ? failed->text : "");
    l->state.term = seen ? seen->term : 0;
    l->state.seq = seen ? seen->seq : 0;
    l->state.failures += failed != NULL;
    pthread_mutex_unlock(&l->lock);
}

/* --- waiting ---------------------------------------------------------------------------------- */

/* Until that time, a new token, or the stop. True: stop. */
static bool wait_until(struct lease *l, int64_t next_ms)
{
    int64_t wait_ms = next_ms - clock_boot_ms();
    int64_t until_ms = clock_now().mono_ms + (wait_ms > 0 ? wait_ms : 0);
    const struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    int rc = 0;
    pthread_mutex_lock(&l->lock);
    while (!l->stop && !l->woken && rc != ETIMEDOUT && wait_ms > 0)
        rc = pthread_cond_timedwait(&l->changed, &l->lock, &at);
    l->woken = false;
    bool stop = l->stop;
    pthread_mutex_unlock(&l->lock);
    return stop;
}

/* --- turns ------------------------------------------------------------------------------------ */

static void take_own(struct lease *l, struct contender_own *out)
{
    *out = (struct contender_own){.seq = atomic_load(&l->seq), .ts_recv = atomic_load(&l->ts_recv)};
    pthread_mutex_lock(&l->lock);
    memcpy(out->broker, l->broker, sizeof(out->broker));
    memcpy(out->token, l->token, sizeof(out->token));
    out->token_ms = l->token_ms;
    pthread_mutex_unlock(&l->lock);
}

static void tell(struct lease *l, enum lease_news news, const char *host, const char *why)
{
    notify(l, &(struct lease_notice){.news = news, .host = host, .why = why, .token = ""});
}

static void tell_taken(struct lease *l, const struct contender_turn *turn)
{
    notify(l, &(struct lease_notice){
                  .news = LEASE_TAKEN,
                  .host = turn->host,
                  .why = "",
                  .term = contender_seen(l->contender)->term,
                  .seq_after = turn->seq_after,
                  .others_ns = turn->others_ns,
                  .token = turn->token,
                  .token_ms = turn->token_ms,
              });
}

static void tell_news(struct lease *l, const struct contender_turn *turn, const struct err *why)
{
    switch (turn->news) {
    case CONTENDER_SAME:
        return;
    case CONTENDER_OTHER:
        tell(l, LEASE_OTHER, contender_seen(l->contender)->host, "");
        return;
    case CONTENDER_TAKEN:
        tell_taken(l, turn);
        return;
    case CONTENDER_ALONE:
        tell(l, LEASE_ALONE, "", why->text);
    }
}

/* One that has the lease is told by its expiry. */
static void tell_trouble(struct lease *l, const struct err *why)
{
    int64_t now_ms = clock_boot_ms();
    if (!l->failing_since_ms)
        l->failing_since_ms = now_ms;
    if (l->told_trouble || contender_phase(l->contender) == ELECTION_ACTIVE ||
        now_ms - l->failing_since_ms < l->config.duration_ms)
        return;
    l->told_trouble = true;
    tell(l, LEASE_TROUBLE, "", why->text);
}

static void note_good(struct lease *l)
{
    l->failing_since_ms = 0;
    l->told_trouble = false;
}

/* Returns when the next turn is, by clock_boot_ms(). */
static int64_t take_turn(struct lease *l)
{
    struct err err;
    struct contender_own own;
    struct contender_turn turn;
    take_own(l, &own);
    int rc = contender_turn(l->contender, &own, &turn, &err);
    atomic_store(&l->valid_ms, contender_valid_ms(l->contender));
    if (rc)
        nats_remedy_append(&err, "sink");
    note_state(l, rc ? &err : NULL);
    tell_news(l, &turn, &err);
    if (rc)
        tell_trouble(l, &err);
    else
        note_good(l);
    explicit_bzero(&own, sizeof(own));
    explicit_bzero(turn.token, sizeof(turn.token));
    return turn.next_ms;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* If that fails, another one waits until the lease expires. */
static void give_up(struct lease *l)
{
    struct err err;
    struct contender_own own;
    take_own(l, &own);
    if (contender_give_up(l->contender, &own, &err))
        log_warn("the lease could not be given up", LOG_TEXT("why", err.text));
    explicit_bzero(&own, sizeof(own));
}

static void destroy(struct lease *l)
{
    contender_destroy(l->contender);
    explicit_bzero(l->token, sizeof(l->token));
    sink_settings_finish(&l->settings);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    free(l->config.name);
    free(l->config.bucket);
    free(l);
}

static void end(struct lease *l)
{
    pthread_mutex_lock(&l->lock);
    l->ended = true;
    bool abandoned = l->abandoned;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->lock);
    if (abandoned)
        destroy(l);
}

static void *run(void *arg)
{
    struct lease *l = arg;
    while (!wait_until(l, take_turn(l)))
        ;
    pthread_mutex_lock(&l->lock);
    bool gives_up = l->give_up;
    pthread_mutex_unlock(&l->lock);
    if (gives_up)
        give_up(l);
    contender_destroy(l->contender); /* the connection ends with the thread */
    l->contender = NULL;
    end(l);
    return NULL;
}

/* All signals are blocked in the thread and in those of libnats: the loop handles them. */
static int start(struct lease *l, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&l->thread, NULL, run, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc)
        return err_set(err, -rc, "cannot start the thread of the lease");
    pthread_setname_np(l->thread, "cinta-lease");
    return 0;
}

static void init_locks(struct lease *l)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&l->lock, NULL);
}

static int copy(struct lease *l, const struct lease_parts *parts, struct err *err)
{
    const struct config *config = parts->config;
    struct contender_parts contender = {.settings = &l->settings,
                                        .lease = &l->config,
                                        .id = parts->id,
                                        .run = parts->run,
                                        .held = parts->held};
    lease_record_broker(l->broker, config->broker.url, config->broker.user);
    l->config = config->lease;
    l->config.name = strdup(config->lease.name);
    l->config.bucket = strdup(config->lease.bucket);
    l->notice = parts->notice;
    l->arg = parts->arg;
    snprintf(l->token, sizeof(l->token), "%s", parts->token);
    l->token_ms = parts->token_ns / NS_PER_MS;
    lease_recorded(l, parts->seq, parts->ts_recv);
    if (sink_settings_copy(&l->settings, config, config->store.path) || !l->config.name ||
        !l->config.bucket)
        return err_set(err, -ENOMEM, "out of memory");
    return contender_create(&l->contender, &contender, err);
}

int lease_create(struct lease **out, const struct lease_parts *parts, struct err *err)
{
    struct lease *l = calloc(1, sizeof(*l));
    if (!l)
        return err_set(err, -ENOMEM, "out of memory");
    init_locks(l);
    int rc = copy(l, parts, err);
    if (rc == 0)
        rc = start(l, err);
    if (rc)
        destroy(l);
    else
        *out = l;
    return rc;
}

/* False: it did not end in time, and ends by itself. */
static bool wait_for_end(struct lease *l, bool gives_up)
{
    int64_t until_ms = clock_now().mono_ms + END_MS;
    const struct timespec at = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * NS_PER_MS};
    int rc = 0;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    l->give_up = gives_up;
    pthread_cond_broadcast(&l->changed);
    while (!l->ended && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&l->changed, &l->lock, &at);
    bool ended = l->ended;
    l->abandoned = !ended;
    pthread_mutex_unlock(&l->lock);
    return ended;
}

void lease_destroy(struct lease *l, bool gives_up)
{
    if (!l)
        return;
    pthread_t thread = l->thread;
    if (wait_for_end(l, gives_up)) {
        pthread_join(thread, NULL);
        destroy(l);
    } else {
        pthread_detach(thread);
    }
}
