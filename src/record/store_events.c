#include "record/store_events.h"

#include "base/log.h"
#include "record/observers.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define WAITING 12 /* the oldest of more is not told */

struct waiting {
    struct store_notice notice; /* its detail is the text below */
    char detail[STORE_DETAIL_BYTES];
};

struct store_events {
    struct observers *observers;
    struct loop_wake *wake;

    pthread_mutex_t lock;            /* protects the members below */
    struct waiting waiting[WAITING]; /* a ring */
    size_t posted, taken;            /* total numbers */
};

void store_events_post(void *arg, const struct store_notice *notice)
{
    struct store_events *news = arg;
    const char *name = event_kind_name(notice->kind);
    if (notice->dropped)
        log_line(
            notice->level, notice->detail,
            LOG_FIELDS(LOG_TEXT("event", name), LOG_NUMBER("snapshots_dropped", notice->dropped)));
    else
        log_line(notice->level, notice->detail, LOG_FIELDS(LOG_TEXT("event", name)));
    pthread_mutex_lock(&news->lock);
    struct waiting *waiting = &news->waiting[news->posted++ % WAITING];
    waiting->notice = *notice;
    snprintf(waiting->detail, sizeof(waiting->detail), "%s", notice->detail);
    pthread_mutex_unlock(&news->lock);
    loop_wake_send(news->wake);
}

static bool take(struct store_events *news, struct waiting *out)
{
    pthread_mutex_lock(&news->lock);
    if (news->posted - news->taken > WAITING)
        news->taken = news->posted - WAITING;
    bool any = news->taken < news->posted;
    if (any)
        *out = news->waiting[news->taken++ % WAITING];
    pthread_mutex_unlock(&news->lock);
    return any;
}

static void on_wake(void *arg)
{
    struct store_events *news = arg;
    struct waiting next;
    while (take(news, &next))
        observers_event(news->observers, &(struct observed_event){.ts = next.notice.ts,
                                                                  .kind = next.notice.kind,
                                                                  .level = next.notice.level,
                                                                  .detail = next.detail,
                                                                  .by_store = true});
}

struct store_events *store_events_create(struct loop *loop, struct observers *observers)
{
    struct store_events *news = calloc(1, sizeof(*news));
    if (!news)
        return NULL;
    news->observers = observers;
    news->wake = loop_wake_create(loop, on_wake, news);
    if (!news->wake) {
        free(news);
        return NULL;
    }
    pthread_mutex_init(&news->lock, NULL);
    return news;
}

void store_events_destroy(struct store_events *news)
{
    if (!news)
        return;
    loop_wake_destroy(news->wake);
    pthread_mutex_destroy(&news->lock);
    free(news);
}
