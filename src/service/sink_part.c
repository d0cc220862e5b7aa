#include "service/sink_part.h"

#include "record/events.h"
#include "service/lease_part.h"
#include "service/running.h"
#include "service/thread_events.h"
#include "sink/sink.h"
#include "store/write/store.h"

#include <errno.h>

/* On the sink's thread, which ends before. */
static void on_notice(void *arg, const struct sink_notice *notice)
{
    const struct service *s = arg;
    thread_events_post(s->sink_events, notice->kind, notice->level, notice->detail);
}

static void on_commit(void *arg)
{
    sink_wake(arg);
}

static int begin(struct service *s, struct err *err)
{
    const struct sink_parts parts = {
        .config = s->config,
        .database = s->store_path,
        .limit = lease_part_limit(s),
        .notice = on_notice,
        .arg = s,
    };
    if (*s->config->sink.nats == '\0')
        return 0;
    int rc = sink_create(&s->sink, &parts, err);
    if (rc == 0)
        store_on_commit(s->store, on_commit, s->sink);
    return rc;
}

static void end(struct service *s)
{
    if (!s->sink)
        return;
    store_on_commit(s->store, NULL, NULL);
    sink_destroy(s->sink);
    s->sink = NULL;
}

int sink_part_start(struct service *s, struct err *err)
{
    s->sink_events = thread_events_create(s->loop, s->events);
    if (!s->sink_events)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = begin(s, err);
    if (rc)
        thread_events_destroy(s->sink_events);
    return rc;
}

void sink_part_stop(struct service *s)
{
    end(s);
    thread_events_destroy(s->sink_events);
}

void sink_part_change(struct service *s)
{
    struct err err;
    end(s);
    if (begin(s, &err))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_SINK_DOWN, NULL, "%s", err.text);
}
