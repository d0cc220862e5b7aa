/*
 * events: reports what happened to the feed, once in the log and once in the table feed_event.
 *
 * Rate-limited per kind: a burst of 20, then one a second. Suppressed events are counted, and the
 * next event of that kind reports the count, so that a misbehaving broker cannot fill the disk.
 */
#ifndef RECORD_EVENTS_H
#define RECORD_EVENTS_H

#include "base/log.h"
#include "market/event_kind.h"

#include <stdbool.h>

struct events;
struct store;

struct events *events_create(struct store *store); /* borrowed; NULL: no memory */
void events_destroy(struct events *events);        /* reports the remaining suppressed counts */

/* `symbol` may be NULL. */
void events_report(struct events *events, enum log_level level, enum event_kind kind,
                   const char *symbol, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Whether an event of this kind would be reported now, not suppressed. */
bool events_allowed(const struct events *events, enum event_kind kind);

/* One of the last reported events, listed oldest first; a long detail is truncated. */
struct recent_event {
    int64_t ts; /* ns UTC */
    char kind[24], symbol[64], detail[256];
};
/* Adds an event to that list only; the caller has logged and stored it. */
void events_list(struct events *events, const struct recent_event *event);
typedef void recent_event_fn(void *arg, const struct recent_event *event);
void events_recent(const struct events *events, recent_event_fn *fn, void *arg);

#endif
