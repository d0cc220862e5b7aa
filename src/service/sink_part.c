#include "service/sink_part.h"

#include "net/mailbox.h"
#include "record/events.h"
#include "service/lease_part.h"
#include "service/running.h"
#include "sink/sink.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct notice {
    struct mailbox_item item;
    enum event_kind kind;
    enum log_level level;
    char detail[]; /* with its NUL */
};

/* On the sink's thread, which ends before the mailbox is closed. Without memory the event is lost;
 * the state of the sink shows the same. */
static void on_notice(void *arg, const struct sink_notice *notice)
{
    const struct service *s = arg;
    size_t bytes = strlen(notice->detail) + 1;
    struct notice *copy = malloc(sizeof(*copy) + bytes);
    if (!copy)
        return;
    copy->kind = notice->kind;
    copy->level = notice->level;
    memcpy(copy->detail, notice->detail, bytes);
    mailbox_expect(s->sink_notices);
    mailbox_put(s->sink_notices, copy);
}

static void on_arrived(void *arg, void *item)
{
    const struct service *s = arg;
    struct notice *notice = item;
    events_report(s->events, notice->level, notice->kind, NULL, "%s", notice->detail);
    free(notice);
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
    s->sink_notices = mailbox_create(s->loop, on_arrived, s, free);
    if (!s->sink_notices)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = begin(s, err);
    if (rc)
        mailbox_close(s->sink_notices);
    return rc;
}

void sink_part_stop(struct service *s)
{
    end(s);
    mailbox_close(s->sink_notices);
}

void sink_part_change(struct service *s)
{
    struct err err;
    end(s);
    if (begin(s, &err))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_SINK_DOWN, NULL, "%s", err.text);
}
