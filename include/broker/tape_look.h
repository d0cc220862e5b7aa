/*
 * tape_look: reads from the database what the tape lacks, in a thread of its own, so that the loop
 * does not wait for the disk.
 *
 * One reading at a time. Owns the thread's connection; a reading that nobody waits for any more is
 * interrupted.
 */
#ifndef BROKER_TAPE_LOOK_H
#define BROKER_TAPE_LOOK_H

#include "market/calendar_set.h"
#include "market/tape_plan.h"
#include "net/loop.h"

struct tape_look;

/* A need with the names of its instrument, whose index is not set. */
struct tape_found {
    struct tape_need need;
    char *market_id, *symbol;
};

/* Borrowed until the function returns. */
struct tape_sight {
    const struct tape_found *found; /* those that are worth a request */
    size_t count;
    int64_t wanted;     /* of them by the user */
    int64_t took_ms;    /* the reading */
    const char *failed; /* why nothing was read; NULL = it was */
};
typedef void tape_look_fn(void *arg, const struct tape_sight *sight); /* from the loop */

/* `path` is copied. NULL: no memory. */
struct tape_look *tape_look_create(struct loop *loop, const char *path, tape_look_fn *fn,
                                   void *arg);
void tape_look_destroy(struct tape_look *look); /* `fn` is not called any more */

struct tape_look_days {
    int64_t from, to; /* in Argentina, both included */
    bool only_wanted; /* leaves out what the user does not want */
};
/* 0: `fn` will be called once; -EBUSY, -ENOMEM, -EAGAIN: it will not. Copies calendars and plan. */
int tape_look_start(struct tape_look *look, const struct tape_look_days *days,
                    const struct calendar_set *sessions, const struct tape_plan *plan);

#endif
