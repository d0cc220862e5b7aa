/*
 * thread_events: reports events that other threads post.
 *
 * Owns copies of them until the loop reports them. It is closed when no thread posts any more.
 */
#ifndef SERVICE_THREAD_EVENTS_H
#define SERVICE_THREAD_EVENTS_H

#include "net/loop.h"
#include "record/events.h"

struct thread_events;

/* Both are borrowed. NULL: no memory. */
struct thread_events *thread_events_create(struct loop *loop, struct events *events);
void thread_events_destroy(struct thread_events *events); /* NULL is allowed */

/* On any thread. Without memory the event is lost. */
void thread_events_post(struct thread_events *events, enum event_kind kind, enum log_level level,
                        const char *detail);

#endif
