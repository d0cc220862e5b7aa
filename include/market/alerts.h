/*
 * alerts: which alerts to send about the events of the service, and when.
 *
 * Pure. A condition, such as a mute stream, begins with an event and ends with another one. An
 * alert is sent when it has lasted for `after_ms`, and another one when it ends; an event without
 * an end, such as lost changes, is one alert, at once. While a condition lasts, further events of
 * its kind are counted, not sent. After its end no alert of the same kind is sent for `quiet_ms`: a
 * condition that began meanwhile, and still lasts then, is sent then.
 */
#ifndef MARKET_ALERTS_H
#define MARKET_ALERTS_H

#include "market/event_kind.h"

#include <stdbool.h>
#include <stdint.h>

#define ALERT_SYMBOL_BYTES 64
#define ALERT_DETAIL_BYTES 512

struct alert_rules {
    bool wanted[EVENT_KINDS];
    int64_t after_ms, quiet_ms;
};

struct alert_event {
    enum event_kind kind;
    const char *symbol; /* NULL: the event is not about one instrument */
    const char *detail;
    int64_t ts;     /* ns UTC */
    int64_t now_ms; /* monotonic */
};

enum alert_state {
    ALERT_BEGUN, /* the condition has lasted for `after_ms` */
    ALERT_ENDED,
    ALERT_ONCE, /* an event that has no end */
};

struct alert {
    enum alert_state state;
    enum event_kind kind;
    char symbol[ALERT_SYMBOL_BYTES]; /* of its first event; "" = none; truncated */
    char detail[ALERT_DETAIL_BYTES]; /* the same; ENDED: of the event that ended it */
    int64_t ts;                      /* of its first event, ns UTC */
    int64_t lasted_ms;               /* since its first event; ONCE: 0 */
    int64_t events;                  /* of this kind since the last alert of it was sent */
};

struct alerts; /* about 600 bytes for each kind of event */

struct alerts *alerts_create(const struct alert_rules *rules); /* NULL: no memory */
void alerts_destroy(struct alerts *alerts);

/* Other rules from now on. A condition that lasts continues, unless its kind is no longer wanted:
 * then nothing more is sent of it. */
void alerts_change(struct alerts *alerts, const struct alert_rules *rules);

/* Whether events of this kind can be alerts: not good news, and not a failed alert. */
bool alerts_possible(enum event_kind kind);

void alerts_event(struct alerts *alerts, const struct alert_event *event);
/* True: *out is the next alert to send. Call it again until it returns false. */
bool alerts_next(struct alerts *alerts, int64_t now_ms, struct alert *out);
/* How long to wait before the alert is tried again, after so many failed runs of its program; -1:
 * it is given up. */
int64_t alerts_retry_ms(int failures);

/* What lasts is due now, since the service ends because of it and will not send it later. */
void alerts_hurry(struct alerts *alerts, int64_t now_ms);
/* How long until alerts_next() may return one; -1: only after another event. */
int64_t alerts_wait_ms(const struct alerts *alerts, int64_t now_ms);

#endif
