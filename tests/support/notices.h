/*
 * notices: the events that a store reports, kept for a test, which waits for them by kind and
 * words.
 */
#ifndef STORE_NOTICES_H
#define STORE_NOTICES_H

#include "store/write/store.h"
#include "support/t.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define NOTICES_MAX        256
#define NOTICES_PATIENCE_S 30

static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    int count;
    struct {
        struct store_notice notice;
        char detail[STORE_DETAIL_BYTES];
    } all[NOTICES_MAX];
} notices = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};

/* For store_create(); on the writer's thread. */
__attribute__((unused)) static void notices_take(void *arg, const struct store_notice *notice)
{
    (void)arg;
    pthread_mutex_lock(&notices.lock);
    int at = notices.count < NOTICES_MAX ? notices.count++ : NOTICES_MAX - 1;
    notices.all[at].notice = *notice;
    snprintf(notices.all[at].detail, sizeof(notices.all[at].detail), "%s", notice->detail);
    pthread_cond_broadcast(&notices.news);
    pthread_mutex_unlock(&notices.lock);
}

__attribute__((unused)) static void notices_forget(void)
{
    pthread_mutex_lock(&notices.lock);
    notices.count = 0;
    pthread_mutex_unlock(&notices.lock);
}

/* With the lock held. "" is in every detail. */
static int notices_matching(enum event_kind kind, const char *words)
{
    int count = 0;
    for (int i = 0; i < notices.count; i++)
        count += notices.all[i].notice.kind == kind && strstr(notices.all[i].detail, words);
    return count;
}

__attribute__((unused)) static int notices_count(enum event_kind kind, const char *words)
{
    pthread_mutex_lock(&notices.lock);
    int count = notices_matching(kind, words);
    pthread_mutex_unlock(&notices.lock);
    return count;
}

__attribute__((unused)) static int64_t notices_dropped(void)
{
    int64_t dropped = 0;
    pthread_mutex_lock(&notices.lock);
    for (int i = 0; i < notices.count; i++)
        dropped += notices.all[i].notice.dropped;
    pthread_mutex_unlock(&notices.lock);
    return dropped;
}

__attribute__((unused)) static void notices_wait(enum event_kind kind, const char *words)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += NOTICES_PATIENCE_S;
    pthread_mutex_lock(&notices.lock);
    while (!notices_matching(kind, words)) {
        if (pthread_cond_timedwait(&notices.news, &notices.lock, &until))
            fail_msg("no event %s with '%s' in %d s", event_kind_name(kind), words,
                     NOTICES_PATIENCE_S);
    }
    pthread_mutex_unlock(&notices.lock);
}

#endif
