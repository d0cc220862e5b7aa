/*
 * observers: tells everyone who wants to know of each recorded change, of each event, and of each
 * change of the feed's mode.
 *
 * The store, the log and `cinta status` are observers; so is everything that only reads (an API, a
 * message queue, alerts, metrics). The observers are called on the loop's thread, in the order in
 * which they were added. Their functions return nothing, so one can neither stop nor fail another;
 * what they are given is borrowed and valid until they return. The loop waits for them: an observer
 * only copies what it needs, or queues it; it does no I/O and does not wait.
 *
 * During such a call, an observer may
 *   - be added (it hears of the next one first) or removed, itself too (it is not called again);
 *   - report an event: all observers get it after the present one, so that all have the same order.
 * It may not apply an update to the recorder or change the feed's mode: that aborts the process,
 * because data moves from the feed to the observers and not back.
 */
#ifndef RECORD_OBSERVERS_H
#define RECORD_OBSERVERS_H

#include "base/log.h"
#include "market/event_kind.h"
#include "market/feed_state.h"
#include "market/market.h"

#include <stdbool.h>

struct observed_event {
    int64_t ts; /* ns UTC */
    enum event_kind kind;
    enum log_level level;
    const char *symbol; /* NULL = none */
    const char *detail; /* without secrets and control characters */
    bool by_store;      /* the store has already logged it and written it into the database */
};

struct observed_mode {
    enum feed_mode mode, previous; /* the same: a new feed */
    const char *why;               /* "" = none yet */
};

/* Functions that are NULL are not called. */
struct observer {
    void *arg;
    /* The next index of the market; before any change of it. */
    void (*on_instrument)(void *arg, int32_t instrument, const char *market_id, const char *symbol);
    /* In the order of seq; source, time of arrival and the whole quote are in `change->present`. */
    void (*on_change)(void *arg, const struct market_change *change);
    void (*on_event)(void *arg, const struct observed_event *event);
    void (*on_mode)(void *arg, const struct observed_mode *mode);
};

struct observers;

struct observers *observers_create(void); /* NULL: no memory */
void observers_destroy(struct observers *observers);

/* Copied. Returns a number for observers_remove(), or -ENOMEM. */
int observers_add(struct observers *observers, const struct observer *observer);
void observers_remove(struct observers *observers, int number); /* unknown numbers are ignored */

/* For the recorder, events and feed: what has happened. An event is copied if it must wait. */
void observers_instrument(struct observers *observers, int32_t instrument, const char *market_id,
                          const char *symbol);
void observers_change(struct observers *observers, const struct market_change *change);
void observers_event(struct observers *observers, const struct observed_event *event);
void observers_mode(struct observers *observers, const struct observed_mode *mode);

/* The recorder calls this before it applies an update: aborts during a call of an observer. */
void observers_no_call(const struct observers *observers);

#endif
