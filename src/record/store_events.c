#include "record/store_events.h"

#include "base/log.h"
#include "record/events.h"
#include "store/write/notice.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define WAITING 12 /* more are not listed by `cinta status` */

struct store_events {
    struct loop_wake *wake;
    struct events *events;
    loop_fn *changed;
    void *arg;

    pthread_mutex_t lock;                 /* protects the members below */
    struct recent_event waiting[WAITING]; /* a ring */
    size_t posted, taken;                 /* total numbers */
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
    struct recent_event *event = &news->waiting[news->posted++ % WAITING];
    *event = (struct recent_event){.ts = clock_now().wall_ns};
    snprintf(event->kind, sizeof(event->kind), "%s", name);
    snprintf(event->detail, sizeof(event->detail), "%s", detail);
    pthread_mutex_unlock(&news->lock);
    loop_wake_send(news->wake);
}

static bool take(struct store_events *news, struct recent_event *out)
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
    struct recent_event event;
    while (news->events && take(news, &event))
        events_list(news->events, &event);
    if (news->changed)
        news->changed(news->arg);
}

void store_events_listen(struct store_events *news, struct events *events, loop_fn *changed,
                         void *arg)
{
    news->events = events;
    news->changed = changed;
    news->arg = arg;
    loop_wake_send(news->wake); /* for notices posted before */
}

struct store_events *store_events_create(struct loop *loop)
{
    struct store_events *news = calloc(1, sizeof(*news));
    if (!news)
        return NULL;
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
