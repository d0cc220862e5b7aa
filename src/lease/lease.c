#include "lease/lease.h"

#include "base/clock.h"
#include "base/log.h"
#include "lease/held_stream.h"
#include "nats/key_value.h"
#include "sink/settings.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define END_MS      1000 /* the longest wait for the thread, which may be waiting for a server */
#define CONFLICT_MS 50   /* after another one wrote at the same time */

struct lease {
    struct sink_settings settings;
    char *name, *bucket;
    char id[LEASE_ID_BYTES], run[LEASE_ID_BYTES], broker[LEASE_ID_BYTES], host[LEASE_HOST_BYTES];
    int64_t duration_ms;
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
    char token[TOKEN_BYTES_MAX];
    int64_t token_ms;

    /* Of the thread. */
    struct election election;
    struct nats_link *link;
    struct nats_key_value *kv;
    struct buf text;          /* the value, read or to be written */
    struct lease_record seen; /* the last value */
    bool has_seen;
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

void lease_token(struct lease *l, const char *token, int64_t obtained_ns)
{
    pthread_mutex_lock(&l->lock);
    snprintf(l->token, sizeof(l->token), "%s", token);
    l->token_ms = obtained_ns / NS_PER_MS;
    l->woken = true;
    pthread_cond_signal(&l->changed);
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
    bool other = l->has_seen && strcmp(l->seen.holder, l->id) != 0;
    pthread_mutex_lock(&l->lock);
    l->state.phase = l->election.phase;
    snprintf(l->state.host, sizeof(l->state.host), "%s", other ? l->seen.host : "");
    snprintf(l->state.why, sizeof(l->state.why), "%s", failed ? failed->text : "");
    l->state.term = l->has_seen ? l->seen.term : 0;
    l->state.seq = l->has_seen ? l->seen.seq : 0;
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

/* --- the connection --------------------------------------------------------------------------- */

static void close_link(struct lease *l)
{
    nats_key_value_close(l->kv);
    nats_link_close(l->link);
    l->kv = NULL;
    l->link = NULL;
}

static int open_link(struct lease *l, struct err *err)
{
    const struct nats_key_value_wish wish = {
        .bucket = l->bucket,
        .description = "which recorder of cinta asks the broker",
        .replicas = l->settings.sink.replicas,
    };
    struct nats_settings settings = sink_settings_link(&l->settings);
    settings.name = "cinta lease";
    settings.wait_ms = l->duration_ms / 3 < NATS_WAIT_MS ? l->duration_ms / 3 : NATS_WAIT_MS;
    if (l->link && nats_link_up(l->link))
        return 0;
    close_link(l);
    int rc = nats_link_open(&l->link, &settings, err);
    if (rc == 0)
        rc = nats_key_value_open(&l->kv, l->link, &wish, true, err);
    if (rc)
        close_link(l);
    return rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void forget_text(struct lease *l)
{
    if (l->text.data)
        explicit_bzero(l->text.data, l->text.cap_bytes);
    buf_clear(&l->text);
}

static int read_key(struct lease *l, struct sighting *out, struct err *err)
{
    uint64_t revision = 0;
    *out = (struct sighting){.kind = SIGHTING_MISSING};
    int rc = nats_key_value_get(l->kv, l->name, &l->text, &revision, err);
    if (rc == 0)
        rc = lease_record_parse(buf_text(&l->text), l->text.len_bytes, &l->seen, err);
    forget_text(l);
    if (rc)
        return rc == -ENOENT ? 0 : rc;
    l->has_seen = true;
    if (*l->seen.token)
        log_secret(l->seen.token);
    *out = (struct sighting){SIGHTING_FOUND, revision, &l->seen};
    return 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool has_our_token(const struct lease *l)
{
    return l->has_seen && *l->seen.token && strcmp(l->seen.broker, l->broker) == 0;
}

/* The newer one of the token in the lease and our own, if the first is for our broker and user. */
static void put_token(struct lease *l, struct lease_record *record)
{
    snprintf(record->broker, sizeof(record->broker), "%s", l->broker);
    pthread_mutex_lock(&l->lock);
    bool theirs = has_our_token(l) && l->seen.token_ms > l->token_ms;
    snprintf(record->token, sizeof(record->token), "%s", theirs ? l->seen.token : l->token);
    record->token_ms = theirs ? l->seen.token_ms : l->token_ms;
    pthread_mutex_unlock(&l->lock);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void put_recorded(struct lease *l, struct lease_record *record)
{
    record->seq = larger(record->seq, atomic_load(&l->seq));
    record->ts_ms = larger(record->ts_ms, atomic_load(&l->ts_recv) / NS_PER_MS);
}

/* *sent_ms: before the request. Without a holder it is given up. */
static int write_key(struct lease *l, struct lease_record *record, int64_t *sent_ms,
                     struct err *err)
{
    snprintf(record->host, sizeof(record->host), "%s", l->host);
    put_token(l, record);
    put_recorded(l, record);
    lease_record_write(&l->text, record);
    uint64_t revision = l->election.revision;
    *sent_ms = clock_boot_ms();
    int rc = nats_key_value_put(l->kv, l->name, &l->text, &revision, err);
    forget_text(l);
    if (rc)
        return rc;
    l->election.revision = revision;
    l->seen = *record;
    l->has_seen = true;
    return 0;
}

/* --- the election ----------------------------------------------------------------------------- */

/* What a change of the holder means for the new one. */
static int look_at_others(struct lease *l, struct lease_notice *taken, struct err *err)
{
    struct sink_position last = {0};
    const struct lease_record *seen = l->has_seen ? &l->seen : NULL;
    int64_t own = atomic_load(&l->seq);
    const struct nats_stream_wish stream = sink_settings_stream(&l->settings);
    int rc = held_stream_last(l->link, &stream, &last, err);
    if (rc)
        return rc;
    if (!election_is_change(&l->election, seen) && last.seq <= own)
        return 0;
    taken->seq_after = election_seq_after(larger(larger(own, last.seq), seen ? seen->seq : 0));
    taken->others_ns = larger(last.ts_recv, seen ? seen->ts_ms * NS_PER_MS : 0);
    return 0;
}

/* It was another one's, or nobody's. */
static int take(struct lease *l, struct election_step *step, struct err *err)
{
    int64_t sent_ms;
    char host[LEASE_HOST_BYTES], token[TOKEN_BYTES_MAX];
    struct lease_notice taken = {.news = LEASE_TAKEN, .host = host, .why = "", .token = token};
    snprintf(host, sizeof(host), "%s",
             l->has_seen && strcmp(l->seen.last, l->id) != 0 ? l->seen.host : "");
    pthread_mutex_lock(&l->lock);
    bool newer = has_our_token(l) && l->seen.token_ms > l->token_ms;
    pthread_mutex_unlock(&l->lock);
    snprintf(token, sizeof(token), "%s", newer ? l->seen.token : "");
    taken.token_ms = newer ? l->seen.token_ms : 0;
    struct lease_record record = election_claim(&l->election, l->has_seen ? &l->seen : NULL);
    int rc = look_at_others(l, &taken, err);
    record.seq = taken.seq_after;
    if (rc == 0)
        rc = write_key(l, &record, &sent_ms, err);
    if (rc == 0) {
        *step = election_wrote(&l->election, l->election.revision, sent_ms);
        atomic_store(&l->valid_ms, l->election.valid_ms);
        taken.term = record.term;
        notify(l, &taken);
    }
    explicit_bzero(token, sizeof(token));
    explicit_bzero(record.token, sizeof(record.token));
    return rc;
}

static int renew(struct lease *l, struct election_step *step, struct err *err)
{
    int64_t sent_ms;
    bool lapsed = !election_holds(&l->election, clock_boot_ms());
    struct lease_record record = election_claim(&l->election, l->has_seen ? &l->seen : NULL);
    int rc = write_key(l, &record, &sent_ms, err);
    explicit_bzero(record.token, sizeof(record.token));
    if (rc)
        return rc;
    lapsed |= clock_boot_ms() >= l->election.valid_ms;
    *step = election_wrote(&l->election, l->election.revision, sent_ms);
    atomic_store(&l->valid_ms, l->election.valid_ms);
    if (lapsed)
        notify(l,
               &(struct lease_notice){
                   .news = LEASE_TAKEN, .host = "", .why = "", .token = "", .term = record.term});
    return 0;
}

static int act(struct lease *l, struct election_step *step, struct err *err)
{
    enum election_action action = step->action;
    *step =
        (struct election_step){.action = ELECTION_LOOK, .next_ms = clock_boot_ms() + CONFLICT_MS};
    switch (action) {
    case ELECTION_LOOK:
        return 0;
    case ELECTION_TAKE:
        return take(l, step, err);
    case ELECTION_RENEW:
        return renew(l, step, err);
    }
    return 0;
}

static int look(struct lease *l, struct election_step *step, struct err *err)
{
    struct sighting sighting;
    enum election_phase before = l->election.phase;
    int rc = read_key(l, &sighting, err);
    if (rc)
        return rc;
    *step = election_saw(&l->election, &sighting, clock_boot_ms());
    if (l->election.phase == ELECTION_STANDBY && before != ELECTION_STANDBY) {
        atomic_store(&l->valid_ms, 0);
        notify(l, &(struct lease_notice){
                      .news = LEASE_OTHER, .host = l->seen.host, .why = "", .token = ""});
    }
    return step->action == ELECTION_LOOK ? 0 : act(l, step, err);
}

/* The holder renews without looking, and looks if another one has written. */
static int attempt(struct lease *l, struct election_step *step, struct err *err)
{
    int rc = open_link(l, err);
    if (rc == 0 && election_holds(&l->election, clock_boot_ms()))
        rc = renew(l, step, err);
    else if (rc == 0)
        return look(l, step, err);
    return rc == -ESTALE ? look(l, step, err) : rc;
}

static void tell_alone(struct lease *l, const struct err *why)
{
    notify(l,
           &(struct lease_notice){.news = LEASE_ALONE, .host = "", .why = why->text, .token = ""});
}

static void tell_trouble(struct lease *l, const struct err *why)
{
    int64_t now_ms = clock_boot_ms();
    if (!l->failing_since_ms)
        l->failing_since_ms = now_ms;
    if (l->told_trouble || l->election.phase == ELECTION_ACTIVE ||
        now_ms - l->failing_since_ms < l->duration_ms)
        return;
    l->told_trouble = true;
    notify(l, &(struct lease_notice){
                  .news = LEASE_TROUBLE, .host = "", .why = why->text, .token = ""});
}

/* Returns when the next turn is. */
static int64_t failed(struct lease *l, const struct err *why)
{
    enum election_phase before = l->election.phase;
    const struct sighting none = {.kind = SIGHTING_NONE};
    close_link(l);
    struct election_step step = election_saw(&l->election, &none, clock_boot_ms());
    if (l->election.phase == ELECTION_ALONE && before != ELECTION_ALONE)
        tell_alone(l, why);
    tell_trouble(l, why);
    return step.next_ms;
}

static int64_t turn(struct lease *l)
{
    struct err err;
    struct election_step step;
    int rc = attempt(l, &step, &err);
    if (rc == -ESTALE) {
        note_state(l, NULL);
        return clock_boot_ms() + CONFLICT_MS;
    }
    int64_t next_ms = rc ? failed(l, &err) : step.next_ms;
    note_state(l, rc ? &err : NULL);
    if (rc == 0) {
        l->failing_since_ms = 0;
        l->told_trouble = false;
    }
    return next_ms;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* Another one takes it without waiting. If that fails it waits. */
static void give_up(struct lease *l)
{
    int64_t sent_ms;
    struct err err;
    struct lease_record record = election_claim(&l->election, l->has_seen ? &l->seen : NULL);
    if (!l->kv || !election_holds(&l->election, clock_boot_ms()))
        return;
    record.holder[0] = record.run[0] = '\0';
    if (write_key(l, &record, &sent_ms, &err))
        log_warn("the lease could not be given up", LOG_TEXT("why", err.text));
    explicit_bzero(record.token, sizeof(record.token));
}

static void destroy(struct lease *l)
{
    close_link(l);
    forget_text(l);
    buf_finish(&l->text);
    explicit_bzero(&l->seen, sizeof(l->seen));
    explicit_bzero(l->token, sizeof(l->token));
    sink_settings_finish(&l->settings);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    free(l->name);
    free(l->bucket);
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
    while (!wait_until(l, turn(l)))
        ;
    pthread_mutex_lock(&l->lock);
    bool gives_up = l->give_up;
    pthread_mutex_unlock(&l->lock);
    if (gives_up)
        give_up(l);
    close_link(l);
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

/* Printable ASCII, as the value of a lease must be. */
static void find_host(char out[LEASE_HOST_BYTES])
{
    out[LEASE_HOST_BYTES - 1] = '\0';
    if (gethostname(out, LEASE_HOST_BYTES - 1))
        snprintf(out, LEASE_HOST_BYTES, "unknown");
    for (char *c = out; *c; c++) {
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
    }
}

static int copy(struct lease *l, const struct lease_parts *parts)
{
    const struct config *config = parts->config;
    if (sink_settings_copy(&l->settings, config, config->store.path))
        return -ENOMEM;
    l->name = strdup(config->lease.name);
    l->bucket = strdup(config->lease.bucket);
    l->duration_ms = config->lease.duration_ms;
    l->notice = parts->notice;
    l->arg = parts->arg;
    snprintf(l->id, sizeof(l->id), "%s", parts->id);
    snprintf(l->run, sizeof(l->run), "%s", parts->run);
    snprintf(l->token, sizeof(l->token), "%s", parts->token);
    l->token_ms = parts->token_ns / NS_PER_MS;
    lease_recorded(l, parts->seq, parts->ts_recv);
    lease_record_broker(l->broker, config->broker.url, config->broker.user);
    find_host(l->host);
    return l->name && l->bucket ? 0 : -ENOMEM;
}

int lease_create(struct lease **out, const struct lease_parts *parts, struct err *err)
{
    struct lease *l = calloc(1, sizeof(*l));
    if (!l)
        return err_set(err, -ENOMEM, "out of memory");
    init_locks(l);
    buf_init(&l->text, LEASE_RECORD_BYTES);
    int rc = copy(l, parts) ? err_set(err, -ENOMEM, "out of memory") : 0;
    l->election = election_init(l->id, l->run, l->duration_ms, parts->held);
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
