/*
 * lookup: getaddrinfo() on detached threads, the results told on the loop.
 *
 * A thread in getaddrinfo() can be neither cancelled nor waited for. It owns its job and a share of
 * a mailbox; lookups_destroy() gives up the other share, and the last one frees it.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include "net/loop.h"

#define LOOKUP_WORDS 128

struct lookups;

/* `addresses` is taken (free() it), see resolver_fn for its form; NULL = none, and `why`. */
typedef void lookups_fn(void *arg, const char *host, char *addresses, const char *why);

/* NULL: no memory, no descriptor. */
struct lookups *lookups_create(struct loop *loop, int threads_max, lookups_fn *fn, void *arg);
void lookups_destroy(struct lookups *lookups); /* tells nothing any more */

/* One more thread. -EAGAIN: there are threads_max already, or the system has none; -ENOMEM. */
int lookups_start(struct lookups *lookups, const char *host);

#endif
