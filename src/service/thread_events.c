#include "service/thread_events.h"

#include "net/mailbox.h"

#include <stdlib.h>
#include <string.h>

struct thread_events {
    struct events *events;
    struct mailbox *posted;
};

struct posted {
    struct mailbox_item item;
    enum event_kind kind;
    enum log_level level;
    char detail[]; /* with its NUL */
};

static void on_arrived(void *arg, void *item)
{
    const struct thread_events *t = arg;
    struct posted *posted = item;
    events_report(t->events, posted->level, posted->kind, NULL, "%s", posted->detail);
    free(posted);
}

void thread_events_post(struct thread_events *t, enum event_kind kind, enum log_level level,
                        const char *detail)
{
    size_t bytes = strlen(detail) + 1;
    struct posted *copy = malloc(sizeof(*copy) + bytes);
    if (!copy)
        return;
    copy->kind = kind;
    copy->level = level;
    memcpy(copy->detail, detail, bytes);
    mailbox_expect(t->posted);
    mailbox_put(t->posted, copy);
}

struct thread_events *thread_events_create(struct loop *loop, struct events *events)
{
    struct thread_events *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->events = events;
    t->posted = mailbox_create(loop, on_arrived, t, free);
    if (t->posted)
        return t;
    free(t);
    return NULL;
}

void thread_events_destroy(struct thread_events *t)
{
    if (!t)
        return;
    mailbox_close(t->posted);
    free(t);
}
