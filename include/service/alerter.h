/*
 * alerter: runs the program of section alert for each alert (market/alerts), with the alert as a
 * JSON object on its standard input, and its text as argument.
 *
 * One run at a time; alerts that become due during it wait, one per kind of event. A run that
 * cannot be started, fails or reaches its time limit is reported as an event, and retried three
 * times before its alert is given up. An observer of the events; owns the timer and the child
 * process.
 */
#ifndef SERVICE_ALERTER_H
#define SERVICE_ALERTER_H

#include "config/config.h"
#include "net/loop.h"
#include "record/events.h"
#include "record/observers.h"

struct alerter;

struct alerter_state {
    bool wanted, running;
    int64_t sent; /* runs that succeeded */
    int failures; /* runs since the last one that succeeded */
};

/* Without alerts until it is configured. -ENOMEM. */
int alerter_create(struct alerter **out, struct loop *loop, struct observers *observers,
                   struct events *events, struct err *err);
/* Before that: sends what is due, for 5 s at most, by running the loop. `failed`: the service ends
 * by itself, so that what lasts is due too. Ends a run that continues. */
void alerter_finish(struct alerter *alerter, bool failed);
void alerter_destroy(struct alerter *alerter);

/* Uses this section from now on; what it needs is copied. A run in progress continues. */
void alerter_configure(struct alerter *alerter, const struct config_alert *config);

struct alerter_state alerter_state(const struct alerter *alerter);

#endif
