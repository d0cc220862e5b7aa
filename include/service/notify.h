/*
 * notify: notifications to the service manager (systemd): ready, a status line, reloading,
 * stopping, and watchdog keep-alives.
 *
 * Owns the timer of the keep-alives. They are sent from the loop, so a blocked loop sends none; and
 * none is sent while the store's writer is blocked. Without a manager ($NOTIFY_SOCKET) it does
 * nothing. Everything is called, and calls back, on the loop's thread.
 */
#ifndef SERVICE_NOTIFY_H
#define SERVICE_NOTIFY_H

#include "base/err.h"
#include "market/feed_state.h"
#include "market/outage.h"
#include "net/loop.h"
#include "service/lease_view.h"

struct notify;

struct notify_facts {
    bool replica, reading; /* it is one; it is connected to the stream: */
    int64_t behind;        /* messages that are not read yet; below 0 = unknown */
    bool asking;           /* the instruments are known; else the five members below are unused */
    enum feed_mode mode;
    enum outage_cause outage;     /* of REST */
    int32_t live, polled;         /* instruments */
    int32_t unobserved;           /* of them, or dropped for the day */
    bool store_failing;           /* the store is locked or fails at present */
    char rest[LEASE_WORDS_BYTES]; /* why the broker is not asked (lease_rest); "" = it is */
    const char *refused;          /* why the last reload was refused; "" or NULL = it was not */
    int64_t step_since_ms;        /* of the store's writer, as in store_stats */
};

/* Fills in the present state. */
typedef void notify_look(void *arg, struct notify_facts *facts);

/* Takes the watchdog's interval from $WATCHDOG_USEC. -ENOMEM. */
int notify_create(struct notify **out, struct loop *loop, notify_look *look, void *arg,
                  struct err *err);
void notify_destroy(struct notify *notify);

/* READY is sent in the first loop iteration, keep-alives from then on. */
void notify_ready(struct notify *notify);
void notify_changed(struct notify *notify); /* the status line may have changed */
void notify_reloading(struct notify *notify);
void notify_reloaded(struct notify *notify); /* or the new configuration was refused */
void notify_stopping(struct notify *notify, const char *why); /* `why`: the last status line */

/* --- the decisions, pure ---------------------------------------------------------------------- */

/* Whether to send a keep-alive. Not if the writer's step is as old as the watchdog's interval. */
bool notify_alive(int64_t step_since_ms, int64_t now_ms, int64_t watchdog_ms);

#define NOTIFY_LINE 448
/* "streaming: 118 instruments live, 2 polled". Returns `out`, which holds NOTIFY_LINE bytes. */
char *notify_line(char *out, const struct notify_facts *facts);

#endif
