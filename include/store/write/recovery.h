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
    struct batch_event events[2]; /* about the delay, and about what was lost */
    size_t count;
    char delay[INBOX_TEXT_BYTES], loss[INBOX_TEXT_BYTES];
};

/* No events when the trouble was not reported and nothing was lost. */
void recovery_describe(struct recovery *recovery, const struct trouble *trouble,
                       const struct inbox_loss *loss, struct now now);

#endif
