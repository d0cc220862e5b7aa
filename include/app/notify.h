/*
 * notify: what the service manager (systemd) is told of the service: ready, a line about its state,
 * reloading, stopping, and signs of life.
 *
 * Owns the timer of the signs of life. They come from the loop, so a loop that stands gives none;
 * and none is given while the store's writer hangs. Without a manager ($NOTIFY_SOCKET) it does
 * nothing. Everything is called, and calls back, on the loop's thread.
 */
#ifndef APP_NOTIFY_H
#define APP_NOTIFY_H

#include "base/err.h"
#include "market/feed_state.h"
#include "market/outage.h"
#include "net/loop.h"

struct notify;

struct notify_facts {
    bool asking; /* it is known which instruments are asked for; the five below count */
    enum feed_mode mode;
    enum outage_cause outage; /* of REST */
    int32_t live, polled;     /* instruments */
    int32_t unobserved;       /* of them, or dropped for the day */
    bool store_failing;       /* locked or failing just now */
    const char *refused;      /* why the last reload was; "" or NULL = it was not */
    int64_t step_since_ms;    /* of the store's writer, as in store_stats */
};

/* Fills in what is so now. */
typedef void notify_look(void *arg, struct notify_facts *facts);

/* Takes the watchdog's interval from $WATCHDOG_USEC. -ENOMEM. */
int notify_create(struct notify **out, struct loop *loop, notify_look *look, void *arg,
                  struct err *err);
void notify_destroy(struct notify *notify);

/* All is open: READY goes out in the loop's first turn, and signs of life from then on. */
void notify_ready(struct notify *notify);
void notify_changed(struct notify *notify); /* the line may be another one: told next turn */
void notify_reloading(struct notify *notify);
void notify_reloaded(struct notify *notify); /* or the new configuration was refused */
void notify_stopping(struct notify *notify, const char *why); /* the last line */

/* --- the decisions, pure ---------------------------------------------------------------------- */

/* May a sign of life be given? Not when the writer's step is as old as the watchdog's interval. */
bool notify_alive(int64_t step_since_ms, int64_t now_ms, int64_t watchdog_ms);

#define NOTIFY_LINE 448
/* "streaming: 118 instruments live, 2 polled". Returns `out`, which holds NOTIFY_LINE bytes. */
char *notify_line(char *out, const struct notify_facts *facts);

#endif
