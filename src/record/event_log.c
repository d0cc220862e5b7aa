#include "record/event_log.h"

#include "base/log.h"
#include "record/observers.h"

static void on_event(void *arg, const struct observed_event *event)
{
    const char *name = event_kind_name(event->kind);
    (void)arg;
    if (event->by_store)
        return;
    if (event->symbol)
        log_line(event->level, event->detail,
                 LOG_FIELDS(LOG_TEXT("event", name), LOG_TEXT("symbol", event->symbol)));
    else
        log_line(event->level, event->detail, LOG_FIELDS(LOG_TEXT("event", name)));
}

int event_log_add(struct observers *observers)
{
    return observers_add(observers, &(struct observer){.on_event = on_event});
}
