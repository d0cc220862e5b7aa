/*
 * recent_events: the last events, for `cinta status`, and how many of each kind there were. An
 * observer; owns copies of them.
 */
#ifndef RECORD_RECENT_EVENTS_H
#define RECORD_RECENT_EVENTS_H

#include "base/err.h"
#include "market/event_kind.h"

#include <stdint.h>

#define RECENT_EVENTS 12

struct recent_events;
struct observers;

/* Observes until it is destroyed. `observers` is borrowed. -ENOMEM. */
int recent_events_create(struct recent_events **out, struct observers *observers, struct err *err);
void recent_events_destroy(struct recent_events *recent);

struct recent_event {
    int64_t ts;                             /* ns UTC */
    char kind[24], symbol[64], detail[256]; /* longer texts are truncated; symbol "" = none */
};
typedef void recent_event_fn(void *arg, const struct recent_event *event);
/* Of this kind, since the start. */
int64_t recent_events_count(const struct recent_events *recent, enum event_kind kind);
/* At most RECENT_EVENTS, oldest first. */
void recent_events_each(const struct recent_events *recent, recent_event_fn *fn, void *arg);

#endif
