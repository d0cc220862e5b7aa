#include "service/source_part.h"

#include "api/local_api.h"
#include "market/source_table.h"
#include "record/events.h"
#include "replica/intake.h"
#include "service/reference_parts.h"
#include "service/running.h"
#include "service/thread_events.h"

#include <errno.h>
#include <stdlib.h>

#define LOOK_MS 1000

/* On the replica's thread, which ends before. */
static void on_notice(void *arg, const struct replica_notice *notice)
{
    const struct service *s = arg;
    thread_events_post(s->intake_events, notice->kind, notice->level, notice->detail);
}

/* All instruments of the database are those of the local API. */
static void list_all(struct service *s)
{
    int32_t count = market_count(s->market);
    int32_t *all = malloc(((size_t)count + 1) * sizeof(*all));
    for (int32_t i = 0; all && i < count; i++)
        all[i] = i;
    if (!all || source_table_list(s->sources, all, count, loop_now(s->loop).mono_ms, NULL))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_FEED_FAILED, NULL,
                      "out of memory: the local API lacks new instruments");
    free(all);
    if (s->api)
        local_api_relisted(s->api);
}

static void on_instruments(void *arg)
{
    list_all(arg);
}

static bool on_reference(void *arg, const struct instrument_list *published)
{
    return reference_published(arg, published);
}

/* Two recorders without a common lease have given one number to two changes. */
static void on_look(void *arg)
{
    struct service *s = arg;
    int64_t refused = store_stats(s->store).refused;
    if (refused > s->refused_told)
        events_report(
            s->events, LOG_LEVEL_ERROR, EVENT_REPLICA_REFUSED, NULL,
            "%lld changes have the seq of other changes and are not stored: recorders "
            "that publish to one stream need one lease, and a recorder whose database was "
            "restored needs another sink.stream",
            (long long)(refused - s->refused_told));
    s->refused_told = refused;
    loop_timer_set(s->intake_look, LOOK_MS);
}

static int begin(struct service *s, struct err *err)
{
    const struct intake_parts parts = {
        .loop = s->loop,
        .recorder = s->recorder,
        .store = s->store,
        .path = s->store_path,
        .source = &s->config->source,
        .notice = on_notice,
        .instruments = on_instruments,
        .reference = on_reference,
        .arg = s,
    };
    s->intake_events = thread_events_create(s->loop, s->events);
    s->intake_look = loop_timer_create(s->loop, on_look, s);
    if (!s->intake_events || !s->intake_look)
        return err_set(err, -ENOMEM, "out of memory");
    return intake_create(&s->intake, &parts, err);
}

int source_part_start(struct service *s, struct err *err)
{
    int rc = begin(s, err);
    if (rc) {
        source_part_stop(s);
        return rc;
    }
    list_all(s);
    loop_timer_set(s->intake_look, LOOK_MS);
    return 0;
}

void source_part_stop(struct service *s)
{
    intake_destroy(s->intake);
    thread_events_destroy(s->intake_events);
    loop_timer_destroy(s->intake_look);
    s->intake = NULL;
}

void source_part_change(struct service *s)
{
    struct err err;
    if (intake_restart(s->intake, &s->config->source, &err))
        events_report(s->events, LOG_LEVEL_ERROR, EVENT_REPLICA_DOWN, NULL, "%s", err.text);
}
