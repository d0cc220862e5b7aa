/*
 * tape_work: the part of the writer thread that merges the broker's lists of trades: takes them
 * from the queue, runs their steps, and tells what became of each, exactly once.
 *
 * Private to store.c and store_thread.c, and part of the struct store.
 */
#ifndef STORE_WRITE_TAPE_WORK_H
#define STORE_WRITE_TAPE_WORK_H

#include "store/write/tape_queue.h"

struct store;

struct tape_work {
    struct tape_queue queue;   /* protected by the store's lock */
    struct store_tape current; /* this and the rest: used by the writer thread only */
    bool has_current;
    int64_t from_ms; /* the next step is not before this */
};

/* With the lock held: when the next step is due; INT64_MAX: there is nothing to do. */
int64_t tape_work_due_ms(const struct store *store);

/* One step. One that fails is repeated a second later. */
void tape_work_step(struct store *store);

/* Ends the lists that are not merged; after the writer thread has ended. */
void tape_work_finish(struct store *store);

#endif
