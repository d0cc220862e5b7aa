/*
 * store_observer: the observer that writes into the database: instruments, changes and events.
 *
 * At the start it loads the last state of the database into the market, so that unchanged quotes
 * make no new rows and seq continues. Every two seconds it stores when the quotes were last
 * confirmed (ts_seen). The store is slow at times, therefore the feed asks it directly whether to
 * pause (store_pressed), and coverage_log writes to it directly.
 */
#ifndef RECORD_STORE_OBSERVER_H
#define RECORD_STORE_OBSERVER_H

#include "base/err.h"
#include "market/market.h"
#include "net/loop.h"

struct store_observer;
struct observers;
struct store;

/* All borrowed. */
struct store_observer_parts {
    struct loop *loop;
    struct observers *observers;
    struct store *store;
    const char *path; /* of the database that the store has opened */
    struct market *market;
};

/* `market` must be empty: it is filled from the database. Observes until it is destroyed. Errors of
 * reader_open(); -ENOMEM. */
int store_observer_create(struct store_observer **out, const struct store_observer_parts *parts,
                          struct err *err);
void store_observer_destroy(struct store_observer *observer); /* stores the last ts_seen first */

#endif
