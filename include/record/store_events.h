/*
 * store_events: passes the store's notices from its thread to the loop.
 *
 * A notice is logged at once, on the store's thread; the loop then adds it to the events of
 * `cinta status`. The store itself writes it into the database. Owns the queue between the threads.
 */
#ifndef RECORD_STORE_EVENTS_H
#define RECORD_STORE_EVENTS_H

#include "net/loop.h"
#include "store/write/store.h"

struct store_events;
struct events;

/* NULL: no memory. */
struct store_events *store_events_create(struct loop *loop);
void store_events_destroy(struct store_events *news); /* after the store is closed */

/* From now on (until NULL) notices are added to `events`, then `changed` is called on the loop. */
void store_events_listen(struct store_events *news, struct events *events, loop_fn *changed,
                         void *arg);

/* For store_create(), with the struct as `arg`; on any thread. */
store_notice store_events_post;

#endif
