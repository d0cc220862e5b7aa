/*
 * resolver: addresses of host names, looked up outside the loop.
 *
 * getaddrinfo() cannot be cancelled and takes minutes when the DNS hangs. Each look-up runs on a
 * detached thread that shares with the loop only a reference-counted mailbox for its result, so
 * that neither a cancelled request nor the end of the program waits for it. Requests for one name
 * share one look-up; there are never more than RESOLVER_THREADS_MAX threads. Results are kept (see
 * resolver_use).
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "net/loop.h"

#include <stdbool.h>

#define RESOLVER_HOST_BYTES  256
#define RESOLVER_THREADS_MAX 8

struct resolver;
struct resolver_wait;

/* The resolver that all users of this loop share; destroyed with the loop. NULL: no memory. */
struct resolver *resolver_of(struct loop *loop);

/*
 * From the loop, once, never from within resolver_ask(). `addresses`: numeric, separated by commas,
 * IPv6 in brackets, in the order to try; NULL = the look-up failed, for the reason `why`.
 * Both are borrowed.
 */
typedef void resolver_fn(void *arg, const char *addresses, const char *why);

/*
 * The addresses, when they are known (borrowed until the next call); else NULL, and `fn` is called
 * unless *wait is cancelled before. NULL and *wait NULL: no memory.
 */
const char *resolver_ask(struct resolver *resolver, const char *host, struct resolver_wait **wait,
                         resolver_fn *fn, void *arg);
void resolver_cancel(struct resolver_wait *wait); /* NULL is fine */

/* What to do with known addresses of a given age. */
enum resolver_use {
    RESOLVER_USE,     /* used */
    RESOLVER_REFRESH, /* used, and a new look-up is started */
    RESOLVER_PREFER,  /* look-up first; used when that fails or takes over a second */
    RESOLVER_FORGET,  /* not used; look-up */
};
/*
 * The values above in this order: up to one minute old, two minutes, one day, older. `looking_ms`:
 * how long a look-up has been running, -1 = none is; `failed_ms`: how long ago the last look-up
 * failed, -1 = it did not.
 */
enum resolver_use resolver_use(int64_t age_ms, int64_t looking_ms, int64_t failed_ms);

#endif
