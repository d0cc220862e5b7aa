#include "record/store_events.h"

#include "base/log.h"
#include "record/observers.h"
#include "store/write/notice.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define WAITING      12 /* the oldest of more is not told */
#define DETAIL_BYTES 256

struct notice {
    int64_t ts;
    enum store_notice_kind kind;
    char detail[DETAIL_BYTES];
};

struct store_events {
    struct observers *observers;
    struct loop_wake *wake;

    pthread_mutex_t lock;           /* protects the members below */
    struct notice waiting[WAITING]; /* a ring */
    size_t posted, taken;           /* total numbers */
};

void store_events_post(void *arg, enum store_notice_kind kind, const char *detail, int64_t dropped)
{
    struct store_events *news = arg;
    const char *name = event_kind_name(store_notice_event(kind));
    if (dropped)
        log_line(store_notice_level(kind), detail,
                 LOG_FIELDS(LOG_TEXT("event", name), LOG_NUMBER("snapshots_dropped", dropped)));
    else
        log_line(store_notice_level(kind), detail, LOG_FIELDS(LOG_TEXT("event", name)));
    pthread_mutex_lock(&news->lock);
    struct notice *notice = &news->waiting[news->posted++ % WAITING];
    notice->ts = clock_now().wall_ns;
    notice->kind = kind;
    snprintf(notice->detail, sizeof(notice->detail), "%s", detail);
    pthread_mutex_unlock(&news->lock);
    loop_wake_send(news->wake);
}

static bool take(struct store_events *news, struct notice *out)
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
    struct notice notice;
    while (take(news, &notice)) {
        log_mask(notice.detail);
        observers_event(news->observers,
                        &(struct observed_event){.ts = notice.ts,
                                                 .kind = store_notice_event(notice.kind),
                                                 .level = store_notice_level(notice.kind),
                                                 .detail = notice.detail,
                                                 .by_store = true});
    }
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
