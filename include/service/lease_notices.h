/*
 * lease_notices: brings the notices of the lease's thread to the loop, in their order.
 */
#ifndef SERVICE_LEASE_NOTICES_H
#define SERVICE_LEASE_NOTICES_H

#include "lease/lease.h"
#include "net/loop.h"

struct lease_notices;

/* On the loop; borrowed. */
typedef void lease_notices_fn(void *arg, const struct lease_notice *notice);

struct lease_notices *lease_notices_create(struct loop *loop, lease_notices_fn *fn, void *arg);
/* After the thread has ended, or is one that tells nobody. */
void lease_notices_destroy(struct lease_notices *notices);

/* A lease_notice_fn; `arg` is the struct lease_notices. Copies. */
void lease_notices_put(void *arg, const struct lease_notice *notice);

#endif
