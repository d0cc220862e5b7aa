/*
 * store_events: tells the observers of the store's notices.
 *
 * A notice comes on the store's thread, which logs it at once and writes it into the database; the
 * observers hear of it on the loop. Owns the queue between the two threads.
 */
#ifndef RECORD_STORE_EVENTS_H
#define RECORD_STORE_EVENTS_H

#include "net/loop.h"
#include "store/write/store.h"

struct store_events;
struct observers;

/* Both are borrowed. NULL: no memory. */
struct store_events *store_events_create(struct loop *loop, struct observers *observers);
void store_events_destroy(struct store_events *news); /* after the store is closed */

/* For store_create(), with the struct as `arg`; on any thread. */
store_notice_fn store_events_post;

#endif
