/*
 * recovery: the events about a delay and a loss, written in the transaction that ends the trouble.
 */
#ifndef STORE_WRITE_RECOVERY_H
#define STORE_WRITE_RECOVERY_H

#include "base/clock.h"
#include "store/write/inbox.h"
#include "store/write/trouble.h"

/* The events point into the struct itself: do not move it while they are used. */
struct recovery {
    struct pending_event events[2]; /* store_recovered, and dropped */
    size_t count;
    char delay[STORE_DETAIL_BYTES], loss[STORE_DETAIL_BYTES];
};

/* No events when the trouble was not reported and nothing was lost. */
void recovery_describe(struct recovery *recovery, const struct trouble *trouble,
                       const struct inbox_loss *loss, struct now now);

#endif
