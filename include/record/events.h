/*
 * events: reports what happened to the service, its feed and its database.
 *
 * An event is told to the observers (record/observers): the log, the table feed_event, the list of
 * recent events in `cinta status`. Its text may come from the broker, so secrets are masked and
 * control characters replaced first. Rate-limited per kind: a burst of 20, then one a second.
 * Suppressed events are counted, and the next event of that kind reports the count, so that a
 * misbehaving broker cannot fill the disk.
 */
#ifndef RECORD_EVENTS_H
#define RECORD_EVENTS_H

#include "base/log.h"
#include "market/event_kind.h"

#include <stdbool.h>
#include <stdint.h>

struct events;
struct observers;

struct events *events_create(struct observers *observers); /* borrowed; NULL: no memory */
void events_destroy(struct events *events); /* reports the remaining suppressed counts */

/* `symbol` may be NULL. */
void events_report(struct events *events, enum log_level level, enum event_kind kind,
                   const char *symbol, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* How many of this kind were suppressed so far, also those that were reported as a number since. */
int64_t events_suppressed(const struct events *events, enum event_kind kind);

/* Whether an event of this kind would be reported now, not suppressed. */
bool events_allowed(const struct events *events, enum event_kind kind);

#endif
