/*
 * recovery: what there is to tell of a trouble, in the very transaction that ends it.
 */
#ifndef STORE_RECOVERY_H
#define STORE_RECOVERY_H

#include "base/clock.h"
#include "store/inbox.h"
#include "store/trouble.h"

/* The events point into the struct itself: it stays where it is while they are used. */
struct recovery {
    struct batch_event events[2]; /* of the delay, and of what was lost */
    size_t count;
    char delay[INBOX_TEXT_BYTES], loss[INBOX_TEXT_BYTES];
};

/* None when nobody was told of a trouble and nothing was lost. */
void recovery_describe(struct recovery *recovery, const struct trouble *trouble,
                       const struct inbox_loss *loss, struct now now);

#endif
