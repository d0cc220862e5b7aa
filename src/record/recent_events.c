#include "record/recent_events.h"

#include "base/utf8.h"
#include "record/observers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct recent_events {
    struct observers *observers;
    int number;
    struct recent_event list[RECENT_EVENTS]; /* a ring */
    size_t count;                            /* of all events so far */
    int64_t counts[EVENT_KINDS];
};

static void on_event(void *arg, const struct observed_event *event)
{
    struct recent_events *recent = arg;
    struct recent_event *r = &recent->list[recent->count++ % RECENT_EVENTS];
    const char *symbol = event->symbol ? event->symbol : "";
    recent->counts[event->kind]++;
    r->ts = event->ts;
    snprintf(r->kind, sizeof(r->kind), "%s", event_kind_name(event->kind));
    utf8_clean(r->symbol, sizeof(r->symbol), symbol, strlen(symbol));
    utf8_clean(r->detail, sizeof(r->detail), event->detail, strlen(event->detail));
}

int recent_events_create(struct recent_events **out, struct observers *observers, struct err *err)
{
    struct recent_events *recent = calloc(1, sizeof(*recent));
    if (!recent)
        return err_set(err, -ENOMEM, "out of memory");
    recent->observers = observers;
    recent->number =
        observers_add(observers, &(struct observer){.arg = recent, .on_event = on_event});
    if (recent->number < 0) {
        free(recent);
        return err_set(err, -ENOMEM, "out of memory");
    }
    *out = recent;
    return 0;
}

void recent_events_destroy(struct recent_events *recent)
{
    if (!recent)
        return;
    observers_remove(recent->observers, recent->number);
    free(recent);
}

int64_t recent_events_count(const struct recent_events *recent, enum event_kind kind)
{
    return recent->counts[kind];
}

void recent_events_each(const struct recent_events *recent, recent_event_fn *fn, void *arg)
{
    size_t first = recent->count > RECENT_EVENTS ? recent->count - RECENT_EVENTS : 0;
    for (size_t i = first; i < recent->count; i++)
        fn(arg, &recent->list[i % RECENT_EVENTS]);
}
