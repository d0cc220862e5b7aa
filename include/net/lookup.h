/*
 * lookup: getaddrinfo() on detached threads; the results are delivered on the loop.
 *
 * A thread in getaddrinfo() can be neither cancelled nor waited for. It owns its job and a
 * reference to the mailbox; lookups_destroy() releases the loop's reference, and the last release
 * frees it.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include "net/loop.h"

#define LOOKUP_WORDS 128

struct lookups;

/* `addresses` is taken (free() it), see resolver_fn for its form; NULL = failed, for the reason
 * `why`. */
typedef void lookups_fn(void *arg, const char *host, char *addresses, const char *why);

/* NULL: no memory, no descriptor. */
struct lookups *lookups_create(struct loop *loop, int threads_max, lookups_fn *fn, void *arg);
void lookups_destroy(struct lookups *lookups); /* `fn` is not called afterwards */

/* Starts a thread. -EAGAIN: threads_max are running, or the system has no more; -ENOMEM. */
int lookups_start(struct lookups *lookups, const char *host);

#endif
