/*
 * events: what happened to the feed, told once in the log and kept in feed_event.
 *
 * Each kind may tell a burst and then about one a second; what is held back is counted and the
 * number goes with the next one of that kind, so that a broker gone mad cannot fill the disk.
 */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "base/log.h"
#include "market/event_kind.h"

#include <stdbool.h>

struct events;
struct store;

struct events *events_create(struct store *store); /* borrowed; NULL: no memory */
void events_destroy(struct events *events);        /* tells the counts still held back */

/* `symbol` may be NULL. */
void events_report(struct events *events, enum log_level level, enum event_kind kind,
                   const char *symbol, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Whether a report of this kind would be told now. */
bool events_allowed(const struct events *events, enum event_kind kind);

/* The last ones told, oldest first; a long detail is cut. */
struct recent_event {
    int64_t ts; /* ns UTC */
    char kind[24], symbol[64], detail[256];
};
/* Another one, told and written elsewhere already. */
void events_list(struct events *events, const struct recent_event *event);
typedef void recent_event_fn(void *arg, const struct recent_event *event);
void events_recent(const struct events *events, recent_event_fn *fn, void *arg);

#endif
